"""Who is reminded of what and when, and when the time is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stanch.model.casefile import OPEN, Containment, State
from stanch.model.change import Change, RevertsBy, Target, TargetKind, Terms
from stanch.stages.review import WAIT, due, reminders

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
USER = Target(TargetKind.USER, "111122223333", "eu-west-1", "alice", "arn:aws:iam::111122223333:user/alice")
TERMS = Terms("C-0a1b2c3d", 1, AT, AT + WAIT)
CHANGE = Change("I2", "Deny IAM user", USER, {}, (), (), "", "", "", RevertsBy.NATIVE, TERMS, price="it works again")
# Read back ten minutes late: the clock counts from the intent, as the deny's own end does.
HELD = Containment(CHANGE.id, "C-0a1b2c3d", "p", CHANGE, State.CONTAINED, AT + 10 * MINUTE)


@pytest.mark.parametrize("state", list(State))
def test_only_what_nobody_has_decided_is_due_and_not_a_second_early(state: State) -> None:
    one = replace(HELD, state=state)
    assert not due(one, AT + WAIT - SECOND)
    assert due(one, AT + WAIT) is (state in (State.INTENDED, State.CONTAINED))
    assert due(one, AT + 10 * WAIT) is due(one, AT + WAIT)


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (HOUR - SECOND, []),
        (HOUR, [60]),
        (3 * HOUR - SECOND, [60]),
        (3 * HOUR, [60, 180]),
        (4 * HOUR - 15 * MINUTE - SECOND, [60, 180]),
        (4 * HOUR - 15 * MINUTE, [60, 180, 225]),
        (4 * HOUR - SECOND, [60, 180, 225]),
        (4 * HOUR, []),  # then it is reverted instead
    ],
)
def test_reminders_are_due_at_one_hour_three_hours_and_three_quarters_past(after: timedelta, wanted: list[int]) -> None:
    assert [one.minutes for one in reminders(HELD, AT + after)] == wanted


def test_reminders_get_louder_and_name_action_target_time_and_price() -> None:
    due_by_now = reminders(HELD, AT + WAIT - SECOND)
    assert [(one.loud, one.contacts) for one in due_by_now] == [(1, 1), (2, 1), (3, 2)]
    first, second, last = (one.text for one in due_by_now)
    assert first == (
        "Deny IAM user, alice: reverts by itself in 180 minutes, at 12:30 UTC, unless someone confirms it; "
        "then it works again"
    )
    assert second.startswith("SECOND REMINDER: ")
    assert "in 60 minutes, at 12:30 UTC" in second
    assert last.startswith("LAST REMINDER: ")
    assert "in 15 minutes, at 12:30 UTC" in last


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONTAINED}))
def test_nobody_is_reminded_of_what_is_not_in_place_or_decided(state: State) -> None:
    assert reminders(replace(HELD, state=state), AT + 3 * HOUR) == ()


def test_nobody_is_reminded_of_what_costs_nothing_to_revert() -> None:
    assert reminders(replace(HELD, change=replace(CHANGE, price="")), AT + 3 * HOUR) == ()


def test_every_state_that_can_be_due_is_open() -> None:
    assert {one for one in State if due(replace(HELD, state=one), AT + WAIT)} <= OPEN
