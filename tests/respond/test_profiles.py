"""What becomes of a containment that nobody answers: reverted, decayed or held; what a person extends or approves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from moto.sts.models import sts_backends

from stanch.lab.world import PROD
from stanch.model.casefile import State
from stanch.model.contained import Approved, Extended, Proposed
from stanch.model.errors import BadInput
from stanch.model.governed import Released, Stopped
from stanch.model.walked import Paged, Refused
from stanch.respond import containments, further
from stanch.respond.watch import look

from .night import HOUR, START, Night
from .test_watch import MINUTE, STOLEN, after, thief

LEAKED, MINING = "leaked_user_key", "crypto_mining"


def hardened(night: Night, **profiles: str) -> Night:
    chosen = {"profile": "hardened"} if not profiles else {"profiles": profiles}
    night.house = replace(night.house, settings=night.house.settings.model_copy(update=chosen))
    return night


def test_a_person_gives_it_four_more_hours_and_aws_knows(night):
    night.walk(STOLEN)
    one = night.one(STOLEN, "I7")
    containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    (document,) = night.eyes.denies().values()
    assert document["Statement"][0]["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2026-11-23T09:44:00Z"}
    night.sweep_at(4 * HOUR)
    assert night.states(STOLEN) == {"I7": "contained"}
    night.sweep_at(8 * HOUR)
    assert night.states(STOLEN) == {"I7": "reverted"}
    assert night.eyes.policies() == ()


def test_it_can_be_extended_more_often_than_aws_keeps_versions(night):
    night.walk(STOLEN)
    one = night.one(STOLEN, "I7")
    for _ in range(6):
        containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    assert night.one(STOLEN, "I7").expires_at == START + 28 * HOUR
    assert night.revert(STOLEN, "I7").left == ()
    assert night.eyes.policies() == ()


def test_an_extended_one_can_be_confirmed(night):
    night.walk(STOLEN)
    one = night.one(STOLEN, "I7")
    containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    night.confirm(STOLEN, "I7")
    (document,) = night.eyes.denies().values()
    assert "DateLessThan" not in document["Statement"][0]["Condition"]


def test_an_extension_that_aws_refuses_is_an_error_and_moves_nothing(night):
    night.walk(STOLEN)
    one = night.one(STOLEN, "I7")
    night.lab.wire.deny("iam:CreatePolicyVersion")
    with pytest.raises(Exception, match="could not be moved"):
        containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    assert night.one(STOLEN, "I7").expires_at == START + 4 * HOUR
    assert night.told(Extended) == ()


def test_what_is_over_cannot_be_extended(night):
    night.walk(STOLEN)
    night.sweep_at(4 * HOUR)
    one = night.one(STOLEN, "I7")
    with pytest.raises(BadInput, match="is reverted"):
        containments.extend(night.house, one.case, one.id, by="robin", reason="late")


def test_hardened_a_stolen_key_never_comes_back_in_silence(night):
    hardened(night).walk(LEAKED)
    night.sweep_at(4 * HOUR - MINUTE * 5)
    night.sweep_at(4 * HOUR)
    assert night.states(LEAKED) == {"I1": "contained", "I2": "reverted"}
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"
    assert "it holds until a person decides" in night.told(Paged)[0].text


def test_hardened_a_deny_of_sessions_decays_with_them(night):
    hardened(night).walk(STOLEN)
    night.sweep_at(11 * HOUR)
    assert night.states(STOLEN) == {"I7": "contained"}
    night.sweep_at(12 * HOUR)
    assert night.states(STOLEN) == {"I7": "reverted"}


def test_the_profile_can_be_chosen_for_one_action_or_one_playbook(night):
    hardened(night, I1="hardened").walk(LEAKED)
    night.sweep_at(4 * HOUR - MINUTE * 5)
    night.sweep_at(4 * HOUR)
    assert night.states(LEAKED) == {"I1": "contained", "I2": "reverted"}


def test_a_profile_for_nothing_that_exists_stops_the_start(night):
    with pytest.raises(BadInput, match="neither an action nor a playbook"):
        hardened(night, I99="hardened").house.check()


def _to_the_last_rung(night: Night) -> None:
    night.house = replace(night.house, settings=night.house.settings.model_copy(update={"roles": ("trust",)}))
    night.walk(STOLEN)
    for minute in (2, 4, 6):
        after(night, MINUTE * minute)
        thief(night).write("s3:ListBuckets")
        look(night.house, further.by_the_sweep, night.file(STOLEN).id)
    assert [told.change.action for told in night.told(Proposed)] == ["I5"]


def test_what_a_person_approved_is_done_under_a_clock_of_its_own_and_reverts(night):
    _to_the_last_rung(night)
    (proposed,) = night.file(STOLEN).proposals
    done = further.approve(
        night.house, further.by_the_sweep, proposed.terms.case, proposed.id, by="robin", reason="the thief goes on"
    )
    one = night.file(STOLEN).containment(done)
    assert (one.state, one.expires_at) == (State.CONTAINED, START + 4 * HOUR + MINUTE * 6)
    assert [told.by for told in night.told(Approved)] == ["robin"]
    assert "stanch-responder-trust" in {one.arn.split("/")[1] for one in sts_backends[PROD.id]["aws"].assumed_roles}
    assert night.file(STOLEN).proposals == ()
    night.sweep_at(5 * HOUR)
    assert set(night.states(STOLEN).values()) == {"reverted"}


def test_nobody_approves_without_a_name_or_what_was_not_proposed(night):
    _to_the_last_rung(night)
    (proposed,) = night.file(STOLEN).proposals
    case = proposed.terms.case
    with pytest.raises(BadInput, match="needs a name"):
        further.approve(night.house, further.by_the_sweep, case, proposed.id, by=" ", reason="")
    with pytest.raises(BadInput, match="proposes no"):
        further.approve(night.house, further.by_the_sweep, case, "C-0.1/I5/other", by="robin", reason="")


def test_the_wait_of_hours_is_not_a_number_of_its_own(night):
    night.walk(MINING)
    ends = {one.expires_at for one in night.file(MINING).containments}
    assert ends == {START + timedelta(hours=4)}


def test_without_its_own_role_the_last_rung_is_refused_and_says_what_to_do(night):
    night.walk(STOLEN)
    for minute in (2, 4, 6):
        after(night, MINUTE * minute)
        thief(night).write("s3:ListBuckets")
        look(night.house, further.by_the_sweep, night.file(STOLEN).id)
    assert night.told(Proposed) == ()
    assert [told.refusal.action for told in night.told(Refused)] == ["I5"]
    assert 'write roles = ["trust"]' in night.told(Refused)[0].refusal.reason


# The kill switch ------------------------------------------------------------------------------------------------------


def test_the_kill_switch_bites_in_the_middle_of_a_plan_and_what_was_done_is_undone(night, monkeypatch):
    arrive = night.lab.wire.take

    def take(service, operation, **rest):
        answer = arrive(service, operation, **rest)
        if operation == "CreatePolicy":
            night.house.pull(Stopped("robin", "something is off"))
        return answer

    monkeypatch.setattr(night.lab.wire, "take", take)
    night.walk(STOLEN)
    assert night.states(STOLEN) == {"I7": "failed"}
    assert "kill-switch" in night.one(STOLEN, "I7").reason
    assert (night.eyes.denies(), night.eyes.policies()) == ({}, ())


def test_stopped_nothing_is_contained_and_everything_is_reverted(night):
    night.walk(STOLEN)
    night.house.pull(Stopped("robin", "something is off"))
    night.walk(MINING)
    assert night.file(MINING).containments == ()
    assert {one.policy for one in night.file(MINING).refusals} == {"kill-switch"}
    night.sweep_at(4 * HOUR)
    assert night.states(STOLEN) == {"I7": "reverted"}


def test_released_it_contains_again_and_both_are_on_record_by_name(night):
    assert night.house.pull(Stopped("robin", "something is off"))
    assert not night.house.pull(Stopped("sam", "me too"))
    assert night.house.pull(Released("sam", "it was nothing"))
    night.walk(STOLEN)
    assert night.states(STOLEN) == {"I7": "contained"}
    assert [told.text for told in night.told(Paged)] == [
        "robin pulled the kill switch: something is off",
        "sam released the kill switch: it was nothing",
    ]
