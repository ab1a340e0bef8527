"""E4: cut an instance off the network by giving each of its interfaces a security group that lets nothing pass."""

from stanch.actions import _undo_instance
from stanch.actions._examples import ACCOUNT, INSTANCE
from stanch.actions._instance import GONE, gone
from stanch.actions._isolation import (
    ISOLATION_TAG,
    Attached,
    Isolation,
    IsolationGroup,
    group_name,
    read_isolation,
)
from stanch.actions._place import ec2_arn
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject

_UNMADE = "<id of the isolation group>"
_UNREAD = "<its rules>"


def _presume(target: Target) -> Isolation:
    told = target.instance.interfaces if target.instance else ()
    interfaces = tuple(Attached(one.id, one.vpc, tuple(sorted(one.groups)), target.account) for one in told)
    vpc = next((one.vpc for one in told if one.vpc), f"<vpc of {target.name}>")
    groups = tuple(sorted({group for one in told for group in one.groups}))
    return Isolation("running", vpc, interfaces, groups=groups)


def _objections(target: Target, state: Isolation) -> tuple[str, ...]:
    if state.state in GONE:
        return gone(target.name, state.state)
    found = [reason for one in state.interfaces for reason in _against(target, state, one)]
    if not state.interfaces:
        found.append(f"instance {target.name} has no network interface that is known")
    if state.orchestrator:
        found.append(
            f"instance {target.name} belongs to a scheduler (tag {state.orchestrator}), which would move the attacker "
            "to another node: only by approval"
        )
    if state.group is not None and not state.group.ours:
        found.append(f"security group {state.group.id} is named {group_name(state.vpc)} but stanch did not make it")
    return tuple(found)


def _against(target: Target, state: Isolation, one: Attached) -> tuple[str, ...]:
    if one.requester_managed:
        return (f"interface {one.id} is managed by an AWS service",)
    if one.owner not in ("", target.account):
        return (f"interface {one.id} belongs to account {one.owner} (shared subnet)",)
    if one.vpc not in ("", state.vpc):
        return (f"interface {one.id} lies in another VPC, {one.vpc}",)
    return ()


def _forward(target: Target, state: Isolation, terms: Terms) -> tuple[Call, ...]:
    """The group first, and it is read back as empty before any interface gets it."""
    group = state.group
    if group is None or not group.ours:  # a foreign one is never touched: AWS refuses to make its name again
        making = (_create(target, state, terms), _revoke(target, _UNMADE, "Egress", (_UNREAD,), "the group's rules"))
        return (*making, *_isolate(target, state, _UNMADE, "id of the isolation group"))
    emptying = _empty(target, group)
    waits_for = "the isolation group to be read back as empty" if emptying else ""
    return (*emptying, *_isolate(target, state, group.id, waits_for))


def _inverse(target: Target, before: Isolation, now: Isolation | None, _terms: Terms) -> Undo:
    if now is None:
        isolation = before.group.id if before.group else _UNMADE
        return Undo(tuple(_set(target, one, one.groups) for one in before.interfaces if one.groups != (isolation,)))
    if now.state in GONE:
        return Undo()  # its interfaces went with it
    found = {one.id: one for one in now.interfaces}
    undone = [_restore(target, was, found.get(was.id), now) for was in before.interfaces]
    known = {one.id for one in before.interfaces}
    strays = [_stray(one) for one in now.interfaces if one.id not in known and _is_isolated(one, now)]
    calls = tuple(call for undo in undone for call in undo.calls)
    return Undo(calls, (*(reason for undo in undone for reason in undo.conflicts), *strays))


def _restore(target: Target, was: Attached, one: Attached | None, now: Isolation) -> Undo:
    """One interface: only what is exactly as we left it gets its own groups back."""
    if one is None:
        return Undo((), (f"interface {was.id} is no longer attached to {target.name}: see to its groups",))
    if one.groups == was.groups:
        return Undo()
    if not _is_isolated(one, now):
        return Undo((), (f"someone gave interface {was.id} the groups {', '.join(one.groups)}: left as it is",))
    deleted = [group for group in was.groups if group not in now.groups]
    if deleted:
        return Undo((), (f"interface {was.id} stays isolated: its group {', '.join(deleted)} was deleted meanwhile",))
    return Undo((_set(target, was, was.groups),))


def _is_isolated(one: Attached, state: Isolation) -> bool:
    return state.group is not None and one.groups == (state.group.id,)


