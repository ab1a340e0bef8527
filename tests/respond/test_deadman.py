"""The dead-man's switch: armed before anything is cut, fires when stanch is dead, gone before anything is to stay."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stanch.lab import scheduler
from stanch.lab.world import PROD
from stanch.model.casefile import State
from stanch.model.change import RevertsBy
from stanch.model.contained import Armed, Arming, Called, ContainmentFailed, Disarmed, PutBack, Tampered, Unarmed
from stanch.model.dead_man import GROUP
from stanch.model.errors import Environment, FailedResponse
from stanch.model.verdict import Outcome
from stanch.model.walked import Paged
from stanch.respond import containments, deadman
from stanch.respond.circumstances import circumstances
from stanch.respond.further import by_the_sweep
from stanch.respond.watch import look

from .night import HOUR, START, Night

MINUTE = timedelta(minutes=1)
LEAKED, STOLEN, MINING = "leaked_user_key", "stolen_instance_credentials", "crypto_mining"
SCENARIOS = [LEAKED, STOLEN, MINING, "malicious_caller_on_web"]


def at(night: Night, time: timedelta) -> tuple[scheduler.Fired, ...]:
    """Let it be that long after the start, with the agent gone: only AWS's side acts."""
    night.lab.clock.set(START + time)
    return scheduler.fire_due(night.lab.clock.now())


def times(night: Night) -> set[str]:
    return {one.schedule_expression for one in scheduler.schedules()}


def settled(night: Night, **settings: Any) -> Night:
    night.house = replace(night.house, settings=night.house.settings.model_copy(update=settings))
    return night


def looked(night: Night, scenario: str) -> None:
    look(night.house, by_the_sweep, night.file(scenario).id)


def switch_of(night: Night, scenario: str, action: str) -> Any:
    (found,) = (one for one in scheduler.schedules() if one.arn == night.one(scenario, action).switch)
    return found


def delete(night: Night, scenario: str, action: str) -> None:
    """What an attacker does who knows of it."""
    scheduler_of = night.eyes.client(night.one(scenario, action).change.target.account, "scheduler")
    scheduler_of.delete_schedule(GroupName=GROUP, Name=switch_of(night, scenario, action).name)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_with_the_agent_gone_nothing_happens_until_a_quarter_past_and_then_all_is_as_it_was(night, scenario):
    night.walk(scenario)
    taken = [one for one in night.file(scenario).containments if one.state is State.CONTAINED]
    assert taken
    armed = {one.switch for one in taken if one.switch}
    assert {one.arn for one in scheduler.schedules()} == armed
    assert at(night, 4 * HOUR + 14 * MINUTE) == ()
    fired = at(night, 4 * HOUR + 15 * MINUTE)
    assert {one.schedule for one in fired} == armed
    assert [(one.error, one.pages) for one in fired] == [("", ())] * len(armed)
    assert scheduler.schedules() == ()
    for one in taken:
        action = night.house.actions[one.change.action]
        reader = night.house.aws.reader(one.change.target.account, one.change.target.region)
        state = action.snapshot(reader, one.change.target)
        if one.change.reverts_by is RevertsBy.SCHEDULER:
            assert deadman.planned(night.house, one).arn in armed
            assert action.forward(one.change.target, state, one.now.terms) != ()
    assert night.eyes.denies() == {}
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Active"
    assert night.eyes.groups("batch-worker") == night.eyes.own_groups("batch-worker")
    assert night.eyes.blocked() == ()


def test_what_preserves_evidence_has_no_switch(night):
    night.walk(MINING)
    assert night.one(MINING, "E1").switch == ""
    assert night.one(MINING, "E4").switch


def test_it_is_armed_before_the_key_is_cut_and_said_so(night):
    night.walk(LEAKED)
    one = night.one(LEAKED, "I1")
    mine = [fact.body for fact in night.house.facts(case=one.case) if getattr(fact.body, "containment", "") == one.id]
    kinds = [type(body) for body in mine]
    assert kinds[1:4] == [Arming, Called, Armed]
    assert mine[2].receipt.call.name == "scheduler:CreateSchedule"
    assert one.fires_at == START + 4 * HOUR + 15 * MINUTE
    names = [request.name for request in night.changes() if request.service in ("scheduler", "iam")]
    assert names.index("scheduler:CreateSchedule") < names.index("iam:UpdateAccessKey")


