"""Priors start as authored and learn from what people said, one finding type at a time."""

import pytest

from stanch.model.verdict import Conclusion
from stanch.playbooks import load
from stanch.respond import priors
from stanch.respond.house import House
from stanch.settings import Settings

from .people import KIND, MINING, RIGHT, WRONG, made_up

OTHER = "CryptoCurrency:EC2/BitcoinTool.B!DNS"


@pytest.fixture
def house(tmp_path):
    return House.build(Settings(state=tmp_path), live=False, durable=False)


def of(house, kind=KIND, **how):
    return priors.prior(house, house.playbooks[MINING], kind, **how)


def test_without_labels_it_is_what_was_authored(house):
    assert (of(house).mean, of(house).n) == (0.8, 0)
    assert of(house).sentence == "80.0% (authored 80%, n = 0)"
    made_up(house, 1, None)
    assert of(house).n == 0


def test_each_judged_case_counts_like_one_of_ten_authored_ones(house):
    for number, said in enumerate([RIGHT, RIGHT, WRONG, Conclusion.BENIGN, Conclusion.INSUFFICIENT]):
        made_up(house, number, said)
    assert of(house).mean == pytest.approx((8 + 2) / (10 + 4))
    assert of(house).sentence == "71.4% (authored 80%; 2 of 4 judged cases were attacks, n = 4)"


def test_it_is_learned_for_the_type_alone_and_not_from_the_case_in_question(house):
    case = made_up(house, 1, WRONG)
    assert of(house, OTHER).n == 0
    assert of(house, without=case).n == 0
    assert of(house).n == 1


def test_a_type_without_an_authored_prior_starts_low(house):
    unnamed = priors.prior(house, house.playbooks["credential_exfiltration"], "Recon:EC2/Portscan")
    assert unnamed.mean == 0.1


def test_what_was_learned_changes_no_version(house):
    before = house.playbooks[MINING].version
    made_up(house, 1, WRONG)
    assert load()[MINING].version == before


def test_a_long_history_is_not_read_to_its_end(house, monkeypatch):
    monkeypatch.setattr(priors, "LOOK_BACK", 3)
    for number in range(6):
        made_up(house, number, RIGHT)
    assert of(house).n == 3
