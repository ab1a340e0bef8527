"""E2: put an instance of an Auto Scaling group on standby, so that the group neither uses it nor ends it."""

from dataclasses import replace

from stanch.actions import _undo_instance
from stanch.actions._examples import ACCOUNT, INSTANCE, REGION
from stanch.actions._instance import GONE, gone
from stanch.actions._place import partition
from stanch.actions._scaling import IN_SERVICE, READS, Group, Scaling, read_scaling
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject

_ON_STANDBY = ("Standby", "EnteringStandby")


def _presume(target: Target) -> Scaling:
    name = f"<Auto Scaling group of {target.name}>"
    here = f"arn:{partition(target)}:autoscaling:{target.region}:{target.account}"
    arn = f"{here}:autoScalingGroup:<id>:autoScalingGroupName/{name}"
    return Scaling("running", Group(name, arn, IN_SERVICE, minimum=0, maximum=1, desired=1))


def _objections(target: Target, state: Scaling) -> tuple[str, ...]:
    if state.state in GONE:
        return gone(target.name, state.state)
    group = state.group
    if group is None or group.lifecycle in _ON_STANDBY:
        return ()
    if group.lifecycle != IN_SERVICE:
        return (f"instance {target.name} is {group.lifecycle} in {group.name}: only one in service can go on standby",)
    if not group.can_shrink and not group.proven:
        risk = f"{target.name} stays in service, its group may end it, and its evidence may be lost"
        launched = f"at its minimum of {group.minimum} and would launch what may be younger than the incident"
        return (f"{group.name} is {launched}: {risk}",)
    return ()


def _forward(target: Target, state: Scaling, _terms: Terms) -> tuple[Call, ...]:
    group = state.group
    if group is None or group.lifecycle in _ON_STANDBY:
        return ()
    return (_call("EnterStandby", target, group, ShouldDecrementDesiredCapacity=group.can_shrink),)


def _inverse(target: Target, before: Scaling, now: Scaling | None, _terms: Terms) -> Undo:
    was = before.group
    if was is None or was.lifecycle in _ON_STANDBY:
        return Undo()  # it was on standby before: not ours to end
    if now is None:
        return Undo((_call("ExitStandby", target, was),))
    if now.state in GONE:
        return Undo()
    group = now.group
    if group is None or group.arn != was.arn:
        return Undo((), (f"someone took instance {target.name} out of {was.name}: left as it is",))
    return _exit(target, group)


def _exit(target: Target, group: Group) -> Undo:
    if group.lifecycle not in _ON_STANDBY:
        return Undo()
    if group.desired >= group.maximum:
        full = f"{group.name} has its maximum of {group.maximum} instances: there is no room for {target.name}"
        return Undo((), (f"{full}, which stays on standby",))
    return Undo((_call("ExitStandby", target, group),))


def _keep(_target: Target, _state: Scaling, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, state: Scaling) -> str:
    name = state.group.name if state.group else "no Auto Scaling group"
    return f"instance {target.name} in account {target.account}, as a member of {name}"


def _call(operation: str, target: Target, group: Group, **more: bool) -> Call:
    params: JSONObject = {"InstanceIds": [target.name], "AutoScalingGroupName": group.name, **more}
    return Call("autoscaling", operation, params, group.arn)


_GROUP_ID = "01234567-89ab-cdef-0123-456789abcdef"
_SERVING = Group(
    name="web",
    arn=f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:{_GROUP_ID}:autoScalingGroupName/web",
    lifecycle=IN_SERVICE,
    minimum=1,
    maximum=4,
    desired=2,
)
_AT_MINIMUM = replace(_SERVING, minimum=2, proven=True)

ACTION = Action(
    id="E2",
    title="Put on standby in its Auto Scaling group",
    target=TargetKind.INSTANCE,
    state=Scaling,
    snapshot=read_scaling,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_instance.STANDBY,
    cut="soft: it leaves the group's load balancers once its connections are drained; nothing else is cut",
    breaks="The group serves with one instance less, or launches another one where it is at its minimum.",
    price="the instance serves again",
    permissions=READS,
    applies=lambda _target, state: state.group is not None,
    runbook="AWS-ASGEnterStandby",
    examples=(
        (INSTANCE, Scaling("running", _SERVING)),
        (INSTANCE, Scaling("running", _AT_MINIMUM)),
        (INSTANCE, Scaling("running", replace(_SERVING, lifecycle="Standby", desired=1))),
    ),
)
"""Before isolation: an isolated instance fails its health check, and its group would end it with the evidence.

At its minimum the group launches another one; coming back then leaves it one larger than before.
"""
