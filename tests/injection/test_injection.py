"""Nothing that an attacker writes excuses him, frames anybody, forces a containment or speaks through the case."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stanch.console.page import page
from stanch.model.casefile import CaseFile
from stanch.model.summary import Summary
from stanch.model.text import clean
from stanch.model.verdict import Answer
from stanch.respond.house import House
from stanch.respond.hunting import Hunt, hunted
from stanch.respond.run import once, running
from stanch.stages.summary import summarise

from .forms import one, with_words_asff, with_words_ocsf
from .payloads import OTHERS, PAYLOADS
from .scene import CONTEXT, FIELDS, NOW, Write, deeds, house, logged, night, told, walk, write_event, write_finding

FINDINGS, LOGS = night()
Files = dict[str, CaseFile]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("night")


@pytest.fixture(scope="module")
def untouched(built: House, folder: Path) -> Files:
    return walk(built, folder, FINDINGS, LOGS)


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


def test_the_night_itself_ends_as_its_examples_do(untouched: Files) -> None:
    truth = {name: told(file) for name, file in untouched.items()}
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

    for record in FINDINGS:
        write_finding(record, write)
    for record in LOGS:
        write_event(record, write)
    assert written == set(FIELDS)


class Turning:
    """Another payload for every field."""

    def __init__(self, start: int) -> None:
        self._next = start

    def __call__(self, _: str) -> str:
        self._next += 1
        return PAYLOADS[self._next % len(PAYLOADS)]


def attacked(built: House, folder: Path, finding: Callable[[int], Write], event: Callable[[int], Write]) -> Files:
    found = [write_finding(one, finding(number)) for number, one in enumerate(FINDINGS)]
    return walk(built, folder, found, [write_event(one, event(number)) for number, one in enumerate(LOGS)])


def accuses_himself(file: CaseFile) -> bool:
    """A caller wears the name of an attack tool: the one thing that his words may say, and only against him (C9)."""
    return any(one.question == "C9" and one.answer is Answer.YES for one in file.evidence)


def check_verdicts(files: Files, untouched: Files) -> None:
    """The same outcome, probability, answers, targets and calls; who accuses himself is believed, a little."""
    assert files.keys() == untouched.keys()
    for name, file in files.items():
        found, before = told(file), told(untouched[name])
        if accuses_himself(file):
            assert found.p is not None
            assert before.p is not None
            assert 1 <= found.p / (1 - found.p) / (before.p / (1 - before.p)) <= 4.001
            others = tuple(("C9", "no") if one == ("C9", "yes") else one for one in found.answers)
            found = replace(found, p=before.p, answers=others)
        assert found == before


def check(files: Files, untouched: Files) -> None:
    """The same verdicts, the same tale, and a page of the same parts."""
    check_verdicts(files, untouched)
    for name, file in files.items():
        if not accuses_himself(file):
            mine, before = (
                replace(one, drawn="") for one in (file, untouched[name])
            )  # a lot, drawn by the journal's hash
            assert tale(mine).sentences == tale(before).sentences
    for name in (name for name, file in files.items() if file.would):
        text = drawn(files[name])
        assert marks(text) == marks(drawn(untouched[name]))
        assert clean(text) == re.sub(r"[\n\r\t]", " ", text)


@pytest.mark.parametrize("number", range(-(-len(PAYLOADS) // 9)))
def test_no_words_change_anything(built: House, folder: Path, untouched: Files, number: int) -> None:
    """Each attack bears three payloads in title and description, and each field of finding or event one of its own."""
    turning = Turning(number * 9)

    def finding(at: int) -> Write:
        mine = " ".join(PAYLOADS[number * 9 + at * 3 :][:3])
        return lambda field: mine if field in ("title", "description") else turning(field)

    check(attacked(built, folder, finding, lambda _: turning), untouched)


def test_every_payload_in_every_field_is_but_text_to_the_parser() -> None:
    for record in FINDINGS:
        plain = one(write_finding(record, lambda _: "said"))
        for payload in PAYLOADS:
            read = one(write_finding(record, lambda _, payload=payload: payload))
            assert replace(read, title="", description="") == replace(plain, title="", description="")


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({name: st.text(max_size=60) | st.sampled_from(PAYLOADS) for name in FIELDS}))
def test_no_text_in_any_field_changes_anything(
    built: House, folder: Path, untouched: Files, words: dict[str, str]
) -> None:
    files = attacked(built, folder, lambda _: words.__getitem__, lambda _: words.__getitem__)
    check_verdicts(files, untouched)


@pytest.mark.parametrize("form", [with_words_asff, with_words_ocsf])
def test_in_other_formats_words_are_words_as_well(form: Callable[[Write], Any]) -> None:
    plain = one(form(lambda _: "said"))
    for words in PAYLOADS:
        read = one(form(lambda _, words=words: words))
        assert replace(read, title="", description="") == replace(plain, title="", description="")


@pytest.mark.parametrize("form", [with_words_asff, with_words_ocsf])
def test_in_other_formats_the_walk_ends_the_same(built: House, folder: Path, form: Callable[[Write], Any]) -> None:
    (plain,) = walk(built, folder, [form(lambda _: "said")], []).values()
    assert str(plain.outcome) == "contain"
    for start in range(0, 100, 25):
        (file,) = walk(built, folder, [form(Turning(start))], []).values()
        assert told(file) == told(plain)
        assert tale(file).sentences == tale(plain).sentences


def hunting(built: House, folder: Path, write: Write) -> Any:
    """The findings of a hunt and what becomes of their cases, with an attacker's words in the logs."""
    own = logged(built, folder, [write_event(one, write) for one in deeds()])
    found = hunted(own)
    with running(own) as engine:
        once(own, engine, (), hunt=Hunt())
    return found, [told(file) for file in own.files()]


def test_no_words_open_or_keep_shut_a_case_of_the_trail_s_own(built: House, folder: Path) -> None:
    found, files = hunting(built, folder, lambda _: "said")
    assert {one.type.rpartition(".")[2] for one in found} == {
        *("PolicyAttachedToSelf", "EnumerationBurst", "CredentialsTakenOver", "WatchingSwitchedOff", "ObjectsExpired"),
        "SettledKeyMoved",
    }
    assert "contain" in {one.outcome for one in files}
    assert hunting(built, folder, Turning(0)) == (found, files)
