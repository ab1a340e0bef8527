"""E6: stop an instance."""

from dataclasses import dataclass

from stanch.actions import _undo_instance
from stanch.actions._examples import INSTANCE
from stanch.actions._instance import GONE, describe, gone
from stanch.actions._scaling import read_membership
from stanch.aws.answer import flag, text
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

_DOWN = ("stopping", "stopped")


@dataclass(frozen=True)
class Power:
    """Whether an instance runs, and what stands against stopping it."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    no_stop: bool = False
    """DisableApiStop: AWS refuses to stop it."""
    ebs_root: bool = True
    spot: bool = False
    serves: str = ""
    """Name of the Auto Scaling group that it is in service for, empty without one or on standby."""


def _snapshot(reader: Reader, target: Target) -> Power:
    instance = describe(reader, target.name)
    if not instance:
        return Power("")
    member = read_membership(reader, target.name)
    on_standby = "Standby" in text(member, "LifecycleState")
    return Power(
        state=text(instance, "State", "Name"),
        no_stop=_no_stop(reader, target),
        ebs_root=text(instance, "RootDeviceType") == "ebs",
        spot=text(instance, "InstanceLifecycle") == "spot",
        serves="" if on_standby else text(member, "AutoScalingGroupName"),
    )


def _no_stop(reader: Reader, target: Target) -> bool:
    try:
        answer = reader.read("ec2", "DescribeInstanceAttribute", InstanceId=target.name, Attribute="disableApiStop")
    except NotFound:  # terminated between two reads
        return False
    return flag(answer, "DisableApiStop", "Value")


def _presume(_target: Target) -> Power:
    return Power("running")


def _objections(target: Target, state: Power) -> tuple[str, ...]:
    if state.state in GONE:
        return gone(target.name, state.state)
    found = []
    if not state.ebs_root:
        found.append(f"instance {target.name} has its root on an instance store: stopping it would destroy it")
    if state.spot:
        found.append(f"instance {target.name} is a Spot instance: AWS may not start it again")
    if state.serves:
        found.append(f"Auto Scaling group {state.serves} would end a stopped {target.name}: standby (E2) first")
    return tuple(found)


def _forward(target: Target, state: Power, _terms: Terms) -> tuple[Call, ...]:
    """Evidence preservation forbids stopping, so that is lifted first."""
    if state.state in (*_DOWN, *GONE):
        return ()
    lift = (_protect(target, on=False),) if state.no_stop else ()
    return (*lift, _power(target, "StopInstances"))


def _inverse(target: Target, before: Power, now: Power | None, _terms: Terms) -> Undo:
    """Start it if we stopped it, and forbid stopping again if that was forbidden."""
    if now is not None and now.state in GONE:
        return Undo()
    ran = before.state not in _DOWN
    start = (_power(target, "StartInstances"),) if ran and (now is None or now.state in _DOWN) else ()
    lifted = before.no_stop and (now is None or not now.no_stop)
    return Undo((*start, *((_protect(target, on=True),) if lifted and ran else ())))


def _keep(_target: Target, _state: Power, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, _state: Power) -> str:
    return f"instance {target.name} in account {target.account}"


def _power(target: Target, operation: str) -> Call:
    return Call("ec2", operation, {"InstanceIds": [target.name]}, target.arn)


def _protect(target: Target, *, on: bool) -> Call:
    params: JSONObject = {"InstanceId": target.name, "DisableApiStop": {"Value": on}}
    return Call("ec2", "ModifyInstanceAttribute", params, target.arn)


ACTION = Action(
    id="E6",
    title="Stop instance",
    target=TargetKind.INSTANCE,
    state=Power,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_instance.POWER,
    cut="hard: nothing runs on it any more; its credentials that were stolen live on (I6, I7)",
    breaks="Everything on this host. Its memory and instance-store data are lost for good, as evidence too, and so is "
    "a public address that is not elastic.",
    price="the host runs again, with whatever starts with it",
    permissions=(
        "autoscaling:DescribeAutoScalingInstances",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeInstances",
    ),
    approval="It is only partly reversible: memory and instance-store data are lost.",
    runbook="AWS-StopEC2Instance",
    examples=(
        (INSTANCE, Power("running")),
        (INSTANCE, Power("running", no_stop=True)),
        (INSTANCE, Power("stopped")),
    ),
)
"""One that was stopped before is never started."""
