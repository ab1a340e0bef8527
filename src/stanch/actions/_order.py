"""The safe order of a plan's actions."""

from collections.abc import Iterable
from dataclasses import replace

from stanch.model.change import Target, TargetKind

_OTHERS = ""
"""Where the actions of extensions go."""
_CREDENTIALS = ("I1", "I2", "I7", "I6", "I4", "I3", "I5")
# Protected before anything can end it, on standby before it fails a health check. Metadata last: closing it cuts SSM.
_PROTECT = ("E1", "E2", "E3")
_NETWORK = ("E4", "E7", "N1", "S1", "S2", "L1", _OTHERS, "R1", "R2", "E6", "E5")
_HOST_CASE = (*_PROTECT, *_CREDENTIALS, *_NETWORK)
_CREDENTIAL_CASE = (*_CREDENTIALS, *_PROTECT, *_NETWORK)


def in_order(ids: Iterable[str], *, credential_case: bool) -> tuple[str, ...]:
    """The ids in the order in which they are safe to do; reverts go the other way round.

    Credentials come first if they are what the case is about, else the host is protected first.
    """
    order = _CREDENTIAL_CASE if credential_case else _HOST_CASE
    return tuple(sorted(ids, key=lambda one: order.index(one if one in order else _OTHERS)))


_PACE = {
    **dict.fromkeys(("E2", "E3", *_CREDENTIALS), 0),
    **dict.fromkeys(_NETWORK, 1),
    _OTHERS: 2,
    "E1": 3,
    "E6": 4,
    "E5": 5,
}
_NEVER_AWAITING = "E1"


def pace(id: str) -> int:
    """What has a smaller number is ended with first: what cuts, then evidence, then what would end the evidence."""
    return _PACE.get(id, _PACE[_OTHERS])


def awaits(id: str, other: str) -> bool:
    """Whether the first cuts only after the second is at its end; all else goes side by side.

    Standby and credentials before the network: an isolated host fails its health check. Evidence begins at once and
    delays nothing that isolates.
    """
    return id != _NEVER_AWAITING and pace(other) < pace(id)


_ROLE = frozenset({TargetKind.ROLE, TargetKind.ROLE_SESSION, TargetKind.INSTANCE_CREDENTIALS})


def climb(target: Target, kind: TargetKind) -> Target | None:
    """The target of the next rung: the same principal or resource as another kind, None where it is none.

    Never another principal: a key becomes its user, a session or an instance's credentials become their role.
    """
    if kind is target.kind:
        return target
    if target.kind is TargetKind.ACCESS_KEY and kind is TargetKind.USER:
        return replace(target, kind=kind, name=target.arn.rpartition("/")[2], within="")
    if target.kind in _ROLE and kind is TargetKind.ROLE:
        return replace(target, kind=kind, within="", instance=None)
    return None
