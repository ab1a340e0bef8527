"""Events of one chunk as columns of text, a day at a time, and the SELECT that makes rows of them again.

Cells go to the database as texts of many, parted by a character that none of them holds: that costs a fraction of
cells one by one, and needs no scratch table.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, TypeAlias

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
TOGETHER = 2048
"""Cells in one text: DuckDB's own batch; of more it would copy the list anew for each batch."""
_SEPARATOR, _ABSENT = "\x1f", "\x1e"
_PARTED = _SEPARATOR.encode()
_NULLS = _PARTED.join([NULL] * TOGETHER)
_FROM = {"event_date": "event_time"}
_KINDS = {name: "" if kind == "VARCHAR" else f"::{kind}" for name, kind in EVENTS.columns}
_TEXTS = tuple(name for name in _KINDS if name not in _FROM)


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
    """The events of one day."""

    def __init__(self) -> None:
        self.first, self.last = "9999", ""
        """Of the events' times."""
        self.rows = 0
        self._texts: dict[str, list[Any]] = {name: [] for name in _TEXTS}

    def extend(self, cells: Cells) -> None:
        """Add events of this day."""
        times = cells["event_time"]
        self.first, self.last = min(self.first, *times), max(self.last, *times)
        self.rows += len(times)
        addresses, digits = zip(*placed(cells["source_ip"]), strict=True)
        made = {**cells, "source_ip": addresses, "source_ip_hex": digits}
        for at in range(0, len(times), TOGETHER):
            for name in _TEXTS:
                self._texts[name].append(_joined(name, made[name][at : at + TOGETHER]))

    def ids(self) -> tuple[str, dict[str, Cell]]:
        """The SELECT of the events' ids, and its values."""
        said, given = self._said("event_id")
        return f"SELECT {said} AS event_id FROM (SELECT unnest($event_id) AS event_id)", {"event_id": given}  # noqa: S608

    def select(self, known: Sequence[str] = ()) -> tuple[str, dict[str, Cell]]:
        """The SELECT of the events as rows of the table, without those whose id is known, and its values."""
        found = {name: self._said(name) for name in _TEXTS}
        rows = ", ".join(f"unnest(${name}) AS {name}" for name in found)
        cut = ", ".join(f"{said} AS {name}" for name, (said, _) in found.items())
        outer = ", ".join(f"{_FROM.get(name, name)}{kind} AS {name}" for name, kind in _KINDS.items())
        given = {name: value for name, (_, value) in found.items()}
        where = " WHERE event_id NOT IN (SELECT unnest($known))" if known else ""
        sql = f"SELECT {outer} FROM (SELECT {cut} FROM (SELECT {rows})){where}"  # noqa: S608 - names of ours
        return sql, {**given, "known": list(known)} if known else given

    def _said(self, name: str) -> tuple[str, Cell]:
        """What makes cells of one of the texts, in SQL, and the texts."""
        texts = self._texts[name]
        if not any(isinstance(one, list) for one in texts):
            absent = "null" if name in PARTS else _ABSENT
            return f"nullif(unnest(string_split({name}, '{_SEPARATOR}')), '{absent}')", texts
        parted: list[Any] = [_parted(one) if isinstance(one, str) else one for one in texts]
        return f"unnest({name})", parted


def cells_of(rows: Iterable[Sequence[Cell]]) -> dict[str, list[Any]]:
    """Rows of the table as cells."""
    columns = dict(zip(_KINDS, zip(*rows, strict=True), strict=True))
    return {name: [_cell(name, one) for one in columns[name]] for name in GIVEN}


def _keep(cells: Cells, wanted: Sequence[bool]) -> Cells:
    return {name: list(compress(column, wanted)) for name, column in cells.items()}


def _joined(name: str, cells: Sequence[Any]) -> str | list[str | None] | None:
    """The cells as one text, or as they are where somebody wrote the characters that part them; None for none."""
    if name in PARTS:
        whole = _PARTED.join(cells)
        return None if whole == _NULLS[: len(cells) * (len(NULL) + 1) - 1] else whole.decode()
    absent = 0
    try:
        text = _SEPARATOR.join(cells)
    except TypeError:  # some are absent
        absent = cells.count(None)
        text = _SEPARATOR.join([_ABSENT if one is None else one for one in cells])
    if absent == len(cells):
        return None
    sound = text.count(_SEPARATOR) + 1 == len(cells) and text.count(_ABSENT) == absent
    return text if sound else list(cells)


def _parted(text: str) -> list[str | None]:
    return [None if one == _ABSENT else one for one in text.split(_SEPARATOR)]


def _cell(name: str, value: Cell) -> Any:
    if name in PARTS:
        return NULL if value is None else str(value).encode()
    if isinstance(value, bool):
        return FLAG[value]
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
