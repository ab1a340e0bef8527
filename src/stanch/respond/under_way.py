"""Containments under way: side by side, each behind its switch and those before it, each call judged as it is sent."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Literal

from stanch.actions import awaits, session_for, sessions
from stanch.model import abreast
from stanch.model.casefile import Containment
from stanch.model.change import Call, Change, Permit, Receipt, RevertsBy
from stanch.model.data import JSON
from stanch.model.errors import Environment
from stanch.respond import deadman
from stanch.respond.circumstances import at_this_moment, circumstances
from stanch.respond.house import House
from stanch.stages import contain as passes

Purpose = Literal["contain", "revert", "keep"]
FRESH = timedelta(seconds=10)
"""Age up to which the state that a plan was made on is good for the first calls; verified is only what is read anew."""
Going = Generator[tuple[Receipt, Permit], None, passes.Result]
"""A pass under way: each receipt with the guardrails' decision that let its call be sent."""


class Arming:
    """The making of the dead-man's switches, while what only prepares is under way already."""

    def __init__(self) -> None:
        self.problems: Mapping[str, str] | None = None
        """By containment why it has no switch; None before it is over, and for ever where it broke off."""
        self._over = Event()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def wait(self, house: House, one: Containment) -> str:
        """Return once a containment may cut: empty, or why it must not."""
        required = house.settings.dead_man == "required"
        by_itself = one.change.reverts_by is RevertsBy.NATIVE  # the switch only tidies up
        if deadman.planned(house, one) is None or (by_itself and not required):
            return ""
        _wait_for([self._over])
        if self.problems is None:
            return "arming its dead-man's switch broke off"
        problem = self.problems[one.id]
        return f"it must have a dead-man's switch: {problem}" if problem and required else ""


@contextmanager
def under_way(
    house: House, todo: Sequence[Containment], arming: Arming, *, fresh: bool
) -> Iterator[tuple[tuple[Containment, Going], ...]]:
    """A running pass for each; before it cuts, each waits for its switch and for those that must come first."""
    ends = {one.id: Event() for one in todo}
    started = []
    for one in todo:
        ahead = [ends[other.id] for other in todo if awaits(one.change.action, other.change.action)]
        turn = partial(_turn, house, one, arming, ahead)
        make = partial(passes.contain, fresh=fresh and _is_fresh(house, one), turn=turn)
        started.append(_telling(ends[one.id], begin(house, one, make, "contain")))
    with abreast.under_way(started) as running:
        yield tuple(zip(todo, running, strict=True))


def _turn(house: House, one: Containment, arming: Arming, ahead: Sequence[Event]) -> str:
    _wait_for(ahead)
    return arming.wait(house, one)


def _wait_for(ends: Sequence[Event]) -> None:
    for end in ends:
        end.wait()


def _telling(end: Event, running: Going) -> Going:
    """The same pass; those who wait for it are told of its end, however it ends."""
    try:
        return (yield from running)
    finally:
        end.set()


def _is_fresh(house: House, one: Containment) -> bool:
    """A document that is written as a whole is read again in any case: the less time between, the less can be lost."""
    whole = house.actions[one.change.action].role
    return not whole and not one.receipts and house.now() - one.change.terms.issued_at <= FRESH


def begin(house: House, one: Containment, make: Callable[..., passes.Pass], purpose: Purpose) -> Going:
    """A pass that was not begun yet, with everything it needs; it writes nothing itself."""
    if house.aws is None:
        raise Environment("a replay makes no calls")
    aws, target, change = house.aws, one.change.target, one.now
    file = house.file(one.case)
    approved = dict(file.approvals).get(one.id, "")
    around = replace(circumstances(house, file, target), executing=True, purpose=purpose, approved_by=approved)
    role = house.actions[change.action].role

    def send(call: Call) -> Receipt:
        policy = session_for(change, call).document
        return aws.call(call, account=target.account, region=target.region, case=one.case, role=role, policy=policy)

    permits: list[tuple[Call, Permit]] = []

    def allow(call: Call, state: JSON) -> Permit:
        permit = house.guardrails.judge(call, change, replace(at_this_moment(house, around), state=state))
        permits.append((call, permit))
        return permit

    action, reader = house.actions[change.action], aws.reader(target.account, target.region)
    ready = partial(fetch, house, change) if purpose == "contain" else lambda: None
    return _with_permits(make(action, change, reader, send, allow), permits, ready)


def fetch(house: House, change: Change) -> None:
    """Get the sessions ready in which the calls of a change will be made, while there is something else to wait for."""
    if house.aws is None:
        raise Environment("a replay makes no calls")
    target, services = change.target, {call.service for call in change.forward}
    where = {"account": target.account, "region": target.region, "case": change.terms.case}
    warm = partial(house.aws.warm, services, role=house.actions[change.action].role, **where)
    abreast.each([partial(warm, policy=session.document) for session in sessions(change)])


def _with_permits(running: passes.Pass, permits: Sequence[tuple[Call, Permit]], ready: Callable[[], None]) -> Going:
    """The same pass, each receipt with the decision that let its call be sent."""
    ready()
    while True:
        try:
            receipt = next(running)
        except StopIteration as end:
            result: passes.Result = end.value
            return result
        yield receipt, next(permit for call, permit in reversed(permits) if call is receipt.call)
