"""What may be asked of the trail: exactly one SELECT, with attacker text only as parameters."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
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


def ask(cursor: duckdb.DuckDBPyConnection, sql: str, params: Params) -> list[Mapping[str, JSON]]:
    """The rows as JSON objects; parameters that the query does not use are left out.

    Raises BadInput when the query is not one SELECT, lacks a parameter, or fails.
    """
    names = parameters(sql)
    missing = sorted(names - params.keys())
    if missing:
        raise BadInput(f"the query has no value for ${', $'.join(missing)}")
    try:
        cursor.execute(sql, {name: _cell(params[name]) for name in sorted(names)})
        columns = [str(column[0]) for column in cursor.description or ()]
        return [dict(zip(columns, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    except duckdb.Error as error:
        raise BadInput(f"the query fails: {error}") from error


def _cell(value: Cell) -> Cell:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _plain(value: object) -> JSON:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return _scalar(value)


def _scalar(value: object) -> JSON:
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)
