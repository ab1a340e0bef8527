"""The Auto Scaling group that an instance may belong to, and what it would launch in the instance's place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from stanch.actions._instance import describe
from stanch.aws.answer import at, number, rows, text
from stanch.model.abreast import together
from stanch.model.change import Target
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

READS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
)
"""IAM permissions that reading a Scaling takes."""
IN_SERVICE = "InService"


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group, seen from one of its instances."""

    name: str
    arn: str
    lifecycle: str
    """The instance's state in the group: `InService`, `Standby`, …"""
    minimum: int
    maximum: int
    desired: int
    proven: bool = False
    """What it launches now was there before the instance was, so before any incident on it; read where it matters: of
    one in service, in a group that cannot have one less."""

    @property
    def can_shrink(self) -> bool:
        """Whether it may have one instance less: then it launches none in its place."""
        return self.desired - 1 >= self.minimum


@dataclass(frozen=True)
class Scaling:
    """An instance and its group."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    group: Group | None = None


def read_scaling(reader: Reader, target: Target) -> Scaling:
    """The live state; raises FailedResponse."""
    instance, member = together(partial(describe, reader, target.name), partial(read_membership, reader, target.name))
    if not instance:
        return Scaling("")
    return Scaling(text(instance, "State", "Name"), _group(reader, instance, member) if member else None)


def read_membership(reader: Reader, instance: str) -> JSONObject:
    """What Auto Scaling says of the instance, empty when it is in no group."""
    answer = reader.read("autoscaling", "DescribeAutoScalingInstances", InstanceIds=[instance])
    return next((row for row in rows(answer, "AutoScalingInstances") if text(row, "InstanceId") == instance), {})


def _group(reader: Reader, instance: JSONObject, member: JSONObject) -> Group | None:
    name = text(member, "AutoScalingGroupName")
    answer = reader.read("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=[name])
    found = next(iter(rows(answer, "AutoScalingGroups")), None)
    if found is None:
        return None
    group = Group(
        name=name,
        arn=text(found, "AutoScalingGroupARN"),
        lifecycle=text(member, "LifecycleState"),
        minimum=number(found, "MinSize", default=0),
        maximum=number(found, "MaxSize", default=0),
        desired=number(found, "DesiredCapacity", default=0),
    )
    if group.can_shrink or group.lifecycle != IN_SERVICE:
        return group
    born, since = text(instance, "LaunchTime"), _blueprint_made_at(reader, found)
    return replace(group, proven=bool(born and since) and since <= born)


def _blueprint_made_at(reader: Reader, group: Mapping[str, JSON]) -> str:
    """When the version that the group launches was made, ISO 8601 UTC; empty when that is not known."""
    configuration = text(group, "LaunchConfigurationName")
    if configuration:
        answer = reader.read("autoscaling", "DescribeLaunchConfigurations", LaunchConfigurationNames=[configuration])
        return next((text(row, "CreatedTime") for row in rows(answer, "LaunchConfigurations")), "")
    mixed = at(group, "MixedInstancesPolicy", "LaunchTemplate")
    if any(at(row, "LaunchTemplateSpecification") for row in rows(mixed, "Overrides")):
        return ""  # several templates: which one is launched is not known
    template = at(group, "LaunchTemplate") or at(mixed, "LaunchTemplateSpecification")
    return _version_made_at(reader, text(template, "LaunchTemplateId"), text(template, "Version") or "$Default")


def _version_made_at(reader: Reader, template: str, version: str) -> str:
    if not template:
        return ""
    try:
        answer = reader.read("ec2", "DescribeLaunchTemplateVersions", LaunchTemplateId=template, Versions=[version])
    except NotFound:
        return ""
    return next((text(row, "CreateTime") for row in rows(answer, "LaunchTemplateVersions")), "")
