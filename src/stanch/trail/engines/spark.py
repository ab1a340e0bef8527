"""Spark over the lake's own Parquet files: the same rows, for those who have a cluster; needs pyspark and Java."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.trail.engines.dialect import Dialect, render, tree
from stanch.trail.manifest import File, Manifest
from stanch.trail.query import Budget, Params, bound, parameters, plain
from stanch.trail.schema import FIRST_SEEN, LOGS, ROLLED, Cell, Table

SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
}
"""What a session needs to give the same answers as DuckDB."""
AGAIN = 0.2
"""Seconds between two tries to stop what takes too long."""
_TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "INTEGER": "INT"}
"""Spark's names for DuckDB's types, where they differ."""


@dataclass(frozen=True)
class Spark:
    """A Spark session with the trail's tables in it."""

    _session: Any
    """pyspark's SparkSession, its own temporary views."""
    budget: Budget

    @classmethod
    def over(cls, session: Any, folder: Path, budget: Budget | None = None) -> "Spark":
        """The lake in that folder as it is in this moment, in a session beside the given one."""
        own = session.newSession()
        for name, value in SETTINGS.items():
            own.conf.set(name, value)
        _, files = Manifest(folder / "manifest.db").snapshot()
        for table in (*LOGS, *ROLLED):
            _frame(own, table, folder, [one for one in files if one.table == table.name]).createOrReplaceTempView(
                table.name
            )
        return cls(own, budget or Budget())

    def query(self, sql: str, params: Params | None = None) -> list[Mapping[str, JSON]]:
        """Rows of one SELECT in DuckDB's SQL; BadInput when it fails, or costs more than its budget."""
        given = bound(parameters(sql), params or {})
        times = frozenset(name for name, value in given.items() if isinstance(value, datetime))
        said = render(tree(sql), Dialect.SPARK, times)
        args = {name: _argument(value) for name, value in given.items()}
        return self._rows(said.sql, args)

    @contextmanager
    def desk(self, tables: Sequence[Table] = (), derived: Mapping[str, str] | None = None) -> Iterator["Spark"]:
        """The trail with these tables, and tables derived from them by a SELECT, for as long as the block runs."""
        kept = []
        try:
            for table in tables:
                rows = [tuple(row) for row in table.rows]
                self._session.createDataFrame(rows, _ddl(table)).createOrReplaceTempView(table.name)
            for name, sql in (derived or {}).items():
                frame = self._session.sql(render(tree(sql), Dialect.SPARK).sql).cache()
                kept.append(frame)
                frame.createOrReplaceTempView(name)
            yield self
        finally:
            for frame in kept:
                frame.unpersist()
            for name in (*(table.name for table in tables), *(derived or {})):
                self._session.catalog.dropTempView(name)

    def _rows(self, sql: str, args: Mapping[str, Any]) -> list[Mapping[str, JSON]]:
        from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - of the extra
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

        context, group = self._session.sparkContext, f"stanch-{id(self)}"
        done, late = Event(), Event()

        def watch() -> None:
            if not done.wait(self.budget.seconds):
                late.set()
            while not done.wait(AGAIN):  # one query is several jobs, and those to come are cancelled too
                context.cancelJobGroup(group)

        Thread(target=watch, daemon=True).start()
        try:
            context.setJobGroup(group, "a question", interruptOnCancel=True)
            frame = self._session.sql(sql, args=dict(args))
            found = frame.limit(self.budget.rows + 1).collect()
        except (PySparkException, Py4JJavaError) as error:
            if late.is_set():
                said = f"the query takes longer than {self.budget.seconds:g} s: ask for less time or fewer rows"
                raise BadInput(said) from error
            raise BadInput(f"the query fails on Spark: {' '.join(str(error).splitlines()[:2])}") from error
        finally:
            done.set()
        if len(found) > self.budget.rows:
            raise BadInput(f"the query answers with more than {self.budget.rows} rows: narrow it or give it a LIMIT")
        return [{name: plain(value) for name, value in zip(frame.columns, row, strict=True)} for row in found]


def _frame(session: Any, table: Table, folder: Path, files: Sequence[File]) -> Any:
    """The table's rows from its files; legal without any."""
    if not files:
        return session.createDataFrame([], _ddl(table))
    place = folder.resolve()
    reader = session.read.schema(_ddl(table)).option("basePath", str(place / "data" / table.name))
    frame = reader.parquet(*(str(place / one.path) for one in files))
    if table is FIRST_SEEN:
        frame.createOrReplaceTempView("first_seen_parts")
        return session.sql(
            "SELECT account_id, principal_arn, event_source, event_name, min(first_time) AS first_time, "
            "max(last_time) AS last_time, sum(calls) AS calls FROM first_seen_parts GROUP BY 1, 2, 3, 4"
        )
    return frame.select(*(name for name, _ in table.columns))


def _ddl(table: Table) -> str:
    return ", ".join(f"{name} {_TYPES.get(kind, kind)}" for name, kind in table.columns)


def _argument(value: Cell) -> Any:
    """Times go as text and are cast in the query: Spark would read them in the machine's time zone."""
    return value.isoformat() if isinstance(value, date) else value
