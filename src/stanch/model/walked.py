"""Facts of a walk: what arrived, what was found out and judged, who was told, how it ended."""

from dataclasses import dataclass

from stanch.model.case import Mode, Tier, Triage
from stanch.model.change import Change, Permit, Plan, Refusal
from stanch.model.finding import Finding
from stanch.model.verdict import Conclusion, Evidence, Outcome, Verdict


@dataclass(frozen=True)
class FindingReceived:
    """A finding arrived and joined a case."""

    finding: Finding
    round: int
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class RecordSkipped:
    """A record held no finding, or could not be read."""

    record: str
    reason: str
    malformed: bool


@dataclass(frozen=True)
class Triaged:
    """Tier, posture and playbook were chosen, and whether this walk may act."""

    round: int
    triage: Triage
    mode: Mode
    mode_reason: str
    version: str = ""
    """Version of the playbook that decides, empty where none does."""


@dataclass(frozen=True)
class Resolved:
    """The finding was looked up again at its detector, and its identity and resource in the live account."""

    round: int
    confirmed: bool
    """The detector still knows the finding, or the operator vouches for it."""
    how: str
    """How it was confirmed, or why not, in a sentence."""
    arns: tuple[tuple[str, str], ...]
    """Name -> ARN as AWS knows it (user or role)."""
    egress: tuple[str, ...]
    """Public addresses that the named instance's traffic leaves from."""
    tags: tuple[tuple[str, str], ...]
    """Tags of the instance or identity; a label for people (class C unless set by the operator)."""
    unknown: tuple[str, ...] = ()
    """What could not be looked up and why."""
    replaced: bool = False
    """The detector itself confirms that another identity of the same name acted: the one of today is innocent."""


@dataclass(frozen=True)
class RelatedEvent:
    """A CloudTrail event near the finding, by the same identity or on the same instance."""

    time: str
    event_id: str
    name: str
    """`eventSource:eventName`."""
    source: str
    error: str = ""


@dataclass(frozen=True)
class Enriched:
    """What a person who takes the case from the queue wants to see first."""

    round: int
    related: tuple[RelatedEvent, ...]
    history: tuple[str, ...]
    """What happened with this subject and finding type before, in sentences."""


@dataclass(frozen=True)
class Measured:
    """What was measured of the lead's instance around the finding, for the full investigation."""

    round: int
    instance: str
    metric: str
    """As CloudWatch names it."""
    readings: tuple[tuple[str, float], ...]
    """Time (ISO 8601, UTC) and value, a percentage."""
    why: str = ""
    """Why there are no readings."""


@dataclass(frozen=True)
class Investigated:
    """Questions were answered."""

    round: int
    depth: str
    """`critical` for the few asked before containing at once, `full` for all."""
    evidence: tuple[Evidence, ...]
    context: str
    """SHA-256 of the operator's facts used, empty without any."""


@dataclass(frozen=True)
class Judged:
    """The evidence was weighed."""

    round: int
    depth: str
    verdict: Verdict


@dataclass(frozen=True)
class Planned:
    """Changes were planned and put to the guardrails."""

    round: int
    plan: Plan
    permits: tuple[Permit, ...]


@dataclass(frozen=True)
class WouldContain:
    """Observation mode: all checks ran, nothing was executed."""

    round: int
    change: Change


@dataclass(frozen=True)
class Reminded:
    """A person was reminded that the clock runs."""

    containment: str
    after_minutes: int
    text: str
    loud: int = 1
    """1, 2, 3: louder each time."""
    whom: tuple[str, ...] = ()
    """Names from the setting `contacts`."""


@dataclass(frozen=True)
class Labelled:
    """A named person said what a case was."""

    conclusion: Conclusion
    by: str
    reason: str


@dataclass(frozen=True)
class Paged:
    """A person has to look now."""

    text: str
    whom: tuple[str, ...] = ()
    """Names from the setting `contacts`."""


@dataclass(frozen=True)
class Refused:
    """A guardrail or an objection stopped something."""

    round: int
    refusal: Refusal


@dataclass(frozen=True)
class Closed:
    """The walk of this round ended."""

    round: int
    outcome: Outcome
    tier: Tier
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """A case for which nobody was called was drawn for a person's look, by chance and not by anything in it."""

    round: int
    why: str
