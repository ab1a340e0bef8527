"""The timeline of a case: the finding, CloudTrail's events near it, what stanch and people did; all with a source."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from stanch.model.casefile import CaseFile
from stanch.model.contained import (
    Called,
    Confirmed,
    Contained,
    ContainmentFailed,
    Decided,
    Effective,
    Extended,
    Persisted,
    PutBack,
    Returned,
    Reverted,
    RevertFailed,
    Tampered,
)
from stanch.model.facts import Fact
from stanch.model.summary import Moment, Mood
from stanch.model.walked import Judged, Paged, RelatedEvent

CLOUDTRAIL, JOURNAL = "CloudTrail", "journal"
DENIALS = ("AccessDenied", "UnauthorizedOperation")


def timeline(file: CaseFile, facts: Sequence[Fact]) -> tuple[Moment, ...]:
    """All moments, oldest first; equal times in the order of the walk."""
    found = [*_findings(file), *_related(file), *(one for fact in facts for one in _moment(file, fact))]
    return tuple(sorted(found, key=lambda one: one.at))


def _findings(file: CaseFile) -> Iterator[Moment]:
    for one in file.findings:
        first = one.first_seen or one.created_at or one.updated_at
        detail = (
            f"severity {one.severity:g}, seen {one.count} times, last at {one.last_seen or one.updated_at:%H:%M:%S}"
        )
        yield Moment(first, one.product, one.type, detail, (one.id,), Mood.BAD)


def _related(file: CaseFile) -> Iterator[Moment]:
    """Events that the evidence cites, and refused ones, stand alone; the others are told together."""
    cited = {event for one in file.verdict.ledger if one.ln > 0 for event in one.events} if file.verdict else set()
    events = sorted(file.enriched.related if file.enriched else (), key=lambda one: (one.time, one.event_id))
    for (alone, _, _), run in groupby(events, key=lambda one: _together(one, cited)):
        group = tuple(run)
        yield from (_event(one, cited) for one in group) if alone else (_many(group),)


def _together(one: RelatedEvent, cited: set[str]) -> tuple[bool, str, str]:
    """Whether it stands alone, and what it shares with those that it is told with: its source and day."""
    return one.event_id in cited or bool(one.error), one.source, one.time[:10]


def _event(one: RelatedEvent, cited: set[str]) -> Moment:
    denied = f", refused: {one.error}" if one.error else ""
    mood = Mood.BAD if one.event_id in cited else Mood.HELD if one.error.startswith(DENIALS) else Mood.PLAIN
    return Moment(_time(one), CLOUDTRAIL, one.name, f"from {one.source}{denied}", (one.event_id,), mood)


def _many(group: tuple[RelatedEvent, ...]) -> Moment:
    first, last = group[0], group[-1]
    names = ", ".join(dict.fromkeys(one.name for one in group))
    if len(group) == 1:
        return Moment(_time(first), CLOUDTRAIL, names, f"from {first.source}", (first.event_id,))
    detail = f"{names} from {first.source}, until {_time(last):%H:%M:%S}; the evidence cites none of them"
    return Moment(
        _time(first), CLOUDTRAIL, f"{len(group)} calls", detail, tuple(one.event_id for one in group), until=_time(last)
    )


def _time(one: RelatedEvent) -> datetime:
    return datetime.fromisoformat(one.time).replace(tzinfo=UTC)


def _moment(file: CaseFile, fact: Fact) -> Iterator[Moment]:
    def say(what: str, detail: str = "", mood: Mood = Mood.PLAIN, events: tuple[str, ...] = ()) -> Moment:
        return Moment(fact.time, JOURNAL, what, detail, events, mood)

    name = _name(file, getattr(fact.body, "containment", ""))
    match fact.body:
        case Judged(_, depth, verdict):
            asked = "critical questions" if depth == "critical" else "all questions"
            yield say(f"Judged on {asked}", f"probability of an attack {verdict.p:.1%}", Mood.ASKED)
        case Called(_, _, receipt) if not receipt.ok:
            yield say(f"{receipt.call.name} failed", receipt.error, Mood.BAD)
        case Contained(_, expires_at):
            yield say(f"Contained: {name}", f"read back; reverts at {expires_at:%H:%M} UTC unless confirmed", Mood.HELD)
        case ContainmentFailed(_, reason):
            yield say(f"Failed: {name}", reason, Mood.BAD)
        case Effective(_, how, events):
            yield say("It bites", how, Mood.HELD, events)
        case Persisted(_, events):
            yield say("The principal went on", name, Mood.BAD, events)
        case Tampered(_, by, what, events):
            yield say("Somebody undid it", f"{by or 'unknown'}: {what}", Mood.BAD, events)
        case PutBack():
            yield say("Put back", name, Mood.HELD)
        case Returned(_, _, events):
            yield say("The principal came back", "", Mood.BAD, events)
        case Decided(_, decision, by, reason):
            yield say(f"{by} decided: {decision}", f"{name}: {reason}", Mood.ASKED)
        case Extended(_, until, by, reason):
            yield say(f"{by} extended it to {until:%H:%M} UTC", f"{name}: {reason}", Mood.ASKED)
        case Confirmed(_, by):
            yield say("Confirmed", f"{name}, by {by}", Mood.HELD)
        case Reverted(_, by, conflicts):
            yield say(f"Reverted: {name}", "; ".join((f"by {by}", *conflicts)), Mood.PLAIN)
        case RevertFailed(_, _, reason):
            yield say(f"The revert failed: {name}", reason, Mood.BAD)
        case Paged(text):
            yield say("A person was paged", text, Mood.ASKED)


def _name(file: CaseFile, id: str) -> str:
    one = file.containment(id)
    return f"{one.change.title}, {one.change.target.name}" if one else id