def test_only_what_prepares_goes_ahead_of_it(night):
    night.walk(MINING)
    names = [request.name for request in night.changes()]
    armed = max(number for number, name in enumerate(names) if name == "scheduler:CreateSchedule")
    assert armed < names.index("ec2:ModifyNetworkInterfaceAttribute")


def test_where_arming_breaks_off_nothing_is_cut_and_a_person_is_told(night, monkeypatch):
    def broken(*_: Any) -> None:
        raise Environment("the power failed")

    monkeypatch.setattr(deadman, "arm", broken)
    night.walk(MINING)
    assert "ec2:ModifyNetworkInterfaceAttribute" not in [request.name for request in night.changes()]
    assert night.file(MINING).outcome is Outcome.ESCALATE
    assert any("the power failed" in told.text for told in night.told(Paged))
    monkeypatch.undo()
    night.sweep_at(HOUR / 60)
    assert night.states(MINING)["E4"] == "contained", "the sweep completes what was intended"


def test_a_confirm_takes_it_away_first_and_nothing_fires(night):
    night.walk(LEAKED)
    for action in ("I1", "I2"):
        assert night.confirm(LEAKED, action).state is State.CONFIRMED
        assert night.one(LEAKED, action).switch == ""
    assert scheduler.schedules() == ()
    assert at(night, 5 * HOUR) == ()
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"


def test_a_confirm_is_not_acknowledged_while_the_schedule_stands(night):
    night.walk(LEAKED)
    night.lab.wire.deny("scheduler:DeleteSchedule")
    assert night.confirm(LEAKED, "I1").state is State.CONFIRMING
    assert "cannot be taken away" in night.file(LEAKED).pages[-1]
    night.lab.wire.clear()
    night.sweep_at(10 * MINUTE)
    assert night.one(LEAKED, "I1").state is State.CONFIRMED
    assert len(scheduler.schedules()) == 1


def test_in_the_last_ten_minutes_it_is_given_more_time_before_it_is_taken_away(night):
    night.walk(LEAKED)
    one = night.one(LEAKED, "I1")
    containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    night.lab.clock.set(START + 8 * HOUR + 6 * MINUTE)  # overdue, but the timers of this agent have not fired yet
    night.lab.wire.deny("scheduler:DeleteSchedule")
    assert night.confirm(LEAKED, "I1").state is State.CONFIRMING
    assert switch_of(night, LEAKED, "I1").schedule_expression == "at(2026-11-23T10:50:00)"
    fired = at(night, 8 * HOUR + 20 * MINUTE)
    assert night.one(LEAKED, "I1").switch not in {one.schedule for one in fired}
    night.lab.wire.clear()
    containments.sweep(night.house)
    assert night.one(LEAKED, "I1").state is State.CONFIRMED
    assert scheduler.schedules() == ()
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"


def test_a_confirm_that_comes_after_it_fired_puts_the_containment_back(night):
    night.walk(LEAKED)
    assert len(at(night, 4 * HOUR + 15 * MINUTE)) == 2
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Active"
    assert night.confirm(LEAKED, "I1").state is State.CONFIRMED
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"


def test_an_extension_moves_it(night):
    night.walk(LEAKED)
    one = night.one(LEAKED, "I1")
    containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    assert switch_of(night, LEAKED, "I1").schedule_expression == "at(2026-11-23T09:59:00)"
    assert night.one(LEAKED, "I1").fires_at == START + 8 * HOUR + 15 * MINUTE
    assert [fired.schedule for fired in at(night, 5 * HOUR)] == [night.one(LEAKED, "I2").switch]
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"
    assert [fired.error for fired in at(night, 8 * HOUR + 15 * MINUTE)] == [""]
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Active"


def test_an_extension_that_the_schedule_cannot_follow_is_none(night):
    night.walk(LEAKED)
    one = night.one(LEAKED, "I1")
    night.lab.wire.deny("scheduler:UpdateSchedule")
    with pytest.raises(FailedResponse, match="could not be moved"):
        containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    assert night.one(LEAKED, "I1").expires_at == START + 4 * HOUR


def test_an_extension_that_the_containment_cannot_follow_leaves_the_schedule_where_it_was(night):
    night.walk(STOLEN)
    one = night.one(STOLEN, "I7")
    before = times(night)
    night.lab.wire.deny("iam:CreatePolicyVersion")
    with pytest.raises(FailedResponse, match="could not be moved"):
        containments.extend(night.house, one.case, one.id, by="robin", reason="still looking")
    assert times(night) == before