def _stray(one: Attached) -> str:
    return f"interface {one.id} joined later and is isolated: its own groups are not known"


def _keep(_target: Target, _state: Isolation, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, state: Isolation) -> str:
    names = ", ".join(one.id for one in state.interfaces) or "unknown interfaces"
    return f"instance {target.name} in account {target.account} ({names})"


def _create(target: Target, state: Isolation, terms: Terms) -> Call:
    name = group_name(state.vpc)
    tags = [{"Key": "Name", "Value": name}, {"Key": ISOLATION_TAG, "Value": terms.case}]
    params: JSONObject = {
        "GroupName": name,
        "Description": "stanch: lets nothing pass; kept for reuse",
        "VpcId": state.vpc,
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}],
    }
    return Call("ec2", "CreateSecurityGroup", params, ec2_arn(target, f"security-group/{name}"))


def _empty(target: Target, group: IsolationGroup) -> tuple[Call, ...]:
    sides = (("Ingress", group.ingress), ("Egress", group.egress))
    return tuple(_revoke(target, group.id, side, rules) for side, rules in sides if rules)


def _revoke(target: Target, group: str, side: str, rules: tuple[str, ...], waits_for: str = "") -> Call:
    params: JSONObject = {"GroupId": group, "SecurityGroupRuleIds": list(rules)}
    resource = ec2_arn(target, f"security-group/{group}")
    return Call("ec2", f"RevokeSecurityGroup{side}", params, resource, waits_for)


def _isolate(target: Target, state: Isolation, group: str, waits_for: str) -> tuple[Call, ...]:
    open_ones = (one for one in state.interfaces if one.groups != (group,))
    return tuple(_set(target, one, (group,), waits_for) for one in open_ones)


def _set(target: Target, one: Attached, groups: tuple[str, ...], waits_for: str = "") -> Call:
    params: JSONObject = {"NetworkInterfaceId": one.id, "Groups": list(groups)}
    resource = ec2_arn(target, f"network-interface/{one.id}")
    return Call("ec2", "ModifyNetworkInterfaceAttribute", params, resource, waits_for)


_VPC = "vpc-0aaaaaaaaaaaaaaaa"
_OPEN = (
    Attached("eni-0aaaaaaaaaaaaaaaa", _VPC, ("sg-0aaaaaaaaaaaaaaaa", "sg-0bbbbbbbbbbbbbbbb"), ACCOUNT),
    Attached("eni-0bbbbbbbbbbbbbbbb", _VPC, ("sg-0cccccccccccccccc",), ACCOUNT),
)
_CLOSED = tuple(Attached(one.id, _VPC, ("sg-0ffffffffffffffff",), ACCOUNT) for one in _OPEN)
_GROUPS = ("sg-0aaaaaaaaaaaaaaaa", "sg-0bbbbbbbbbbbbbbbb", "sg-0cccccccccccccccc", "sg-0ffffffffffffffff")
_HALF_MADE = IsolationGroup("sg-0ffffffffffffffff", ours=True, ingress=("sgr-0a",), egress=("sgr-0b",))
_MADE = IsolationGroup("sg-0ffffffffffffffff", ours=True)

ACTION = Action(
    id="E4",
    title="Isolate instance",
    target=TargetKind.INSTANCE,
    state=Isolation,
    snapshot=read_isolation,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_instance.ISOLATION,
    cut="soft: new connections are cut, IPv4 and IPv6; those that the old groups tracked may live on until they idle",
    breaks="Everything that this host serves or reaches over the network; the VPC's metadata, DNS and time still work.",
    price="the host is back on the network",
    next_rungs=("E7", "E6"),
    abreast=frozenset({"ModifyNetworkInterfaceAttribute", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"}),
    prepares=frozenset({"CreateSecurityGroup", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"}),
    permissions=(
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
    ),
    runbook="AWSSupport-ContainEC2Instance",
    examples=(
        (INSTANCE, Isolation("running", _VPC, _OPEN, groups=_GROUPS[:3])),
        (INSTANCE, Isolation("running", _VPC, _OPEN, _HALF_MADE, _GROUPS)),
        (INSTANCE, Isolation("running", _VPC, _OPEN, _MADE, _GROUPS)),
        (INSTANCE, Isolation("running", _VPC, _CLOSED, _MADE, _GROUPS)),
    ),
)
"""The isolation group is one per VPC, stays for reuse, and is emptied and read back before each use."""
