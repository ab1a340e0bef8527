"""What a lake holds: a row for each object that was read and each file that counts; a file without a row is nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import local

from stanch.model.errors import Environment

VERSION = 1
"""Version of the lake's layout and columns; another is refused, never guessed at."""
_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    key TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_digest ON objects (digest);
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, name TEXT NOT NULL, day TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
    first TEXT, last TEXT, retired TEXT);
CREATE INDEX IF NOT EXISTS files_day ON files (name, day);
CREATE TABLE IF NOT EXISTS head (generation INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class File:
    """One Parquet file."""

    path: str
    """Below the lake's folder."""
    table: str
    day: str
    """Its date, empty for tables that belong to no day."""
    rows: int
    bytes: int
    first: str | None = None
    """Earliest and latest `event_time`."""
    last: str | None = None


@dataclass(frozen=True)
class Taken:
    """One object that was read to its end."""

    key: str
    stamp: str
    digest: str
    size: int


class Manifest:
    """The SQLite database beside the files; every change is one durable transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._kept = local()
        with self._open() as run:
            found = run.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, VERSION):
                raise Environment(f"{path} has version {found}, this stanch knows {VERSION}: use the matching version")
            if not found:
                run.execute("PRAGMA journal_mode=WAL")
                run.executescript(_TABLES)
                run.execute("INSERT INTO head SELECT 0 WHERE NOT EXISTS (SELECT * FROM head)")
                run.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """One connection for all that this thread asks meanwhile; opening and closing costs more than any question."""
        with self._open() as connection:
            self._kept.connection = connection
            try:
                yield
            finally:
                del self._kept.connection

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        kept = getattr(self._kept, "connection", None)
        try:
            with nullcontext(kept) if kept else closing(self._connect()) as connection, connection:
                yield connection
        except sqlite3.DatabaseError as error:
            raise Environment(f"{self._path} cannot be used: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    @property
    def generation(self) -> int:
        """Grows with every change."""
        with self._open() as run:
            return int(run.execute("SELECT generation FROM head").fetchone()[0])

    def stamp(self, key: str) -> str | None:
        """The stamp of an object as it was read; None when it was not."""
        with self._open() as run:
            found = run.execute("SELECT stamp FROM objects WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def holds(self, digest: str) -> bool:
        """Whether an object of this content was read, under whatever name."""
        with self._open() as run:
            return run.execute("SELECT 1 FROM objects WHERE digest = ?", (digest,)).fetchone() is not None

    def files(self, table: str | None = None, day: str | None = None) -> tuple[File, ...]:
        """The files that count, in the order of their paths."""
        with self._open() as run:
            found = run.execute(
                "SELECT path, name, day, rows, bytes, first, last FROM files WHERE retired IS NULL "
                "AND (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR day = ?2) ORDER BY path",
                (table, day),
            ).fetchall()
        return tuple(File(*row) for row in found)

    def snapshot(self) -> tuple[int, tuple[File, ...]]:
        """The generation and exactly its files."""
        while True:
            before, files = self.generation, self.files()
            if before == self.generation:
                return before, files

    def objects(self) -> int:
        """How many objects were read."""
        with self._open() as run:
            return int(run.execute("SELECT count(*) FROM objects").fetchone()[0])

    def commit(
        self, taken: Sequence[Taken], files: Sequence[File], *, now: datetime, retired: Sequence[str] = ()
    ) -> None:
        """From here on these objects are read, these files count, and those count no more."""
        at = now.isoformat()
        with self._open() as run:
            run.execute("BEGIN IMMEDIATE")
            run.executemany(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)",
                [(one.key, one.stamp, one.digest, one.size, at) for one in taken],
            )
            run.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                [(one.path, one.table, one.day, one.rows, one.bytes, one.first, one.last) for one in files],
            )
            run.executemany("UPDATE files SET retired = ? WHERE path = ?", [(at, path) for path in retired])
            run.execute("UPDATE head SET generation = generation + 1")

    def known(self) -> frozenset[str]:
        """Paths of all files with a row, retired ones too."""
        with self._open() as run:
            return frozenset(str(row[0]) for row in run.execute("SELECT path FROM files"))

    def forget(self, before: datetime) -> tuple[str, ...]:
        """Drop the rows of files that were retired before; nobody reads them any more."""
        with self._open() as run:
            found = run.execute("DELETE FROM files WHERE retired < ? RETURNING path", (before.isoformat(),)).fetchall()
        return tuple(str(row[0]) for row in found)
