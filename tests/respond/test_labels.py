"""What people say of cases becomes their label; what nobody says does not."""

from dataclasses import replace

import pytest

from stanch.model.errors import BadInput
from stanch.model.label import Code
from stanch.model.verdict import Conclusion
from stanch.model.walked import Labelled, WouldContain
from stanch.respond import containments, labels
from stanch.respond.demotion import settle

from .night import HOUR

STOLEN = "stolen_instance_credentials"


def said(night):
    label = night.file(STOLEN).label
    return (str(label.conclusion), label.by, str(label.how)) if label else None


def revert(night, code, by="robin"):
    one = night.one(STOLEN, "I7")
    containments.revert(night.house, one.case, one.id, by=by, reason="it is ours", code=code)


def test_a_confirm_says_that_the_attack_was_real(night):
    night.walk(STOLEN)
    assert said(night) is None
    night.confirm(STOLEN, "I7")
    assert said(night) == ("true_positive", "robin", "confirm")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (Code.FALSE_POSITIVE, "false_positive"),
        (Code.BENIGN, "benign"),
        (Code.DUPLICATE, None),
        (Code.TOO_DISRUPTIVE, None),
        (Code.OTHER, None),
        (None, None),
    ],
)
def test_a_revert_says_what_its_reason_code_says(night, code, wanted):
    night.walk(STOLEN)
    revert(night, code)
    assert said(night) == ((wanted, "robin", "revert") if wanted else None)


def test_an_unanswered_expiry_is_no_label_and_demotes_nothing(night):
    night.walk(STOLEN)
    night.sweep_at(4 * HOUR)
    assert night.states(STOLEN)["I7"] == "reverted"
    assert said(night) is None
    assert settle(night.house) == ()


def test_what_the_full_verdict_takes_back_is_no_persons_word(night):
    night.walk(STOLEN)
    revert(night, Code.BENIGN, by=containments.ITSELF)
    assert said(night) is None


def test_a_case_that_was_only_observed_is_judged_too(night):
    night.house = replace(night.house, override=None)
    night.walk(STOLEN)
    assert night.told(WouldContain)
    labels.judge(night.house, night.file(STOLEN).id, Conclusion.BENIGN, by="dana", reason="a backup job")
    assert said(night) == ("benign", "dana", "judge")


def test_a_judgement_stands_over_what_another_persons_revert_implies_and_the_journal_keeps_both(night):
    night.walk(STOLEN)
    case = night.file(STOLEN).id
    labels.judge(night.house, case, Conclusion.TRUE_POSITIVE, by="dana", reason="seen the host")
    revert(night, Code.FALSE_POSITIVE)
    assert said(night) == ("true_positive", "dana", "judge")
    labels.judge(night.house, case, Conclusion.FALSE_POSITIVE, by="robin", reason="asked the owner")
    assert said(night) == ("false_positive", "robin", "judge")
    assert [one.by for one in night.file(STOLEN).said] == ["dana", "robin", "robin"]
    assert [one.by for one in night.told(Labelled)] == ["dana", "robin"]


def test_a_judgement_without_a_reason_is_refused(night):
    night.walk(STOLEN)
    with pytest.raises(BadInput, match="needs a reason"):
        labels.judge(night.house, night.file(STOLEN).id, Conclusion.BENIGN, by="dana", reason=" ")
    assert night.told(Labelled) == ()
