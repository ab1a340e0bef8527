"""Tell a case: a pure function of its facts, the same bytes every time; every sentence comes from a template."""

from collections.abc import Sequence

from stanch.model.case import Mode
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.contained import Contained
from stanch.model.context import Context
from stanch.model.facts import Fact
from stanch.model.finding import Finding
from stanch.model.summary import Summary
from stanch.model.verdict import Answer, Outcome
from stanch.model.walked import FindingReceived
from stanch.stages.summary.graph import draw
from stanch.stages.summary.moments import timeline
from stanch.stages.summary.sentences import subject, tell

HELD = (State.CONTAINED, State.CONFIRMING, State.CONFIRMED)


def summarise(file: CaseFile, facts: Sequence[Fact], playbook: str, context: Context) -> Summary:
    """The summary of a case; `playbook` is its playbook's title, empty without one."""
    lead = _lead(file)
    nodes, edges = draw(file, lead)
    return Summary(
        case=file.id,
        title=f"{playbook or lead.type}: {subject(lead)}",
        sentences=tell(file, lead, context),
        moments=timeline(file, facts),
        nodes=nodes,
        edges=edges,
        unchecked=tuple(f"{one.ask} {one.says}" for one in file.evidence if one.answer is Answer.UNKNOWN),
        account=lead.account,
        account_name=next((one.name for one in context.organisation.accounts if one.id == lead.account), ""),
        region=lead.region,
        state=_state(file),
        seconds=_seconds(facts),
    )


def _lead(file: CaseFile) -> Finding:
    named = (one for one in file.findings if file.triage and one.key == file.triage.lead)
    return next(named, None) or file.findings[-1]


def _state(file: CaseFile) -> str:
    """Where the case stands, for people."""
    cuts = [one for one in file.containments if one.change.price]
    if any(one.state in HELD for one in cuts):
        return "Contained"
    if cuts and all(one.state is State.REVERTED for one in cuts):
        return "Reverted"
    if any(one.state is State.FAILED for one in cuts):
        return "Containment failed"
    if file.outcome is None:
        return "Under way"
    if file.outcome is Outcome.CONTAIN and file.mode is Mode.OBSERVE:
        return "Would contain"
    words = {Outcome.ESCALATE: "Waits for a person", Outcome.QUEUE: "Queued", Outcome.DISMISS: "Dismissed"}
    return words.get(file.outcome, "Closed")


def _seconds(facts: Sequence[Fact]) -> float | None:
    """From the first finding to the last verified containment of the walk."""
    received = [fact.time for fact in facts if isinstance(fact.body, FindingReceived)]
    done = [fact.time for fact in facts if isinstance(fact.body, Contained)]
    return (max(done) - min(received)).total_seconds() if received and done else None


def waiting(file: CaseFile) -> tuple[Containment, ...]:
    """The containments that wait for a decision, the first to revert first."""
    open_ = [one for one in file.containments if one.state is State.CONTAINED]
    return tuple(sorted(open_, key=lambda one: one.expires_at))
