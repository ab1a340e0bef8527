"""The catalogue: one module per action, each with one constant `ACTION`; third parties add theirs by entry point."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from stanch.actions._cli import cli_line
from stanch.actions._order import awaits, climb, in_order, pace
from stanch.actions._role import possible_calls, role_policy
from stanch.actions._session import Grant, Session, oversized, session_for, sessions
from stanch.actions._undo_role import (
    machine_calls,
    machine_definition,
    machine_policy,
    schedule_policy,
    sdk_call,
    switched,
)
from stanch.model.change import Action
from stanch.model.errors import BadInput

__all__ = [
    "GROUP",
    "Grant",
    "Session",
    "awaits",
    "catalogue",
    "cli_line",
    "climb",
    "in_order",
    "machine_calls",
    "machine_definition",
    "machine_policy",
    "oversized",
    "pace",
    "possible_calls",
    "role_policy",
    "schedule_policy",
    "sdk_call",
    "session_for",
    "sessions",
    "switched",
]

GROUP = "stanch.actions"
"""The entry point group; each entry is an `Action`: `my_id = "my_package.my_module:ACTION"`."""
_BROKEN = (ImportError, AttributeError, SyntaxError, NameError, TypeError, ValueError, LookupError)


def catalogue() -> Mapping[str, Action[Any]]:
    """All actions by id, sorted; raises BadInput naming an extension that does not load or takes an id twice."""
    found: dict[str, Action[Any]] = {}
    for origin, action in (*_own(), *_extensions()):
        if action.id in found:
            raise BadInput(f"{origin}: action id {action.id!r} is taken")
        found[action.id] = action
    return dict(sorted(found.items()))


def _own() -> Iterator[tuple[str, Action[Any]]]:
    for member in pkgutil.iter_modules(__path__):
        if not member.name.startswith("_"):
            name = f"{__name__}.{member.name}"
            yield name, _checked(name, import_module(name).ACTION)


def _extensions() -> Iterator[tuple[str, Action[Any]]]:
    for entry in entry_points(group=GROUP):
        name = f"extension {entry.name} ({entry.value})"
        yield name, _checked(name, _load(name, entry))


def _load(name: str, entry: EntryPoint) -> object:
    try:
        loaded: object = entry.load()
    except _BROKEN as error:
        raise BadInput(f"{name} does not load: {type(error).__name__}: {error}") from error
    return loaded


def _checked(name: str, member: object) -> Action[Any]:
    if not isinstance(member, Action):
        raise BadInput(f"{name} is a {type(member).__name__}, not an Action")
    return member
