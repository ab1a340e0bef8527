"""What isolating an instance needs to know: its interfaces, their groups, and the isolation group of its VPC."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from stanch.actions._instance import describe
from stanch.aws.answer import flag, rows, tags, text
from stanch.model.abreast import together
from stanch.model.change import Target
from stanch.model.data import JSON, JSONObject
from stanch.model.ports import Reader

ISOLATION_TAG = "stanch:isolation"
"""Marks the isolation groups that stanch made; a group of the same name without it is not ours."""
_ORCHESTRATORS = ("eks:cluster-name", "aws:eks:cluster-name", "AmazonECSManaged")
_ORCHESTRATOR_PREFIX = "kubernetes.io/cluster/"


@dataclass(frozen=True)
class Attached:
    """A network interface that is attached to the instance."""

    id: str
    vpc: str
    groups: tuple[str, ...]
    """Ids, sorted: AWS keeps no order."""
    owner: str = ""
    """Account that owns it."""
    requester_managed: bool = False


@dataclass(frozen=True)
class IsolationGroup:
    """The security group of a VPC that lets nothing pass."""

    id: str
    ours: bool
    """It carries stanch's tag."""
    ingress: tuple[str, ...] = ()
    """Ids of its inbound rules; it isolates only without any."""
    egress: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it lets nothing pass, IPv4 and IPv6."""
        return not (self.ingress or self.egress)


@dataclass(frozen=True)
class Isolation:
    """The network side of an instance."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    vpc: str = ""
    interfaces: tuple[Attached, ...] = ()
    group: IsolationGroup | None = None
    groups: tuple[str, ...] = ()
    """Ids of all security groups of the VPC, sorted: what can be restored."""
    orchestrator: str = ""
    """Tag that says a scheduler owns the instance, empty without one."""


def group_name(vpc: str) -> str:
    """Name of the isolation group of a VPC."""
    return f"stanch-isolation-{vpc}"


def read_isolation(reader: Reader, target: Target) -> Isolation:
    """The live state; raises FailedResponse."""
    told = _told_vpc(target)
    instance, interfaces, groups = together(
        partial(describe, reader, target.name),
        partial(_interfaces, reader, target),
        partial(_groups, reader, told),
    )
    if not instance:
        return Isolation("")
    vpc = text(instance, "VpcId")
    if vpc != told:  # the finding does not say, or AWS says otherwise
        groups = _groups(reader, vpc)
    named = next((row for row in groups if text(row, "GroupName") == group_name(vpc)), None)
    return Isolation(
        state=text(instance, "State", "Name"),
        vpc=vpc,
        interfaces=interfaces,
        group=_group(reader, named) if named is not None else None,
        groups=tuple(sorted(text(row, "GroupId") for row in groups)),
        orchestrator=_orchestrator(tags(instance, "Tags")),
    )


def _told_vpc(target: Target) -> str:
    """The VPC that the finding names: its groups are read at once, and once more if AWS names another."""
    found = {one.vpc for one in target.instance.interfaces if one.vpc} if target.instance else set()
    return found.pop() if len(found) == 1 else ""


def _groups(reader: Reader, vpc: str) -> tuple[JSONObject, ...]:
    if not vpc:
        return ()
    return rows(reader.read("ec2", "DescribeSecurityGroups", Filters=_filter("vpc-id", vpc)), "SecurityGroups")


def _filter(name: str, value: str) -> JSON:
    return [{"Name": name, "Values": [value]}]


def _interfaces(reader: Reader, target: Target) -> tuple[Attached, ...]:
    filters = _filter("attachment.instance-id", target.name)
    answer = reader.read("ec2", "DescribeNetworkInterfaces", Filters=filters)
    return tuple(sorted(map(_interface, rows(answer, "NetworkInterfaces")), key=lambda one: one.id))


def _interface(row: Mapping[str, JSON]) -> Attached:
    return Attached(
        id=text(row, "NetworkInterfaceId"),
        vpc=text(row, "VpcId"),
        groups=tuple(sorted(text(group, "GroupId") for group in rows(row, "Groups"))),
        owner=text(row, "OwnerId"),
        requester_managed=flag(row, "RequesterManaged"),
    )


def _group(reader: Reader, row: Mapping[str, JSON]) -> IsolationGroup:
    id = text(row, "GroupId")  # noqa: A001  # the field's own name
    rules = _rules(reader, id) if rows(row, "IpPermissions") or rows(row, "IpPermissionsEgress") else ()
    return IsolationGroup(
        id=id,
        ours=ISOLATION_TAG in dict(tags(row, "Tags")),
        ingress=tuple(sorted(text(rule, "SecurityGroupRuleId") for rule in rules if not flag(rule, "IsEgress"))),
        egress=tuple(sorted(text(rule, "SecurityGroupRuleId") for rule in rules if flag(rule, "IsEgress"))),
    )


def _rules(reader: Reader, group: str) -> tuple[JSONObject, ...]:
    answer = reader.read("ec2", "DescribeSecurityGroupRules", Filters=_filter("group-id", group))
    return rows(answer, "SecurityGroupRules")


def _orchestrator(found: tuple[tuple[str, str], ...]) -> str:
    keys = (key for key, _ in found)
    return next((key for key in keys if key in _ORCHESTRATORS or key.startswith(_ORCHESTRATOR_PREFIX)), "")
