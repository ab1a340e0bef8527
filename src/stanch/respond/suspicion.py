"""When the subjects of a case were in question before: what they did then is no part of what is usual for them."""

from datetime import datetime

from stanch.model.case import Tier
from stanch.model.casefile import CaseFile
from stanch.model.verdict import Outcome
from stanch.model.walked import FindingReceived
from stanch.respond.record import Record
from stanch.store import journal

NOT_HELD = frozenset({Outcome.DISMISS, Outcome.QUEUE})
"""How a case of medium or low tier ends that holds nothing against its subjects. A high one that is queued still does,
until a person has looked: else whoever reaches the queue makes what he does there usual."""
GRAVE = frozenset({Tier.CRITICAL, Tier.HIGH})


def suspected(record: Record, file: CaseFile) -> tuple[tuple[datetime, datetime], ...]:
    """From first to last sight of each finding in other cases about these subjects, oldest first (UTC).

    Cases that were dismissed, or that a person called benign or a false positive, do not count.
    """
    with record.house.database.begin() as connection:
        found = journal.about(connection, file.subjects, without=file.id)
    held = {case for case in {fact.case for fact in found} if _held(record.house.file(case))}
    times = [
        (one.first_seen or one.created_at or one.updated_at, one.last_seen or one.updated_at)
        for one in (fact.body.finding for fact in found if isinstance(fact.body, FindingReceived) and fact.case in held)
    ]
    return tuple(sorted((start, end) for start, end in times if start <= end))


def _held(file: CaseFile) -> bool:
    said = file.label
    return (file.outcome not in NOT_HELD or file.tier in GRAVE) and not (said is not None and said.wrong)
