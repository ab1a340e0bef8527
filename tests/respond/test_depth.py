"""How many calls must follow one another until a threat is contained and read back, counted in logical time.

Pieces that go side by side begin at the same moment, and who waits for several begins when the last has ended: so the
count is that of calls that all take equally long, and the same on every machine.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from threading import Event
from typing import Any

import pytest

from stanch.aws import Aws
from stanch.aws.reader import LiveReader
from stanch.model import abreast
from stanch.respond import containments, deadman, under_way, walk

from .night import Night
from .test_nine_faults import in_a_group

HOST_CALLS = 12
KEY_CALLS = 9
"""One call later the key is unusable; the rest is the deny of its user, and reading back."""


class Moments:
    """Logical time: one call is one moment."""

    def __init__(self) -> None:
        self.now = 0
        self.ends: dict[int, int] = {}

    def call(self, do: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.now += 1
            return do(*args, **named)

        return counted

    def at_once(self, work: Sequence[Callable[[], Any]]) -> tuple[Any, ...]:
        begun, ends, answers = self.now, [self.now], []
        for one in work:
            self.now = begun
            answers.append(one())
            ends.append(self.now)
        self.now = max(ends)
        return tuple(answers)

    def telling(self, end: Event, running: Any) -> Iterator[Any]:
        """A pass in a time of its own, from when all were started."""
        begun, outside = self.begun, self.now
        mine = begun
        while True:
            outside, self.now = self.now, mine
            try:
                receipt = next(running)
            except StopIteration as over:
                self.ends[id(end)] = self.now
                self.now = max(outside, self.now)
                return over.value
            mine, self.now = self.now, outside
            yield receipt

    begun = 0
    armed = 0
    verified = 0

    def wait_for(self, ends: Sequence[Event]) -> None:
        self.now = max([self.now, *(self.ends.get(id(one), self.armed) for one in ends)])


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    counted = Moments()
    monkeypatch.setattr(LiveReader, "read", counted.call(LiveReader.read))
    monkeypatch.setattr(Aws, "call", counted.call(Aws.call))
    monkeypatch.setattr(Aws, "warm", counted.call(Aws.warm))
    monkeypatch.setattr(abreast, "_at_once", counted.at_once)
    monkeypatch.setattr(abreast, "_pool", lambda _: nullcontext())
    monkeypatch.setattr(under_way, "_telling", counted.telling)
    monkeypatch.setattr(under_way, "_wait_for", counted.wait_for)
    plan, contain, start, arm = walk.plan, containments.contain, containments.under_way, deadman.arm

    def planned(*args: Any) -> Any:
        counted.now = 0
        return plan(*args)

    def contained(*args: Any, **named: Any) -> None:
        contain(*args, **named)
        counted.verified = counted.now

    def armed(*args: Any) -> Any:
        try:
            return arm(*args)
        finally:
            counted.armed = counted.now

    def started(*args: Any, **named: Any) -> Any:
        counted.begun = counted.now
        return start(*args, **named)

    monkeypatch.setattr(walk, "plan", planned)
    monkeypatch.setattr(containments, "contain", contained)
    monkeypatch.setattr(containments, "under_way", started)
    monkeypatch.setattr(deadman, "arm", armed)
    return counted


def test_a_host_is_isolated_and_read_back_within_twelve_calls(night: Night, moments: Moments) -> None:
    with in_a_group(night):
        night.walk("crypto_mining")
        assert night.states("crypto_mining") == {"E1": "contained", "E2": "contained", "E4": "contained"}
        assert 5 < moments.verified <= HOST_CALLS, moments.verified


def test_a_leaked_key_is_deactivated_and_its_user_denied_and_read_back(night: Night, moments: Moments) -> None:
    night.walk("leaked_user_key")
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "contained"}
    assert 2 < moments.verified <= KEY_CALLS
