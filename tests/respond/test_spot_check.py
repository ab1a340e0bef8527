"""Which cases are drawn for a person's look: by the journal's hash, and only those for which nobody was called."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.case import Tier
from stanch.model.casefile import fold
from stanch.model.facts import Body, Fact
from stanch.model.verdict import Outcome
from stanch.model.walked import Closed, Drawn, FindingReceived
from stanch.respond import spot_check
from stanch.respond.spot_check import ONE_IN, drawn
from stanch.stages.summary import summarise

from ..stages.questioning import THEFT  # noqa: TID252  # tests are no package

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NONE, SURE = "0" * 64, f"{1:012x}{'0' * 52}"


def fact(body: Body, seq: int = 1, hash: str = NONE) -> Fact:
    return Fact(seq, "C-00000000", str(seq), NOW, "stanch", body, hash)


def closed(outcome: Outcome, hash: str = NONE) -> Fact:
    return fact(Closed(1, outcome, Tier.HIGH, ("because",)), 2, hash)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_case_for_which_nobody_was_called_is_drawn(outcome: Outcome) -> None:
    assert drawn(closed(outcome)) is (outcome in (Outcome.DISMISS, Outcome.QUEUE))
    assert not drawn(closed(outcome, SURE))
    assert not drawn(fact(Drawn(1, "why")))


@given(st.integers(0, 2**48 - 1))
def test_one_in_twenty_is_drawn_and_only_the_hash_decides(number: int) -> None:
    one = closed(Outcome.DISMISS, f"{number:012x}{'f' * 52}")
    assert drawn(one) is (number % ONE_IN == 0)
    other = replace(one, case="C-11111111", key="else", body=Closed(7, Outcome.QUEUE, Tier.LOW, ()))
    assert drawn(other) is drawn(one)


def test_the_case_says_so_until_a_new_round_begins() -> None:
    facts = [fact(FindingReceived(THEFT, 1, ())), closed(Outcome.DISMISS), fact(Drawn(1, "one in 20"), 3)]
    assert fold(facts).drawn == "one in 20"
    assert fold([*facts, fact(FindingReceived(THEFT, 2, ()), 4)]).drawn == ""


def test_the_walk_draws_once_and_tells(night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spot_check, "ONE_IN", 1)
    night.walk("sample_finding", "root_login")
    file = night.file("sample_finding")
    assert file.drawn.startswith(f"{file.outcome}: one in 1 of such cases")
    assert night.file("root_login").drawn == ""
    assert len(night.told(Drawn)) == 1
    told = summarise(file, night.house.facts(case=file.id), "", night.house.context)
    assert "It was drawn for a person's look" in told.sentences[-1]
