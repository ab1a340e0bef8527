"""What did he change? Each deed of a contained principal is undone once, or proposed, or shown to a person."""

from stanch.actions import cli_line
from stanch.model.case import Mode
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Call, Refusal, Terms
from stanch.model.contained import DeedSeen
from stanch.model.walked import Paged, Refused, WouldContain
from stanch.probes.activity import Act
from stanch.respond.further import Arm, planned, take
from stanch.respond.house import House
from stanch.stages.deeds import Found, found
from stanch.stages.watch import CREDENTIALS, STANDING

MANY = 20
"""Deeds of one case that are dealt with one by one; beyond them a person is told only that there are more."""
NOTHING_LEFT = "already so"
"""How the refusal of a change begins that has nothing to change."""


def repair(house: House, arm: Arm, case: str, acts: tuple[Act, ...]) -> None:
    """Deal with every deed among these acts that was not dealt with yet; nothing unless an identity is contained.

    In observation nothing is sent: what would have been undone is journalled.
    """
    file = house.file(case)
    if not cut(file):
        return
    lead = next(one for one in file.findings if file.triage and one.key == file.triage.lead)
    known = {fact.body.event for fact in house.facts(case=case) if isinstance(fact.body, DeedSeen)}
    deeds = found(acts, lead.account, house.context)
    for one in deeds[:MANY]:
        if one.deed.event not in known:
            became = _would(house, file, one) if file.mode is Mode.OBSERVE else _undo(house, arm, file, one)
            seen = DeedSeen(file.round, one.deed.event, one.deed.call, one.by, one.what, became)
            house.write(seen, key=f"{case}/deed/{one.deed.event}", case=case)
    if len(deeds) > MANY:
        text = f"the contained principal made {len(deeds)} changes: only the first {MANY} are dealt with one by one"
        house.write(Paged(text), key=f"{case}/paged/deeds", case=case)


def cut(file: CaseFile) -> bool:
    """Whether the case's own identity is contained, or in observation would have been."""
    if file.mode is Mode.OBSERVE:
        return any(one.target.kind in CREDENTIALS for one in file.would)
    standing = (one.change.target for one in file.containments if one.state in STANDING)
    return any(one.kind in CREDENTIALS and one not in file.minted for one in standing)


def _undo(house: House, arm: Arm, file: CaseFile, one: Found) -> str:
    if one.target is None:
        return _leave(house, file, one, "only a person can undo it", one.by_hand)
    why = f"{one.by} did {one.deed.call} on {one.what} ({one.deed.event})"
    id = take(house, arm, file.id, one.action, one.target, why=why, consent=one.consent)  # noqa: A001
    fresh = house.file(file.id)
    done = fresh.containment(id) if id else None
    if done is not None:
        return _told(house, done, why)
    if any(change.target == one.target for change in fresh.proposals):
        return "proposed"
    reasons = [refusal.reason for refusal in _refusals(house, file, one)]
    if any(reason.startswith(NOTHING_LEFT) for reason in reasons):
        return "nothing left"
    _leave(house, file, one, "; ".join(reasons), _forward(house, one))
    return "refused"


def _told(house: House, done: Containment, why: str) -> str:
    """What became of a repair that was begun; a failed one was paged already."""
    if done.state is not State.CONTAINED:
        return "failed"
    house.write(Paged(f"undone: {why}"), key=f"{done.id}/paged/undone", case=done.case)
    return "undone"


def _leave(house: House, file: CaseFile, one: Found, reason: str, calls: tuple[Call, ...]) -> str:
    lines = "; ".join(cli_line(call, one.region) for call in calls)
    text = f"{one.by} did {one.deed.call} on {one.what} and it is not undone: {reason}"
    key = f"{file.id}/paged/deed/{one.deed.event}"
    house.write(Paged(f"{text}; by hand: {lines}" if lines else text), key=key, case=file.id)
    return "left to people"


def _forward(house: House, one: Found) -> tuple[Call, ...]:
    """The calls that would undo all of it, for a person's own rights."""
    if one.target is None:
        return ()
    action, now = house.actions[one.action], house.now()
    return tuple(action.forward(one.target, action.presume(one.target), Terms("", 0, now, now)))


def _refusals(house: House, file: CaseFile, one: Found) -> tuple[Refusal, ...]:
    start = f"{file.id}/{file.round}/refused/{one.action}/{one.target.name if one.target else ''}/"
    facts = house.facts(case=file.id, kinds=(Refused,))
    return tuple(fact.body.refusal for fact in facts if fact.key.startswith(start) and isinstance(fact.body, Refused))


def _would(house: House, file: CaseFile, one: Found) -> str:
    if one.target is None:
        return "would be left to people"
    plan, _ = planned(house, file, one.action, one.target, consent=one.consent)
    for change in plan.changes:
        house.write(WouldContain(file.round, change), key=f"{file.id}/{file.round}/would/{change.id}", case=file.id)
    if plan.changes:
        return "would be undone"
    return "would be proposed" if plan.proposals else f"would be refused: {'; '.join(r.reason for r in plan.refusals)}"
