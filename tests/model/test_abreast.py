"""Work side by side: the order of answers, of errors and of what generators yield is that of the work."""

from collections.abc import Generator
from threading import Barrier, Event

import pytest

from stanch.model.abreast import each, together, under_way


def test_all_of_it_is_under_way_at_once_and_answers_keep_their_order() -> None:
    meeting = Barrier(3, timeout=20)

    def meet(name: str) -> str:
        meeting.wait()
        return name

    assert each([lambda: meet("a"), lambda: meet("b"), lambda: meet("c")]) == ("a", "b", "c")


def test_pieces_of_different_kinds_and_none_at_all() -> None:
    assert together(lambda: 1, lambda: "two") == (1, "two")
    assert each([]) == ()


def test_the_first_error_in_order_is_raised_and_the_others_are_done() -> None:
    done = []

    def fail(what: str) -> None:
        raise ValueError(what)

    with pytest.raises(ValueError, match="first"):
        each([lambda: done.append("a"), lambda: fail("first"), lambda: fail("second"), lambda: done.append("d")])
    assert sorted(done) == ["a", "d"]


def test_work_within_work_is_never_stuck() -> None:
    def inner(n: int) -> int:
        return sum(each([lambda m=m: m for m in range(n)]))  # type: ignore[misc]

    assert each([lambda n=n: inner(n) for n in range(40)]) == tuple(map(sum, map(range, range(40))))  # type: ignore[misc]


def counting(name: str, end: Event, ahead: Event | None = None) -> Generator[str, None, str]:
    if ahead:
        ahead.wait(timeout=20)
    yield f"{name}1"
    yield f"{name}2"
    end.set()
    return name


def test_generators_run_on_before_anybody_takes_what_they_yield() -> None:
    first, second = Event(), Event()
    with under_way([counting("a", first, ahead=second), counting("b", second)]) as (a, b):
        assert first.wait(timeout=20), "a waited for b, and nobody has taken anything yet"
        assert (list(a), list(b)) == (["a1", "a2"], ["b1", "b2"])


def test_a_generator_hands_back_what_it_returns_and_raises_what_it_raises() -> None:
    def broken() -> Generator[str, None, str]:
        yield "one"
        raise ValueError("in the middle")

    def result_of(one: Generator[str, None, str]) -> Generator[str, None, str]:
        return (yield from one)

    with under_way([counting("a", Event()), broken()]) as (a, b):
        taken = result_of(a)
        assert [next(taken), next(taken)] == ["a1", "a2"]
        with pytest.raises(StopIteration) as end:
            next(taken)
        assert end.value.value == "a"
        assert next(b) == "one"
        with pytest.raises(ValueError, match="in the middle"):
            next(b)


def test_one_alone_needs_no_thread() -> None:
    with under_way([counting("a", Event())]) as (only,):
        assert list(only) == ["a1", "a2"]
