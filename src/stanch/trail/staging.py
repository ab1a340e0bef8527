"""Where blocks become rows before they are kept: events as columns, other logs as scratch tables of a database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from stanch.trail.addresses import placed
from stanch.trail.blocks import Block
from stanch.trail.columns import Columns, Day, select
from stanch.trail.schema import EVENTS, HEX, LOGS, ORDER, Cell, Table

_BY_NAME = {table.name: table for table in LOGS}


@dataclass(frozen=True)
class Part:
    """Rows of one table and day."""

    table: Table
    day: str
    select: str
    """Gives them in the table's columns."""
    params: Mapping[str, Cell]
    order: str
    """How they are to be sorted, where they are not yet."""


class Staging:
    """The staged rows of one chunk; numbers order them as they were read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """`connection` belongs to nobody else while this stands."""
        self.connection = connection
        self.events = Columns()
        self._numbers: dict[int, int] = {}
        self._tables: set[str] = set()

    def number(self, block: Block) -> int:
        """The `seq` before the block's first row."""
        return self._numbers.setdefault(id(block), len(self._numbers)) << 32

    def table(self, name: str) -> str:
        """The scratch table for rows of this table: its columns, after `seq`."""
        if name not in self._tables:
            self._tables.add(name)
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE staged_{name} (seq BIGINT, {_BY_NAME[name].ddl})")
        return f"staged_{name}"

    def fill(self, texts: Sequence[tuple[Cell, ...]]) -> None:
        """Lay texts (number, name, first line and text of each block) out as the table `raw`."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE raw (block BIGINT, name VARCHAR, first BIGINT, doc VARCHAR)"
        )
        append(self.connection, "raw", texts)

    def add(self, table: str, rows: Sequence[tuple[Cell, ...]]) -> None:
        """Stage rows, each with its `seq` before it."""
        append(self.connection, self.table(table), rows)

    def forget(self, table: str, blocks: Sequence[Block]) -> None:
        """Unstage what came of these blocks."""
        numbers = [self.number(one) >> 32 for one in blocks]
        self.connection.execute(
            f"DELETE FROM {self.table(table)} WHERE seq >> 32 IN (SELECT unnest($numbers))",  # noqa: S608 - a name of ours
            {"numbers": numbers},
        )

    @contextmanager
    def laid(self, events: Day) -> Iterator[str]:
        """The name under which the database reads a day's events, for so long."""
        self.connection.register("laid_events", events)
        try:
            yield "laid_events"
        finally:
            self.connection.unregister("laid_events")

    def parts(self, known: Mapping[str, Sequence[str]] | None = None) -> Iterator[Part]:
        """All that is staged, a table and a day at a time, without a day's events whose ids are known."""
        for day, events in sorted(self.events.days.items()):
            drop = (known or {}).get(day, ())
            if len(drop) < events.rows:
                with self.laid(events) as name:
                    yield Part(EVENTS, day, *select(name, drop), "")
        for table in LOGS:
            if table.name in self._tables:
                yield from self._parts(table)

    def _parts(self, table: Table) -> Iterator[Part]:
        run = self.connection.execute
        self._place(table)
        rows = self._rows(table)
        order = ORDER.get(table.name, "event_time")
        for (day,) in run(f"SELECT DISTINCT event_date FROM staged_{table.name} ORDER BY ALL").fetchall():  # noqa: S608
            select = f"SELECT * FROM ({rows}) WHERE event_date = $day"  # noqa: S608 - names of ours
            yield Part(table, str(day), select, {"day": day}, f" ORDER BY {order}")

    def _place(self, table: Table) -> None:
        """Number the addresses of a table's rows."""
        columns = _address_columns(table)
        found = " UNION ".join(f"SELECT DISTINCT {column} AS raw FROM staged_{table.name}" for column in columns)  # noqa: S608
        run = self.connection.execute
        run("CREATE OR REPLACE TEMP TABLE addresses (raw VARCHAR, ip VARCHAR, hex VARCHAR)")
        raw = [row[0] for row in run(f"SELECT raw FROM ({found}) WHERE raw IS NOT NULL").fetchall()]  # noqa: S608
        append(self.connection, "addresses", [(one, *found) for one, found in zip(raw, placed(raw), strict=True)])

    def _rows(self, table: Table) -> str:
        """The SELECT of a table's rows with its addresses in one form."""
        columns: list[str] = []
        joins: list[str] = []
        places = {column: f"a{number}" for number, column in enumerate(_address_columns(table))}
        for column, name in places.items():
            joins.append(f"LEFT JOIN addresses {name} ON {name}.raw = s.{column}")
        for column, _ in table.columns:
            if column in HEX:
                columns.append(f"{places[HEX[column]]}.hex AS {column}")
            elif column in places:
                columns.append(f"coalesce({places[column]}.ip, s.{column}) AS {column}")
            else:
                columns.append(f"s.{column}")
        return f"SELECT {', '.join(columns)} FROM staged_{table.name} s {' '.join(joins)}"  # noqa: S608 - names of ours


def append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Cell, ...]]) -> None:
    """Append rows to a table."""
    if rows:
        appender = connection.appender(table)
        appender.append_rows(rows)
        appender.flush()


def _address_columns(table: Table) -> list[str]:
    names = {name for name, _ in table.columns}
    return [column for made, column in HEX.items() if made in names]
