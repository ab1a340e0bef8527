"""Where the operator's own policies lie: a folder, or a prefix in a bucket. Both can say whether they changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from stanch.aws import Aws
from stanch.model.errors import BadInput, Environment

SUFFIXES = (".cedar", ".yaml")
"""Policies, and what is expected of them."""
LARGEST = 1_000_000
"""Characters of one file; a larger one is no policy."""


class Shelf(Protocol):
    """What the operator keeps for the guardrails."""

    def stamp(self) -> str:
        """Changes when a file does; cheap. Raises Environment or FailedResponse when it cannot be looked at."""
        ...

    def texts(self) -> Mapping[str, str]:
        """Every policy and expectation by its full name. Raises BadInput, Environment or FailedResponse."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def stamp(self) -> str:
        """Names, sizes and times of all files."""
        try:
            rows = [(str(one), one.stat().st_mtime_ns, one.stat().st_size) for one in self._files()]
        except OSError as error:
            raise Environment(f"the folder of guardrails {self.path} cannot be looked at: {error}") from error
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def texts(self) -> Mapping[str, str]:
        """By path, in order."""
        try:
            return {str(one): one.read_text(encoding="utf-8") for one in self._files()}
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{self.path}: cannot be read as Cedar policies: {error}") from error

    def _files(self) -> tuple[Path, ...]:
        return tuple(sorted(one for one in self.path.rglob("*") if one.suffix in SUFFIXES))


@dataclass(frozen=True)
class Bucket:
    """A prefix in a bucket, read with the worker's own credentials."""

    url: str
    aws: Aws

    def __str__(self) -> str:
        return self.url

    def stamp(self) -> str:
        """Keys and ETags of all objects."""
        return hashlib.sha256(repr(self._objects()).encode()).hexdigest()

    def texts(self) -> Mapping[str, str]:
        """By URL, in order."""
        bucket, _ = self._place()
        return {f"s3://{bucket}/{key}": self._text(bucket, key) for key, _ in self._objects()}

    def _objects(self) -> tuple[tuple[str, str], ...]:
        listed = self.aws.buckets().list(*self._place())
        return tuple(sorted((key, etag) for key, _, etag in listed if key.endswith(SUFFIXES)))

    def _text(self, bucket: str, key: str) -> str:
        data = self.aws.buckets().open(bucket, key).read(LARGEST + 1)
        if len(data) > LARGEST:
            raise BadInput(f"s3://{bucket}/{key} is longer than {LARGEST} bytes")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"s3://{bucket}/{key} is no text: {error}") from error

    def _place(self) -> tuple[str, str]:
        parts = urlsplit(self.url)
        if parts.scheme != "s3" or not parts.netloc:
            raise BadInput(f"{self.url!r} is no place for guardrails: write s3://bucket/prefix")
        return parts.netloc, parts.path.lstrip("/")
