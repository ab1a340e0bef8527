"""E5: close an instance's metadata endpoint, so that nothing on it gets credentials from there any more."""

from dataclasses import dataclass

from stanch.actions import _undo_instance
from stanch.actions._examples import INSTANCE
from stanch.actions._instance import GONE, describe, gone
from stanch.aws.answer import text
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.ports import Reader

_OPEN, _CLOSED = "enabled", "disabled"


@dataclass(frozen=True)
class Metadata:
    """An instance's metadata endpoint."""

    state: str
    """EC2's instance state, empty when there is no such instance."""
    endpoint: str = _OPEN
    """`enabled` or `disabled`."""


def _snapshot(reader: Reader, target: Target) -> Metadata:
    instance = describe(reader, target.name)
    return Metadata(text(instance, "State", "Name"), text(instance, "MetadataOptions", "HttpEndpoint") or _OPEN)


def _presume(_target: Target) -> Metadata:
    return Metadata("running")


def _objections(target: Target, state: Metadata) -> tuple[str, ...]:
    return gone(target.name, state.state)


def _forward(target: Target, state: Metadata, _terms: Terms) -> tuple[Call, ...]:
    return () if state.endpoint == _CLOSED else (_set(target, _CLOSED),)


def _inverse(target: Target, before: Metadata, now: Metadata | None, _terms: Terms) -> Undo:
    closed = now is None or (now.endpoint == _CLOSED and now.state not in GONE)
    return Undo((_set(target, _OPEN),) if closed and before.endpoint == _OPEN else ())


def _keep(_target: Target, _state: Metadata, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, _state: Metadata) -> str:
    return f"metadata endpoint of instance {target.name} in account {target.account}"


def _set(target: Target, endpoint: str) -> Call:
    # Only this one: what is not named, such as whether IMDSv2 is required, stays as it is.
    params = {"InstanceId": target.name, "HttpEndpoint": endpoint}
    return Call("ec2", "ModifyInstanceMetadataOptions", params, target.arn)


ACTION = Action(
    id="E5",
    title="Close instance metadata",
    target=TargetKind.INSTANCE,
    state=Metadata,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_instance.METADATA,
    cut="hard for new credentials of the instance's role; those already fetched live on up to 6 hours (I6, I7)",
    breaks="Everything on this host that needs its role, once its present credentials end: the SSM agent too, and with "
    "it a person's way in.",
    price="software on the host gets the role's credentials again",
    permissions=("ec2:DescribeInstances",),
    examples=((INSTANCE, Metadata("running")), (INSTANCE, Metadata("running", _CLOSED))),
)
"""Last of a plan, for it cuts SSM. An endpoint that was closed before is never opened."""
