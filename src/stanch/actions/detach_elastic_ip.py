"""E7: take an instance's elastic addresses away, so that the internet does not reach it under them."""

from collections.abc import Mapping
from dataclasses import dataclass

from stanch.actions import _undo_instance
from stanch.actions._examples import INSTANCE
from stanch.actions._instance import GONE, describe, gone, public_addresses
from stanch.actions._place import ec2_arn
from stanch.aws.answer import rows, text
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSON, JSONObject
from stanch.model.ports import Reader


@dataclass(frozen=True)
class Elastic:
    """An elastic address of the instance."""

    allocation: str
    association: str
    address: str
    interface: str
    private: str
    """The private address that it stands for."""


@dataclass(frozen=True)
class Reachable:
    """The public side of an instance."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    elastic: tuple[Elastic, ...] = ()
    """Sorted by allocation."""
    others: tuple[str, ...] = ()
    """Its public IPv4 addresses that are not elastic: nobody can take those away."""
    free: tuple[str, ...] = ()
    """Elastic addresses of the account in this region that nothing uses, sorted."""
    places: tuple[str, ...] = ()
    """`interface private-address` of every private address that it has, sorted."""


def _snapshot(reader: Reader, target: Target) -> Reachable:
    instance = describe(reader, target.name)
    if not instance:
        return Reachable("")
    places = {
        f"{text(face, 'NetworkInterfaceId')} {text(one, 'PrivateIpAddress')}"
        for face in rows(instance, "NetworkInterfaces")
        for one in rows(face, "PrivateIpAddresses")
    }
    listed = rows(reader.read("ec2", "DescribeAddresses"), "Addresses")
    elastic = [_elastic(row) for row in listed if text(row, "AssociationId")]
    mine = sorted((one for one in elastic if _place(one) in places), key=lambda one: one.allocation)
    seen = {address for address in public_addresses(instance) if ":" not in address}
    return Reachable(
        state=text(instance, "State", "Name"),
        elastic=tuple(mine),
        others=tuple(sorted(seen - {one.address for one in mine})),
        free=tuple(sorted(text(row, "PublicIp") for row in listed if not text(row, "AssociationId"))),
        places=tuple(sorted(places)),
    )


def _elastic(row: Mapping[str, JSON]) -> Elastic:
    return Elastic(
        allocation=text(row, "AllocationId"),
        association=text(row, "AssociationId"),
        address=text(row, "PublicIp"),
        interface=text(row, "NetworkInterfaceId"),
        private=text(row, "PrivateIpAddress"),
    )


def _place(one: Elastic) -> str:
    return f"{one.interface} {one.private}"


def _presume(target: Target) -> Reachable:
    told = [one for one in target.instance.interfaces if one.public_ip] if target.instance else []
    known = tuple(Elastic(*_unread(one.public_ip), one.id, one.private_ip) for one in told)
    unknown = Elastic(*_unread(f"public address of {target.name}"), "<its interface>", "<its private address>")
    elastic = known or (unknown,)
    return Reachable("running", elastic, places=tuple(_place(one) for one in elastic))


def _unread(address: str) -> tuple[str, str, str]:
    return f"<allocation of {address}>", f"<association of {address}>", address


def _objections(target: Target, state: Reachable) -> tuple[str, ...]:
    if state.state in GONE:
        return gone(target.name, state.state)
    addresses = ", ".join(state.others)
    reason = f"{target.name} has public addresses that are not elastic ({addresses}): isolate (E4) or stop it (E6)"
    return (reason,) if addresses else ()


def _forward(target: Target, state: Reachable, _terms: Terms) -> tuple[Call, ...]:
    return tuple(_disassociate(target, one) for one in state.elastic)


def _inverse(target: Target, before: Reachable, now: Reachable | None, _terms: Terms) -> Undo:
    if now is not None and now.state in GONE:
        return Undo()
    left = [one for one in before.elastic if now is None or not _is_back(one, now)]
    conflicts = {one: reason for one in left if now is not None and (reason := _conflict(target, one, now))}
    return Undo(tuple(_associate(target, one) for one in left if one not in conflicts), tuple(conflicts.values()))


def _is_back(one: Elastic, now: Reachable) -> bool:
    return any((_place(other), other.address) == (_place(one), one.address) for other in now.elastic)


def _conflict(target: Target, one: Elastic, now: Reachable) -> str:
    """Why an address cannot go back to its place, empty when it can."""
    if one.address not in now.free:
        return f"address {one.address} of {target.name} was released or given to something else: left as it is"
    if _place(one) not in now.places:
        return f"address {one.address} cannot go back: {one.private} of {one.interface} is gone from {target.name}"
    taken = next((other.address for other in now.elastic if _place(other) == _place(one)), "")
    return f"address {one.address} cannot go back: someone gave {one.interface} {taken}" if taken else ""


def _keep(_target: Target, _state: Reachable, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, state: Reachable) -> str:
    addresses = ", ".join(one.address for one in state.elastic) or "no elastic address"
    return f"instance {target.name} in account {target.account} ({addresses})"


def _disassociate(target: Target, one: Elastic) -> Call:
    params: JSONObject = {"AssociationId": one.association}
    return Call("ec2", "DisassociateAddress", params, ec2_arn(target, f"elastic-ip/{one.allocation}"), _waits(one))


def _associate(target: Target, one: Elastic) -> Call:
    params: JSONObject = {
        "AllocationId": one.allocation,
        "NetworkInterfaceId": one.interface,
        "PrivateIpAddress": one.private,
        "AllowReassociation": False,
    }
    return Call("ec2", "AssociateAddress", params, ec2_arn(target, f"elastic-ip/{one.allocation}"), _waits(one))


def _waits(one: Elastic) -> str:
    return f"the association of {one.address} to be read" if one.association.startswith("<") else ""


_PUBLIC = Reachable(
    "running",
    (
        Elastic(
            "eipalloc-0aaaaaaaaaaaaaaaa",
            "eipassoc-0aaaaaaaaaaaaaaaa",
            "198.51.100.20",
            "eni-0aaaaaaaaaaaaaaaa",
            "10.0.1.20",
        ),
    ),
    places=("eni-0aaaaaaaaaaaaaaaa 10.0.1.20",),
)

ACTION = Action(
    id="E7",
    title="Detach elastic addresses",
    target=TargetKind.INSTANCE,
    state=Reachable,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_instance.ADDRESSES,
    cut="hard for connections under these addresses, open ones too; soft where its subnet then gives it another public "
    "address, and for all that comes through load balancers, IPv6 or the VPC",
    breaks="Whoever reaches this host by these addresses, and whatever it reaches on the internet by them.",
    price="the host is reachable from the internet again",
    next_rungs=("E6",),
    permissions=("ec2:DescribeAddresses", "ec2:DescribeInstances"),
    examples=(
        (INSTANCE, _PUBLIC),
        (INSTANCE, Reachable("running", free=("198.51.100.20",), places=_PUBLIC.places)),
    ),
)
"""The addresses stay the account's: they go back to the same interface and private address unless someone uses them."""
