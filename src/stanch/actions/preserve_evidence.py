"""E1: keep an instance and its disks from being destroyed, and take snapshots of them."""

from dataclasses import dataclass
from functools import partial

from stanch.actions._examples import INSTANCE, TERMS
from stanch.actions._instance import describe, gone
from stanch.actions._place import CASE_TAG, case_tags
from stanch.aws.answer import at, flag, rows, tags, text
from stanch.model.abreast import together
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader


@dataclass(frozen=True)
class Disk:
    """An EBS volume that is attached to the instance."""

    device: str
    volume: str
    dies_with_instance: bool
    """DeleteOnTermination."""
    root: bool = False


@dataclass(frozen=True)
class Copy:
    """A snapshot that stanch took."""

    volume: str
    case: str


@dataclass(frozen=True)
class Protection:
    """How an instance is protected against its own destruction."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    spot: bool = False
    ebs_root: bool = True
    no_termination: bool = False
    """DisableApiTermination."""
    no_stop: bool = False
    """DisableApiStop."""
    disks: tuple[Disk, ...] = ()
    copies: tuple[Copy, ...] = ()


def _snapshot(reader: Reader, target: Target) -> Protection:
    instance, no_termination, no_stop = together(
        partial(describe, reader, target.name),
        partial(_attribute, reader, target, "disableApiTermination", "DisableApiTermination"),
        partial(_attribute, reader, target, "disableApiStop", "DisableApiStop"),
    )
    if not instance:
        return Protection("")
    disks = _disks(instance)
    return Protection(
        state=text(instance, "State", "Name"),
        spot=text(instance, "InstanceLifecycle") == "spot",
        ebs_root=text(instance, "RootDeviceType") == "ebs",
        no_termination=no_termination,
        no_stop=no_stop,
        disks=disks,
        copies=_copies(reader, disks),
    )


def _attribute(reader: Reader, target: Target, name: str, key: str) -> bool:
    try:
        answer = reader.read("ec2", "DescribeInstanceAttribute", InstanceId=target.name, Attribute=name)
    except NotFound:  # terminated between two reads
        return False
    return flag(answer, key, "Value")


def _disks(instance: JSONObject) -> tuple[Disk, ...]:
    root = text(instance, "RootDeviceName")
    found = (
        Disk(
            device=text(row, "DeviceName"),
            volume=text(row, "Ebs", "VolumeId"),
            dies_with_instance=flag(row, "Ebs", "DeleteOnTermination"),
            root=text(row, "DeviceName") == root,
        )
        for row in rows(instance, "BlockDeviceMappings")
        if at(row, "Ebs") is not None
    )
    return tuple(sorted(found, key=lambda disk: disk.device))


def _copies(reader: Reader, disks: tuple[Disk, ...]) -> tuple[Copy, ...]:
    if not disks:
        return ()
    filters: JSON = [
        {"Name": "tag-key", "Values": [CASE_TAG]},
        {"Name": "volume-id", "Values": [disk.volume for disk in disks]},
    ]
    answer = reader.read("ec2", "DescribeSnapshots", OwnerIds=["self"], Filters=filters)
    taken = (row for row in rows(answer, "Snapshots") if text(row, "State") != "error")
    return tuple(sorted({_copy(row) for row in taken}, key=lambda copy: (copy.volume, copy.case)))


def _copy(row: JSON) -> Copy:
    return Copy(text(row, "VolumeId"), dict(tags(row, "Tags")).get(CASE_TAG, ""))


def _presume(target: Target) -> Protection:
    disks = (Disk("<root device>", f"<root volume of {target.name}>", dies_with_instance=True, root=True),)
    return Protection("running", disks=disks)


def _objections(target: Target, state: Protection) -> tuple[str, ...]:
    return gone(target.name, state.state)


def _forward(target: Target, state: Protection, terms: Terms) -> tuple[Call, ...]:
    calls = []
    if not state.no_termination and not state.spot:
        calls.append(_protect(target, "DisableApiTermination", on=True))
    if not state.no_stop and _can_forbid_stop(state):
        calls.append(_protect(target, "DisableApiStop", on=True))
    mortal = tuple(disk for disk in state.disks if disk.dies_with_instance)
    if mortal:
        calls.append(_outlive(target, mortal, dies=False))
    missing = tuple(disk for disk in state.disks if Copy(disk.volume, terms.case) not in state.copies)
    if missing:
        calls.append(_take(target, state, missing, terms))
    return tuple(calls)


def _inverse(target: Target, before: Protection, now: Protection | None, terms: Terms) -> Undo:
    now = _as_left(before, terms) if now is None else now
    if gone(target.name, now.state):
        return Undo()
    calls = []
    if now.no_termination and not before.no_termination:
        calls.append(_protect(target, "DisableApiTermination", on=False))
    if now.no_stop and not before.no_stop:
        calls.append(_protect(target, "DisableApiStop", on=False))
    mortal = {(disk.device, disk.volume) for disk in before.disks if disk.dies_with_instance}
    ours = (disk for disk in now.disks if (disk.device, disk.volume) in mortal and not disk.dies_with_instance)
    saved = tuple(ours)
    if saved:
        calls.append(_outlive(target, saved, dies=True))
    return Undo(tuple(calls))


def _as_left(before: Protection, terms: Terms) -> Protection:
    return Protection(
        state=before.state,
        spot=before.spot,
        ebs_root=before.ebs_root,
        no_termination=before.no_termination or not before.spot,
        no_stop=before.no_stop or _can_forbid_stop(before),
        disks=tuple(Disk(disk.device, disk.volume, dies_with_instance=False, root=disk.root) for disk in before.disks),
        copies=tuple(Copy(disk.volume, terms.case) for disk in before.disks),
    )


def _can_forbid_stop(state: Protection) -> bool:
    return state.ebs_root and not state.spot


def _keep(_target: Target, _state: Protection, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, state: Protection) -> str:
    spot = "; a Spot instance, so AWS may still end it: no protection holds" if state.spot else ""
    return f"instance {target.name} in account {target.account}: its protections and copies of its disks{spot}"


def _protect(target: Target, attribute: str, *, on: bool) -> Call:
    params: JSONObject = {"InstanceId": target.name, attribute: {"Value": on}}
    return Call("ec2", "ModifyInstanceAttribute", params, target.arn)


def _outlive(target: Target, disks: tuple[Disk, ...], *, dies: bool) -> Call:
    mappings: JSON = [{"DeviceName": disk.device, "Ebs": {"DeleteOnTermination": dies}} for disk in disks]
    params: JSONObject = {"InstanceId": target.name, "BlockDeviceMappings": mappings}
    return Call("ec2", "ModifyInstanceAttribute", params, target.arn)


def _take(target: Target, state: Protection, missing: tuple[Disk, ...], terms: Terms) -> Call:
    specification: dict[str, JSON] = {"InstanceId": target.name}
    taken = [disk for disk in state.disks if disk not in missing]
    if any(disk.root for disk in taken):
        specification["ExcludeBootVolume"] = True
    data = [disk.volume for disk in taken if not disk.root]
    if data:
        specification["ExcludeDataVolumeIds"] = data
    params: JSONObject = {
        "InstanceSpecification": specification,
        "Description": f"stanch E1, case {terms.case}: evidence of {target.name}",
        "TagSpecifications": [{"ResourceType": "snapshot", "Tags": case_tags(terms)}],
    }
    return Call("ec2", "CreateSnapshots", params, target.arn)


_FRESH = Protection("running", disks=(Disk("/dev/xvda", "vol-0aaaaaaaaaaaaaaaa", dies_with_instance=True, root=True),))

ACTION = Action(
    id="E1",
    title="Preserve evidence",
    target=TargetKind.INSTANCE,
    state=Protection,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.STANCH,
    cut="soft: nothing is cut, the instance runs on; on Spot and in an Auto Scaling group the host may still be ended",
    breaks="Nothing that runs; whoever means to stop or terminate the instance is refused. Its snapshots cost storage.",
    abreast=frozenset({"ModifyInstanceAttribute", "CreateSnapshots"}),
    permissions=("ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "ec2:DescribeSnapshots"),
    examples=((INSTANCE, _FRESH), (INSTANCE, _as_left(_FRESH, TERMS))),
)
"""Protections get their old values back; snapshots stay. They are not locked yet: an administrator of the account
can delete them."""
