"""What may be asked of the trail: exactly one SELECT, with attacker text only as parameters."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from threading import Timer
from typing import TypeAlias

import duckdb

from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.trail.schema import Cell

Params: TypeAlias = Mapping[str, Cell]
"""Values of the query's `$name`s; aware times become UTC."""

_SELECT = re.compile(r"(\s|--[^\n]*(\n|$)|/\*.*?\*/)*(select|with)\b", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=1)
def _parser() -> duckdb.DuckDBPyConnection:
    """A database of its own, empty, that only parses."""
    return duckdb.connect(":memory:")


@lru_cache(maxsize=256)
def parameters(sql: str) -> frozenset[str]:
    """Names of the query's parameters; BadInput for anything but one SELECT (or WITH … SELECT)."""
    try:
        found = _parser().extract_statements(sql)
    except duckdb.Error as error:
        raise BadInput(f"not SQL: {error}") from error
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT or not _SELECT.match(sql):
        raise BadInput("only a single SELECT can be asked of the trail")
    return frozenset(found[0].named_parameters)


@dataclass(frozen=True)
class Budget:
    """What one question may cost."""

    seconds: float = 120.0
    rows: int = 1_000_000
    """Rows of the answer."""
    bytes: int | None = None
    """Bytes of Parquet behind the days and tables that it reads; None for any."""


def ask(
    cursor: duckdb.DuckDBPyConnection,
    sql: str,
    params: Params,
    budget: Budget = Budget(),
    size: Mapping[str, int] | None = None,
) -> list[Mapping[str, JSON]]:
    """The rows as JSON objects; parameters that the query does not use are left out.

    size: bytes behind each table. Raises BadInput when the query is not one SELECT, lacks a parameter, fails, or costs
    more than its budget.
    """
    given = bound(parameters(sql), params)
    timer = Timer(budget.seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        if budget.bytes is not None:
            _afford(cursor, sql, given, budget.bytes, size or {})
        cursor.execute(sql, given)
        columns = [str(column[0]) for column in cursor.description or ()]
        rows = cursor.fetchmany(budget.rows + 1)
        if len(rows) > budget.rows:
            cursor.abort()
            raise BadInput(f"the query answers with more than {budget.rows} rows: narrow it or give it a LIMIT")
        cursor.fetchall()  # an answer must be read to its end before the next question
    except duckdb.InterruptException as error:
        raise BadInput(f"the query takes longer than {budget.seconds:g} s: ask for less time or fewer rows") from error
    except duckdb.Error as error:
        raise BadInput(f"the query fails: {error}") from error
    finally:
        timer.cancel()
    return [dict(zip(columns, map(plain, row), strict=True)) for row in rows]


def bound(names: frozenset[str], params: Params) -> dict[str, Cell]:
    """The values of a query's parameters; BadInput naming those that have none."""
    missing = sorted(names - params.keys())
    if missing:
        raise BadInput(f"the query has no value for ${', $'.join(missing)}")
    return {name: cell(params[name]) for name in sorted(names)}


def _afford(
    cursor: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, Cell], most: int, size: Mapping[str, int]
) -> None:
    """Compare what the plan would read with the budget, before anything is read."""
    plan = cursor.execute(f"EXPLAIN (FORMAT json) {sql}", dict(given)).fetchall()[0][1]
    share = _share(json.loads(plan))
    bytes_ = sum(size[table] for table in size if re.search(rf"\b{table}\b", sql)) * share
    if bytes_ > most:
        raise BadInput(f"the query would read about {bytes_:.0f} bytes, its budget is {most}: give it fewer days")


def _share(node: JSON) -> float:
    """The greatest share of its files that any scan in the plan reads."""
    if isinstance(node, list):
        return max(map(_share, node), default=0.0)
    if not isinstance(node, dict):
        return 0.0
    extra = node.get("extra_info")
    said = extra.get("Scanning Files") if isinstance(extra, dict) else None
    read, _, of = str(said).partition("/")
    own = int(read) / int(of) if read.isdigit() and of.isdigit() else float("PARQUET" in str(node.get("name")))
    return max(own, _share(node.get("children")))


def cell(value: Cell) -> Cell:
    """The value as tables hold it: aware times become UTC without an offset."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def plain(value: object) -> JSON:
    """A cell of an answer as JSON; a time without an offset is UTC."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return _scalar(value)


def _scalar(value: object) -> JSON:
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)
