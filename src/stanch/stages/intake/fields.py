"""Reading a record field by field: lenient where a part may be missing, strict and by name where it may not."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from stanch.model.data import JSON
from stanch.model.errors import BadInput

SECONDS_BELOW = 1e11
"""A number below this is a time in seconds, above it in milliseconds (1e11 ms is 1973, 1e11 s is the year 5138)."""
EPOCH = re.compile(r"[0-9]{10,13}")
"""Such a number written as a string."""
MAX_NEEDED = 2048
"""Characters that an id or type may have."""
MAX_COUNT = 2**31


@dataclass(frozen=True)
class Field:
    """A place in a record and what stands there; None stands where nothing does."""

    path: str
    """Where it is, as a person would write it: `detail.findings[2].Severity.Label`."""
    value: JSON

    def at(self, *names: str) -> "Field":
        """The field below, whether its names are written in camelCase or PascalCase."""
        found = self
        for name in names:
            inside = found.value if isinstance(found.value, Mapping) else {}
            other = name[:1].swapcase() + name[1:]
            key = other if name not in inside and other in inside else name
            found = Field(f"{found.path}.{key}" if found.path else key, inside.get(key))
        return found

    def first(self, *names: str) -> "Field":
        """The first of these fields that is there, else the first."""
        return next((one for one in map(self.at, names) if one.value is not None), self.at(names[0]))

    def each(self) -> tuple["Field", ...]:
        """The elements of a list; nothing for anything else."""
        values = self.value if isinstance(self.value, list) else []
        return tuple(Field(f"{self.path}[{number}]", value) for number, value in enumerate(values))

    def entries(self) -> tuple[tuple[str, "Field"], ...]:
        """The names and fields of an object; nothing for anything else."""
        values = self.value if isinstance(self.value, Mapping) else {}
        return tuple((name, self.at(name)) for name in values)

    def text(self) -> str:
        """A string, or empty."""
        return self.value if isinstance(self.value, str) else ""

    def shown(self, limit: int) -> str:
        """A string for people: cut to this length, its control characters made visible."""
        text = self.text()
        cut = text if len(text) <= limit else text[: limit - 1] + "…"
        return "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in cut)

    def flag(self) -> bool | None:
        """True or false, also written as a word, or None."""
        words = {"true": True, "false": False}
        return self.value if isinstance(self.value, bool) else words.get(self.text().lower())

    def number(self) -> float | None:
        """A finite number, also written as a string, or None."""
        try:
            number = float(self.value) if isinstance(self.value, int | float | str) else None
        except (ValueError, OverflowError):
            return None
        return None if number is None or isinstance(self.value, bool) or not math.isfinite(number) else number

    def whole(self, low: int, high: int, default: int) -> int:
        """A whole number within these bounds, else the default."""
        number = self.number()
        return int(number) if number is not None and number.is_integer() and low <= number <= high else default

    def time(self) -> datetime | None:
        """A time in UTC, from RFC 3339 (UTC when it has no offset) or from seconds or milliseconds, or None."""
        try:
            if isinstance(self.value, str) and not EPOCH.fullmatch(self.value):
                parsed = datetime.fromisoformat(self.value)
                return parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
            number = self.number()
            if number is None:
                return None
            return datetime.fromtimestamp(number if number < SECONDS_BELOW else number / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def need(self, pattern: str = r".+") -> str:
        """A printable string that matches. Raises BadInput naming the field."""
        text = self.value
        if text is None:
            raise BadInput(f"{self.path} is missing")
        if not isinstance(text, str):
            raise BadInput(f"{self.path} must be a string, not {_short(text)}")
        if len(text) > MAX_NEEDED or not text.isprintable() or not re.fullmatch(pattern, text):
            raise BadInput(f"{self.path} cannot be {_short(text)}")
        return text

    def need_time(self) -> datetime:
        """A time in UTC. Raises BadInput naming the field."""
        time = self.time()
        if time is None:
            raise self.wrong("a time")
        return time

    def wrong(self, wanted: str) -> BadInput:
        """The error that says what should stand here."""
        if self.value is None:
            return BadInput(f"{self.path} is missing")
        return BadInput(f"{self.path} must be {wanted}, not {_short(self.value)}")


def _short(value: JSON) -> str:
    match value:
        case Mapping():
            return "an object"
        case list():
            return "a list"
        case _:
            text = ascii(value)
            return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - what fits into a sentence
