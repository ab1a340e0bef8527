"""The schema for editors says of a playbook.yaml what its parser says."""

from collections.abc import Callable
from typing import Any

import pytest

from stanch.actions import catalogue
from stanch.model.playbook import Trust
from stanch.playbooks import SHELF, parse
from stanch.playbooks.schema import schema
from stanch.playbooks.strict import read

SCHEMA: Any = schema(tuple(catalogue()))
FILES = sorted(SHELF.glob("*/playbook.yaml"))


def errors(value: object) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return [one.message for one in jsonschema.Draft202012Validator(SCHEMA).iter_errors(value)]


def shipped(name: str = "credential_exfiltration") -> Any:
    return read(SHELF / name / "playbook.yaml", name).value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_shipped_playbook_is_valid(file: Any) -> None:
    assert errors(shipped(file.parent.name)) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.update(colour="red"),
        lambda one: one.pop("title"),
        lambda one: one.update(actions=["I0"]),
        lambda one: one.update(common=["C99"]),
        lambda one: one.update(critical=[]),
        lambda one: one["questions"][0].update(yes=7),
        lambda one: one["questions"][0].update(trust="C"),
        lambda one: one["questions"][0].update(trust="B", vetoes=True),
        lambda one: one["questions"][0].update(needs=["dreams"]),
        lambda one: one["priors"][0].update(benign=0),
    ],
)
def test_what_the_parser_refuses_is_not_valid(spoil: Callable[[Any], object]) -> None:
    value = shipped()
    spoil(value)
    assert errors(value)


def test_keys_and_choices_are_the_parser_s() -> None:
    question = SCHEMA["properties"]["questions"]["items"]
    assert SCHEMA["required"] == list(parse.PLAYBOOK_KEYS)
    assert question["required"] == list(parse.QUESTION_KEYS)
    assert set(question["properties"]) == {*parse.QUESTION_KEYS, *parse.QUESTION_OPTIONAL}
    assert question["properties"]["needs"]["items"]["enum"] == list(parse.NEEDS)
    assert SCHEMA["properties"]["actions"]["items"]["enum"] == list(catalogue())
    bounds = {one["if"]["properties"]["trust"]["const"]: one["then"]["properties"] for one in question["allOf"]}
    assert set(bounds) == set(Trust)
    assert bounds["C"]["yes"]["enum"] == [1, 2, 3, 4]
    assert [name for name, one in bounds.items() if "vetoes" in one] == ["B", "C"]
