"""A changed playbook observes beside the promoted version that acts: the same cases, walked again, nothing executed."""

from dataclasses import replace
from functools import partial

from stanch.model.case import Mode, Posture, Triage
from stanch.model.casefile import CaseFile
from stanch.model.change import Change, Plan, Terms
from stanch.model.errors import StanchError
from stanch.model.governed import Shadowed
from stanch.model.playbook import Playbook
from stanch.model.verdict import Outcome, Verdict
from stanch.respond.circumstances import circumstances
from stanch.respond.record import Record
from stanch.respond.suspicion import suspected
from stanch.stages.guard import guard
from stanch.stages.investigate import investigate
from stanch.stages.judge import judge
from stanch.stages.plan import plan
from stanch.stages.review import WAIT, wait
from stanch.stages.triage import triage

WALKED = (Posture.AT_ONCE, Posture.INVESTIGATE)


def shadow(record: Record) -> None:
    """Journal what the version on the shelf would have done, where another one is promoted. After all acting."""
    house, file = record.house, record.file
    found = triage(file.at_round(record.round), house.postures, house.playbooks)
    loaded = house.playbooks.get(found.playbook)
    if loaded is None or house.acting[loaded.id].version == loaded.version or file.resolved is None:
        return
    record.once(f"shadowed/{loaded.version}", partial(_shadowed, record, loaded, found))


def _shadowed(record: Record, playbook: Playbook, found: Triage, file: CaseFile) -> Shadowed:
    silent = Shadowed(record.round, playbook.id, playbook.version, None, (), (), ())
    if found.posture not in WALKED:
        return silent
    if found.lead != record.triage.lead:
        return replace(silent, problem="it would follow another finding of the case than the promoted version did")
    try:
        return _walked(record, playbook, found, file, silent)
    except StanchError as error:
        return replace(silent, problem=str(error))


def _walked(record: Record, playbook: Playbook, found: Triage, file: CaseFile, silent: Shadowed) -> Shadowed:
    depths = ("critical", "full") if found.posture is Posture.AT_ONCE else ("full",)
    said = [_verdict(record, playbook, found, file, depth) for depth in depths]
    acting = next((one for one in said if one.outcome is Outcome.CONTAIN), None)
    if acting is None:
        return replace(silent, verdict=said[-1])
    mine = [one for one in file.containments if one.change.terms.round == record.round and one.held]
    already = [one for one in mine if one.change.action in playbook.actions]
    here = {(one.change.action, one.change.target.arn) for one in already}
    planned = _plan(record, playbook, found, file, acting)
    return replace(
        silent,
        verdict=acting,
        would=tuple(one for one in planned.changes if not _made(one, file)),
        already=tuple(one.id for one in already if one.change.price),
        refusals=tuple(one for one in planned.refusals if (one.action, one.target) not in here),
    )


def _made(change: Change, file: CaseFile) -> bool:
    return file.containment(change.id) is not None


def _verdict(record: Record, playbook: Playbook, found: Triage, file: CaseFile, depth: str) -> Verdict:
    house = record.house
    evidence = investigate(
        file.at_round(record.round),
        found,
        playbook,
        depth,
        house.trail,
        house.context,
        record.resolved,
        suspected(record, file),
        house.rules,
        record.measured,
    )
    return judge(
        record.prior(file, playbook),
        evidence,
        triage=found,
        depth=depth,
        critical=playbook.critical,
        threshold=record.threshold(file),
        alone=record.alone(file),
    )


def _plan(record: Record, playbook: Playbook, found: Triage, file: CaseFile, verdict: Verdict) -> Plan:
    house, now = record.house, record.house.now()
    ends = {name: now + wait(house.lasting(name, playbook.id)) for name in playbook.actions}
    terms = Terms(record.case, record.round, now, now + WAIT)
    wished = plan(
        file.at_round(record.round),
        found,
        playbook,
        record.resolved,
        house.actions,
        terms,
        house.aws.reader if house.aws else None,
        ends,
        house.settings.roles,
    )
    seen = replace(file, triage=found, verdict=verdict, mode=Mode.OBSERVE)
    return guard(wished, circumstances(house, seen), house.guardrails)[0]
