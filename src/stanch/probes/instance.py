"""What an instance is: interfaces, role, tags and the addresses its traffic leaves from."""

from collections.abc import Iterator
from dataclasses import dataclass

from stanch.aws.answer import rows, tags, text
from stanch.model.data import JSONObject
from stanch.model.errors import FailedResponse
from stanch.model.finding import Instance, Interface
from stanch.model.ports import Reader


@dataclass(frozen=True)
class KnownInstance:
    """An instance, looked up live."""

    interfaces: tuple[Interface, ...] = ()
    state: str = ""
    """`running`, `stopped`, …; empty when it could not be looked up."""
    tags: tuple[tuple[str, str], ...] = ()
    role_arn: str = ""
    """ARN of its instance profile's role, with path; empty when it has none or it could not be looked up."""
    egress: tuple[str, ...] = ()
    """Public addresses of its interfaces and of the NAT gateways of its VPC, sorted."""
    unknown: tuple[str, ...] = ()
    """What could not be looked up and why, in sentences."""


def look_up(reader: Reader, instance: Instance) -> KnownInstance:
    """The live instance; nothing is guessed. Raises Environment if AWS cannot be asked."""
    try:
        found = _describe(reader, instance.id)
    except FailedResponse as error:
        return KnownInstance(unknown=(f"instance {instance.id}: {error}",))
    if not found:
        return KnownInstance(unknown=(f"instance {instance.id} is not known to EC2",))
    role, no_role = _role(reader, text(found, "IamInstanceProfile", "Arn"))
    gateways, no_gateways = _gateways(reader, text(found, "VpcId"))
    return KnownInstance(
        interfaces=tuple(_interface(row) for row in rows(found, "NetworkInterfaces")),
        state=text(found, "State", "Name"),
        tags=tags(found, "Tags"),
        role_arn=role,
        egress=tuple(sorted({*_public_addresses(found), *gateways})),
        unknown=(*no_role, *no_gateways),
    )


def _describe(reader: Reader, id: str) -> JSONObject:
    answer = reader.read("ec2", "DescribeInstances", InstanceIds=[id])
    found = (row for reservation in rows(answer, "Reservations") for row in rows(reservation, "Instances"))
    return next((row for row in found if text(row, "InstanceId") == id), {})


def _interface(row: JSONObject) -> Interface:
    return Interface(
        id=text(row, "NetworkInterfaceId"),
        private_ip=text(row, "PrivateIpAddress"),
        public_ip=text(row, "Association", "PublicIp"),
        subnet=text(row, "SubnetId"),
        vpc=text(row, "VpcId"),
        groups=tuple(text(group, "GroupId") for group in rows(row, "Groups")),
    )


def _role(reader: Reader, profile_arn: str) -> tuple[str, tuple[str, ...]]:
    """ARN of the profile's role, and why it is not known."""
    if not profile_arn:
        return "", ()
    name = profile_arn.rpartition("/")[2]
    try:
        answer = reader.read("iam", "GetInstanceProfile", InstanceProfileName=name)
    except FailedResponse as error:
        return "", (f"role of instance profile {name}: {error}",)
    roles = rows(answer, "InstanceProfile", "Roles")
    return (text(roles[0], "Arn"), ()) if roles else ("", (f"instance profile {name} has no role",))


def _gateways(reader: Reader, vpc: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Public addresses of the VPC's NAT gateways, and why they are not known."""
    if not vpc:
        return (), ("its VPC is not known, so neither are its NAT gateways",)
    try:
        answer = reader.read("ec2", "DescribeNatGateways", Filter=[{"Name": "vpc-id", "Values": [vpc]}])
    except FailedResponse as error:
        return (), (f"NAT gateways of {vpc}: {error}",)
    found = (row for gateway in rows(answer, "NatGateways") for row in rows(gateway, "NatGatewayAddresses"))
    return tuple(text(row, "PublicIp") for row in found if text(row, "PublicIp")), ()


def _public_addresses(found: JSONObject) -> Iterator[str]:
    """IPv4 of every association, the instance's own, and IPv6, which is always public."""
    candidates = [text(found, "PublicIpAddress")]
    for interface in rows(found, "NetworkInterfaces"):
        candidates.append(text(interface, "Association", "PublicIp"))
        candidates += [text(row, "Association", "PublicIp") for row in rows(interface, "PrivateIpAddresses")]
        candidates += [text(row, "Ipv6Address") for row in rows(interface, "Ipv6Addresses")]
    return (address for address in candidates if address)
