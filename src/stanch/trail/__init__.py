"""The log store: CloudTrail files in one DuckDB table `events`, asked in SQL through one door."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import duckdb

from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.trail.event import row
from stanch.trail.files import Record, files, read
from stanch.trail.query import Params, ask, parameters
from stanch.trail.schema import EVENTS, Cell, Table

__all__ = ["EVENTS", "Cell", "Desk", "Params", "Table", "Trail", "parameters"]

BATCH = 5_000
"""Rows that wait in memory before they are written."""
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",  # SQL reads tables, never files or the network
    "python_enable_replacements": "false",  # nor variables of this process
    "temp_directory": "",  # nor leaves logs in the working folder
}
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Desk:
    """The trail with one case's own tables beside it."""

    _cursor: duckdb.DuckDBPyConnection

    def query(self, sql: str, params: Params | None = None) -> list[Mapping[str, JSON]]:
        """Rows of one SELECT over `events` and the case's tables; BadInput when it cannot be answered."""
        return ask(self._cursor, sql, params or {})


@dataclass(frozen=True)
class Trail:
    """CloudTrail events in memory; an empty one is legal and knows nothing."""

    _connection: duckdb.DuckDBPyConnection
    events: int
    """How many, each event id once."""
    skips: tuple[Skip, ...]
    """What was set aside and why."""

    @classmethod
    def load(cls, logs: Path | None, *, progress: Callable[[int, int], None] | None = None) -> Self:
        """Read every CloudTrail file under `logs` (`.json`, `.ndjson`, also `.gz`); None for no logs at all.

        progress: told (files read, files in all) after each file. Raises BadInput when `logs` does not exist.
        """
        connection = duckdb.connect(":memory:", config=CONFIG)
        connection.execute(f"CREATE TABLE events ({EVENTS.ddl})")
        connection.execute("SET lock_configuration = true")
        loader = _Loader(connection)
        if logs is not None:
            loader.load(logs, progress or (lambda *_: None))
        return cls(connection, len(loader.seen), tuple(loader.skips))

    def query(self, sql: str, params: Params | None = None) -> list[Mapping[str, JSON]]:
        """Rows of one SELECT over `events`; values only through `$name` parameters."""
        with self.desk() as desk:
            return desk.query(sql, params)

    @contextmanager
    def desk(self, tables: Sequence[Table] = (), derived: Mapping[str, str] | None = None) -> Iterator[Desk]:
        """The trail with these tables, and tables derived from them by a SELECT, for as long as the block runs."""
        cursor = self._connection.cursor()
        try:
            for table in tables:
                cursor.execute(f"CREATE TEMP TABLE {table.name} ({table.ddl})")
                _append(cursor, table.name, table.rows)
            for name, sql in (derived or {}).items():
                cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}")
            yield Desk(cursor)
        finally:
            cursor.close()

    def covers(self, start: datetime, end: datetime, account: str) -> bool:
        """Management events of that account were logged between these times."""
        found = self.query(
            "SELECT count(*) AS n FROM events WHERE management_event AND account_id = $account "
            "AND event_time BETWEEN $start AND $end",
            {"account": account, "start": start, "end": end},
        )
        return found[0]["n"] != 0

    def days(self, before: datetime, account: str) -> float:
        """Days of that account's management events before this time; 0 without any."""
        found = self.query(
            "SELECT date_diff('second', min(event_time), $before) AS seconds FROM events "
            "WHERE management_event AND account_id = $account AND event_time < $before",
            {"account": account, "before": before},
        )
        seconds = found[0]["seconds"]
        return seconds / SECONDS_A_DAY if isinstance(seconds, int | float) else 0.0


class _Loader:
    """Fills `events`, each event id once, and keeps what was set aside."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._waiting: list[tuple[Cell, ...]] = []
        self.seen: set[str] = set()
        self.skips: list[Skip] = []

    def load(self, logs: Path, progress: Callable[[int, int], None]) -> None:
        paths, aside = files(logs)
        self.skips.extend(aside)
        for number, path in enumerate(paths, 1):
            for record in read(path, path.relative_to(logs).as_posix() if path != logs else path.name):
                self._take(record)
            progress(number, len(paths))
        self._flush()

    def _take(self, record: Record | Skip) -> None:
        if isinstance(record, Skip):
            self.skips.append(record)
            return
        try:
            cells = row(record.body, record.place)
        except (BadInput, RecursionError) as error:
            self.skips.append(Skip(record.place, str(error), malformed=True))
            return
        event_id = str(cells[3])
        if event_id not in self.seen:
            self.seen.add(event_id)
            self._waiting.append(cells)
        if len(self._waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        _append(self._connection, EVENTS.name, self._waiting)
        self._waiting.clear()


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Cell, ...]]) -> None:
    if rows:
        appender = connection.appender(table)
        appender.append_rows(rows)
        appender.flush()
