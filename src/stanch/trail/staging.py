"""A scratch database in which blocks become rows before they are kept: one table for each table of logs."""

from collections.abc import Mapping, Sequence

import duckdb

from stanch.trail.addresses import address, hexed
from stanch.trail.blocks import Block
from stanch.trail.schema import HEX, LOGS, Cell, Table

_PART = "(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
_QUAD_HEX = (
    rf"CASE WHEN regexp_full_match(raw, '{_PART}(\.{_PART}){{3}}') THEN "
    "format('{:02x}{:02x}{:02x}{:02x}', "
    + ", ".join(f"split_part(raw, '.', {number})::INTEGER" for number in range(1, 5))
    + ") END"
)
"""Of an IPv4 address in its canonical form; everything else goes the slow way."""
_BY_NAME = {table.name: table for table in LOGS}


class Staging:
    """The staged rows of one chunk; `seq` orders them as they were read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """`connection` belongs to nobody else while this stands."""
        self.connection = connection
        self._numbers: dict[int, int] = {}
        for table in LOGS:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE staged_{table.name} (seq BIGINT, {table.ddl})")

    def texts(self, blocks: Sequence[Block]) -> list[tuple[Cell, ...]]:
        """Number, name, first line and text of each block; raises UnicodeDecodeError."""
        return [(self.number(one) >> 32, one.name, one.first, one.data.decode()) for one in blocks]

    def number(self, block: Block) -> int:
        """The `seq` before the block's first row."""
        return self._numbers.setdefault(id(block), len(self._numbers)) << 32

    def fill(self, texts: Sequence[tuple[Cell, ...]]) -> None:
        """Lay the texts out as the table `raw`."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE raw (block BIGINT, name VARCHAR, first BIGINT, doc VARCHAR)"
        )
        append(self.connection, "raw", texts)

    def add(self, table: str, rows: Sequence[tuple[Cell, ...]]) -> None:
        """Stage rows, each with its `seq` before it."""
        append(self.connection, f"staged_{table}", rows)

    def forget(self, table: str, blocks: Sequence[Block]) -> None:
        """Unstage what came of these blocks."""
        numbers = [self.number(one) >> 32 for one in blocks]
        self.connection.execute(
            f"DELETE FROM staged_{table} WHERE seq >> 32 IN (SELECT unnest($numbers))",  # noqa: S608 - a name of ours
            {"numbers": numbers},
        )

    def count(self, table: str) -> int:
        """Rows staged for a table."""
        return single(self.connection, f"SELECT count(*) FROM staged_{table}")  # noqa: S608 - a name of ours

    def once(self) -> None:
        """Of events with one id, only the first that was read stays."""
        if single(self.connection, "SELECT count(*) - count(DISTINCT event_id) FROM staged_events"):
            self.connection.execute(
                "DELETE FROM staged_events WHERE seq NOT IN (SELECT min(seq) FROM staged_events GROUP BY event_id)"
            )

    def finish(self) -> Mapping[str, int]:
        """Bring addresses into one form, number them, and say how many rows each table has."""
        columns = [
            (table.name, column) for table in LOGS for column in _address_columns(table) if self.count(table.name)
        ]
        found = " UNION ".join(f"SELECT DISTINCT {column} AS raw FROM staged_{name}" for name, column in columns)  # noqa: S608
        run = self.connection.execute
        run("CREATE OR REPLACE TEMP TABLE addresses (raw VARCHAR, ip VARCHAR, hex VARCHAR)")
        if columns:
            run(f"INSERT INTO addresses SELECT raw, raw, {_QUAD_HEX} FROM ({found}) WHERE raw IS NOT NULL")  # noqa: S608
            odd = run("SELECT raw FROM addresses WHERE hex IS NULL").fetchall()
            run("DELETE FROM addresses WHERE hex IS NULL")
            append(self.connection, "addresses", [(one, address(one), hexed(one)) for (one,) in odd])
        return {table.name: self.count(table.name) for table in LOGS}

    def rows(self, table: str) -> str:
        """The SELECT of a table's finished rows, in its columns."""
        columns: list[str] = []
        joins: list[str] = []
        known = _BY_NAME[table]
        places = {column: f"a{number}" for number, column in enumerate(_address_columns(known))}
        for column, name in places.items():
            joins.append(f"LEFT JOIN addresses {name} ON {name}.raw = s.{column}")
        for column, _ in known.columns:
            if column in HEX:
                columns.append(f"{places[HEX[column]]}.hex AS {column}")
            elif column in places:
                columns.append(f"coalesce({places[column]}.ip, s.{column}) AS {column}")
            else:
                columns.append(f"s.{column}")
        return f"SELECT {', '.join(columns)} FROM staged_{table} s {' '.join(joins)}"  # noqa: S608 - names of ours


def append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Cell, ...]]) -> None:
    """Append rows to a table."""
    if rows:
        appender = connection.appender(table)
        appender.append_rows(rows)
        appender.flush()


def single(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number that a query answers."""
    return int(connection.execute(sql).fetchall()[0][0])


def _address_columns(table: Table) -> list[str]:
    names = {name for name, _ in table.columns}
    return [column for made, column in HEX.items() if made in names]
