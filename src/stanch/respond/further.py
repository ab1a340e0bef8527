"""What follows beyond a round's plan: the next rung, a repair, what a person approved.

Planned, guarded and journalled like everything else; every step is keyed, so that doing it again after a crash does
nothing twice.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from stanch.model.casefile import CaseFile
from stanch.model.change import Change, Permit, Plan, RevertsBy, Target, Terms
from stanch.model.contained import Approved, Intended, Proposed
from stanch.model.errors import BadInput, Environment
from stanch.model.walked import Paged, Refused
from stanch.respond import containments
from stanch.respond.circumstances import circumstances
from stanch.respond.house import House
from stanch.respond.under_way import fetch
from stanch.stages.guard import guard
from stanch.stages.plan import Expect, consider
from stanch.stages.review import wait

Arm = Callable[[str, datetime], None]
"""(containment, at): revert it then, whatever becomes of this process."""


def by_the_sweep(_containment: str, _at: datetime) -> None:
    """Where no engine runs in this process: the worker's sweep and AWS's own schedule keep the time."""


def take(
    house: House,
    arm: Arm,
    case: str,
    action: str,
    target: Target,
    *,
    why: str,
    approved_by: str = "",
    consent: str = "",
) -> str:
    """Take one action on one target of a case. Returns the containment's id; empty when it was refused or proposed.

    consent: why a person must approve it here, in a sentence, besides what the action itself says.
    """
    file = house.file(case)
    known = _known(file, action, target)
    if known:
        return known
    expect = partial(fetch, house)
    plan, permits = planned(house, file, action, target, approved_by=approved_by, consent=consent, expect=expect)
    for number, refusal in enumerate(plan.refusals):
        key = f"{case}/{file.round}/refused/{action}/{target.name}/{number}"
        house.write(Refused(file.round, refusal), key=f"{key}/{approved_by}" if approved_by else key, case=case)
        then = house.guardrails.page(refusal.policy)
        if then:
            text = f"{action} on {target.name} was refused: {refusal.reason}; {then}"
            house.write(Paged(text), key=f"{key}/paged", case=case)
    for change in plan.proposals:
        _propose(house, file, change, why)
    for change in plan.changes:
        if approved_by:
            approval = Approved(change.id, approved_by, why)
            house.write(approval, key=f"{change.id}/approved", case=case, actor=approved_by)
        _begin(house, arm, file, change, permits, why)
    return next((change.id for change in plan.changes), "")


def approve(house: House, arm: Arm, case: str, id: str, *, by: str, reason: str) -> str:
    """Make a proposed change, planned anew on the state of now. Returns the containment's id, empty when refused."""
    file = house.file(case)
    change = next((one for one in file.proposals if one.id == id), None)
    if change is None:
        raise BadInput(f"case {case} proposes no {id!r}")
    if not by.strip():
        raise BadInput("an approval needs a name: someone answers for it")
    done = take(house, arm, case, change.action, change.target, why=reason, approved_by=by)
    house.seal()
    return done


def _known(file: CaseFile, action: str, target: Target) -> str:
    """The containment by this action on this target that the round has already, whatever became of it."""
    same = (one for one in file.containments if one.change.action == action and one.change.target == target)
    return next((one.id for one in same if one.change.terms.round == file.round), "")


def planned(
    house: House,
    file: CaseFile,
    action: str,
    target: Target,
    *,
    approved_by: str = "",
    consent: str = "",
    expect: Expect | None = None,
) -> tuple[Plan, tuple[Permit, ...]]:
    """The one change as it would be made now, judged by the guardrails; or refused, or proposed.

    expect: see `consider`; without it nothing is made ready.
    """
    if house.aws is None:
        raise Environment("a replay makes no calls")
    now = house.now()
    playbook = file.triage.playbook if file.triage else ""
    terms = Terms(file.id, file.round, now, now + wait(house.lasting(action, playbook)))
    found = consider(house.actions[action], target, terms, house.aws.reader, house.settings.roles, expect)
    if isinstance(found, Change):
        wished = Plan((replace(found, approval=found.approval or consent),))
    else:
        wished = Plan(refusals=found)
    return guard(wished, replace(circumstances(house, file, target), approved_by=approved_by), house.guardrails)


def _propose(house: House, file: CaseFile, change: Change, why: str) -> None:
    house.write(Proposed(file.round, change, why), key=f"{change.id}/proposed", case=file.id)
    text = f"{change.title} on {change.target.name} waits for approval ({why}): {change.approval}"
    house.write(Paged(text), key=f"{change.id}/paged/proposed", case=file.id)


def _begin(house: House, arm: Arm, file: CaseFile, change: Change, permits: tuple[Permit, ...], why: str) -> None:
    playbook = file.triage.playbook if file.triage else ""
    house.write(
        Intended(change.id, file.round, playbook, change, why, permits),
        key=f"{file.id}/{file.round}/intended/{change.id}",
        case=file.id,
    )
    if change.reverts_by is not RevertsBy.NOBODY:
        arm(change.id, change.terms.expires_at)
    containments.contain(house, file.id, change.id, fresh=True)
