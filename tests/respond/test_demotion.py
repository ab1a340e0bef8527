"""A wrong containment costs a playbook its licence there, and only there, until a named person gives it back."""

from dataclasses import replace

import pytest

from stanch.lab.world import SANDBOX
from stanch.model.case import Mode
from stanch.model.errors import BadInput
from stanch.model.governed import Demoted, Reinstated
from stanch.model.label import Code
from stanch.model.verdict import Conclusion
from stanch.model.walked import Paged, Triaged
from stanch.respond import containments, demotion, labels
from stanch.respond.demotion import Scope, demote, demotions, group, reinstate, settle
from stanch.respond.precision import lower_bound
from stanch.respond.promotion import promote

from .night import HOUR
from .people import ACCOUNT, KIND, MINING, RIGHT, WRONG, made_up, record


@pytest.fixture
def acting(night):
    """A night in which the mining playbook acts because it was promoted."""
    night.house = replace(night.house, override=None)
    night.house.begin()
    promote(night.house, night.house.playbooks[MINING], by="robin", reason="reviewed", early="a drill")
    return night


def mode(night, account=ACCOUNT, kind=KIND):
    playbook = night.house.playbooks[MINING]
    lead = replace(night.file(MINING).findings[-1], account=account, type=kind)
    return demotion.mode(night.house, playbook, lead)


def test_a_wrong_containment_puts_that_type_in_that_account_group_back_into_observation(acting):
    acting.walk(MINING)
    lead = acting.file(MINING).findings[-1]
    sandbox = group(acting.house, SANDBOX.id)
    assert sandbox == next(one.env for one in acting.house.context.organisation.accounts if one.id == SANDBOX.id)
    for action in ("E4", "E1"):
        one = acting.one(MINING, action)
        containments.revert(acting.house, one.case, one.id, by="dana", reason="our batch job", code=Code.BENIGN)
    assert settle(acting.house) == (Scope(MINING, lead.type, sandbox),)
    (fact,) = acting.told(Demoted)
    assert (fact.kind, fact.group, fact.by) == (lead.type, sandbox, "stanch")
    assert "dana says benign: our batch job" in fact.reason
    (page,) = [one.text for one in acting.told(Paged) if "observes again" in one.text]
    assert page.startswith(f"{MINING} observes again for {lead.type} in {sandbox}: case {acting.file(MINING).id}")
    # The very same finding again is only watched; elsewhere, and for other types, it acts on.
    acting.take(acting.later(MINING, HOUR))
    assert acting.told(Triaged)[-1].mode is Mode.OBSERVE
    assert acting.told(Triaged)[-1].mode_reason.startswith("demoted by stanch")
    assert [len(one.containments) for one in acting.files(MINING)] == [2, 0]
    assert mode(acting, SANDBOX.id, lead.type)[0] is Mode.OBSERVE
    assert mode(acting, "999988887777", lead.type)[0] is Mode.ACT
    assert mode(acting, SANDBOX.id, "CryptoCurrency:Runtime/BitcoinTool.B")[0] is Mode.ACT


def test_the_next_run_draws_the_consequence_where_the_command_died_before(acting):
    acting.walk(MINING)
    labels.judge(acting.house, acting.file(MINING).id, WRONG, by="dana", reason="our batch job")
    assert acting.told(Demoted) == ()
    acting.take(acting.later(MINING, HOUR))
    assert len(acting.told(Demoted)) == 1
    assert acting.told(Triaged)[-1].mode is Mode.OBSERVE


@pytest.mark.parametrize(
    ("said", "contained", "price"),
    [
        (RIGHT, True, "it works again"),
        (Conclusion.INSUFFICIENT, True, "it works again"),
        (WRONG, False, "it works again"),  # only observed
        (WRONG, True, ""),  # evidence alone
        (None, True, "it works again"),
    ],
)
def test_nothing_is_demoted_by_anything_else(night, said, contained, price):
    made_up(night.house, 1, said, contained=contained, price=price)
    assert settle(night.house) == ()


def test_a_wrong_containment_is_drawn_from_once_and_stays_lifted_when_a_person_lifts_it(night):
    made_up(night.house, 1, WRONG, contained=True)
    here = Scope(MINING, KIND, ACCOUNT)
    assert settle(night.house) == (here,)
    assert settle(night.house) == ()
    assert reinstate(night.house, Scope(MINING), by="dana", reason="declared the job") == (here,)
    assert demotions(night.house, MINING) == {}
    assert settle(night.house) == ()
    assert (night.told(Reinstated)[0].by, night.told(Reinstated)[0].kind) == ("dana", KIND)
    made_up(night.house, 2, WRONG, contained=True)
    assert settle(night.house) == (here,)


def test_a_word_taken_back_before_anything_was_drawn_from_it_demotes_nothing(night):
    case = made_up(night.house, 1, WRONG, contained=True)
    labels.judge(night.house, case, RIGHT, by="robin", reason="looked again")
    assert settle(night.house) == ()


@pytest.mark.parametrize(
    ("right", "wrong", "everywhere"),
    [(18, 1, False), (19, 1, True), (20, 1, True), (21, 1, False), (27, 2, True), (28, 2, False)],
)
def test_the_whole_organisation_is_demoted_only_when_the_bound_falls_below_the_floor(night, right, wrong, everywhere):
    assert everywhere is (right + wrong >= 20 and lower_bound(right, right + wrong) < 0.8)
    record(night.house, right, wrong, contained=True)
    assert (Scope(MINING) in settle(night.house)) is everywhere
    if everywhere:
        assert (
            f"{right} of {right + wrong} judged containments were right"
            in demotions(night.house, MINING)[Scope(MINING)].reason
        )


def test_after_a_reinstatement_the_record_of_the_organisation_begins_anew(night):
    record(night.house, 19, 1, contained=True)
    settle(night.house)
    assert len(reinstate(night.house, Scope(MINING), by="dana", reason="a new image")) == 2
    made_up(night.house, 100, WRONG, contained=True)
    assert settle(night.house) == (Scope(MINING, KIND, ACCOUNT),)


def test_a_named_person_demotes_everywhere_or_narrowly_and_lifts_what_was_asked_for_alone(acting):
    acting.walk(MINING)
    assert demote(acting.house, Scope(MINING), by="dana", reason="too many scanners")
    assert not demote(acting.house, Scope(MINING), by="robin", reason="me too")
    assert mode(acting) == (
        Mode.OBSERVE,
        "demoted by dana for every finding type in the whole organisation: too many scanners",
    )
    assert demote(acting.house, Scope(MINING, KIND), by="dana", reason="those above all")
    with pytest.raises(BadInput, match="is not demoted for every finding type in production"):
        reinstate(acting.house, Scope(MINING, group="production"), by="dana", reason="x")
    assert reinstate(acting.house, Scope(MINING, KIND), by="dana", reason="x") == (Scope(MINING, KIND),)
    assert mode(acting)[0] is Mode.OBSERVE
    reinstate(acting.house, Scope(MINING), by="dana", reason="x")
    assert mode(acting)[0] is Mode.ACT


def test_a_runs_named_override_counts_more(night):
    night.walk(MINING)
    demote(night.house, Scope(MINING), by="dana", reason="too many scanners")
    assert mode(night)[0] is Mode.ACT
    assert mode(night)[1].startswith("observation overridden by")
