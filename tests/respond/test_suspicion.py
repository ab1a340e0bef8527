"""When the subjects of a case were in question before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from stanch.model.case import Tier
from stanch.model.casefile import CaseFile, fold
from stanch.model.facts import Body
from stanch.model.finding import Finding
from stanch.model.verdict import Conclusion, Outcome
from stanch.model.walked import Closed, FindingReceived, Labelled
from stanch.respond.record import Record
from stanch.respond.suspicion import suspected
from stanch.store import journal
from stanch.store.database import open_database

from ..stages.questioning import AT, THEFT  # noqa: TID252  # tests are no package

DAY = timedelta(days=1)
MINE, OTHER = "111122223333/role/orders-api", "111122223333/role/other"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Books:
    """A journal, and the cases in it."""

    database: Engine

    def file(self, case: str) -> CaseFile:
        with self.database.begin() as connection:
            return fold(journal.facts(connection, case=case))

    def write(self, case: str, body: Body) -> None:
        with self.database.begin() as connection:
            size, _ = journal.head(connection)
            journal.append(connection, body, case=case, key=str(size), time=NOW)


@pytest.fixture
def books(tmp_path: Any) -> Books:
    return Books(open_database(tmp_path / "stanch.db"))


def seen(finding: Finding, days: int, last: int) -> Finding:
    return replace(finding, id=f"f{days}", first_seen=AT - days * DAY, last_seen=AT - last * DAY)


def asked(books: Books) -> tuple[tuple[datetime, datetime], ...]:
    record = Record(cast("Any", books), cast("Any", None), "C-mine", 1)
    return suspected(record, books.file("C-mine"))


def test_other_cases_about_the_subject_count_and_nothing_else(books: Books) -> None:
    books.write("C-mine", FindingReceived(seen(THEFT, 5, 1), 1, (MINE,)))
    assert asked(books) == ()
    books.write("C-elsewhere", FindingReceived(seen(THEFT, 9, 8), 1, (OTHER,)))
    books.write("C-late", FindingReceived(seen(THEFT, 20, 19), 1, (MINE,)))
    books.write("C-early", FindingReceived(seen(THEFT, 40, 30), 1, (OTHER, MINE)))
    assert asked(books) == ((AT - 40 * DAY, AT - 30 * DAY), (AT - 20 * DAY, AT - 19 * DAY))


@pytest.mark.parametrize(
    ("outcome", "tier", "held"),
    [
        (Outcome.CONTAIN, Tier.HIGH, True),
        (Outcome.ESCALATE, Tier.HIGH, True),
        (Outcome.QUEUE, Tier.HIGH, True),
        (Outcome.ESCALATE, Tier.MEDIUM, True),
        (Outcome.QUEUE, Tier.MEDIUM, False),
        (Outcome.DISMISS, Tier.LOW, False),
    ],
)
def test_a_case_that_holds_nothing_against_it_does_not_count(
    books: Books, outcome: Outcome, tier: Tier, held: bool
) -> None:
    books.write("C-mine", FindingReceived(seen(THEFT, 5, 1), 1, (MINE,)))
    books.write("C-other", FindingReceived(seen(THEFT, 20, 19), 1, (MINE,)))
    books.write("C-other", Closed(1, outcome, tier, ()))
    assert bool(asked(books)) is held
    books.write("C-other", Labelled(Conclusion.BENIGN, "dana", "a test"))
    assert asked(books) == ()
