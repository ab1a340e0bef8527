"""One EC2 instance, as DescribeInstances tells it."""

from stanch.aws.answer import rows, text
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
