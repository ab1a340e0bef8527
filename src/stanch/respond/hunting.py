"""Cases from the trail alone: the tables that a hunt needs, filled from the house, and its findings journalled."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from stanch.model.errors import BadInput
from stanch.model.finding import Finding, Form
from stanch.model.walked import FindingReceived
from stanch.playbooks import LEAD_TABLES, grants, leads
from stanch.respond.house import House
from stanch.respond.intake import Taken, journal_findings
from stanch.stages.hunt import hunt
from stanch.stages.investigate.rows import known_accounts, trail_tables
from stanch.store import journal
from stanch.trail import Cell, Table


@dataclass(frozen=True)
class Hunt:
    """Between which times to hunt (UTC); None for the trail's own first or last event."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass
class Rounds:
    """When the worker hunts: at once, then whenever the interval is over, each time from the start of yesterday (UTC).

    Logs may come up to a day late. What is older is for `stanch hunt`.
    """

    every: timedelta
    """None at all if zero."""
    last: datetime | None = None

    @classmethod
    def of(cls, house: House) -> "Rounds":
        """As the setting says; BadInput when there is nothing to hunt in."""
        every = timedelta(minutes=house.settings.hunt)
        if every and house.trail.query(_ENDS)[0]["first"] is None:
            raise BadInput("setting hunt: the trail holds no events; `stanch trail ingest SOURCE` takes some in")
        return cls(every)

    def due(self, now: datetime) -> Hunt | None:
        """The hunt that is due, None when there is none."""
        if not self.every or (self.last is not None and now - self.last < self.every):
            return None
        self.last = now
        return Hunt(since=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1))


_ENDS = "SELECT min(event_time) AS first, max(event_time) AS last FROM events"


def hunted(house: House, since: datetime | None = None, until: datetime | None = None) -> tuple[Finding, ...]:
    """What the trail itself gives between these times (UTC), by default from its first event to its last."""
    ends = house.trail.query(_ENDS)[0]
    if ends["first"] is None:
        return ()
    start = since or datetime.fromisoformat(str(ends["first"]))
    end = until or datetime.fromisoformat(str(ends["last"]))
    return hunt(house.trail, tables_of(house, start, end), leads())


def take_hunted(house: House, since: datetime | None = None, until: datetime | None = None) -> Taken:
    """Hunt, and journal what is found as findings of cases; what cites nothing new is no new finding."""
    found = _news(house, hunted(house, since, until))
    return Taken(records=len(found), findings=len(found), cases=journal_findings(house, found))


def _news(house: House, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Not the tail of what was found before: where a hunt begins later, its findings begin later, too."""
    if not found:
        return ()
    with house.database.begin() as connection:
        facts = journal.of_form(connection, Form.TRAIL)
    before = [fact.body.finding for fact in facts if isinstance(fact.body, FindingReceived)]
    known = {one.revision for one in before}
    told = {(one.type, event.id) for one in before for event in one.resources}
    return tuple(
        one for one in found if one.revision in known or {(one.type, event.id) for event in one.resources} - told
    )


def tables_of(house: House, start: datetime, end: datetime) -> tuple[Table, ...]:
    """The tables that stand beside the trail while it is hunted in between these times (UTC)."""
    known = known_accounts(house.context)
    rows: dict[str, list[tuple[Cell, ...]]] = {
        "span": [tuple(time.astimezone(UTC).replace(tzinfo=None) for time in (start, end))],
        "known_accounts": [(one,) for one in sorted(known)],
        "grants": grants(house.trail, start, end, known),
        **trail_tables(house.trail, house.context),
    }
    return tuple(replace(table, rows=rows[table.name]) for table in LEAD_TABLES)
