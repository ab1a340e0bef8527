"""Every kind of fact that the journal can hold, one type each; the state of a case is a fold over them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from stanch.model.case import Mode, Tier, Triage
from stanch.model.change import Change, Permit, Plan, Receipt, Refusal, Target
from stanch.model.data import JSON
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
class Labelled:
    """A named person said what a case was."""

    conclusion: Conclusion
    by: str
    reason: str


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


@dataclass(frozen=True)
class Observing:
    """A playbook version was first seen: its days in observation mode count from here."""

    playbook: str
    version: str
    days: int


@dataclass(frozen=True)
class Promoted:
    """A named person let a playbook version act."""

    playbook: str
    version: str
    by: str
    reason: str
    record: str
    """What the person was shown: days observed, would-have containments, human verdicts."""
    early: str = ""
    """Why before the days and the record were complete; empty when they were."""
    files: str = ""
    """SHA-256 over the archived files that act from now on, whatever becomes of those on the shelf."""


@dataclass(frozen=True)
class Demoted:
    """A playbook observes again, for one finding type in one account group or altogether."""

    playbook: str
    kind: str
    """Finding type; empty for every type."""
    group: str
    """Account group (env of the operator's file, else the account's id); empty for the whole organisation."""
    by: str
    reason: str


@dataclass(frozen=True)
class Reinstated:
    """A named person lifted a demotion."""

    playbook: str
    kind: str
    group: str
    by: str
    reason: str


@dataclass(frozen=True)
class Shadowed:
    """What a playbook version that is not promoted yet would have done where the promoted one decided."""

    round: int
    playbook: str
    version: str
    verdict: Verdict | None
    """None where it would not have judged the case, or could not."""
    would: tuple[Change, ...]
    already: tuple[str, ...]
    """Ids of containments of the acting version that it would have made, too."""
    refusals: tuple[Refusal, ...]
    problem: str = ""
    """Why it could not be walked to the end."""

    @property
    def would_contain(self) -> bool:
        """It would have kept somebody from something, evidence alone does not."""
        return bool(self.already) or any(change.price for change in self.would)


@dataclass(frozen=True)
class RevertedAll:
    """Two named persons had everything taken back that stood; each revert is a fact of its own."""

    by: str
    second: str
    reason: str
    containments: tuple[str, ...]
    skipped: tuple[str, ...]
    """What was left in place, each with the reason."""


@dataclass(frozen=True)
class Overridden:
    """A named person let playbooks in observation act for one run."""

    by: str
    reason: str
    run: str
    """Eight hex digits, derived from the name, the reason and the time."""


@dataclass(frozen=True)
class Stopped:
    """A named person pulled the kill switch: no forward call is sent any more; reverts and watching go on."""

    by: str
    reason: str


@dataclass(frozen=True)
class Released:
    """A named person let forward calls be sent again."""

    by: str
    reason: str


@dataclass(frozen=True)
class PoliciesRead:
    """The operator's own guardrails came into force."""

    where: str
    digest: str
    """SHA-256 of the files."""
    policies: tuple[str, ...]
    """Ids of the operator's policies."""


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
