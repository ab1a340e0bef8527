"""Cases from the trail alone: the tables that a hunt needs, filled from the house, and its findings journalled."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stanch.model.finding import Finding
from stanch.playbooks import LEAD_TABLES, grants, leads
from stanch.respond.house import House
from stanch.respond.intake import Taken, journal_findings
from stanch.stages.hunt import hunt
from stanch.stages.investigate.rows import known_accounts, trail_tables
from stanch.trail import Cell, Table


@dataclass(frozen=True)
class Hunt:
    """Between which times to hunt (UTC); None for the trail's own first or last event."""

    since: datetime | None = None
    until: datetime | None = None


_ENDS = "SELECT min(event_time) AS first, max(event_time) AS last FROM events"


def hunted(house: House, since: datetime | None = None, until: datetime | None = None) -> tuple[Finding, ...]:
    """What the trail itself gives between these times (UTC), by default from its first event to its last."""
    ends = house.trail.query(_ENDS)[0]
    if ends["first"] is None:
        return ()
    start = since or datetime.fromisoformat(str(ends["first"]))
    end = until or datetime.fromisoformat(str(ends["last"]))
    return hunt(house.trail, _tables(house, start, end), leads())


def take_hunted(house: House, since: datetime | None = None, until: datetime | None = None) -> Taken:
    """Hunt, and journal what is found as findings of cases."""
    found = hunted(house, since, until)
    return Taken(records=len(found), findings=len(found), cases=journal_findings(house, found))


def _tables(house: House, start: datetime, end: datetime) -> tuple[Table, ...]:
    known = known_accounts(house.context)
    rows: dict[str, list[tuple[Cell, ...]]] = {
        "span": [tuple(time.astimezone(UTC).replace(tzinfo=None) for time in (start, end))],
        "known_accounts": [(one,) for one in sorted(known)],
        "grants": grants(house.trail, start, end, known),
        **trail_tables(house.trail, house.context),
    }
    return tuple(replace(table, rows=rows[table.name]) for table in LEAD_TABLES)
