"""The life of a containment: contain, confirm, revert, and the sweep that keeps every promise about time.

State moves by compare-and-set on the journal: a person's decision and the timer write the same key, and one wins.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from stanch.actions import pace
from stanch.model.casefile import Containment, State
from stanch.model.contained import (
    Called,
    Confirmed,
    Contained,
    ContainmentFailed,
    Decided,
    Extended,
    Intended,
    Reverted,
    RevertFailed,
)
from stanch.model.errors import BadInput, Environment, FailedResponse, StanchError
from stanch.model.facts import Body
from stanch.model.label import Code
from stanch.model.walked import Paged, Reminded
from stanch.respond import deadman
from stanch.respond.budgets import announce
from stanch.respond.house import House
from stanch.respond.under_way import Arming, Going, Purpose, begin, under_way
from stanch.stages import contain as passes
from stanch.stages import review

TIMER, ITSELF = "timer", "stanch"
"""Who decides when no person did: the clock, or the full verdict. Neither overrules a person's confirm."""
EAGER, SELDOM = 3, timedelta(minutes=15)
"""Failed reverts that are retried at every sweep, and how seldom the later ones are at most."""
P = ParamSpec("P")
R = TypeVar("R")


def _alone(do: Callable[Concatenate[House, P], R]) -> Callable[Concatenate[House, P], R]:
    """One at a time: the engine's timers are threads of this process, a person's command is another process."""

    @wraps(do)
    def in_turn(house: House, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with house.turns.one():
            return do(house, *args, **kwargs)

    return in_turn


@_alone
def contain(house: House, case: str, *ids: str, fresh: bool = False) -> None:
    """Bring intended changes about, or undo what was done of one and say so. Safe to run again after a crash.

    Side by side, as far as one need not wait for another; the journal's rows stand in the same order every time. fresh:
    the states before were read a moment ago.
    """
    wanted = _found(house, case, ids)
    todo = [one for one in wanted if one.state is State.INTENDED and not review.due(one, house.now())]
    todo.sort(key=lambda one: pace(one.change.action))
    arming = Arming()
    with under_way(house, todo, arming, fresh=fresh) as running:
        with arming:
            arming.problems = deadman.arm(house, todo)
        for one, going in running:
            _conclude(house, one, _journal(house, one, going, "contain"))
    if todo:
        house.seal()


def _conclude(house: House, one: Containment, result: passes.Result) -> None:
    if result.problem:
        left = _clean_up(house, one)
        _write(house, one, ContainmentFailed(one.id, result.problem, left), "failed")
        _page(house, one, "failed", f"{one.change.title} on {one.change.target.name} failed: {result.problem}", left)
        _disarm(house, _find(house, one.case, one.id))
    else:
        _write(house, one, Contained(one.id, one.expires_at, result.read_back), "contained")
        if _find(house, one.case, one.id).state is State.REVERTING:  # decided while the calls were under way
            _finish_revert(house, _find(house, one.case, one.id))
    announce(house, one.change.target.account, one.playbook)


@_alone
def confirm(house: House, case: str, id: str, *, by: str, reason: str) -> Containment:
    """A person says that it stays. Returns once nothing will end it by itself any more; else it stays `confirming`."""
    one = _find(house, case, id)
    if one.state is not State.CONFIRMING:
        one = _decide(house, one, "confirm", by, reason, allowed=frozenset({State.CONTAINED}))
    _finish_confirm(house, one)
    house.seal()
    return _find(house, case, id)


@_alone
def revert(house: House, case: str, id: str, *, by: str, reason: str, code: Code | None = None) -> Containment:
    """Take a containment back, by compare-and-set. If a call fails it stays `reverting` and the sweep tries again.

    code: a person's reason in one word; `false_positive` and `benign` label the case.
    """
    one = _find(house, case, id)
    _not_a_repair(one)
    if one.state is not State.REVERTING:
        confirmed = frozenset[State]() if by in (TIMER, ITSELF) else frozenset({State.CONFIRMED})
        allowed = frozenset({State.CONTAINED, State.INTENDED}) | confirmed
        one = _decide(house, one, "revert", by, reason, allowed=allowed, code=code)
    _finish_revert(house, one)
    house.seal()
    return _find(house, case, id)


@_alone
def extend(house: House, case: str, id: str, *, by: str, reason: str, more: timedelta = review.WAIT) -> Containment:
    """Give a containment more time before it reverts. Said only once AWS's own end was moved and read back."""
    one = _find(house, case, id)
    _not_a_repair(one)
    if one.state is not State.CONTAINED or review.due(one, house.now()):
        raise BadInput(f"{one.id} is {one.state}: only what waits for a decision can be given more time")
    until = one.expires_at + more
    problem = deadman.move(house, replace(one, until=until))
    problem = problem or _run(house, replace(one, until=until), passes.contain, "keep").problem
    if problem:
        back = deadman.move(house, one)
        text = "; ".join(filter(None, (problem, back)))
        raise FailedResponse("extend", "NotMoved", f"the end of {one.id} could not be moved: {text}")
    _write(house, one, Extended(id, until, by, reason), f"extended/{until:%Y-%m-%dT%H:%M:%S}", by=by)
    house.seal()
    return _find(house, case, id)


@_alone
def put_back(house: House, one: Containment) -> str:
    """Bring about again what someone undid; returns the problem, empty when it is read back as in place."""
    fresh = _find(house, one.case, one.id)
    if fresh.state is not one.state:
        return "it was decided a moment ago"
    if fresh.state is State.CONTAINED:
        return _run(house, fresh, passes.contain, "contain").problem or deadman.move(house, fresh, "contain")
    return _run(house, fresh, passes.keep, "keep").problem


def missing(house: House, one: Containment) -> tuple[str, ...]:
    """Names of the calls that are needed again for the containment to be in place; empty when it is.

    Raises FailedResponse when the state cannot be read.
    """
    if house.aws is None:
        raise Environment("a replay asks AWS nothing")
    action, target, terms = house.actions[one.change.action], one.change.target, one.now.terms
    state = action.snapshot(house.aws.reader(target.account, target.region), target)
    left = action.forward if one.state is State.CONTAINED else action.keep
    needed = dict.fromkeys(call.name for call in left(target, state, terms))
    return (*needed, *deadman.astray(house, one))


def revert_if_due(house: House, id: str) -> None:
    """What a timer does when it fires: revert if the time is over and nobody has decided."""
    one = _find(house, case_of(id), id)
    if review.due(one, house.now()):
        _time_is_up(house, one)


def sweep(house: House) -> tuple[str, ...]:
    """Look at every containment: revert what is overdue, finish what was interrupted, remind. Returns ids touched.

    It stands beside the engine's timers and calls the same revert, so that neither is the only thing that reverts.
    """
    touched = []
    for file in house.files(with_kind=Intended):
        for one in file.containments:
            act = _sweep_step(house, one, walking=file.outcome is None)
            if act is not None:
                _shielded(house, act, one)
                touched.append(one.id)
    return tuple(touched)


def case_of(id: str) -> str:
    """The case of a containment id, `C-….1/I2/name`."""
    return id.partition(".")[0]


def _sweep_step(house: House, one: Containment, *, walking: bool) -> Callable[[House, Containment], None] | None:
    if review.due(one, house.now()):
        return _time_is_up
    match one.state:
        case State.INTENDED if not walking:  # its walk broke: complete it, or undo it and say so
            return _complete
        case State.CONFIRMING:
            return _finish_confirm
        case State.REVERTING | State.FAILED if one.left or one.state is State.REVERTING:
            return _finish_revert if _patience_is_over(house, one) else None
        case State.CONTAINED:
            _remind(house, one)
            return _hold if _reason_to_hold(house, one) else None
    return _disarm if one.switch and one.state in (State.REVERTED, State.FAILED) else None


def _reason_to_hold(house: House, one: Containment) -> str:
    hardened = house.profile(one.change.action, one.playbook) == "hardened"
    return review.hold(one, house.actions[one.change.action].lasting, house.now(), hardened=hardened)


def _hold(house: House, one: Containment) -> None:
    """Nobody answered, and its profile says that it must not end now: more time, and a page."""
    why = _reason_to_hold(house, one)
    extend(house, one.case, one.id, by=ITSELF, reason=why)
    text = f"{one.change.title}, {one.change.target.name}: nobody answered; {why}"
    _page(house, one, f"held/{one.expires_at:%Y-%m-%dT%H:%M}", text, ())


def _patience_is_over(house: House, one: Containment) -> bool:
    """The first failed reverts are tried again at once, then ever more seldom: they must not flood the journal."""
    if one.tried_at is None or one.attempts <= EAGER:
        return True
    return house.now() >= one.tried_at + min(timedelta(seconds=2**one.attempts), SELDOM)


@_alone
def _shielded(house: House, act: Callable[[House, Containment], None], one: Containment) -> None:
    """One account that cannot be reached must not keep the others waiting: a person is told, every hour anew."""
    fresh = _find(house, one.case, one.id)
    if fresh.state is not one.state:  # somebody was quicker: the next sweep looks again
        return
    try:
        act(house, fresh)
    except StanchError as error:
        text = f"{one.id} could not be looked after: {error}; it is tried again"
        _page(house, one, f"stumbled/{house.now():%Y-%m-%dT%H}", text, ())


def _complete(house: House, one: Containment) -> None:
    contain(house, one.case, one.id)


def _time_is_up(house: House, one: Containment) -> None:
    try:
        revert(house, one.case, one.id, by=TIMER, reason="nobody confirmed it within 4 hours")
    except BadInput:
        return  # a person decided in this very moment: the journal's key let them win


def _remind(house: House, one: Containment) -> None:
    for due in review.reminders(one, house.now()):
        whom = house.settings.contacts[: due.contacts]
        body = Reminded(one.id, due.minutes, due.text, due.loud, whom)
        _write(house, one, body, f"reminded/{due.minutes}", by=TIMER)


def _decide(
    house: House,
    one: Containment,
    decision: str,
    by: str,
    reason: str,
    *,
    allowed: frozenset[State],
    code: Code | None = None,
) -> Containment:
    if one.state not in allowed:
        raise BadInput(f"{one.id} is {one.state}: it cannot be changed by a {decision} now")
    body = Decided(one.id, decision, by, reason, str(code or ""))
    fact, new = house.write(body, key=f"{one.id}/decided/{one.decisions + 1}", case=one.case, actor=by)
    if not new and fact.body != body:
        raise BadInput(f"{one.id} was decided a moment ago by {fact.actor}")
    return _find(house, one.case, one.id)


def _finish_confirm(house: House, one: Containment) -> None:
    """The switch goes first: what is acknowledged as staying must have nothing left that would end it."""
    late = deadman.fired(house, one)
    problem = deadman.disarm(house, one, "keep", f"{one.decided_by} confirmed")
    problem = problem or _run(house, one, passes.keep, "keep").problem
    if late and not problem:  # AWS took it back before the person's word came
        problem = _run(house, one, passes.contain, "contain").problem
    if problem:
        text = f"the confirm of {one.change.title} does not hold yet: {problem}"
        _page(house, one, f"confirm-failed/{house.now():%Y-%m-%dT%H}", text, ())
        return
    _write(house, one, Confirmed(one.id, one.decided_by), "confirmed", by=one.decided_by)


def _finish_revert(house: House, one: Containment) -> None:
    result = _run(house, one, passes.undo, "revert")
    number = one.decisions or 1
    by = one.decided_by or ITSELF
    if result.problem:
        attempt = one.attempts + 1
        _write(house, one, RevertFailed(one.id, attempt, result.problem), f"revert-failed/{number}/{attempt}")
        _page(
            house, one, f"revert-failed/{number}", f"the revert of {one.id} fails: {result.problem}; it is retried", ()
        )
        return
    _write(house, one, Reverted(one.id, by, result.conflicts), f"reverted/{number}", by=by)
    if by == TIMER and one.change.price and (one.held or one.receipts):  # a call may have left no receipt
        text = f"{one.change.title}, {one.change.target.name}: nobody confirmed it, so {one.change.price}"
        _page(house, one, "expired", text, (), house.settings.contacts[:2])
    if result.conflicts:
        _page(
            house, one, f"conflict/{number}", "someone changed it meanwhile and was not overwritten", result.conflicts
        )
    _disarm(house, _find(house, one.case, one.id))


def _disarm(house: House, one: Containment) -> None:
    """Take the switch away once nothing of ours is left; what fails is tried again by the sweep, and paged once."""
    if one.state is State.FAILED and one.left:
        return
    problem = deadman.disarm(house, one, "revert", "nothing is left to take back")
    if problem:
        _page(house, one, "switch", f"{one.change.title} on {one.change.target.name} is taken back, but {problem}", ())


def _clean_up(house: House, one: Containment) -> tuple[str, ...]:
    """Undo what a failed change did; returns what is still there."""
    result = _run(house, one, passes.undo, "revert")
    return (*result.conflicts, *((f"undoing it failed too: {result.problem}",) if result.problem else ()))


def _run(house: House, one: Containment, make: Callable[..., passes.Pass], purpose: Purpose) -> passes.Result:
    """Drive one pass, journalling each receipt as it comes."""
    return _journal(house, one, begin(house, one, make, purpose), purpose)


def _journal(house: House, one: Containment, running: Going, purpose: Purpose) -> passes.Result:
    """Write down each receipt; always in the thread that took the turn."""
    number = len(_find(house, one.case, one.id).receipts)
    while True:
        try:
            receipt, permit = next(running)
        except StopIteration as end:
            result: passes.Result = end.value
            return result
        number += 1
        _write(house, one, Called(one.id, purpose, receipt, permit), f"called/{number}")


def _not_a_repair(one: Containment) -> None:
    """Nobody takes a repair back through stanch, and it has no clock."""
    if one.for_good:
        raise BadInput(f"{one.id} is a repair and stays: {one.change.no_inverse}")


def _find(house: House, case: str, id: str) -> Containment:
    return _found(house, case, (id,))[0]


def _found(house: House, case: str, ids: Sequence[str]) -> list[Containment]:
    file = house.file(case)
    found = {each: file.containment(each) for each in ids}
    absent = next((each for each, one in found.items() if one is None), None)
    if absent is not None:
        raise BadInput(f"case {case} has no containment {absent!r}")
    return [one for one in found.values() if one is not None]


def _write(house: House, one: Containment, body: Body, what: str, *, by: str = "stanch") -> None:
    house.write(body, key=f"{one.id}/{what}", case=one.case, actor=by)


def _page(
    house: House, one: Containment, what: str, text: str, details: tuple[str, ...], whom: tuple[str, ...] = ()
) -> None:
    full = "; ".join((text, *details))
    house.write(Paged(full, whom), key=f"{one.id}/paged/{what}", case=one.case)
