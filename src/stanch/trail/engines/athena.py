"""Athena over the lake's files in a bucket: bound values only, watched, and stopped when it costs too much.

A case's small tables cannot be made in a query of Athena's: they are written as objects under the hash of what they
hold, which external tables read by that hash (see `ddl`). A rule of the bucket may remove them after a day.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlglot import exp

from stanch.aws.athena import Queries
from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.trail.engines.dialect import Dialect, Statement, beneath, render, tree
from stanch.trail.query import Params, bound, parameters, plain
from stanch.trail.schema import LOGS, Cell, Table

LONGEST = 1024
"""Characters of one value, as Athena has it."""
WAITS = (0.3, 0.5, 1.0, *(2.0,) * 60)
"""Seconds between two looks; their sum is how long a query may take."""
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class Place:
    """Where Athena finds and leaves things."""

    database: str
    workgroup: str = "primary"
    output: str = ""
    """s3:// folder for answers; empty: where the workgroup says."""
    beside: str = ""
    """s3:// folder for the tables of cases; empty: no case can be asked about."""


@dataclass(frozen=True)
class Limits:
    """What one question may cost."""

    bytes: int | None = 10 << 30
    """Read from S3, as Athena counts; the workgroup's own limit stops a query sooner than this can."""
    rows: int = 1_000_000
    waits: Sequence[float] = WAITS


@dataclass(frozen=True)
class Athena:
    """Athena, asked in DuckDB's SQL."""

    queries: Queries
    place: Place
    limits: Limits
    sleep: Callable[[float], None]
    _desk: str = ""
    _beneath: Mapping[str, exp.Query] = field(default_factory=dict)

    def query(self, sql: str, params: Params | None = None) -> list[Mapping[str, JSON]]:
        """Rows of one SELECT; BadInput when it fails or costs more than its limits."""
        given = bound(parameters(sql), params or {})
        beside: Params = {**(params or {}), **({"desk": self._desk} if self._desk else {})}
        said = translate(sql, self._beneath, self.place.database, {**beside, **given})
        values = [
            literal(one) for one in (bound(frozenset(said.names), {**beside, **given})[name] for name in said.names)
        ]
        query = self.queries.start(
            said.sql, values, database=self.place.database, workgroup=self.place.workgroup, output=self.place.output
        )
        self._wait(query)
        return list(self._rows(query, said.lists))

    @contextmanager
    def desk(self, tables: Sequence[Table] = (), derived: Mapping[str, str] | None = None) -> Iterator["Athena"]:
        """The trail with these tables, and tables derived from them by a SELECT, for as long as the block runs."""
        bucket, _, prefix = self.place.beside.removeprefix("s3://").rstrip("/").partition("/")
        if not bucket:
            raise BadInput("Athena needs an s3:// folder for the tables of a case")
        bodies = {one.name: _lines(one) for one in tables}
        name = hashlib.sha256(
            b"\0".join(one for pair in bodies.items() for one in (pair[0].encode(), pair[1]))
        ).hexdigest()
        for table, body in bodies.items():
            if body:
                key = "/".join(filter(None, (prefix, table, name, "rows.json")))
                self.queries.put(bucket, key, body)
        yield replace(self, _desk=name, _beneath=case_tables(tables, derived or {}))

    def _wait(self, query: str) -> None:
        """Until it has succeeded; else stopped, with the reason."""
        ended = False
        try:
            for wait in (*self.limits.waits, None):
                now = self.queries.progress(query)
                ended = now.state in _ENDED
                if self.limits.bytes is not None and now.scanned > self.limits.bytes:
                    raise BadInput(f"the query reads {now.scanned} bytes, its budget is {self.limits.bytes}")
                if now.state == "SUCCEEDED":
                    return
                if ended:
                    raise BadInput(f"the query is {now.state.lower()} on Athena: {now.reason}")
                if wait is not None:
                    self.sleep(wait)
            raise BadInput(f"the query takes longer than {sum(self.limits.waits):g} s: ask for less time or fewer rows")
        finally:
            if not ended:
                self.queries.stop(query)

    def _rows(self, query: str, lists: frozenset[str]) -> Iterator[Mapping[str, JSON]]:
        count = -1  # the heading is no row
        for columns, rows in self.queries.pages(query):
            for row in rows:
                count += 1
                if count > self.limits.rows:
                    raise BadInput(f"the query answers with more than {self.limits.rows} rows: give it a LIMIT")
                if count:
                    cells = zip(columns, row, strict=True)
                    yield {name: _cell(text, "json" if name in lists else kind) for (name, kind), text in cells}


