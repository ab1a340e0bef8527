"""A high case that is explained waits in the queue: never one that called a person before, or was contained."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from stanch.model.case import Mode, Posture, Tier, Triage
from stanch.model.casefile import CaseFile
from stanch.model.change import Refusal
from stanch.model.context import Context
from stanch.model.facts import Body, Fact
from stanch.model.playbook import Trust
from stanch.model.verdict import Answer, Evidence, Outcome
from stanch.model.walked import Closed
from stanch.respond.conclude import conclude
from stanch.respond.record import Record
from stanch.stages.judge import judge
from stanch.stages.summary import summarise

from ..stages.questioning import THEFT  # noqa: TID252  # tests are no package

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HIGH = Triage(Tier.HIGH, Posture.INVESTIGATE, "p", THEFT.key, "")
DECLARED = Evidence(
    *("L9", "?", "declared", Trust.D, Answer.YES, 1 / 20, True, "It is the declared scanner."), explains=True
)
VERDICT = judge(0.2, [DECLARED], triage=HIGH, depth="full", critical=(), threshold=0.95, alone=True)
FILE = CaseFile("C-00000000", NOW, 2, findings=(THEFT,), triage=HIGH, verdict=VERDICT, tier=Tier.HIGH)


def concluded(file: CaseFile, *earlier: Body) -> tuple[Outcome, tuple[str, ...]]:
    facts = [Fact(seq, file.id, str(seq), NOW, "stanch", one, "") for seq, one in enumerate(earlier, 1)]
    house = SimpleNamespace(facts=lambda *, case: facts)
    record = SimpleNamespace(house=house, triage=HIGH, round=2, mode=Mode.ACT, verdict=lambda _: VERDICT)
    return conclude(cast("Record", record), file)


def test_it_waits_in_the_queue_and_the_summary_says_why() -> None:
    outcome, reasons = concluded(FILE)
    assert (outcome, reasons) == (Outcome.QUEUE, VERDICT.reasons)
    told = summarise(replace(FILE, outcome=outcome, reasons=reasons), (), "", Context())
    assert told.state == "Queued"
    assert told.sentences[-1].startswith(
        "Nothing was changed and nobody is paged; it waits in the queue for a person: queued, not paged, because this "
        "explains it: It is the declared scanner. (L9)"
    )


def test_it_stays_in_the_queue_when_it_was_there_before() -> None:
    assert concluded(FILE, Closed(1, Outcome.QUEUE, Tier.HIGH, ()))[0] is Outcome.QUEUE


@pytest.mark.parametrize("before", [Outcome.ESCALATE, Outcome.CONTAIN])
def test_it_does_not_fall_back_into_the_queue(before: Outcome) -> None:
    outcome, reasons = concluded(FILE, Closed(1, before, Tier.HIGH, ()))
    assert outcome is Outcome.ESCALATE
    assert reasons[0] == "an earlier round of this case called a person: it does not fall back into the queue"
    assert not any("queued, not paged" in one for one in reasons)


def test_what_came_back_or_was_refused_is_a_person_s() -> None:
    assert concluded(replace(FILE, returns=1))[0] is Outcome.ESCALATE
    refused = replace(FILE, refusals=(Refusal("I1", "target", "", "the limit is reached"),))
    assert concluded(refused) == (Outcome.ESCALATE, ("the limit is reached",))


def test_only_findings_of_the_lead_s_type_are_explained_by_it() -> None:
    alone = [
        (THEFT,),
        (THEFT, replace(THEFT, id="again")),
        (THEFT, replace(THEFT, id="x", type="Any:Thing/Else", sample=True)),
    ]
    for findings in alone:
        assert _alone(replace(FILE, findings=findings))
    assert not _alone(replace(FILE, findings=(THEFT, replace(THEFT, id="other", type="Any:Thing/Else"))))


def _alone(file: CaseFile) -> bool:
    record = SimpleNamespace(lead=lambda _: THEFT)
    return Record.alone(cast("Record", record), file)
