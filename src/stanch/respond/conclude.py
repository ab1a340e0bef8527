"""How a round ends: its outcome and the reasons, and the containments taken back when the full verdict disagrees."""

from stanch.model.case import Mode, Posture
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.errors import BadInput
from stanch.model.verdict import Outcome, Verdict
from stanch.model.walked import Closed, Paged
from stanch.respond import containments
from stanch.respond.record import Record
from stanch.stages.plan import BY_HAND
from stanch.store import journal

HELD = frozenset({State.CONTAINED, State.CONFIRMING, State.CONFIRMED})
"""States in which a containment is in place."""
LOOK_BACK, SAID = 20, 5
"""Earlier findings of the type that are looked at, and cases that are told."""
DOUBT = 0.5
"""Below this probability the full verdict takes back what was contained at once."""


def conclude(record: Record, file: CaseFile) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome of the round that is ending and why, in sentences for people."""
    triage = record.triage
    if triage.posture is Posture.QUEUE:
        return Outcome.QUEUE, (triage.reason,)
    if triage.posture is Posture.ESCALATE:
        identity = record.lead(file).identity
        advice = BY_HAND.get(identity.kind) if identity else None
        return Outcome.ESCALATE, (triage.reason, *((advice,) if advice else ()))
    if not triage.playbook:
        return Outcome.ESCALATE, (triage.reason, "no playbook covers this type yet: a person must investigate")
    return _after_verdict(record, file)


def take_back(record: Record) -> None:
    """Revert what was contained at once, if the full investigation says that it was no attack."""
    verdict = record.verdict("full")
    if verdict.p >= DOUBT:
        return
    for one in _mine(record, record.file):
        reason = f"the full investigation puts the probability of an attack at {verdict.p:.1%}"

        def do(one: Containment = one, reason: str = reason) -> None:
            if one.state is State.CONTAINED:
                _take_one_back(record, one, reason)

        record.engine.step(f"take-back/{one.id}", do)


def _take_one_back(record: Record, one: Containment, reason: str) -> None:
    try:
        done = containments.revert(record.house, record.case, one.id, by=containments.ITSELF, reason=reason)
    except BadInput:
        return  # a person or the timer decided meanwhile, and that stands
    if done.state is State.REVERTED:  # else the failed revert was paged, and the sweep goes on with it
        text = f"took back {one.change.title}: {reason}"
        record.house.write(Paged(text), key=f"{one.id}/taken-back", case=record.case)


def history(record: Record) -> tuple[str, ...]:
    """What became of earlier findings of the same type, newest first, those on the same subjects named so."""
    mine = record.file
    kind = record.lead(mine).type
    with record.house.database.begin() as connection:
        earlier = journal.similar(connection, kind, limit=LOOK_BACK)
    said = []
    for case in dict.fromkeys(fact.case for fact in earlier if fact.case != mine.id):
        other = record.house.file(case)
        if other.outcome is not None:
            what = "the same subject" if set(other.subjects) & set(mine.subjects) else "another subject"
            said.append(f"{other.opened_at:%Y-%m-%d}: case {other.id}, {what}, {other.outcome}")
    return tuple(said[:SAID])


def _mine(record: Record, file: CaseFile) -> tuple[Containment, ...]:
    return tuple(one for one in file.containments if one.change.terms.round == record.round)


def _after_verdict(record: Record, file: CaseFile) -> tuple[Outcome, tuple[str, ...]]:
    mine, verdict = _mine(record, file), record.verdict("full")
    failed = [one for one in mine if one.state is State.FAILED]
    taken_back = [one for one in mine if one.state in (State.REVERTED, State.REVERTING)]
    if failed:
        return Outcome.ESCALATE, tuple(f"{one.change.title} failed: {one.reason}" for one in failed)
    if any(_never_held(one) for one in mine):
        return Outcome.ESCALATE, (
            "it was not contained: its time was over, or its walk broke, before the calls were made",
        )
    if taken_back:
        return Outcome.ESCALATE, ("contained at once, then taken back", *verdict.reasons)
    if any(_cuts(one) for one in mine) or (record.mode is Mode.OBSERVE and any(change.price for change in file.would)):
        return Outcome.CONTAIN, _acting(record).reasons
    return _nothing_new(record, file)


def _never_held(one: Containment) -> bool:
    """It is not done, or was taken back by its timer before it was done."""
    return not one.held and one.state in (State.INTENDED, State.REVERTING, State.REVERTED)


def _cuts(one: Containment) -> bool:
    """It is in place and keeps an attacker from something; evidence alone, which gives nothing back, does not."""
    return one.state in HELD and bool(one.change.price)


def _acting(record: Record) -> Verdict:
    """The verdict that containing rests on, where one says so."""
    full = record.verdict("full")
    first = record.verdict("critical") if record.triage.posture is Posture.AT_ONCE else full
    return first if first.outcome is Outcome.CONTAIN else full


def _nothing_new(record: Record, file: CaseFile) -> tuple[Outcome, tuple[str, ...]]:
    """Nothing was contained in this round: refused, doubted, or done by an earlier one."""
    if file.refusals:
        return Outcome.ESCALATE, tuple(dict.fromkeys(one.reason for one in file.refusals))
    acting = _acting(record)
    if acting.outcome is Outcome.CONTAIN and any(_cuts(one) for one in file.containments):
        return Outcome.CONTAIN, ("contained already, in an earlier round", *acting.reasons)
    full = record.verdict("full")
    if full.outcome is Outcome.QUEUE:
        before = _before(record, file)
        return (Outcome.ESCALATE, (before, *full.reasons[1:])) if before else (Outcome.QUEUE, full.reasons)
    return Outcome.ESCALATE, full.reasons


def _before(record: Record, file: CaseFile) -> str:
    """What an earlier round did that a person has to look at, in a sentence: a case never falls back into the queue."""
    if file.containments or file.returns:
        return "something was contained in this case before: a person decides"
    closed = (fact.body for fact in record.house.facts(case=file.id) if isinstance(fact.body, Closed))
    if any(one.round < record.round and one.outcome is not Outcome.QUEUE for one in closed):
        return "an earlier round of this case called a person: it does not fall back into the queue"
    return ""
