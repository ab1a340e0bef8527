"""GuardDuty's attack sequences: many actors and resources; only what is single may become a target."""

from collections.abc import Iterator
from dataclasses import dataclass

from stanch.model.finding import Identity, Instance, Interface, Resource
from stanch.stages.intake import parts, syntax
from stanch.stages.intake.fields import Field


@dataclass(frozen=True)
class Sequence:
    """What a sequence says of who, on what and from where."""

    identity: Identity | None
    """The actor, if there is exactly one."""
    instance: Instance | None
    """The instance, if exactly one is named."""
    caller_ip: str
    """The endpoint, if exactly one is named."""
    resources: tuple[Resource, ...]
    actors: int
    """How many actors are named, one when none is."""


def read(sequence: Field, account: str, region: str, partition: str) -> Sequence | None:
    """The sequence of a finding of this account, as GuardDuty and ASFF write it; None for a finding without one."""
    if not sequence.entries():
        return None
    actors = sequence.at("actors").each()
    return Sequence(
        identity=parts.actor(actors[0], account) if len(actors) == 1 else None,
        instance=_instance(sequence, account, region, partition),
        caller_ip=parts.only(syntax.address(one.at("ip").text()) or None for one in _endpoints(sequence)) or "",
        resources=parts.resources(_resources(sequence)),
        actors=max(1, len(actors)),
    )


def _endpoints(sequence: Field) -> tuple[Field, ...]:
    return sequence.at("endpoints").each()


def _instance(sequence: Field, account: str, region: str, partition: str) -> Instance | None:
    found = {_id(one): one for one in _of(sequence, "EC2_INSTANCE") if _id(one)}
    if len(found) != 1:
        return None
    name, resource = next(iter(found.items()))
    data = resource.at("data", "ec2Instance")
    mine = {uid.text() for uid in data.at("ec2NetworkInterfaceUids").each()}
    return parts.instance(
        id=name,
        account=resource.at("accountId").text() or account,
        region=syntax.valid(syntax.REGION, resource.at("region").text()) or region,
        partition=syntax.valid(syntax.PARTITION, resource.at("cloudPartition").text()) or partition,
        profile=data.at("iamInstanceProfile", "arn").text(),
        interfaces=(_interface(one) for one in _of(sequence, "EC2_NETWORK_INTERFACE") if one.at("uid").text() in mine),
    )


def _interface(resource: Field) -> Interface | None:
    data = resource.at("data", "ec2NetworkInterface")
    addresses = data.at("privateIpAddresses").each()
    read = parts.interface(
        id=_id(resource),
        private_ip=addresses[0].at("privateIpAddress").text() if addresses else "",
        public_ip=data.at("publicIp").text(),
        subnet=data.at("subNetId").text(),
        vpc=data.at("vpcId").text(),
        groups=(group.at("groupId").text() for group in data.at("securityGroups").each()),
    )
    return read if read.id else None


def _of(sequence: Field, kind: str) -> Iterator[Field]:
    return (one for one in sequence.at("resources").each() if one.at("resourceType").text() == kind)


def _id(resource: Field) -> str:
    """The id at the end of a uid, which is an ARN or the id alone."""
    return resource.at("uid").text().rpartition("/")[2]


def _resources(sequence: Field) -> Iterator[tuple[str, str]]:
    for one in sequence.at("resources").each():
        yield one.at("resourceType").text(), one.at("uid").text()
