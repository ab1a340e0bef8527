"""The state of a case: a pure fold over its facts, computed whenever it is needed and stored nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce

from stanch.model.case import Case, Mode, Tier, Triage
from stanch.model.change import Change, Plan, Receipt, Refusal, RevertsBy, Target
from stanch.model.contained import (
    Approved,
    Armed,
    Arming,
    Called,
    Confirmed,
    Contained,
    ContainmentFailed,
    Decided,
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
from stanch.model.facts import Fact
from stanch.model.finding import Finding
from stanch.model.label import MACHINES, Code, How, Label, standing
from stanch.model.verdict import Conclusion, Evidence, Outcome, Verdict
from stanch.model.walked import (
    Closed,
    Drawn,
    Enriched,
    FindingReceived,
    Investigated,
    Judged,
    Labelled,
    Paged,
    Planned,
    Refused,
    Resolved,
    Triaged,
    WouldContain,
)


class State(StrEnum):
    """Where a containment stands."""

    INTENDED = "intended"
    CONTAINED = "contained"
    FAILED = "failed"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    REVERTING = "reverting"
    REVERTED = "reverted"


OPEN = frozenset({State.INTENDED, State.CONTAINED, State.CONFIRMING, State.REVERTING})
"""States in which the clock or a person still has something to do."""


@dataclass(frozen=True)
class Containment:
    """One change and what has become of it."""

    id: str
    case: str
    playbook: str
    change: Change
    state: State
    at: datetime
    """When it came into this state."""
    receipts: tuple[Receipt, ...] = ()
    decisions: int = 0
    decided_by: str = ""
    reason: str = ""
    left: tuple[str, ...] = ()
    """What a failed containment or a conflict leaves in the account."""
    attempts: int = 0
    """Failed attempts to revert."""
    tried_at: datetime | None = None
    """When the last of them failed."""
    held: bool = False
    """It was read back as in place, whatever became of it afterwards."""
    contained_at: datetime | None = None
    """When it was read back as in place."""
    effective: str = ""
    """How it was seen to be effective, in a sentence; empty as long as it was not."""
    proof: tuple[str, ...] = ()
    """Event ids of the principal's denied calls."""
    tried_until: datetime | None = None
    """When denied calls of the principal were last seen."""
    persisted: bool = False
    """The principal went on in spite of it."""
    tampered: int = 0
    """How often someone changed what it put in place."""
    put_back: bool = False
    until: datetime | None = None
    """The end that a person, or hostility, moved it to."""
    switch: str = ""
    """ARN of the schedule that takes it back if stanch is dead: from before it is made until it is read as gone."""
    fires_at: datetime | None = None
    """When that schedule fires, as read back; None while it is not known to be there."""
    unarmed: str = ""
    """Why there is no such schedule, in a sentence."""
    switched: int = 0
    """Calls made to that schedule."""

    @property
    def for_good(self) -> bool:
        """A repair: no clock runs, nobody is asked, and stanch takes it back at no one's word."""
        return self.change.reverts_by is RevertsBy.NOBODY

    @property
    def settled(self) -> bool:
        """Neither the clock nor a person has anything left to do about it."""
        done = self.for_good and self.state is State.CONTAINED
        return (done or self.state not in OPEN) and not self.left

    @property
    def now(self) -> Change:
        """The change under the end that it has by now."""
        return replace(self.change, terms=replace(self.change.terms, expires_at=self.expires_at))

    @property
    def expires_at(self) -> datetime:
        """When it reverts by itself if nobody confirms, UTC."""
        return self.until or self.change.terms.expires_at


@dataclass(frozen=True)
class CaseFile:
    """Everything known of a case."""

    id: str
    opened_at: datetime
    round: int = 0
    """The newest round that was started."""
    subjects: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Newest revision of each, by arrival."""
    triage: Triage | None = None
    mode: Mode = Mode.OBSERVE
    resolved: Resolved | None = None
    enriched: Enriched | None = None
    evidence: tuple[Evidence, ...] = ()
    verdict: Verdict | None = None
    plan: Plan = field(default_factory=Plan)
    refusals: tuple[Refusal, ...] = ()
    proposals: tuple[Change, ...] = ()
    """What waits for a person's approval."""
    approvals: tuple[tuple[str, str], ...] = ()
    """(containment, who approved it)."""
    would: tuple[Change, ...] = ()
    containments: tuple[Containment, ...] = ()
    pages: tuple[str, ...] = ()
    outcome: Outcome | None = None
    """None while the walk of the newest round has not ended."""
    tier: Tier | None = None
    reasons: tuple[str, ...] = ()
    drawn: str = ""
    """Why the case was drawn for a person's look; empty where it was not."""
    returns: int = 0
    """How often the principal came back after a revert."""
    said: tuple[Label, ...] = ()
    """Everything that people said of the case, oldest first."""
    minted: tuple[Target, ...] = ()
    """Sessions in accounts of the operator's own that the contained credential minted, straight or through others."""

    def at_round(self, round: int) -> Case:
        """The case as the walk of that round sees it."""
        return Case(self.id, round, self.subjects, self.findings, self.opened_at)

    def containment(self, id: str) -> Containment | None:
        """The containment of that id."""
        return next((one for one in self.containments if one.id == id), None)

    @property
    def label(self) -> Label | None:
        """The one label that counts; None as long as nobody said what the case was."""
        return standing(self.said)

    @property
    def disrupted(self) -> bool:
        """Something was in place that kept somebody from something; evidence alone does not."""
        return any(one.held and one.change.price for one in self.containments)

    @property
    def done(self) -> bool:
        """Nothing is left for the clock or a person: a new finding on the same subject opens a new case."""
        settled = all(one.settled for one in self.containments)
        return self.outcome is not None and bool(self.containments) and settled


