"""One EC2 instance, as DescribeInstances tells it."""

from collections.abc import Iterator

from stanch.aws.answer import rows, tags, text
from stanch.model.data import JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

GONE = ("", "terminated", "shutting-down")
"""States in which there is nothing left to contain; empty: it does not exist."""


def describe(reader: Reader, instance: str) -> JSONObject:
    """The instance, empty when it does not exist; raises FailedResponse."""
    try:
        answer = reader.read("ec2", "DescribeInstances", InstanceIds=[instance])
    except NotFound:
        return {}
    found = (row for reservation in rows(answer, "Reservations") for row in rows(reservation, "Instances"))
    return next((row for row in found if text(row, "InstanceId") == instance), {})


def gone(instance: str, state: str) -> tuple[str, ...]:
    """The objection to an instance that is not there any more."""
    return (f"instance {instance} is {state or 'unknown to EC2'}",) if state in GONE else ()


def public_addresses(instance: JSONObject) -> Iterator[str]:
    """Public IPv4 and all IPv6 addresses of a described instance's interfaces."""
    for interface in rows(instance, "NetworkInterfaces"):
        yield from filter(None, (text(row, "Association", "PublicIp") for row in rows(interface, "PrivateIpAddresses")))
        yield from filter(None, (text(row, "Ipv6Address") for row in rows(interface, "Ipv6Addresses")))


def private_addresses(instance: JSONObject) -> Iterator[str]:
    """Private IPv4 addresses of a described instance's interfaces."""
    for interface in rows(instance, "NetworkInterfaces"):
        yield from (text(row, "PrivateIpAddress") for row in rows(interface, "PrivateIpAddresses"))


def scaling_group(instance: JSONObject) -> str:
    """Name of a described instance's Auto Scaling group, empty without one; nobody but AWS can write this tag."""
    return dict(tags(instance, "Tags")).get("aws:autoscaling:groupName", "")
