"""One in twenty of the cases that nobody is called for is drawn for a person's look: else misses are never seen."""

from stanch.model.casefile import CaseFile
from stanch.model.facts import Fact
from stanch.model.verdict import Outcome
from stanch.model.walked import Closed, Drawn
from stanch.respond.record import Record

ONE_IN = 20
LEFT_ALONE = frozenset({Outcome.DISMISS, Outcome.QUEUE})


def spot_check(record: Record) -> None:
    """Draw the case, or not, by the hash of the fact that closed the round: it covers the whole journal before it.

    The same journal draws the same cases; nobody who cannot write the journal can tell beforehand which.
    """
    closed = _closed(record)
    if closed is not None and drawn(closed):
        record.once("drawn", lambda file: _draw(record, file))


def drawn(closed: Fact) -> bool:
    """Whether the case that this fact closed is drawn."""
    outcome = closed.body.outcome if isinstance(closed.body, Closed) else None
    return outcome in LEFT_ALONE and int(closed.hash[:12], 16) % ONE_IN == 0


def _closed(record: Record) -> Fact | None:
    facts = record.house.facts(case=record.case, kinds=(Closed,))
    mine = [one for one in facts if isinstance(one.body, Closed) and one.body.round == record.round]
    return mine[-1] if mine else None


def _draw(record: Record, file: CaseFile) -> Drawn:
    return Drawn(
        record.round, f"{file.outcome}: one in {ONE_IN} of such cases is looked at by a person, to find misses"
    )
