"""The loop that makes a change true: read, send what is left, read again, until nothing is left or all is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from stanch.model.change import Action, Call, Change, Permit, Receipt, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSON
from stanch.model.errors import Denied, Environment
from stanch.stages.contain import NO_HOLD, Result, contain, keep, undo

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
TERMS = Terms("C-0a1b2c3d", 1, AT, AT + timedelta(hours=4))
TARGET = Target(TargetKind.USER, "111122223333", "eu-west-1", "alice", "arn:aws:iam::111122223333:user/alice")
OK = ""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stanch.stages.contain.PAUSES", (0.0, 0.0, 0.0))


@dataclass(frozen=True)
class Doors:
    """Which doors are shut, and the version of the list, without which it cannot be changed."""

    shut: tuple[str, ...] = ()
    locked: bool = False
    version: int = 0


@dataclass
class House:
    """What the calls change: stands where AWS stands."""

    doors: Doors = field(default_factory=Doors)
    sent: list[tuple[str, JSON]] = field(default_factory=list)
    answers: Callable[["House", Call], str] = lambda _, __: OK
    """The error that a call gets; none when it is done."""
    deaf: bool = False
    """Calls are accepted and nothing happens."""

    def send(self, call: Call) -> Receipt:
        self.sent.append((call.operation, call.params.get("Door")))
        error = self.answers(self, call)
        if not error and not self.deaf:
            self._do(call.operation, str(call.params.get("Door")))
        return Receipt(call, f"request-{len(self.sent)}", ok=not error, error=error)

    def _do(self, operation: str, door: str) -> None:
        shut = {"Shut": (*self.doors.shut, door), "Open": tuple(one for one in self.doors.shut if one != door)}
        locked = {"Lock": True, "Unlock": False}.get(operation, self.doors.locked)
        self.doors = Doors(shut.get(operation, self.doors.shut), locked, self.doors.version + 1)


def call(operation: str, door: str = "", *, version: int = 0, waits_for: str = "") -> Call:
    return Call("iam", operation, {"Door": door, "Version": version}, TARGET.arn, waits_for)


def forward(_: Target, doors: Doors, __: Terms) -> tuple[Call, ...]:
    """Both doors shut, the house locked once it is read that they are."""
    shut = tuple(call("Shut", one, version=doors.version) for one in ("front", "back") if one not in doors.shut)
    lock = call("Lock", waits_for="the doors to be read back as shut" if shut else "")
    return (*shut, *(() if doors.locked else (lock,)))


def inverse(_: Target, before: Doors, now: Doors | None, __: Terms) -> Undo:
    now = now or Doors(("front", "back"), locked=True)
    unlock = (call("Unlock"),) if now.locked and not before.locked else ()
    ours = (one for one in ("front", "back") if one in now.shut and one not in before.shut)
    strange = tuple(f"someone shut {one}" for one in now.shut if one not in ("front", "back"))
    return Undo((*unlock, *(call("Open", one) for one in ours)), strange)


ACTION: Action[Doors] = Action(
    id="X1",
    title="Shut the house",
    target=TargetKind.USER,
    state=Doors,
    snapshot=lambda reader, _: reader.doors,  # type: ignore[attr-defined]  # the house reads itself
    presume=lambda _: Doors(),
    objections=lambda _, __: (),
    forward=forward,
    inverse=inverse,
    keep=lambda _, doors, __: () if "roof" in doors.shut else (call("Shut", "roof"),),
    blast_radius=lambda _, __: "the house",
    reverts_by=RevertsBy.STANCH,
    cut="",
    breaks="",
    permissions=(),
)
CHANGE = Change(
    "X1",
    "Shut the house",
    TARGET,
    {"shut": [], "locked": False, "version": 0},
    (),
    (),
    "",
    "",
    "",
    RevertsBy.STANCH,
    TERMS,
)


def permit(asked: Call, _: JSON) -> Permit:
    return Permit(asked.name, allowed=True)


def run(
    house: Any, make: Any = contain, allow: Any = permit, action: Action[Doors] = ACTION
) -> tuple[Result, list[Receipt]]:
    """The result of a pass and the receipts it yielded."""
    running: Iterator[Receipt] = make(action, CHANGE, house, house.send, allow)
    receipts: list[Receipt] = []
    while True:
        try:
            receipts.append(next(running))
        except StopIteration as end:
            return end.value, receipts


def test_it_sends_what_is_left_in_order_and_what_waits_only_after_reading_again() -> None:
    house = House()
    result, receipts = run(house)
    assert result == Result(read_back={"shut": ["front", "back"], "locked": True, "version": 3})
    assert [one.call.operation for one in receipts] == ["Shut", "Shut", "Lock"]
    assert all(one.ok and not one.call.waits_for for one in receipts)


def test_what_is_done_already_is_not_done_again() -> None:
    house = House(Doors(("front", "back"), locked=True))
    assert run(house) == (Result(read_back={"shut": ["front", "back"], "locked": True, "version": 0}), [])


def test_a_half_done_change_is_resumed_where_it_was() -> None:
    house = House(Doors(("front",)))
    run(house)
    assert house.sent == [("Shut", "back"), ("Lock", "")]


def test_the_first_call_that_fails_ends_it_by_name() -> None:
    house = House(answers=lambda _, one: "AccessDenied: not you" if one.params["Door"] == "back" else OK)
    result, receipts = run(house)
    assert result.problem == "AccessDenied: not you (iam:Shut)"
    assert [one.ok for one in receipts] == [True, False]
    assert result.read_back == {"shut": [], "locked": False, "version": 0}


def test_calls_that_are_accepted_and_not_applied_are_sent_once_and_given_up_by_name() -> None:
    house = House(deaf=True)
    result, _ = run(house)
    assert result.problem == NO_HOLD
    assert house.sent == [("Shut", "front"), ("Shut", "back")]


def test_a_read_that_is_stale_for_a_while_is_waited_out() -> None:
    house = House()
    reads = iter([house.doors, house.doors, house.doors])

    def late(reader: Any, _: Target) -> Doors:
        return next(reads, reader.doors)

    result, _ = run(house, action=replace_snapshot(late))
    assert result.problem == ""
    assert house.sent == [("Shut", "front"), ("Shut", "back"), ("Lock", "")]


def test_somebody_who_always_undoes_it_is_not_fought_for_ever() -> None:
    class Contested(House):
        def send(self, call: Call) -> Receipt:
            receipt = super().send(call)
            self.doors = Doors(version=self.doors.version)  # and they are open again
            return receipt

    house = Contested()
    result, receipts = run(house)
    assert result.problem == NO_HOLD
    assert 2 < len(receipts) < 100


def test_contention_is_read_again_and_tried_again() -> None:
    def busy(house: House, _: Call) -> str:
        if len(house.sent) > 2:
            return OK
        house.doors = Doors(house.doors.shut, version=house.doors.version + 1)  # somebody else wrote first
        return "WAFOptimisticLockException: stale token"

    house = House(answers=busy)
    result, receipts = run(house)
    assert result.problem == ""
    assert [one.ok for one in receipts] == [False, False, True, True, True]
    assert [one.call.params["Version"] for one in receipts[:3]] == [0, 1, 2]


def test_contention_without_end_is_a_problem_by_name() -> None:
    house = House(answers=lambda _, __: "WAFOptimisticLockException: stale token")
    result, receipts = run(house)
    assert result.problem == "WAFOptimisticLockException: stale token (iam:Shut)"
    assert len(receipts) == 4


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (Permit("iam:Shut", allowed=False, policies=("never-shut",)), "never-shut"),
        (Permit("iam:Shut", allowed=False, errors=("odd fact",)), "odd fact"),
        (Permit("iam:Shut", allowed=False), "no permit"),
    ],
)
def test_what_a_guardrail_refuses_is_not_sent(refusal: Permit, reason: str) -> None:
    house = House()
    result, receipts = run(house, allow=lambda _, __: refusal)
    assert result.problem == f"a guardrail refused iam:Shut: {reason}"
    assert (house.sent, receipts) == ([], [])


def test_the_guardrail_sees_the_state_that_was_just_read() -> None:
    seen = []

    def allow(asked: Call, state: JSON) -> Permit:
        seen.append((asked.operation, state))
        return permit(asked, state)

    run(House(), allow=allow)
    assert seen == [
        ("Shut", {"shut": [], "locked": False, "version": 0}),
        ("Shut", {"shut": [], "locked": False, "version": 0}),
        ("Lock", {"shut": ["front", "back"], "locked": False, "version": 2}),
    ]


@pytest.mark.parametrize(
    "error", [Denied("iam:GetUser", "AccessDenied", "not you"), Environment("the endpoint is gone")]
)
def test_a_state_that_cannot_be_read_is_a_problem_and_nothing_is_called_done(error: Exception) -> None:
    def blind(*_: Any) -> Doors:
        raise error

    result, receipts = run(House(), action=replace_snapshot(blind))
    assert result == Result(f"the state cannot be read: {error}")
    assert receipts == []


def test_calls_that_need_not_each_other_go_out_side_by_side_and_keep_their_order() -> None:
    meeting = Barrier(2, timeout=20)

    class Slow(House):
        def send(self, call: Call) -> Receipt:
            if call.operation == "Shut":
                meeting.wait()
            return Receipt(call, "", ok=call.params["Door"] != "front", error="AccessDenied: not you")

    result, receipts = run(Slow(), action=replace(ACTION, abreast=frozenset({"Shut"})))
    assert [one.call.params["Door"] for one in receipts] == ["front", "back"], "both were sent, one failed"
    assert result.problem == "AccessDenied: not you (iam:Shut)"


def test_of_calls_side_by_side_none_is_sent_from_the_first_refused_one_on() -> None:
    house = House()

    def front_only(asked: Call, _: JSON) -> Permit:
        return Permit(asked.name, allowed=asked.params["Door"] == "front")

    result, receipts = run(house, allow=front_only, action=replace(ACTION, abreast=frozenset({"Shut"})))
    assert result.problem == "a guardrail refused iam:Shut: no permit"
    assert (house.sent, len(receipts)) == ([("Shut", "front")], 1)


def test_what_was_read_for_the_plan_serves_for_the_first_calls_and_never_verifies() -> None:
    reads = []

    def counted(house: Any, _: Target) -> Doors:
        reads.append(len(house.sent))
        return house.doors  # type: ignore[no-any-return]

    fresh = partial(contain, fresh=True)
    house = House()
    result, _ = run(house, fresh, action=replace_snapshot(counted))
    assert (result.problem, reads) == ("", [2, 3]), "the first read comes after two calls"
    reads.clear()
    house = House(Doors(("front", "back"), locked=True))
    done = replace(CHANGE, before={"shut": ["front", "back"], "locked": True, "version": 0})
    with pytest.raises(StopIteration) as end:
        next(fresh(replace_snapshot(counted), done, house, house.send, permit))  # type: ignore[arg-type]
    assert (end.value.value.problem, reads) == ("", [0]), "even if it says that nothing is left to do"


def test_only_what_prepares_does_not_wait_for_its_turn() -> None:
    house = House()
    turns: list[int] = []
    waiting = partial(contain, turn=lambda: turns.append(len(house.sent)))
    run(house, waiting, action=replace(ACTION, prepares=frozenset({"Shut"})))
    assert turns == [2], "asked before Lock"


def test_undo_takes_back_only_what_it_finds_and_names_what_others_did() -> None:
    house = House(Doors(("front", "cellar"), locked=True))
    result, _ = run(house, undo)
    assert house.doors.shut == ("cellar",)
    assert not house.doors.locked
    assert (result.problem, result.conflicts) == ("", ("someone shut cellar",))


def test_undo_that_fails_names_the_conflicts_too() -> None:
    house = House(Doors(("front", "cellar"), locked=True), answers=lambda _, __: "AccessDenied: not you")
    result, _ = run(house, undo)
    assert (result.problem, result.conflicts) == ("AccessDenied: not you (iam:Unlock)", ("someone shut cellar",))


def test_keep_adds_what_makes_it_last() -> None:
    house = House(Doors(("front", "back"), locked=True))
    result, receipts = run(house, keep)
    assert (result.problem, [one.call.params["Door"] for one in receipts]) == ("", ["roof"])


def replace_snapshot(snapshot: Any) -> Action[Doors]:
    return replace(ACTION, snapshot=snapshot)