def test_after_stanchs_own_revert_it_is_gone(night):
    night.walk(LEAKED)
    night.sweep_at(4 * HOUR)
    assert scheduler.schedules() == ()
    assert len(night.told(Disarmed)) == 2


def test_one_that_cannot_be_taken_away_after_a_revert_is_tried_again_until_it_is_gone(night):
    night.walk(LEAKED)
    night.lab.wire.deny("scheduler:DeleteSchedule")
    night.sweep_at(4 * HOUR)
    assert night.states(LEAKED) == {"I1": "reverted", "I2": "reverted"}
    assert sum("is taken back, but" in page for page in night.file(LEAKED).pages) == 2
    night.sweep_at(4 * HOUR + MINUTE)
    assert sum("is taken back, but" in page for page in night.file(LEAKED).pages) == 2
    night.lab.wire.clear()
    night.sweep_at(4 * HOUR + 2 * MINUTE)
    assert scheduler.schedules() == ()
    assert {night.one(LEAKED, action).switch for action in ("I1", "I2")} == {""}


def test_an_attacker_who_deletes_it_is_noticed_and_it_is_put_back_once(night):
    night.walk(LEAKED)
    for number, put_back in ((1, 1), (2, 1)):
        delete(night, LEAKED, "I1")
        night.lab.clock.set(START + number * MINUTE)
        looked(night, LEAKED)
        assert len(night.told(Tampered)) == number
        assert len(night.told(PutBack)) == put_back
        assert night.told(Tampered)[-1].what == "scheduler:CreateSchedule"
        if number == 1:
            assert switch_of(night, LEAKED, "I1").schedule_expression == "at(2026-11-23T05:59:00)"
    assert [one.arn for one in scheduler.schedules()] == [night.one(LEAKED, "I2").switch]
    assert any("a person must act" in page for page in night.file(LEAKED).pages)


def test_an_attacker_who_changes_it_is_noticed_and_it_is_set_right(night):
    night.walk(LEAKED)
    switch_of(night, LEAKED, "I1").schedule_expression = "at(2036-01-01T00:00:00)"
    night.lab.clock.set(START + MINUTE)
    looked(night, LEAKED)
    assert night.told(Tampered)[-1].what == "scheduler:UpdateSchedule"
    assert switch_of(night, LEAKED, "I1").schedule_expression == "at(2026-11-23T05:59:00)"


def test_someone_elses_schedule_of_that_name_is_left_alone_and_a_person_is_paged(night):
    night.walk(LEAKED)
    theirs = switch_of(night, LEAKED, "I1")
    night.sweep_at(4 * HOUR)
    theirs.target = {**theirs.target, "Input": "{}"}
    scheduler.scheduler_backends[PROD.id]["eu-west-1"].schedule_groups[GROUP].add_schedule(theirs)
    one = replace(night.one(LEAKED, "I1"), switch="", fires_at=None)
    assert "already, with another Input" in deadman.arm(night.house, [one])[one.id]
    assert theirs.target["Input"] == "{}"
    assert sum("no dead-man's switch" in told.text for told in night.told(Paged)) == 1


def test_arming_again_after_a_crash_makes_nothing_twice(night):
    night.walk(LEAKED)
    one = night.one(LEAKED, "I1")
    calls = one.switched
    assert deadman.arm(night.house, [one])[one.id] == ""
    assert night.one(LEAKED, "I1").switched == calls == 1


@pytest.fixture
def undeployed(night: Night) -> Any:
    groups = scheduler.scheduler_backends[PROD.id]["eu-west-1"].schedule_groups
    kept = groups.pop(GROUP)
    yield night
    groups[GROUP] = kept


def test_without_the_group_it_goes_on_under_stanchs_own_timer_and_one_person_is_paged_once(undeployed):
    undeployed.walk(LEAKED, STOLEN)
    assert undeployed.states(LEAKED) == {"I1": "contained", "I2": "contained"}
    assert len(undeployed.told(Unarmed)) == 3
    assert "stanch deploy dead-man" in undeployed.one(LEAKED, "I1").unarmed
    pages = [told.text for told in undeployed.told(Paged) if "no dead-man's switch" in told.text]
    assert len(pages) == 1
    assert not [one for one in undeployed.changes() if one.service == "scheduler"]
    assert undeployed.confirm(LEAKED, "I1").state is State.CONFIRMED
    undeployed.sweep_at(4 * HOUR)
    assert undeployed.states(LEAKED) == {"I1": "confirmed", "I2": "reverted"}


