"""No sequence of findings exceeds a budget: real policies, real journal, any order, any pace."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.actions import catalogue
from stanch.guardrails import Budget
from stanch.model.change import Change, Plan, Receipt, Target, TargetKind, Terms
from stanch.model.contained import Called, Intended
from stanch.model.walked import Paged
from stanch.respond.budgets import WINDOW, announce, disrupted
from stanch.respond.expectations import _calm
from stanch.respond.house import House
from stanch.settings import BudgetTable, Settings
from stanch.stages.guard import guard
from stanch.store.codec import plain
from stanch.store.database import open_database

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTION = catalogue()["I2"]
LIMITS = BudgetTable(organisation=5, account=3, playbook=3, reserve=2)


class Hand:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def built() -> House:
    return House.build(Settings(budgets=LIMITS), live=False, durable=False)


def cut(account: str, user: str, *, admin: bool, number: int, now: datetime) -> Change:
    """The deny of a user, as planned."""
    target = Target(TargetKind.USER, account, "eu-west-1", user, f"arn:aws:iam::{account}:user/{user}")
    terms = Terms(f"C-{number:08x}", 1, now, now + timedelta(hours=4))
    state = ACTION.presume(target)
    attached = ("arn:aws:iam::aws:policy/AdministratorAccess",) if admin else ()
    before = plain(replace(state, attached=attached))
    forward, undo = ACTION.forward(target, state, terms), ACTION.inverse(target, state, None, terms)
    return Change("I2", ACTION.title, target, before, forward, undo.calls, "", "", "", ACTION.reverts_by, terms)


ATTACK = st.tuples(
    st.integers(0, 25),  # minutes since the last
    st.sampled_from(("111122223333", "444455556666")),
    st.integers(0, 9),  # which user; even ones are administrators
    st.sampled_from(("credentials", "mining")),
    st.booleans(),  # at once
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ATTACK, max_size=40))
def test_no_sequence_of_findings_exceeds_a_budget(built: House, attacks: Any) -> None:
    clock = Hand()
    house = replace(built, database=open_database(None), clock=clock)
    done: list[tuple[datetime, str, str, str, bool]] = []
    for number, (minutes, account, user, playbook, at_once) in enumerate(attacks):
        clock.at += timedelta(minutes=minutes)
        one = cut(account, f"u{user}", admin=user % 2 == 0, number=number, now=clock.at)
        calm = _calm(one, house.actions)
        fence = replace(calm.fence, budget=Budget(5, 3, 3, 2), disrupted=disrupted(house))
        around = replace(calm, account=account, playbook=playbook, at_once=at_once, fence=fence)
        allowed, _ = guard(Plan((one,)), around, house.guardrails)
        if not allowed.changes:
            continue
        house.write(Intended(one.id, 1, playbook, one), key=f"{one.id}/intended", case=one.terms.case)
        receipt = Receipt(one.forward[0], "r", ok=True)
        house.write(Called(one.id, "contain", receipt), key=f"{one.id}/called", case=one.terms.case)
        done.append((clock.at, account, one.target.arn, playbook, at_once and user % 2 == 0))
        _within(done, clock.at)


def _within(done: list[tuple[datetime, str, str, str, bool]], now: datetime) -> None:
    """No budget and reserve is exceeded in the hour until now, and none without the reserve by what may not use it."""
    recent = [one for one in done if one[0] >= now - WINDOW]
    first: dict[str, tuple[datetime, str, str, str, bool]] = {}
    for one in recent:
        first.setdefault(one[2], one)
    assert len(first) <= 5 + 2
    assert max(Counter(one[1] for one in first.values()).values(), default=0) <= 3 + 2
    new = done[-1]
    if not new[4] and first[new[2]] is new:
        assert len(first) <= 5
        assert sum(one[1] == new[1] for one in first.values()) <= 3


@pytest.mark.parametrize(
    ("receipt", "purpose", "counted"),
    [
        ({"ok": True}, "contain", True),
        ({"ok": False, "request_id": "", "error": "ReadTimeoutError: "}, "contain", True),
        ({"ok": False, "error": "AccessDenied: no"}, "contain", False),
        ({"ok": True}, "revert", False),
        ({"ok": True}, "keep", False),
    ],
)
def test_it_counts_from_the_first_call_that_may_have_done_something(
    built: House, receipt: dict[str, Any], purpose: str, counted: bool
) -> None:
    house = replace(built, database=open_database(None), clock=Hand())
    one = cut("111122223333", "alice", admin=False, number=1, now=START)
    house.write(Intended(one.id, 1, "p", one), key="intended", case=one.terms.case)
    answer = Receipt(**{"call": one.forward[0], "request_id": "r", **receipt})
    house.write(Called(one.id, purpose, answer), key="called", case=one.terms.case)
    assert [fact.arn for fact in disrupted(house)] == [one.target.arn] * counted


def test_a_person_is_paged_once_at_half_and_once_at_the_whole_of_each_budget(built: House) -> None:
    clock = Hand()
    house = replace(built, database=open_database(None), clock=clock)
    said: list[list[str]] = []
    for number in range(5):
        one = cut("111122223333", f"u{number}", admin=False, number=number, now=START)
        house.write(Intended(one.id, 1, "p", one), key=f"{one.id}/i", case=one.terms.case)
        called = Called(one.id, "contain", Receipt(one.forward[0], "r", ok=True))
        house.write(called, key=f"{one.id}/c", case=one.terms.case)
        before = len(house.facts(kinds=(Paged,)))
        announce(house, "111122223333", "p")
        pages = house.facts(kinds=(Paged,))[before:]
        said.append([fact.key.split("/")[1] + fact.key.split("/")[3] for fact in pages])
    assert said == [
        [],
        ["account50", "playbook50"],
        ["organisation50", "account100", "playbook100"],
        [],
        ["organisation100"],
    ]
    clock.at += timedelta(hours=2)
    announce(house, "111122223333", "p")
    assert len(house.facts(kinds=(Paged,))) == 6
