"""Every kind of fact that the journal can hold, one type each; the state of a case is a fold over them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from stanch.model.contained import (
    Approved,
    Armed,
    Arming,
    Called,
    Confirmed,
    Contained,
    ContainmentFailed,
    Decided,
    DeedSeen,
    Disarmed,
    Effective,
    Extended,
    Followed,
    Intended,
    Persisted,
    Proposed,
    PutBack,
    Returned,
    Reverted,
    RevertFailed,
    Tampered,
    Unarmed,
)
from stanch.model.governed import (
    Demoted,
    Observing,
    Overridden,
    PoliciesRead,
    Promoted,
    Reinstated,
    Released,
    RevertedAll,
    Shadowed,
    Stopped,
)
from stanch.model.walked import (
    Closed,
    Drawn,
    Enriched,
    FindingReceived,
    Investigated,
    Judged,
    Labelled,
    Measured,
    Paged,
    Planned,
    RecordSkipped,
    Refused,
    Reminded,
    Resolved,
    Triaged,
    WouldContain,
)

Body: TypeAlias = (
    FindingReceived
    | RecordSkipped
    | Triaged
    | Resolved
    | Enriched
    | Measured
    | Investigated
    | Judged
    | Planned
    | WouldContain
    | Proposed
    | Approved
    | Effective
    | Persisted
    | Tampered
    | PutBack
    | Returned
    | DeedSeen
    | Followed
    | Extended
    | Intended
    | Called
    | Arming
    | Armed
    | Unarmed
    | Disarmed
    | Contained
    | ContainmentFailed
    | Reminded
    | Decided
    | Labelled
    | Confirmed
    | Reverted
    | RevertFailed
    | Paged
    | Refused
    | Closed
    | Drawn
    | Observing
    | Promoted
    | Demoted
    | Reinstated
    | Shadowed
    | RevertedAll
    | Overridden
    | Stopped
    | Released
    | PoliciesRead
)
"""A fact's body; its class name is the fact's kind."""


@dataclass(frozen=True)
class Fact:
    """One row of the journal."""

    seq: int
    """1, 2, 3, … without gaps."""
    case: str
    """Empty for facts about no case."""
    key: str
    """Unique: the same thing can be written only once."""
    time: datetime
    actor: str
    """`stanch`, `timer`, or the person's name."""
    body: Body
    hash: str
    """SHA-256 over this row and the hash of the one before."""
