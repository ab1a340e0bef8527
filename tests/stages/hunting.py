"""Builders for tests of the hunt: calls by a user with a key, a house around them, and what is found in it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stanch.model.context import Context
from stanch.respond.house import House
from stanch.respond.hunting import hunted
from stanch.settings import load_settings
from stanch.store.database import open_database
from stanch.trail import Trail

from .questioning import ACCOUNT, STRANGER, by, call

KEY, ANA = "AKIAEXAMPLEANA00001", by("IAMUser", "ana")
OTHER = "444455556666"
Told = tuple[str, list[dict[str, Any]]]
"""The kind that is found, empty for none, and the calls."""


def act(name: str, minutes: float = 0, **fields: Any) -> dict[str, Any]:
    return call(name, minutes, **{"userIdentity": ANA, **fields})


def asking(name: str, minutes: float = 0, /, **parameters: Any) -> dict[str, Any]:
    return act(name, minutes, requestParameters=parameters)


@cache
def empty() -> House:
    """A house that asks AWS nothing, built once: all of its playbooks are rehearsed while it is."""
    with TemporaryDirectory() as folder:
        return House.build(load_settings(Path(folder)), live=False, durable=False)


def house(tmp_path: Path, *events: dict[str, Any], context: Context | None = None) -> House:
    (tmp_path / "logs").mkdir()
    numbered = [{"eventID": f"e{number:03}", **one} for number, one in enumerate(events)]
    (tmp_path / "logs" / "trail.json").write_text(json.dumps({"Records": numbered}), encoding="utf-8")
    trail = Trail.load(tmp_path / "logs")
    assert not trail.skips
    return replace(empty(), context=context or Context(), trail=trail, database=open_database(None))


def kinds(tmp_path: Path, *events: dict[str, Any], context: Context | None = None) -> set[str]:
    return {one.type.partition("stanch.")[2] for one in hunted(house(tmp_path, *events, context=context))}


def by_account(cases: Sequence[Told]) -> dict[str, set[str]]:
    """All cases in one trail, each in an account of its own with its own addresses and keys, hunted in once."""
    records = [json.loads(one) for number, (_, events) in enumerate(cases) for one in apart(number, events)]
    with TemporaryDirectory() as folder:
        found = hunted(house(Path(folder), *records))
    seen: dict[str, set[str]] = {}
    for one in found:
        seen.setdefault(one.account, set()).add(one.type.partition("stanch.")[2])
    return seen


def apart(number: int, events: list[dict[str, Any]]) -> list[str]:
    own = {ACCOUNT: f"{number:012}", STRANGER: f"198.51.100.{number}", "AKIAEXAMPLE": f"AKIAEXAMPL{number:03}"}
    told = [json.dumps(one) for one in events]
    for mine, other in own.items():
        told = [one.replace(mine, other) for one in told]
    return told


def named(cases: Sequence[Told]) -> list[str]:
    """Names of the tests of these cases."""
    return [f"{n}-{kind or 'nothing'}" for n, (kind, _) in enumerate(cases)]
