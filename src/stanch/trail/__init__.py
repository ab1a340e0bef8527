"""The log store: files of logs become tables, asked in SQL through one door."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self

import duckdb

from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.trail import objects
from stanch.trail.door import CONFIG, Door, Engine, Following, LakeDoor, Tables, stands
from stanch.trail.ingest import ingest
from stanch.trail.memory import Memory
from stanch.trail.query import Budget, Params, ask, parameters
from stanch.trail.schema import EVENTS, LOGS, ROLLED, Cell, Table
from stanch.trail.staging import append

__all__ = [
    "EVENTS",
    "LOG_TABLES",
    "SECONDS_A_DAY",
    "Budget",
    "Cell",
    "Desk",
    "Engine",
    "Params",
    "Table",
    "Trail",
    "parameters",
]

LOG_TABLES = (*LOGS, *ROLLED)
"""Every table of a trail, without rows."""

SECONDS_A_DAY = 86_400
_SEEN = (
    "CREATE TEMP VIEW events AS SELECT * FROM memory.main.events "
    "WHERE event_date BETWEEN DATE '{first}' AND DATE '{last}'"
)
"""Before the trail's own; files of other days are not opened."""


@dataclass(frozen=True)
class Desk:
    """The trail with one case's own tables beside it."""

    _cursor: duckdb.DuckDBPyConnection

    def query(self, sql: str, params: Params | None = None) -> list[Mapping[str, JSON]]:
        """Rows of one SELECT over the trail's and the case's tables; BadInput when it cannot be answered."""
        return ask(self._cursor, sql, params or {})


@dataclass(frozen=True)
class Trail:
    """The tables of the logs, in memory or in a lake; an empty one is legal and knows nothing."""

    _door: Door
    skips: tuple[Skip, ...] = ()
    """What was set aside and why, as far as this trail was loaded here; a lake keeps it in `set_aside`."""

    @classmethod
    def load(cls, logs: Path | None, *, progress: Callable[[int, int], None] | None = None) -> Self:
        """Read every log under `logs` into memory; None for no logs at all.

        progress: told (files read, files in all) after each file. Raises BadInput when `logs` does not exist.
        """
        return cls(*_read(logs, progress or (lambda *_: None)))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The lake in that folder, which `stanch trail ingest` fills; what is committed later is seen. Read only."""
        if not stands(folder):
            raise BadInput(f"{folder}: no trail here yet; `stanch trail ingest SOURCE` makes one")
        return cls(LakeDoor(folder))

    @classmethod
    def follow(cls, folder: Path) -> Self:
        """The lake in that folder from the moment on in which there is one; nothing before. Read only."""
        return cls(Following(folder, _read(None)[0]))

    @property
    def events(self) -> int:
        """How many events, each id once."""
        found = self.query("SELECT count(*) AS n FROM events")[0]["n"]
        return found if isinstance(found, int) else 0

    def query(self, sql: str, params: Params | None = None, budget: Budget | None = None) -> list[Mapping[str, JSON]]:
        """Rows of one SELECT; values only through `$name` parameters. BadInput when it fails or costs too much."""
        with self._door.open() as cursor:
            return ask(cursor, sql, params or {}, budget or Budget(), self._door.size)

    @contextmanager
    def desk(
        self,
        tables: Sequence[Table] = (),
        derived: Mapping[str, str] | None = None,
        days: tuple[date, date] | None = None,
    ) -> Iterator[Desk]:
        """The trail with these tables, and tables derived from them by a SELECT, for as long as the block runs.

        days: the first and the last (UTC) whose events are seen, however many the trail keeps; all, where not given.
        """
        with self._door.open() as cursor:
            if days is not None:
                cursor.execute(_SEEN.format(first=days[0].isoformat(), last=days[1].isoformat()))
            for table in tables:
                cursor.execute(f"CREATE TEMP TABLE {table.name} ({table.ddl})")
                append(cursor, table.name, table.rows)
            for name, sql in (derived or {}).items():
                cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}")
            yield Desk(cursor)

    def covers(self, start: datetime, end: datetime, account: str) -> bool:
        """Management events of that account were logged between these times."""
        found = self.query(
            "SELECT count(*) AS n FROM events WHERE management_event AND account_id = $account "
            "AND event_time BETWEEN $start AND $end AND event_date BETWEEN CAST($start AS DATE) AND CAST($end AS DATE)",
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


def _read(logs: Path | None, progress: Callable[[int, int], None] = lambda *_: None) -> tuple[Tables, tuple[Skip, ...]]:
    connection = duckdb.connect(":memory:", config=CONFIG)
    memory = Memory(connection)
    found, aside = objects.folder(logs) if logs is not None else ((), ())
    told = ingest(found, memory, progress)
    memory.finish()
    connection.execute("SET lock_configuration = true")
    return Tables(connection), (*aside, *told.skips)