def fold(facts: Iterable[Fact]) -> CaseFile:
    """The state after these facts, which are of one case and in order."""
    first, *rest = facts
    return reduce(_apply, rest, _apply(CaseFile(first.case, first.time), first))


def _apply(file: CaseFile, fact: Fact) -> CaseFile:
    match fact.body:
        case FindingReceived(finding, round, subjects):
            others = tuple(one for one in file.findings if one.key != finding.key)
            known = (one for one in file.findings if one.key == finding.key)
            newest = max((finding, *known), key=lambda one: (one.updated_at, one.count))
            fresh = round > file.round
            file = replace(file, findings=(*others, newest), round=round)
            file = replace(file, subjects=tuple(dict.fromkeys((*file.subjects, *subjects))))
            return _fresh(file) if fresh else file
        case Followed(session=Target() as session, own=True):
            return replace(file, minted=tuple(dict.fromkeys((*file.minted, session))))
        case Returned(round):
            return _fresh(replace(file, round=round, returns=file.returns + 1))
        case Triaged(_, triage, mode):
            return replace(file, triage=triage, mode=mode, tier=triage.tier)
        case Resolved():
            return replace(file, resolved=fact.body)
        case Enriched():
            return replace(file, enriched=fact.body)
        case Investigated(_, _, evidence):
            return replace(file, evidence=evidence)
        case Judged(_, _, verdict):
            return replace(file, verdict=verdict)
        case Planned(_, plan):
            return replace(file, plan=plan)
        case WouldContain(_, change):
            return replace(file, would=(*file.would, change))
        case Proposed(_, change):
            return replace(file, proposals=(*file.proposals, change))
        case Approved(containment, by):
            waiting = tuple(one for one in file.proposals if one.id != containment)
            return replace(file, proposals=waiting, approvals=(*file.approvals, (containment, by)))
        case Refused(_, refusal):
            return replace(file, refusals=(*file.refusals, refusal))
        case Labelled(conclusion, by, reason):
            return replace(file, said=(*file.said, Label(conclusion, by, reason, How.JUDGE, fact.time, fact.seq)))
        case Paged(text):
            return replace(file, pages=(*file.pages, text))
        case Closed(_, outcome, tier, reasons):
            return replace(file, outcome=outcome, tier=tier, reasons=reasons)
        case Drawn(_, why):
            return replace(file, drawn=why)
        case _:
            return _containment(file, fact)


def _fresh(file: CaseFile) -> CaseFile:
    return replace(file, outcome=None, refusals=(), proposals=(), would=(), reasons=(), drawn="")


def _containment(file: CaseFile, fact: Fact) -> CaseFile:
    if isinstance(fact.body, Intended):
        intent = fact.body
        one = Containment(intent.containment, file.id, intent.playbook, intent.change, State.INTENDED, fact.time)
        return replace(file, containments=(*file.containments, one))
    known = file.containment(getattr(fact.body, "containment", ""))
    if known is None:
        return file
    changed = _step(known, fact)
    held = tuple(changed if one.id == known.id else one for one in file.containments)
    return replace(file, containments=held, said=(*file.said, *_implied(fact)))


def _implied(fact: Fact) -> tuple[Label, ...]:
    """What a person's decision about a containment says of its case."""
    if not isinstance(fact.body, Decided) or fact.body.by in MACHINES:
        return ()
    made = fact.body
    conclusion = Conclusion.TRUE_POSITIVE if made.decision == "confirm" else Code(made.code or Code.OTHER).conclusion
    return (Label(conclusion, made.by, made.reason, How(made.decision), fact.time, fact.seq),) if conclusion else ()


def _step(one: Containment, fact: Fact) -> Containment:
    match fact.body:
        case Called(purpose="dead-man"):
            return replace(one, switched=one.switched + 1)
        case Arming(_, schedule):
            return replace(one, switch=schedule)
        case Armed(_, at):
            return replace(one, fires_at=at, unarmed="")
        case Unarmed(_, reason):
            return replace(one, unarmed=reason)
        case Disarmed():
            return replace(one, switch="", fires_at=None)
        case Called(receipt=receipt):
            return replace(one, receipts=(*one.receipts, receipt))
        case Contained():
            state = State.CONTAINED if one.state is State.INTENDED else one.state
            return replace(one, state=state, at=fact.time, held=True, contained_at=fact.time)
        case Effective(_, how, events):
            proof, tried = tuple(dict.fromkeys((*one.proof, *events))), fact.time if events else one.tried_until
            return replace(one, effective=how if events else one.effective or how, proof=proof, tried_until=tried)
        case Persisted():
            return replace(one, persisted=True)
        case Tampered():
            return replace(one, tampered=one.tampered + 1)
        case PutBack():
            return replace(one, put_back=True)
        case Extended(_, until):
            return replace(one, until=until)
        case ContainmentFailed(_, reason, left):
            return replace(one, state=State.FAILED, at=fact.time, reason=reason, left=left)
        case Decided(_, decision, by, reason, _):
            state = State.CONFIRMING if decision == "confirm" else State.REVERTING
            return replace(one, state=state, at=fact.time, decisions=one.decisions + 1, decided_by=by, reason=reason)
        case Confirmed():
            return replace(one, state=State.CONFIRMED, at=fact.time)
        case Reverted(_, _, conflicts):
            return replace(one, state=State.REVERTED, at=fact.time, left=conflicts)
        case RevertFailed(_, attempt, reason):
            return replace(one, attempts=attempt, reason=reason, tried_at=fact.time)
        case _:
            return one
