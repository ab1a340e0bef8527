"""Reading YAML strictly: every value knows where it stands, so that every error can say it."""

import math
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from ipaddress import ip_network
from typing import TypeVar

import yaml

from stanch.model.data import JSON
from stanch.model.errors import BadInput

T = TypeVar("T")

MAX_DEPTH = 32
"""Levels that a value may be nested; a file that refers to itself has no end."""
ACCOUNT_DIGITS = 12


def read_yaml(name: str, data: bytes) -> "Place":
    """The whole of a YAML file. Raises BadInput naming the file."""
    try:
        return Place(name, "", yaml.load(data, _Loader))  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInput(f"{name} is not YAML that can be read: {error}") from error


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently keep the last."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Place:
    """A value and where it stands."""

    file: str
    path: str
    value: object

    def wrong(self, wanted: str) -> BadInput:
        """The error that says what should stand here."""
        return BadInput(f"{self.file}: {self.path or 'the whole file'} must be {wanted}, not {ascii(self.value)[:80]}")

    def entries(self) -> dict[str, "Place"]:
        """The values of a table by name, empty ones left out."""
        if not isinstance(self.value, dict):
            raise self.wrong("a table")
        before = f"{self.path}." if self.path else ""
        return {
            str(one): Place(self.file, f"{before}{one}", value)
            for one, value in self.value.items()
            if value is not None
        }

    def table(self, names: str, *, need: str = "") -> "Table":
        """The same with no other names than these; `need` must be there."""
        found = self.entries()
        for name, place in found.items():
            if name not in names.split():
                raise BadInput(f"{self.file}: the key {place.path} is not known; there are {', '.join(names.split())}")
        for name in need.split():
            if name not in found:
                raise BadInput(f"{self.file}: {self.path}.{name} is missing")
        return Table(found)

    def each(self, read: Callable[["Place"], T]) -> tuple[T, ...]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(read(Place(self.file, f"{self.path}[{number}]", one)) for number, one in enumerate(self.value))

    def text(self) -> str:
        """A text; a number is one, too."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float) or not str(self.value).strip():
            raise self.wrong("a text")
        return str(self.value)

    def one_of(self, words: Collection[str]) -> str:
        """One of these words."""
        if self.value not in words:
            raise self.wrong(f"one of {', '.join(words)}")
        return str(self.value)

    def account(self) -> str:
        """An account id. YAML reads one without quotes as a number, and one with a leading zero as another number."""
        text = str(self.value)
        if isinstance(self.value, bool) or len(text) != ACCOUNT_DIGITS or not (text.isascii() and text.isdigit()):
            raise self.wrong("an account id of 12 digits (in quotes if it begins with 0)")
        return text

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def whole(self, low: int, high: int) -> int:
        """A whole number within these bounds."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            raise self.wrong(f"a whole number from {low} to {high}")
        return self.value

    def network(self) -> str:
        """A CIDR in its usual form; an address counts as a network of one."""
        try:
            return str(ip_network(self.text(), strict=False))
        except ValueError as error:
            raise self.wrong("a network such as 203.0.113.0/24") from error

    def time(self) -> datetime:
        """A time in UTC; without an offset it is meant so."""
        value = self.value
        try:
            if isinstance(value, str):
                value = datetime.fromisoformat(value)
            elif isinstance(value, date) and not isinstance(value, datetime):
                value = datetime(value.year, value.month, value.day, tzinfo=UTC)
            if not isinstance(value, datetime):
                raise self.wrong("a time")
            return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.wrong("a time such as 2026-11-23T01:30:00Z") from error

    def json(self, depth: int = 0) -> JSON:
        """Anything, as JSON; a time becomes a text."""
        if depth > MAX_DEPTH:
            raise self.wrong(f"nested {MAX_DEPTH} levels deep at most")
        match self.value:
            case dict():
                below = {str(name): Place(self.file, f"{self.path}.{name}", one) for name, one in self.value.items()}
                return {name: one.json(depth + 1) for name, one in below.items()}
            case list():
                return [Place(self.file, self.path, one).json(depth + 1) for one in self.value]
            case float() if not math.isfinite(self.value):
                raise self.wrong("a number that JSON can write")
            case None | bool() | int() | float() | str():
                return self.value
            case date():
                return self.value.isoformat()
            case _:
                raise self.wrong("something that JSON can write")


class Table(dict[str, Place]):
    """The values of a table, with what to take for those that are not there."""

    def text(self, name: str) -> str:
        """A text, empty when it is not there."""
        return self[name].text() if name in self else ""

    def flag(self, name: str) -> bool | None:
        """True, false, or None when it is not there."""
        return self[name].flag() if name in self else None

    def each(self, name: str, read: Callable[[Place], T]) -> tuple[T, ...]:
        """The elements of a list, none when it is not there."""
        return self[name].each(read) if name in self else ()
