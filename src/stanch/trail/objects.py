"""Log objects of a folder or a bucket: what there is, what is no log, and how its bytes are opened."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.model.text import shown

NOT_EVENTS = {"CloudTrail-Digest": "a digest file, not events", "CloudTrail-Insight": "an Insights file, not events"}
SUFFIXES = frozenset({".json", ".ndjson", ".jsonl", ".log", ".csv", ".txt", ".parquet", ""})
"""Names that a log may have, before `.gz`; what is really in it is looked at."""


@dataclass(frozen=True)
class Object:
    """One stored log object."""

    name: str
    """Its path below the folder or bucket prefix that was named: the place of its records."""
    key: str
    """Its whole path or URL."""
    size: int
    """Bytes as stored."""
    stamp: str
    """Changes when the object does: modification time, or ETag."""
    open: Callable[[], BinaryIO]
    """Its bytes as stored; raises OSError or one of stanch's errors."""

    digest: Callable[[], str]
    """What tells its content from every other: SHA-256 of the bytes, or S3's ETag."""

    @property
    def packed(self) -> bool:
        """Whether it is gzip, by its name."""
        return self.name.endswith(".gz")

    @property
    def suffix(self) -> str:
        """What its name ends in, without `.gz`."""
        return _suffix(self.name)


class Bucket(Protocol):
    """The objects of an S3 bucket, as the door to AWS gives them."""

    def list(self, bucket: str, prefix: str) -> Iterable[tuple[str, int, str]]:
        """Key, size and ETag of each object under a prefix."""
        ...

    def open(self, bucket: str, key: str) -> BinaryIO:
        """An object's bytes as stored."""
        ...


def folder(root: Path) -> tuple[tuple[Object, ...], tuple[Skip, ...]]:
    """The log objects under a folder (or the one file), sorted, and what is set aside unread.

    Raises BadInput when there is no such folder or file.
    """
    if not root.exists():
        raise BadInput(f"{root}: no such folder of logs")
    if root.is_file():
        return (_file(root, shown(root.name)),), ()
    paths = sorted(one for one in root.rglob("*") if one.is_file())
    return _sorted_out(_file(path, shown(path.relative_to(root))) for path in paths)


def bucket(url: str, door: Bucket) -> tuple[tuple[Object, ...], tuple[Skip, ...]]:
    """The log objects under `s3://bucket/prefix`, sorted by key, and what is set aside unread."""
    name, _, prefix = url.removeprefix("s3://").partition("/")
    if not name:
        raise BadInput(f"{url}: names no bucket")

    def one(key: str, size: int, tag: str) -> Object:
        return Object(key, f"s3://{name}/{key}", size, tag, lambda: door.open(name, key), lambda: f"etag:{tag}")

    return _sorted_out(one(*found) for found in sorted(door.list(name, prefix)) if not found[0].endswith("/"))


def _file(path: Path, name: str) -> Object:
    state = path.stat()
    return Object(
        name,
        _key(path.resolve()),
        state.st_size,
        str(state.st_mtime_ns),
        lambda: path.open("rb"),
        lambda: _digest(path),
    )


def _key(path: Path) -> str:
    """Its own for every file: as a URL where the path is no text, which no path looks like."""
    text = shown(path)
    return text if text == str(path) else path.as_uri()


def _digest(path: Path) -> str:
    with path.open("rb") as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest()


def _sorted_out(objects: Iterable[Object]) -> tuple[tuple[Object, ...], tuple[Skip, ...]]:
    found: list[Object] = []
    skips: dict[str, Skip] = {}
    for one in objects:
        aside = _aside(one.name)
        if aside is None:
            found.append(one)
        else:
            skips.setdefault(aside.record, aside)
    return tuple(found), tuple(skips.values())


def _aside(name: str) -> Skip | None:
    parts = name.split("/")
    for number, part in enumerate(parts[:-1], 1):
        if part in NOT_EVENTS:
            return Skip("/".join(parts[:number]), NOT_EVENTS[part])
    dated = parts[-1][:4].isdigit()  # S3 access logs are named `2026-03-01-00-12-33-ABC`
    return None if dated or _suffix(name) in SUFFIXES else Skip(name, "not a log file")


def _suffix(name: str) -> str:
    return Path(Path(name).stem if name.endswith(".gz") else name).suffix
