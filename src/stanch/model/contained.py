"""Facts of what was changed in AWS: begun, made, watched, decided by people, taken back."""

from dataclasses import dataclass
from datetime import datetime

from stanch.model.change import Change, Permit, Receipt, Target
from stanch.model.data import JSON


@dataclass(frozen=True)
class Proposed:
    """A change that waits for a person's approval; nothing was done."""

    round: int
    change: Change
    why: str
    """What makes it advisable, in a sentence."""


@dataclass(frozen=True)
class Approved:
    """A named person let a proposed change be made."""

    containment: str
    by: str
    reason: str


@dataclass(frozen=True)
class Effective:
    """The contained was seen to be stopped: calls of his denied, a minute without a success, or flow logs show it."""

    containment: str
    how: str
    events: tuple[str, ...]
    """CloudTrail event ids of denied calls: the proof; empty where silence or flow records are it."""


@dataclass(frozen=True)
class Persisted:
    """The contained principal still succeeds after the cut should bite: this rung failed."""

    containment: str
    events: tuple[str, ...]
    then: tuple[str, ...]
    """Ids of the actions that follow; empty when there is none left and a person must act."""


@dataclass(frozen=True)
class Tampered:
    """Someone changed or removed what stanch put in place."""

    containment: str
    by: str
    """Who, as CloudTrail asserts it; empty while that is not known."""
    what: str
    events: tuple[str, ...]
    own: bool
    """It was a declared pipeline or a break-glass principal: a person is paged, and nothing is put back."""


@dataclass(frozen=True)
class PutBack:
    """What someone removed is in place again, as read back."""

    containment: str


@dataclass(frozen=True)
class Returned:
    """After a revert the same principal acted again: a new round begins, under a new clock."""

    round: int
    containment: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class DeedSeen:
    """A change that the contained principal made was found, and this became of it."""

    round: int
    event: str
    """CloudTrail's event id."""
    call: str
    by: str
    """ARN of the user or role that made it."""
    what: str
    """What it changed, for people."""
    became: str
    """`undone`, `proposed`, `refused`, `failed`, `nothing left`, `left to people`; in observation `would be undone`."""


@dataclass(frozen=True)
class Followed:
    """A session that the contained credential minted, straight or through others, was found."""

    round: int
    event: str
    """Event id of the call that minted it."""
    key: str
    """The access key that was issued."""
    session: Target | None
    """The session of a role; None for another one of the same user, whom his own deny covers."""
    depth: int
    """How many were minted from one another before it; 1 when the contained credential itself did."""
    own: bool
    """It is in the case's account or another one of the operator's organisation."""


@dataclass(frozen=True)
class Extended:
    """A named person, or hostility at its end, gave a containment more time before it reverts."""

    containment: str
    until: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class Intended:
    """Write-ahead: this change is about to be made; its inverse is known and armed."""

    containment: str
    round: int
    playbook: str
    change: Change
    why: str = ""
    """What asked for it, in a sentence, where it was not the round's plan."""
    permits: tuple[Permit, ...] = ()
    """The guardrails' decisions on its calls, where they do not stand in the round's plan."""


@dataclass(frozen=True)
class Called:
    """One AWS call was made (forward, inverse or keep)."""

    containment: str
    purpose: str
    receipt: Receipt
    permit: Permit | None = None
    """The guardrails' decision at the moment of sending."""


@dataclass(frozen=True)
class Arming:
    """Write-ahead: the schedule that takes the containment back if stanch is dead is about to be made."""

    containment: str
    schedule: str
    """ARN."""


@dataclass(frozen=True)
class Armed:
    """The schedule is there, as read back."""

    containment: str
    at: datetime
    """When it fires."""


@dataclass(frozen=True)
class Unarmed:
    """The schedule could not be made: stanch's own timer is the only one."""

    containment: str
    reason: str


@dataclass(frozen=True)
class Disarmed:
    """The schedule is gone, as read back."""

    containment: str
    why: str


@dataclass(frozen=True)
class Contained:
    """All calls were accepted and the state was read back as planned."""

    containment: str
    expires_at: datetime
    read_back: JSON


@dataclass(frozen=True)
class ContainmentFailed:
    """The change could not be completed; what was done of it is being undone or is named here."""

    containment: str
    reason: str
    left: tuple[str, ...]
    """What is still in place, in sentences; empty when nothing is."""


@dataclass(frozen=True)
class Decided:
    """The race for a containment was won: by a person (confirm, revert), the timer, or the full verdict."""

    containment: str
    decision: str
    """`confirm` or `revert`."""
    by: str
    reason: str
    code: str = ""
    """A person's reason for a revert, in one word (see `stanch.model.label.Code`)."""


@dataclass(frozen=True)
class Confirmed:
    """It stays; its own expiry, where it had one, was removed and read back."""

    containment: str
    by: str


@dataclass(frozen=True)
class Reverted:
    """Our delta was undone and read back; conflicts are what someone else changed meanwhile and was left alone."""

    containment: str
    by: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class RevertFailed:
    """Our delta could not be undone; it is tried again and a person is paged."""

    containment: str
    attempt: int
    reason: str
