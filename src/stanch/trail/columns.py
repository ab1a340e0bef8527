"""Events of one chunk as columns in memory, a day at a time, and the SELECT that makes rows of them.

The columns are laid out as Apache Arrow says: the database reads them where they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, TypeAlias

import nanoarrow as arrow
from nanoarrow.c_array_stream import CArrayStream

from stanch.trail.addresses import placed
from stanch.trail.schema import EVENTS, Cell

Cells: TypeAlias = Mapping[str, Sequence[Any]]
"""A column of cells for every name in GIVEN: texts or None, of JSON parts bytes."""
FLAG: Mapping[bool | None, str | None] = {True: "t", False: "f", None: None}
"""A truth as a cell."""
NULL = b"null"
"""A JSON part that is not there, as a cell."""
PARTS = frozenset(
    {"user_identity", "request_parameters", "response_elements", "additional_event_data", "resources", "tls_details"}
    | {"other"}
)
"""Columns whose cells are JSON."""
MADE = ("event_date", "source_ip_hex")
"""Columns that are made of others here."""
GIVEN = tuple(name for name, _ in EVENTS.columns if name not in MADE)
"""The other columns."""
_KINDS = {name: "" if kind == "VARCHAR" else f"::{kind}" for name, kind in EVENTS.columns}
_LAID = tuple(name for name in _KINDS if name != "event_date")
_TEXT, _BYTES = arrow.c_schema(arrow.string()), arrow.c_schema(arrow.binary())
_ROWS = arrow.c_schema(arrow.struct({name: arrow.string() for name in _LAID}))
_FROM = {"event_date": "event_time", **{name: f"nullif({name}, '{NULL.decode()}')" for name in PARTS}}
_CELLS = ", ".join(f"{_FROM.get(name, name)}{kind} AS {name}" for name, kind in _KINDS.items())


class Columns:
    """The events, each id once: the first that was read."""

    def __init__(self) -> None:
        self.days: dict[str, Day] = {}
        """The events of each day."""
        self._ids: set[str] = set()

    def extend(self, cells: Cells) -> None:
        """Add events in the order in which they were read."""
        ids = cells["event_id"]
        fresh = set(ids)
        if len(fresh) < len(ids) or not self._ids.isdisjoint(fresh):
            first = {one: number for number, one in reversed(tuple(enumerate(ids))) if one not in self._ids}
            cells = _keep(cells, [first.get(one) == number for number, one in enumerate(ids)])
        self._ids |= fresh
        days = [time[:10] for time in cells["event_time"]]
        for day in dict.fromkeys(days):
            whole = days.count(day) == len(days)
            self.days.setdefault(day, Day()).extend(cells if whole else _keep(cells, [one == day for one in days]))


class Day:
    """The events of one day, as the database reads them."""

    def __init__(self) -> None:
        self.first, self.last = "9999", ""
        """Of the events' times."""
        self.rows = 0
        self._laid: list[Any] = []

    def extend(self, cells: Cells) -> None:
        """Add events of this day."""
        times = cells["event_time"]
        self.first, self.last = min(self.first, *times), max(self.last, *times)
        self.rows += len(times)
        addresses, digits = zip(*placed(cells["source_ip"]), strict=True)
        made = {**cells, "source_ip": addresses, "source_ip_hex": digits}
        self._laid.append(_laid(made, len(times)))

    def __arrow_c_schema__(self) -> Any:
        """The columns' names and types, in the form in which libraries share them."""
        return _ROWS.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The columns, in that form."""
        return CArrayStream.from_c_arrays(self._laid, _ROWS, validate=False).__arrow_c_stream__(requested_schema)


def select(laid: str, known: Sequence[str] = ()) -> tuple[str, dict[str, Cell]]:
    """The SELECT of a day's events as rows of the table, without those whose id is known, and its values.

    laid: the day's name in the database.
    """
    where = " WHERE event_id NOT IN (SELECT unnest($known))" if known else ""
    return f"SELECT {_CELLS} FROM {laid}{where}", {"known": list(known)} if known else {}  # noqa: S608 - names of ours


def cells_of(rows: Iterable[Sequence[Cell]]) -> dict[str, list[Any]]:
    """Rows of the table as cells."""
    columns = dict(zip(_KINDS, zip(*rows, strict=True), strict=True))
    return {name: [_cell(name, one) for one in columns[name]] for name in GIVEN}


def _keep(cells: Cells, wanted: Sequence[bool]) -> Cells:
    return {name: list(compress(column, wanted)) for name, column in cells.items()}


def _laid(cells: Cells, count: int) -> Any:
    """The cells as Arrow lays them out: texts end to end, where each begins, and which are absent."""
    columns = [arrow.c_array(cells[name], _BYTES if name in PARTS else _TEXT) for name in _LAID]
    if any(one.length != count for one in columns):  # the database would read beyond the shorter one
        raise ValueError("columns of one length are needed")
    return arrow.c_array_from_buffers(_ROWS, count, [None], null_count=0, children=columns, move=True)


def _cell(name: str, value: Cell) -> Any:
    if name in PARTS:
        return NULL if value is None else str(value).encode()
    if isinstance(value, bool):
        return FLAG[value]
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
