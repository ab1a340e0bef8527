"""How a case goes when nobody is killed, and what must be so after every kill."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stanch.lab.clock import OPENING
from stanch.model.contained import Decided, Reverted

from .killing import Ended, Nurseries, Site

SIGKILL = 9
SIDE_BY_SIDE = 5
"""Most of a process's life is waiting for its engine to stop."""
DEADLINE = OPENING + timedelta(hours=4)


@dataclass(frozen=True)
class Undisturbed:
    """How it goes when nobody is killed."""

    before: dict[str, Any]
    contained: dict[str, Any]
    reverted: dict[str, Any]
    contain: tuple[str, ...]
    """Moments of containing."""
    revert: tuple[str, ...]
    """Moments of reverting."""
    changes: list[str]
    """Changing calls of containing."""
    undoing: list[str]
    """Changing calls of reverting."""


def go(nurseries: Nurseries, folder: Path, scenario: str) -> Undisturbed:
    """Contain, and take it back when its time is over."""
    with nurseries.site(folder / "site", scenario) as site:
        before = site.aws
        first = done(site.respond())
        contained, changes = site.aws, site.changes
        site.clock.set(DEADLINE - timedelta(seconds=1))
        done(site.sweep())
        assert site.aws == contained, "not a second too early"
        site.clock.set(DEADLINE)
        second = done(site.sweep())
        undoing = site.changes[len(changes) :]
        return Undisturbed(before, contained, site.aws, first.moments, second.moments, changes, undoing)


def done(ended: Ended) -> Ended:
    assert (ended.killed, ended.code) == (0, 0), ended
    return ended


def killed(ended: Ended) -> Ended:
    assert ended.killed == SIGKILL, ended
    return ended


def is_contained(site: Site, normal: Undisturbed, *, state: str = "contained") -> None:
    """Every containment is in place, was made once and is journalled once; the journal is whole."""
    assert site.aws == normal.contained
    assert site.changes == normal.changes
    assert set(site.states.values()) == {state}
    number = len(site.states)
    counts = {name: site.kinds[name] for name in ("FindingReceived", "Intended", "Contained", "Closed")}
    assert counts == {"FindingReceived": 1, "Intended": number, "Contained": number, "Closed": 1}
    assert not site.kinds["ContainmentFailed"]
    assert site.armed == {one.id for one in site.case.containments}
    assert not [page for page in site.case.pages if "could not" in page]
    assert site.verify().problem == ""


def is_reverted(site: Site, normal: Undisturbed) -> None:
    """Every containment was taken back once, by the timer; the journal is whole."""
    assert site.aws == normal.reverted
    assert site.changes == [*normal.changes, *normal.undoing]
    assert set(site.states.values()) == {"reverted"}
    number = len(site.states)
    counts = {name: site.kinds[name] for name in ("Intended", "Contained", "Decided", "Reverted")}
    assert counts == dict.fromkeys(counts, number)
    decisions = [fact.body for fact in site.facts if isinstance(fact.body, Decided | Reverted)]
    assert {one.by for one in decisions} == {"timer"}
    assert not site.kinds["RevertFailed"]
    assert site.verify().problem == ""


def each(names: list[str], check: Callable[[int], None], *, stride: int) -> None:
    """Check the moments, some side by side, and name all that fail: all of them, or a sample."""

    def problem(number: int) -> str:
        try:
            check(number)
        except AssertionError as error:
            return f"\n--- killed at {names[number]} (number {number})\n{error}"
        return ""

    chosen = range(0, len(names), stride)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        problems = [one for one in pool.map(problem, chosen) if one]
    assert not problems, "".join(problems)


def lives_until_done(live: Callable[[], Ended]) -> int:
    """How many lives ended early."""
    for lives in range(40):
        ended = live()
        if not ended.killed:
            done(ended)
            return lives
    pytest.fail("it never gets there")
