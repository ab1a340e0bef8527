"""The lake: Parquet files, one folder a table and a day, sorted, and a manifest that says which of them count.

A file is written beside, synced, renamed, and counts only from the transaction that also says which objects it came
from. A crash at any point leaves at most a file that nobody reads; the next writer removes it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb

from stanch.model.finding import Skip
from stanch.model.ports import Clock
from stanch.store.lock import hold
from stanch.trail import parquet
from stanch.trail.blocks import Block
from stanch.trail.manifest import File, Manifest, Taken
from stanch.trail.memory import FIRST, aside
from stanch.trail.objects import Object
from stanch.trail.schema import EVENTS, FIRST_SEEN, LOGS, NETWORKS, ORDER, ROLLED, SET_ASIDE, Cell, Table
from stanch.trail.staging import Staging, append

MEMORY = "400MB"
"""What DuckDB may take while it writes; more goes to the disk."""
GRACE = timedelta(hours=1)
"""How long a replaced file stays for readers that still have it open."""
_TABLES: Mapping[str, Table] = {table.name: table for table in (*LOGS, *ROLLED)}
_FORMAT = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {}, ROW_GROUP_SIZE {}"
_QUICK = _FORMAT.format(1, 122_880)
"""Of files that are merged before long."""
_CLOSE = _FORMAT.format(3, 24_576)
"""Of sorted files that stay: a question about one principal reads a few groups of rows of each day."""


class Lake:
    """Writes a lake; as many writers as like, one at a time."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.manifest = Manifest(folder / "manifest.db")
        self._clock = clock
        self._connection = duckdb.connect(":memory:")
        spill = folder / "spill"
        for setting, value in (("memory_limit", MEMORY), ("temp_directory", str(spill))):
            self._connection.execute(f"SET {setting} = '{_quoted(value)}'")
        self._pending: list[File] = []
        self._number = 0

    def close(self) -> None:
        """Give memory and temporary files back."""
        self._connection.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other writer is at work."""
        with hold(self.folder / "lock"), self.manifest.kept_open():
            yield

    def stamp(self, key: str) -> str | None:
        """The stamp of an object that was read before."""
        return self.manifest.stamp(key)

    def holds(self, digest: str) -> bool:
        """Whether an object of this content was read before."""
        return self.manifest.holds(digest)

    def staging(self) -> Staging:
        """An empty staging."""
        return Staging(self._connection)

    def rows(self, one: Object) -> Iterator[Block | Skip]:
        """The rows of a Parquet object as blocks of CloudTrail records."""
        return parquet.records(one)

    def write(self, staging: Staging) -> None:
        """Write the staged rows as files that do not count yet."""
        made = [
            self._write(one.table, one.day, f"SELECT * EXCLUDE (event_date) FROM ({one.select}){one.order}", one.params)  # noqa: S608
            for one in staging.parts(self._known(staging))
        ]
        events = [str(self.folder / one.path) for one in made if one.table == EVENTS.name]
        if events:
            self._write(FIRST_SEEN, "", FIRST.format(rows="read_parquet($files)"), {"files": events})

    def commit(self, taken: Sequence[Taken], skips: Sequence[Skip]) -> None:
        """Let the files count, with their objects and what was set aside."""
        if skips:
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE aside ({SET_ASIDE.ddl})")
            append(self._connection, "aside", [aside(one) for one in skips])
            self._write(SET_ASIDE, "", "FROM aside", {})
        self.manifest.commit(taken, self._pending, now=self._clock.now())
        self._pending.clear()

    def sweep(self) -> int:
        """Remove files that do not count: of a writer that died, or long replaced. How many there were."""
        with self.turn():
            self.manifest.forget(self._clock.now() - GRACE)
            known = self.manifest.known()
            data = self.folder / "data"
            stray = [
                one for one in data.rglob("*") if one.is_file() and one.relative_to(self.folder).as_posix() not in known
            ]
            for path in stray:
                path.unlink()
        return len(stray)

    def compact(self, *, least: int = 2) -> int:
        """Merge each day's files, and the roll-ups, into one where there are at least `least`; how many were merged."""
        merged = 0
        for name, day in sorted({(one.table, one.day) for one in self.manifest.files()}):
            with self.turn():
                files = self.manifest.files(name, day)
                if len(files) >= least and name != NETWORKS.name:
                    self._merge(_TABLES[name], day, files)
                    merged += len(files)
        self.sweep()
        return merged

    def retain(self, days: int) -> int:
        """Let go of whole days older than this many; how many files. Roll-ups stay."""
        before = (self._clock.now() - timedelta(days=days)).date().isoformat()
        with self.turn():
            old = [one.path for one in self.manifest.files() if one.day and one.day < before]
            if old:
                self.manifest.commit((), (), now=self._clock.now(), retired=old)
        self.sweep()
        return len(old)

    def replace(self, table: Table, rows: Sequence[tuple[Cell, ...]]) -> None:
        """Put these rows in place of all that a table without days held."""
        with self.turn():
            old = [one.path for one in self.manifest.files(table.name)]
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE fresh ({table.ddl})")
            append(self._connection, "fresh", rows)
            if rows:
                self._write(table, "", "FROM fresh ORDER BY ALL", {})
            self.manifest.commit((), self._pending, now=self._clock.now(), retired=old)
            self._pending.clear()

    def _known(self, staging: Staging) -> dict[str, list[str]]:
        """Ids that the lake has already, by day. One id is one time, so only files around it are read."""
        found: dict[str, list[str]] = {}
        for day, one in staging.events.days.items():
            first, last = one.first.replace("T", " "), one.last.replace("T", " ")
            pending = [file for file in self._pending if (file.table, file.day) == (EVENTS.name, day)]
            near = [
                str(self.folder / file.path)
                for file in (*self.manifest.files(EVENTS.name, day), *pending)
                if (file.first or "") <= last and (file.last or "") >= first
            ]
            if near:
                with staging.laid(one) as laid:
                    rows = self._connection.execute(
                        "SELECT DISTINCT event_id FROM read_parquet($files, hive_partitioning = false) "  # noqa: S608
                        "WHERE event_time BETWEEN CAST($first AS TIMESTAMP) AND CAST($last AS TIMESTAMP) "
                        f"AND event_id IN (SELECT event_id FROM {laid})",
                        {"files": near, "first": first, "last": last},
                    ).fetchall()
                found[day] = [row[0] for row in rows]
        return found

    def _write(self, table: Table, day: str, select: str, params: Mapping[str, Cell], form: str = _QUICK) -> File:
        """Write one file: beside, synced, renamed."""
        self._number += 1
        place = self.folder / "data" / table.name / (f"event_date={day}" if day else "")
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A name of a generation that does not exist yet: what a dead writer left under it counts for nothing.
        path = place / f"{self.manifest.generation + 1:08}-{self._number:06}.parquet"
        beside = path.with_suffix(".part")
        run = self._connection.execute
        run(f"COPY ({select}) TO '{_quoted(str(beside))}' ({form})", dict(params))
        _synced(beside)
        beside.replace(path)
        _synced(place)
        said = "min(event_time)::VARCHAR, max(event_time)::VARCHAR" if day else "NULL, NULL"
        rows, first, last = run(
            f"SELECT count(*), {said} FROM read_parquet($path, hive_partitioning = false)",  # noqa: S608 - ours
            {"path": str(path)},
        ).fetchall()[0]
        made = File(path.relative_to(self.folder).as_posix(), table.name, day, rows, path.stat().st_size, first, last)
        self._pending.append(made)
        return made

    def _merge(self, table: Table, day: str, files: Sequence[File]) -> None:
        paths = [str(self.folder / one.path) for one in files]
        rows = "read_parquet($files, hive_partitioning = false)"
        if table is FIRST_SEEN:
            select = (
                "SELECT account_id, principal_arn, event_source, event_name, min(first_time) AS first_time, "  # noqa: S608 - names of ours
                f"max(last_time) AS last_time, sum(calls)::BIGINT AS calls FROM {rows} GROUP BY 1, 2, 3, 4 ORDER BY ALL"
            )
        else:
            order = f" ORDER BY {ORDER.get(table.name, 'event_time')}" if day else ""
            select = f"SELECT * FROM {rows}{order}"  # noqa: S608 - names of ours
        self._write(table, day, select, {"files": paths}, _CLOSE)
        self.manifest.commit((), self._pending, now=self._clock.now(), retired=[one.path for one in files])
        self._pending.clear()


def view(table: Table, folder: Path, files: Sequence[File]) -> str:
    """The SELECT that reads a table from its files; legal without any."""
    if not files:
        return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in table.columns)} WHERE false"
    paths = ", ".join(f"'{_quoted(str(folder / one.path))}'" for one in files)
    dated = "true, hive_types = {'event_date': DATE}" if files[0].day else "false"
    if table is FIRST_SEEN:
        return (
            "SELECT account_id, principal_arn, event_source, event_name, min(first_time) AS first_time, "  # noqa: S608
            f"max(last_time) AS last_time, sum(calls)::BIGINT AS calls FROM read_parquet([{paths}]) GROUP BY 1, 2, 3, 4"
        )
    columns = ", ".join(name for name, _ in table.columns)
    return f"SELECT {columns} FROM read_parquet([{paths}], hive_partitioning = {dated})"  # noqa: S608 - paths of ours


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
