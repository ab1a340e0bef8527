"""The known ways to more rights, as rows of `stanch.playbooks.tables.PRIVESC_PATHS`."""

from functools import cache
from pathlib import Path

from stanch.playbooks.strict import Node, read
from stanch.trail import Cell

TABLE = Path(__file__).with_name("privilege_escalation") / "paths.yaml"


@cache
def paths(table: Path = TABLE) -> tuple[tuple[Cell, ...], ...]:
    """One row per call of each way; BadInput naming file and key when the table cannot be used."""
    return tuple(row for item in read(table, table.name).items() for row in _rows(item))


def _rows(item: Node) -> list[tuple[Cell, ...]]:
    keys = item.keys("id", "calls", "gives", optional=("passes",))
    calls = dict.fromkeys(keys["calls"].texts())
    for one in calls:
        if one.count(":") != 1:
            raise keys["calls"].bad(f"{one!r} is not service:Call")
    split = [one.split(":") for one in calls]
    return [(keys["id"].text(), len(calls), f"{service}.amazonaws.com", name) for service, name in split]
