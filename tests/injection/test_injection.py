"""Nothing that an attacker writes excuses him, frames anybody, forces a containment or speaks through the case."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stanch.console.page import page
from stanch.model.casefile import CaseFile
from stanch.model.summary import Summary
from stanch.model.text import clean
from stanch.respond.house import House
from stanch.stages.summary import summarise

from .payloads import OTHERS, PAYLOADS
from .scene import CONTEXT, FIELDS, NOW, Told, house, night, told, walk, write_event, write_finding

FINDINGS, LOGS = night()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("night")


@pytest.fixture(scope="module")
def untouched(built: House, folder: Path) -> dict[str, CaseFile]:
    return walk(built, folder, FINDINGS, LOGS)


@pytest.fixture(scope="module")
def truth(untouched: dict[str, CaseFile]) -> dict[str, Told]:
    return {name: told(file) for name, file in untouched.items()}


class _Tags(HTMLParser):
    """What a page consists of, its texts aside."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, frozenset[str]]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, frozenset(name for name, _ in attrs)))


def tale(file: CaseFile) -> Summary:
    return summarise(file, (), "", CONTEXT)


def drawn(file: CaseFile) -> str:
    return page(file, tale(file), simulated=True, now=NOW)


def marks(text: str) -> set[tuple[str, frozenset[str]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.found


def test_the_night_itself_ends_as_its_examples_do(truth: dict[str, Told]) -> None:
    assert sorted(one.outcome for one in truth.values()) == ["contain", "contain", "contain", "escalate", "queue"]
    named = {target for one in truth.values() for target in one.targets}
    assert named.isdisjoint(OTHERS)
    assert len(named) >= 3


def test_there_are_enough_words_and_places() -> None:
    assert len(PAYLOADS) >= 80
    assert len(FIELDS) >= 20
    written: set[str] = set()

    def write(field: str) -> str:
        written.add(field)
        return field

    for one in FINDINGS:
        write_finding(one, write)
    for one in LOGS:
        write_event(one, write)
    assert written == set(FIELDS)


def attacked(built: House, folder: Path, write: Callable[[str], str]) -> dict[str, CaseFile]:
    found = [write_finding(one, write) for one in FINDINGS]
    return walk(built, folder, found, [write_event(one, write) for one in LOGS])


@pytest.mark.parametrize("number", range(len(PAYLOADS)), ids=[repr(one[:24]) for one in PAYLOADS])
def test_no_words_change_anything(
    built: House, folder: Path, truth: dict[str, Told], untouched: dict[str, CaseFile], number: int
) -> None:
    files = attacked(built, folder, lambda _: PAYLOADS[number])
    assert {name: told(file) for name, file in files.items()} == truth
    for name, file in files.items():
        assert tale(file).sentences == tale(untouched[name]).sentences
    shown = next(file for file in files.values() if file.would)
    text = drawn(shown)
    assert marks(text) <= marks(drawn(untouched[shown.findings[0].id]))
    assert clean(text) == re.sub(r"[\n\r\t]", " ", text)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({name: st.text(max_size=60) | st.sampled_from(PAYLOADS) for name in FIELDS}))
def test_no_text_in_any_field_changes_anything(
    built: House, folder: Path, truth: dict[str, Told], words: dict[str, str]
) -> None:
    files = attacked(built, folder, lambda field: words[field])
    assert {name: told(file) for name, file in files.items()} == truth
