"""E3: take an instance out of the target groups of its load balancers."""

from dataclasses import dataclass
from functools import partial

from stanch.actions import _undo_instance
from stanch.actions._examples import ACCOUNT, INSTANCE, REGION
from stanch.actions._instance import GONE, describe, gone, private_addresses, scaling_group
from stanch.actions._place import partition
from stanch.aws.answer import number, rows, text
from stanch.model.abreast import each, together
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSON, JSONObject
from stanch.model.ports import Reader

_UNKNOWN_PORT = 0


@dataclass(frozen=True)
class Registration:
    """The instance, or one of its private addresses, in a target group."""

    group: str
    """ARN."""
    id: str
    """Instance id, or private address in a group of addresses."""
    port: int


@dataclass(frozen=True)
class Balancing:
    """What sends an instance traffic."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    registered: tuple[Registration, ...] = ()
    """Sorted; one that is being drained is registered no more."""
    groups: tuple[str, ...] = ()
    """ARNs of all target groups of the VPC, sorted: what it can be registered with again."""
    scaling_group: str = ""
    """Name of its Auto Scaling group, empty without one."""


def _snapshot(reader: Reader, target: Target) -> Balancing:
    instance, answer = together(
        partial(describe, reader, target.name), partial(reader.read, "elbv2", "DescribeTargetGroups")
    )
    if not instance:
        return Balancing("")
    listed = rows(answer, "TargetGroups")
    groups = sorted(text(one, "TargetGroupArn") for one in listed if text(one, "VpcId") == text(instance, "VpcId"))
    names = {target.name, *private_addresses(instance)}
    members = each([partial(_registered, reader, group) for group in groups])
    found = (one for registered in members for one in registered if one.id in names)
    return Balancing(
        state=text(instance, "State", "Name"),
        registered=tuple(sorted(found, key=lambda one: (one.group, one.id, one.port))),
        groups=tuple(groups),
        scaling_group=scaling_group(instance),
    )


def _registered(reader: Reader, group: str) -> tuple[Registration, ...]:
    answer = reader.read("elbv2", "DescribeTargetHealth", TargetGroupArn=group)
    return tuple(
        Registration(group, text(row, "Target", "Id"), number(row, "Target", "Port", default=_UNKNOWN_PORT))
        for row in rows(answer, "TargetHealthDescriptions")
        if text(row, "TargetHealth", "State") != "draining"
    )


def _presume(target: Target) -> Balancing:
    name = f"<target group of {target.name}>"
    arn = f"arn:{partition(target)}:elasticloadbalancing:{target.region}:{target.account}:targetgroup/{name}/<id>"
    return Balancing("running", (Registration(arn, target.name, _UNKNOWN_PORT),), (arn,))


def _objections(target: Target, state: Balancing) -> tuple[str, ...]:
    if state.state in GONE:
        return gone(target.name, state.state)
    if state.scaling_group:
        why = "standby (E2) takes it out of its load balancers, and without standby the group would end it"
        return (f"instance {target.name} belongs to Auto Scaling group {state.scaling_group}: {why}",)
    return ()


def _forward(_target: Target, state: Balancing, _terms: Terms) -> tuple[Call, ...]:
    return _calls("DeregisterTargets", state.registered)


def _inverse(target: Target, before: Balancing, now: Balancing | None, _terms: Terms) -> Undo:
    if now is None:
        return Undo(_calls("RegisterTargets", before.registered))
    if now.state in GONE:
        return Undo()
    missing = tuple(one for one in before.registered if one not in now.registered)
    gone_groups = sorted({one.group for one in missing if one.group not in now.groups})
    conflicts = tuple(f"target group {arn} was deleted meanwhile: {target.name} was in it" for arn in gone_groups)
    return Undo(_calls("RegisterTargets", tuple(one for one in missing if one.group in now.groups)), conflicts)


def _keep(_target: Target, _state: Balancing, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, state: Balancing) -> str:
    return f"instance {target.name} in account {target.account}, in {len(state.registered)} places of target groups"


def _calls(operation: str, registered: tuple[Registration, ...]) -> tuple[Call, ...]:
    """One call for each target group."""
    return tuple(
        _call(operation, group, tuple(one for one in registered if one.group == group))
        for group in dict.fromkeys(one.group for one in registered)
    )


def _call(operation: str, group: str, registered: tuple[Registration, ...]) -> Call:
    targets: list[JSON] = [_place(one) for one in registered]
    params: JSONObject = {"TargetGroupArn": group, "Targets": targets}
    return Call("elbv2", operation, params, group)


def _place(one: Registration) -> JSONObject:
    return {"Id": one.id, "Port": one.port} if one.port != _UNKNOWN_PORT else {"Id": one.id}


_HERE = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup"
_GROUPS = (f"{_HERE}/admin/0123456789abcdef", f"{_HERE}/web/0123456789abcdef")
_SERVING = Balancing(
    "running",
    (
        Registration(_GROUPS[0], INSTANCE.name, 8443),
        Registration(_GROUPS[1], INSTANCE.name, 80),
        Registration(_GROUPS[1], INSTANCE.name, 443),
    ),
    _GROUPS,
)

ACTION = Action(
    id="E3",
    title="Leave load balancers",
    target=TargetKind.INSTANCE,
    state=Balancing,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_instance.BALANCERS,
    cut="soft: no new requests come through load balancers; open ones are drained, and all other ways in stay open",
    breaks="The capacity of this one target; the others serve on. Classic load balancers are not touched.",
    price="the host gets requests again",
    applies=lambda _target, state: bool(state.registered),
    spared_by="E2",
    abreast=frozenset({"DeregisterTargets", "RegisterTargets"}),
    permissions=(
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ),
    examples=((INSTANCE, _SERVING), (INSTANCE, Balancing("running", (), _GROUPS))),
)
"""Back only into the groups and ports that it was in."""
