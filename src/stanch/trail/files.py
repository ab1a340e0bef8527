"""CloudTrail files of a folder as records, each with its place; what cannot be read becomes a Skip with the reason."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.model.finding import Skip

LARGEST = 1 << 30
"""Bytes of one unpacked file, or of one line: a compressed file must not fill the memory."""
NOT_YET = {"vpcflow": "VPC flow logs are not read yet", "s3access": "S3 access logs are not read yet"}
NOT_EVENTS = {"CloudTrail-Digest": "a digest file, not events", "CloudTrail-Insight": "an Insights file, not events"}
LINES = (".ndjson", ".jsonl")


@dataclass(frozen=True)
class Record:
    """One event as AWS wrote it."""

    place: str
    """`file#Records[3]` or `file:4`."""
    body: JSONObject


def files(logs: Path) -> tuple[tuple[Path, ...], tuple[Skip, ...]]:
    """The log files under a folder (or the one file), sorted, and what is set aside unread.

    Raises BadInput when there is no such folder or file.
    """
    if not logs.exists():
        raise BadInput(f"{logs}: no such folder of logs")
    if logs.is_file():
        return (logs,), ()
    found: list[Path] = []
    skips: dict[str, Skip] = {}
    for path in sorted(one for one in logs.rglob("*") if one.is_file()):
        aside = _aside(path.relative_to(logs))
        if aside is None:
            found.append(path)
        else:
            skips.setdefault(aside.record, aside)
    return tuple(found), tuple(skips.values())


def read(path: Path, name: str) -> Iterator[Record | Skip]:
    """The records of one file, in its order; a broken rest of a file is one Skip."""
    try:
        with _open(path) as stream:
            yield from _lines(stream, name) if _form(path) in LINES else _document(stream, name)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        yield Skip(name, f"cannot be read: {_why(error)}", malformed=True)


def _aside(path: Path) -> Skip | None:
    for number, part in enumerate(path.parts[:-1], 1):
        reason = NOT_YET.get(part) or NOT_EVENTS.get(part)
        if reason:
            return Skip(str(Path(*path.parts[:number])), reason)
    return None if _form(path) in (".json", *LINES) else Skip(str(path), "not a log file")


def _form(path: Path) -> str:
    return Path(path.stem).suffix if path.suffix == ".gz" else path.suffix


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _document(stream: BinaryIO, name: str) -> Iterator[Record | Skip]:
    body = _parse(_bounded(stream.read(LARGEST + 1)))
    records = body.get("Records") if isinstance(body, dict) else None
    if not isinstance(records, list):
        yield Skip(name, "no list of Records in it", malformed=True)
        return
    for number, record in enumerate(records):
        yield _record(record, f"{name}#Records[{number}]")


def _lines(stream: BinaryIO, name: str) -> Iterator[Record | Skip]:
    number = 0
    while line := _bounded(stream.readline(LARGEST + 1)):
        number += 1
        place = f"{name}:{number}"
        if line.strip():
            try:
                yield _record(_parse(line), place)
            except (ValueError, RecursionError) as error:
                yield Skip(place, f"cannot be read: {_why(error)}", malformed=True)


def _record(body: JSON, place: str) -> Record | Skip:
    return Record(place, body) if isinstance(body, dict) else Skip(place, "not a JSON object", malformed=True)


def _parse(text: bytes) -> JSON:
    found: JSON = json.loads(text, parse_constant=_not_json)
    return found


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _bounded(text: bytes) -> bytes:
    if len(text) > LARGEST:
        raise ValueError(f"longer than {LARGEST} bytes")
    return text


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error) or type(error).__name__
