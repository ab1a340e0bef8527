"""The worker's outer edge: a walk that breaks escalates its case instead of vanishing."""

import logging

from stanch.model.case import Tier
from stanch.model.errors import StanchError
from stanch.model.verdict import Outcome
from stanch.model.walked import Closed, Paged, Triaged
from stanch.respond.record import Record
from stanch.respond.walk import walk

log = logging.getLogger("stanch")


def run(record: Record) -> None:
    """Walk; if stanch itself fails, page and close the round as escalated, so that a person takes over."""
    try:
        walk(record)
    except Exception as error:  # the one broad except: whatever it was, the case must reach a person
        known = isinstance(error, StanchError)  # its sentence says it all, and the page has it
        log.error("case %s: the walk broke: %s", record.case, error, exc_info=None if known else error)  # noqa: TRY400
        _escalate(record, f"stanch could not finish this case: {type(error).__name__}: {error}")


def _escalate(record: Record, why: str) -> None:
    house, prefix = record.house, f"{record.case}/{record.round}"
    triaged = [f.body for f in house.facts(case=record.case, kinds=(Triaged,)) if isinstance(f.body, Triaged)]
    tier = triaged[-1].triage.tier if triaged else Tier.HIGH
    house.write(Paged(why), key=f"{prefix}/broken", case=record.case)
    house.write(Closed(record.round, Outcome.ESCALATE, tier, (why,)), key=f"{prefix}/closed", case=record.case)
