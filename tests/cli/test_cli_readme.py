"""README and command line say the same: every command is in it, and every command line in it can be typed."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from stanch.cli import app

from .desk import ROOT, Desk

README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.compile(r"^    (?:.*?\s)?(stanch .*?)(?:\s{2,}#.*)?$", re.MULTILINE)


def lines() -> list[list[str]]:
    """Each command line of README's code blocks as words; `a | b` and `A|B` are alternatives."""
    found = []
    for text in CODE.findall(README):
        first, *others = (shlex.split(part, comments=True) for part in text.split(" | "))
        found.append(first[1:])
        found += [[*first[1:2], *other] for other in others]
    return found


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from leaves(one, (*path, name))
    else:
        yield path, command


COMMANDS = dict(leaves(typer.main.get_command(app)))


def command_of(words: list[str]) -> tuple[str, ...]:
    return next(path for path in COMMANDS if tuple(words[: len(path)]) == path)


def test_readme_has_command_lines() -> None:
    assert len(lines()) >= 10
    assert ["case", "revert", "CASE", "--by", "dana"] in lines()


@pytest.mark.parametrize("words", lines(), ids=" ".join)
def test_a_command_line_of_readme_names_a_command_and_options_that_it_has(words: list[str]) -> None:
    path = command_of(words)
    options = {name for one in COMMANDS[path].params for name in (*one.opts, *one.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= options
    needed = [one for one in COMMANDS[path].params if one.required and one.param_type_name == "argument"]
    assert len([word for word in words[len(path) :] if not word.startswith("--")]) >= len(needed)


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_help_and_stands_in_readme(stanch: Desk, path: tuple[str, ...]) -> None:
    told = stanch(*path, "--help")
    assert (told.code, told.err) == (0, "")
    assert f"Usage: stanch {' '.join(path)}" in told.out
    help_text = COMMANDS[path].help
    assert help_text
    documented = {command_of(words) for words in lines()} | {("demo",) for _ in re.findall(r"make demo", README)}
    assert path in documented


def test_exit_codes_and_settings_are_documented() -> None:
    for code in ("0 done", "1 error", "2 usage", "3 ran", "4 refused", "5 verification"):
        assert code in README
    for name in ("profile", "context", "state", "checkpoints", "[[source]]"):
        assert name in README
