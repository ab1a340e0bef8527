"""Typed looks into AWS's answers: what is absent or of another type reads as empty, never as a guess."""

from collections.abc import Mapping, Sequence

from stanch.model.data import JSON, JSONObject


def at(answer: JSON, *path: str) -> JSON:
    """The value under a path of keys, None where a step is missing."""
    for key in path:
        if not isinstance(answer, Mapping):
            return None
        answer = answer.get(key)
    return answer


def text(answer: JSON, *path: str) -> str:
    """The string under a path, empty when there is none."""
    value = at(answer, *path)
    return value if isinstance(value, str) else ""


def number(answer: JSON, *path: str, default: int) -> int:
    """The integer under a path, or the default."""
    value = at(answer, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def flag(answer: JSON, *path: str) -> bool:
    """Whether the value under a path is true."""
    return at(answer, *path) is True


def rows(answer: JSON, *path: str) -> tuple[JSONObject, ...]:
    """The objects in the list under a path."""
    return tuple(item for item in _items(answer, *path) if isinstance(item, Mapping))


def texts(answer: JSON, *path: str) -> tuple[str, ...]:
    """The strings in the list under a path."""
    return tuple(item for item in _items(answer, *path) if isinstance(item, str))


def tags(answer: JSON, *path: str) -> tuple[tuple[str, str], ...]:
    """The `Key`/`Value` pairs in the list under a path, sorted by key."""
    return tuple(sorted((text(row, "Key"), text(row, "Value")) for row in rows(answer, *path)))


def _items(answer: JSON, *path: str) -> Sequence[JSON]:
    value = at(answer, *path)
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