def test_where_it_is_required_nothing_is_contained_without_it(undeployed):
    settled(undeployed, dead_man="required").walk(LEAKED)
    assert undeployed.states(LEAKED) == {"I1": "failed", "I2": "failed"}
    assert all("must have a dead-man's switch" in told.reason for told in undeployed.told(ContainmentFailed))
    assert not [one for one in undeployed.changes() if one.service == "iam"]


def test_where_it_is_off_nothing_is_asked_of_the_scheduler(night):
    settled(night, dead_man="off").walk(LEAKED)
    assert night.states(LEAKED) == {"I1": "contained", "I2": "contained"}
    assert not [one for one in night.lab.wire.requests() if one.service == "scheduler"]


def test_a_containment_that_fails_leaves_no_schedule(night):
    night.lab.wire.deny("iam:UpdateAccessKey")
    night.walk(LEAKED)
    assert night.states(LEAKED)["I1"] == "failed"
    assert [one.arn for one in scheduler.schedules()] == [night.one(LEAKED, "I2").switch]


def test_what_someone_changed_meanwhile_is_left_alone_and_pages(night):
    night.walk(MINING)
    face = next(iter(night.eyes.own_groups("batch-worker")))
    other = night.eyes.own_groups("batch-worker")[face]
    ec2 = night.eyes.client(night.one(MINING, "E4").change.target.account, "ec2")
    vpc = ec2.describe_security_groups(GroupIds=list(other))["SecurityGroups"][0]["VpcId"]
    made = ec2.create_security_group(GroupName="somebody", Description="by hand", VpcId=vpc)["GroupId"]
    night.eyes.set_groups(face, made)
    fired = {one.schedule: one for one in at(night, 4 * HOUR + 15 * MINUTE)}[night.one(MINING, "E4").switch]
    assert night.eyes.groups("batch-worker")[face] == (made,)
    assert len(fired.pages) == 1
    assert json.loads(fired.pages[0])["containment"] == night.one(MINING, "E4").id
    night.eyes.set_groups(face, *other)
    ec2.delete_security_group(GroupId=made)


BENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another group": lambda p: {**p, "GroupName": "default"},
    "another name": lambda p: {**p, "Name": "stanch-else"},
    "too early": lambda p: {**p, "ScheduleExpression": "at(2026-11-23T05:58:59)"},
    "again and again": lambda p: {**p, "ScheduleExpression": "rate(1 day)"},
    "somebody's time": lambda p: {**p, "ScheduleExpressionTimezone": "Asia/Tokyo"},
    "never deleted": lambda p: {**p, "ActionAfterCompletion": "NONE"},
    "at any time": lambda p: {**p, "FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
    "another machine": lambda p: {**p, "Target": {**p["Target"], "Arn": p["Target"]["Arn"] + "x"}},
    "another role": lambda p: {**p, "Target": {**p["Target"], "RoleArn": p["Target"]["RoleArn"] + "x"}},
    "another key": lambda p: {**p, "Target": {**p["Target"], "Input": p["Target"]["Input"].replace("AKIA", "AKIB")}},
    "no input": lambda p: {**p, "Target": {**p["Target"], "Input": "{}"}},
    "more input": lambda p: {**p, "DeadLetterConfig": {"Arn": "arn:aws:sqs:::x"}},
}


@pytest.mark.parametrize("bend", ["as planned", *BENT])
def test_cedar_lets_only_this_changes_own_schedule_through(night, bend):
    night.walk(LEAKED)
    one = night.one(LEAKED, "I1")
    planned = deadman.planned(night.house, one)
    params = json.loads(json.dumps(planned.params))
    params = BENT[bend](params) if bend in BENT else params
    around = replace(circumstances(night.house, night.file(LEAKED)), executing=True)
    for operation in ("CreateSchedule", "UpdateSchedule"):
        call = deadman.Call("scheduler", operation, params, planned.arn)
        permit = night.house.guardrails.judge(call, one.now, around)
        assert permit.allowed is (bend == "as planned"), permit
