"""CloudTrail text as records, one by one, each with its place: the slow and sure way."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from stanch.model.data import JSON, JSONObject
from stanch.model.finding import Skip

ENVELOPES = frozenset(
    {"AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail", "AWS Service Event via CloudTrail"}
)
"""EventBridge's `detail-type`s whose `detail` is a record."""


@dataclass(frozen=True)
class Record:
    """One event as AWS wrote it."""

    place: str
    """`file#Records[3]` or `file:4`."""
    body: JSONObject


def document(data: bytes, name: str) -> Iterator[Record | Skip]:
    """The records of one JSON document; a broken one is one Skip."""
    try:
        body = parse(data)
    except (ValueError, RecursionError) as error:
        yield Skip(name, f"cannot be read: {why(error)}", malformed=True)
        return
    records = body.get("Records") if isinstance(body, dict) else None
    if isinstance(body, dict) and body.get("detail-type") in ENVELOPES:
        yield record(body, name)
    elif not isinstance(records, list):
        yield Skip(name, "no list of Records in it", malformed=True)
    else:
        yield from (record(one, f"{name}#Records[{number}]") for number, one in enumerate(records))


def lines(data: bytes, name: str, first: int = 0) -> Iterator[Record | Skip]:
    """The records of JSON lines; `first` counts the lines before these."""
    for number, line in enumerate(data.split(b"\n"), first + 1):
        if line.strip():
            yield line_record(line, f"{name}:{number}")


def line_record(line: bytes | str, place: str) -> Record | Skip:
    """The record of one JSON text."""
    try:
        return record(parse(line), place)
    except (ValueError, RecursionError) as error:
        return Skip(place, f"cannot be read: {why(error)}", malformed=True)


def record(body: JSON, place: str) -> Record | Skip:
    """A record, taken out of EventBridge's envelope."""
    if isinstance(body, dict) and body.get("detail-type") in ENVELOPES:
        body = body.get("detail")
    return Record(place, body) if isinstance(body, dict) else Skip(place, "not a JSON object", malformed=True)


def parse(text: bytes | str) -> JSON:
    """The JSON value; raises ValueError or RecursionError."""
    found: JSON = json.loads(text, parse_constant=_not_json)
    return found


def why(error: Exception) -> str:
    """The error in words."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(error) or type(error).__name__


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