def translate(sql: str, tables: Mapping[str, exp.Query], database: str, params: Params) -> Statement:
    """A question over the tables of a case in Athena's SQL; with `baseline` and `until`, other days are not read."""
    times = frozenset(name for name, value in params.items() if isinstance(value, datetime))
    if tables and {"baseline", "until"} <= params.keys():
        days = "event_date BETWEEN CAST($baseline AS DATE) AND CAST($until AS DATE)"
        tables = {"events": tree(f"SELECT * FROM {database}.events WHERE {days}"), **tables}  # noqa: S608 - the operator's name
    return render(beneath(tree(sql), tables), Dialect.ATHENA, times)


def case_tables(tables: Sequence[Table], derived: Mapping[str, str]) -> dict[str, exp.Query]:
    """How the tables of one desk are read from the external tables, and what is derived from them."""
    return {one.name: tree(_reading(one)) for one in tables} | {name: tree(sql) for name, sql in derived.items()}


def literal(value: Cell) -> str:
    """A value as Athena takes it, one SQL literal; BadInput for one that it cannot take."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return f"'{value:%Y-%m-%d %H:%M:%S.%f}'"
    if isinstance(value, date):
        return f"DATE '{value:%Y-%m-%d}'"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        raise BadInput(f"Athena cannot take a {type(value).__name__} as a value")
    text = "'" + value.replace("'", "''") + "'"
    if len(text) > LONGEST:
        raise BadInput(f"Athena takes values of at most {LONGEST} characters")
    return text


def ddl(database: str, lake: str, beside: str, tables: Sequence[Table]) -> list[str]:
    """The statements that make the external tables over a copy of the lake's `data` folder, and over cases' tables."""
    made = [f"CREATE DATABASE IF NOT EXISTS `{database}`"]
    for table in LOGS:
        columns = [f"`{name}` {_kind(kind)}" for name, kind in table.columns if name != "event_date"]
        place = f"{lake.rstrip('/')}/{table.name}/"
        made.append(
            f"CREATE EXTERNAL TABLE IF NOT EXISTS `{database}`.`{table.name}` (\n  {_joined(columns)}\n)\n"
            f"PARTITIONED BY (`event_date` date)\nSTORED AS PARQUET\nLOCATION '{place}'\nTBLPROPERTIES (\n"
            "  'projection.enabled'='true', 'projection.event_date.type'='date',\n"
            "  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',\n"
            f"  'storage.location.template'='{place}event_date=${{event_date}}/'\n)"
        )
    for table in tables:
        columns = [f"`{name}` {'string' if kind == 'TIMESTAMP' else _kind(kind)}" for name, kind in table.columns]
        place = f"{beside.rstrip('/')}/{table.name}/"
        made.append(
            f"CREATE EXTERNAL TABLE IF NOT EXISTS `{database}`.`desk_{table.name}` (\n  {_joined(columns)}\n)\n"
            "PARTITIONED BY (`desk` string)\nROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\n"
            f"LOCATION '{place}'\nTBLPROPERTIES (\n"
            "  'projection.enabled'='true', 'projection.desk.type'='injected',\n"
            f"  'storage.location.template'='{place}${{desk}}/'\n)"
        )
    return made


def _reading(table: Table) -> str:
    columns = (f"CAST({name} AS TIMESTAMP) AS {name}" if kind == "TIMESTAMP" else name for name, kind in table.columns)
    return f"SELECT {', '.join(columns)} FROM desk_{table.name} WHERE desk = $desk"  # noqa: S608 - names of ours


def _lines(table: Table) -> bytes:
    names = [name for name, _ in table.columns]
    rows = (dict(zip(names, map(_said, row), strict=True)) for row in table.rows)
    return "\n".join(json.dumps(one, ensure_ascii=True, separators=(",", ":")) for one in rows).encode()


def _said(value: Cell) -> JSON:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else plain(value)


def _kind(kind: str) -> str:
    return {"VARCHAR": "string", "INTEGER": "int"}.get(kind, kind.lower())


def _joined(columns: Sequence[str]) -> str:
    return ",\n  ".join(columns)


def _cell(text: str | None, kind: str) -> JSON:
    if text is None:
        return None
    if kind.startswith(("array", "map", "row")):
        raise BadInput(f"Athena's text of a {kind} cannot be read back: ask for its parts")
    read = next((read for start, read in _READ if kind.startswith(start)), str)
    return plain(read(text))


_READ: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("json", json.loads),
    *((kind, int) for kind in ("tinyint", "smallint", "int", "bigint")),
    *((kind, float) for kind in ("double", "float", "real", "decimal")),
    ("boolean", lambda text: text == "true"),
    ("timestamp", datetime.fromisoformat),
)
"""How Athena's text of a type is read; a type that begins so."""
