"""A Case: the findings about one subject, walked together."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stanch.model.finding import Finding


class Posture(StrEnum):
    """What a finding type deserves."""

    AT_ONCE = "at_once"
    INVESTIGATE = "investigate"
    QUEUE = "queue"
    ESCALATE = "escalate"


class Tier(StrEnum):
    """Our urgency; severity is the detector's."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Mode(StrEnum):
    """Whether calls are made or only written down."""

    ACT = "act"
    OBSERVE = "observe"


@dataclass(frozen=True)
class Case:
    """The findings about one subject (an identity, an instance, a resource) as of one round of the walk."""

    id: str
    """`C-` and eight hex digits, derived from the first finding."""
    round: int
    """1 for the first walk; grows when a new or updated finding joins the case."""
    subjects: tuple[str, ...]
    """AWS-asserted keys that findings are correlated by."""
    findings: tuple[Finding, ...]
    """Newest revision of each, oldest first."""
    opened_at: datetime


@dataclass(frozen=True)
class Triage:
    """Where a case goes."""

    tier: Tier
    posture: Posture
    playbook: str
    """Id of the playbook, empty when none matches."""
    lead: str
    """Key of the finding that set the tier."""
    reason: str
