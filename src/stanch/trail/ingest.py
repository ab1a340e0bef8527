"""Objects into tables, chunk by chunk: bounded in memory, exactly once, resumable; what is set aside is said."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from stanch.model.finding import Skip
from stanch.trail.blocks import Block, blocks
from stanch.trail.decode import TABLES, decode
from stanch.trail.kind import Kind
from stanch.trail.manifest import Taken
from stanch.trail.objects import Object
from stanch.trail.staging import Staging

CHUNK = 32 << 20
"""Bytes of text that are decoded at once."""
TOGETHER = 256
"""Objects that are committed together at most."""
Progress = Callable[[int, int], None]
"""Told (objects done, objects in all)."""


class Keeper(Protocol):
    """Where finished rows go."""

    def turn(self) -> AbstractContextManager[None]:
        """Nobody else writes meanwhile."""
        ...

    def stamp(self, key: str) -> str | None:
        """The stamp of an object that was read before."""
        ...

    def holds(self, digest: str) -> bool:
        """Whether an object of this content was read before."""
        ...

    def staging(self) -> Staging:
        """An empty staging."""
        ...

    def write(self, staging: Staging) -> None:
        """Lay the staged rows down; they count from the next commit on."""
        ...

    def commit(self, taken: Sequence[Taken], skips: Sequence[Skip]) -> None:
        """Let all that was laid down count, with the objects that it came from, or nothing of it."""
        ...

    def rows(self, one: Object) -> Iterator[Block | Skip]:
        """The rows of a Parquet object as blocks of CloudTrail records."""
        ...


@dataclass
class Ingested:
    """What became of the objects."""

    objects: int = 0
    """Read now."""
    known: int = 0
    """Read before, and passed over."""
    bytes: int = 0
    """As stored, of those read now."""
    skips: list[Skip] = field(default_factory=list)


def ingest(objects: Sequence[Object], keeper: Keeper, progress: Progress = lambda *_: None) -> Ingested:
    """Read every object that was not read yet; interrupted anywhere, the next run goes on where this one stopped."""
    told = Ingested()
    waiting = iter(objects)
    while group := tuple(islice(waiting, TOGETHER)):
        with keeper.turn():
            _Chunk(keeper, told, lambda: progress(told.objects + told.known, len(objects))).take(group)
    return told


class _Chunk:
    """Objects on their way into one commit."""

    def __init__(self, keeper: Keeper, told: Ingested, progress: Callable[[], None]) -> None:
        self._keeper = keeper
        self._told = told
        self._progress = progress
        self._blocks: list[Block] = []
        self._skips: list[Skip] = []
        self._taken: list[Taken] = []
        self._size = 0

    def take(self, objects: Sequence[Object]) -> None:
        for one in objects:
            self._one(one)
            if self._size >= CHUNK:
                self._commit()
        self._commit()

    def _one(self, one: Object) -> None:
        stamp = self._keeper.stamp(one.key)
        digest = "" if stamp == one.stamp else one.digest()
        if stamp == one.stamp or any(digest == taken.digest for taken in self._taken) or self._keeper.holds(digest):
            self._told.known += 1
            self._progress()
            return
        changed = stamp is not None
        for found in blocks(one):
            for part in self._keeper.rows(one) if _is_parquet(found) else (found,):
                self._add(part, one, changed=changed)
        self._taken.append(Taken(one.key, one.stamp, digest, one.size))
        self._told.objects += 1
        self._told.bytes += one.size
        self._progress()

    def _add(self, found: Block | Skip, one: Object, *, changed: bool) -> None:
        if isinstance(found, Skip):
            self._skips.append(found)
        elif changed and TABLES[found.kind] != "events":
            self._skips.append(Skip(one.name, "changed after it was read; its rows have no ids: not read again"))
        else:
            self._blocks.append(found)
            self._size += len(found.data)
            if self._size >= 2 * CHUNK:  # in the midst of a large object
                self._write()

    def _write(self) -> None:
        if self._blocks:
            staging = self._keeper.staging()
            self._skips.extend(decode(staging, self._blocks))
            self._keeper.write(staging)
        self._blocks.clear()
        self._size = 0

    def _commit(self) -> None:
        self._write()
        if self._taken:
            self._keeper.commit(self._taken, self._skips)
        self._told.skips.extend(self._skips)
        self._taken.clear()
        self._skips.clear()


def _is_parquet(found: Block | Skip) -> bool:
    return isinstance(found, Block) and found.kind is Kind.PARQUET
