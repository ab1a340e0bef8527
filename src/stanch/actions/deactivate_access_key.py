"""I1: deactivate one long-term access key."""

from dataclasses import dataclass

from stanch.actions import _undo_settings
from stanch.actions._examples import KEY
from stanch.aws.answer import rows, text
from stanch.model.change import Action, Call, Lasting, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

ACTIVE, INACTIVE = "Active", "Inactive"


@dataclass(frozen=True)
class Key:
    """An access key of a user."""

    status: str
    """`Active`, `Inactive`, or empty when the user has no such key."""


def _snapshot(reader: Reader, target: Target) -> Key:
    if not target.within:  # without a name IAM lists the caller's own keys
        return Key("")
    try:
        keys = rows(reader.read("iam", "ListAccessKeys", UserName=target.within), "AccessKeyMetadata")
    except NotFound:
        return Key("")
    return Key(next((text(key, "Status") for key in keys if text(key, "AccessKeyId") == target.name), ""))


def _presume(_target: Target) -> Key:
    return Key(ACTIVE)


def _objections(target: Target, state: Key) -> tuple[str, ...]:
    if not target.within:
        return (f"the user that access key {target.name} belongs to is not known",)
    if target.name.startswith("ASIA"):
        return (f"{target.name} belongs to a session: it cannot be deactivated, only denied",)
    if not state.status:
        return (f"access key {target.name} does not exist, or does not belong to user {target.within}",)
    return ()


def _forward(target: Target, state: Key, _terms: Terms) -> tuple[Call, ...]:
    return () if state.status == INACTIVE else (_update(target, INACTIVE),)


def _inverse(target: Target, before: Key, now: Key | None, _terms: Terms) -> Undo:
    ours = before.status == ACTIVE and (now is None or now.status == INACTIVE)
    return Undo((_update(target, ACTIVE),) if ours else ())


def _keep(_target: Target, _state: Key, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, _state: Key) -> str:
    return f"access key {target.name} of user {target.within} in account {target.account}"


def _update(target: Target, status: str) -> Call:
    params = {"UserName": target.within, "AccessKeyId": target.name, "Status": status}
    return Call("iam", "UpdateAccessKey", params, target.arn)


ACTION = Action(
    id="I1",
    title="Deactivate access key",
    target=TargetKind.ACCESS_KEY,
    state=Key,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_settings.ACCESS_KEY,
    cut="hard for the key; sessions already minted from it live on, so it goes together with I2",
    breaks="Everything that signs its calls with this key.",
    price="a stolen key works again",
    lasting=Lasting.HOLD,
    next_rungs=("I2",),
    permissions=("iam:ListAccessKeys",),
    examples=((KEY, Key(ACTIVE)), (KEY, Key(INACTIVE))),
)
"""A key that was inactive before is never activated. Who deactivated it cannot be read, so the status decides."""
