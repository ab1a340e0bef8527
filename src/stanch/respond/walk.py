"""The walk, in the order in which it happens: the table of contents of stanch.

source -> Finding -> Case -> [Evidence] -> Verdict -> Plan -> (Refusal | Containment) -> Review
"""

from functools import partial

from stanch.model.case import Mode, Posture
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Change, Plan, Refusal, RevertsBy, Terms
from stanch.model.contained import Intended, Proposed
from stanch.model.verdict import Outcome
from stanch.model.walked import (
    Closed,
    Enriched,
    Investigated,
    Judged,
    Paged,
    Planned,
    Refused,
    Resolved,
    Triaged,
    WouldContain,
)
from stanch.respond import containments
from stanch.respond.circumstances import circumstances
from stanch.respond.conclude import conclude, history, take_back
from stanch.respond.demotion import mode as may_act
from stanch.respond.record import Record
from stanch.respond.shadow import shadow
from stanch.respond.spot_check import spot_check
from stanch.respond.suspicion import suspected
from stanch.respond.under_way import fetch
from stanch.stages.enrich import enrich
from stanch.stages.guard import guard
from stanch.stages.investigate import investigate
from stanch.stages.judge import judge
from stanch.stages.measure import measure, wanted
from stanch.stages.plan import glance, plan
from stanch.stages.resolve import resolve
from stanch.stages.review import WAIT, wait
from stanch.stages.triage import triage


def walk(record: Record) -> None:
    """Walk one round of a case to its end. Every step is durable: a killed walk resumes where it was."""
    record.once("triaged", lambda file: _triage(record, file))
    record.once("resolved", lambda file: _resolve(record, file))
    record.once("enriched", lambda file: _enrich(record, file))
    if _acts(record):
        at_once = record.triage.posture is Posture.AT_ONCE and _considered(record, "critical")
        if at_once:
            _act(record)
        if _considered(record, "full") and not at_once:
            _act(record)
        take_back(record)
    record.once("closed", lambda file: _close(record, file))
    shadow(record)
    spot_check(record)


def _considered(record: Record, depth: str) -> bool:
    """Investigate and judge; whether the verdict says to contain.

    What follows depends on verdicts alone, never on what was done already: a resumed walk takes the same way again.
    """
    if depth == "full":
        _measure(record)
    record.once(f"investigated/{depth}", lambda file: _investigate(record, file, depth))
    record.once(f"judged/{depth}", lambda file: _judge(record, file, depth))
    return record.verdict(depth).outcome is Outcome.CONTAIN


def _measure(record: Record) -> None:
    """Never on the way of what is contained at once: every call there is time."""
    aws, lead = record.house.aws, record.lead(record.file)
    if aws is not None and wanted(record.playbook, lead):
        record.once("measured", lambda _: measure(lead, record.round, aws.reader))


def _act(record: Record) -> None:
    """Plan and contain; every step that was done already is passed over."""
    fresh = record.once("planned", lambda file: _plan(record, file))
    for number, refusal in enumerate(record.plan.refusals):
        record.once(f"refused/{number}", partial(_refuse, record, refusal))
        if record.house.guardrails.page(refusal.policy):
            record.once(f"refused/{number}/paged", partial(_call, record, refusal))
    for change in record.plan.proposals:
        record.once(f"proposed/{change.id}", partial(_propose, record, change))
    if record.mode is Mode.OBSERVE:
        for change in record.plan.changes:
            record.once(f"would/{change.id}", partial(_would, record, change))
    elif record.plan.changes:
        _contain(record, record.plan.changes, fresh=fresh)


def _contain(record: Record, changes: tuple[Change, ...], *, fresh: bool) -> None:
    """Intent first, then every revert is armed, then the calls, side by side.

    fresh: the states before were read just now, by this process.
    """
    for change in changes:
        record.once(f"intended/{change.id}", partial(_intend, record, change))
        if change.reverts_by is not RevertsBy.NOBODY:
            record.engine.arm(change.id, change.terms.expires_at)
    ids = tuple(change.id for change in changes)
    record.engine.step("contain", partial(containments.contain, record.house, record.case, *ids, fresh=fresh))


def _refuse(record: Record, refusal: Refusal, _: CaseFile) -> Refused:
    return Refused(record.round, refusal)


def _call(record: Record, refusal: Refusal, _: CaseFile) -> Paged:
    then = record.house.guardrails.page(refusal.policy)
    return Paged(f"{refusal.action} on {refusal.target} was refused: {refusal.reason}; {then}")


def _propose(record: Record, change: Change, _: CaseFile) -> Proposed:
    return Proposed(record.round, change, "the playbook names it")


def _would(record: Record, change: Change, _: CaseFile) -> WouldContain:
    return WouldContain(record.round, change)


def _intend(record: Record, change: Change, _: CaseFile) -> Intended:
    return Intended(change.id, record.round, record.triage.playbook, change)


def _acts(record: Record) -> bool:
    return bool(record.triage.playbook) and record.triage.posture in (Posture.AT_ONCE, Posture.INVESTIGATE)


def _triage(record: Record, file: CaseFile) -> Triaged:
    house = record.house
    acting = house.acting
    found = triage(file.at_round(record.round), house.postures, acting)
    playbook = acting.get(found.playbook)
    if playbook is None:
        return Triaged(record.round, found, Mode.OBSERVE, "no playbook matches: nothing can be done")
    lead = next(one for one in file.findings if one.key == found.lead)
    mode, why = may_act(house, playbook, lead)
    return Triaged(record.round, found, mode, why, playbook.version)


def _resolve(record: Record, file: CaseFile) -> Resolved:
    house = record.house
    reader_of = house.aws.reader if house.aws else None
    return resolve(record.lead(file), record.round, house.context, reader_of, house.trail)


def _enrich(record: Record, file: CaseFile) -> Enriched:
    return enrich(record.lead(file), record.round, record.house.trail, history(record))


def _investigate(record: Record, file: CaseFile, depth: str) -> Investigated:
    house = record.house
    evidence = investigate(
        file.at_round(record.round),
        record.triage,
        record.playbook,
        depth,
        house.trail,
        house.context,
        record.resolved,
        suspected(record, file),
        house.rules,
        record.measured,
    )
    return Investigated(record.round, depth, evidence, house.context.digest)


def _judge(record: Record, file: CaseFile, depth: str) -> Judged:
    verdict = judge(
        record.prior(file),
        record.evidence(depth),
        triage=record.triage,
        depth=depth,
        critical=record.playbook.critical,
        threshold=record.threshold(file),
        alone=record.alone(file),
    )
    return Judged(record.round, depth, verdict)


def _plan(record: Record, file: CaseFile) -> Planned:
    house, now = record.house, record.house.now()
    terms = Terms(record.case, record.round, now, now + WAIT)
    ends = {name: now + wait(house.lasting(name, record.playbook.id)) for name in record.playbook.actions}
    reader_of = glance(house.aws.reader) if house.aws else None
    case, catalogue = file.at_round(record.round), house.actions
    roles = house.settings.roles
    expect = partial(fetch, house) if house.aws and record.mode is not Mode.OBSERVE else None
    known = (case, record.triage, record.playbook, record.resolved)
    wished = plan(*known, catalogue, terms, reader_of, ends, roles, expect)
    allowed, permits = guard(_without_held(wished, file), circumstances(house, file), house.guardrails)
    return Planned(record.round, allowed, permits)


def _without_held(wished: Plan, file: CaseFile) -> Plan:
    """What an earlier round did, and still holds or has not cleaned up, is neither done again nor refused."""
    done = [one.change for one in file.containments if one.state is not State.REVERTED and not _failed_cleanly(one)]
    held = {(one.action, one.target.name, one.target.within) for one in done}
    known = {(one.action, one.target.arn) for one in done}
    return Plan(
        tuple(one for one in wished.changes if (one.action, one.target.name, one.target.within) not in held),
        tuple(one for one in wished.refusals if (one.action, one.target) not in known),
    )


def _failed_cleanly(one: Containment) -> bool:
    return one.state is State.FAILED and not one.left


def _close(record: Record, file: CaseFile) -> Closed:
    outcome, reasons = conclude(record, file)
    return Closed(record.round, outcome, record.triage.tier, reasons)
