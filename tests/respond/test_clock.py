"""What the clock does to a containment: reminders, then the revert, by compare-and-set and once."""

import time
from datetime import timedelta
from threading import Event

import pytest

from stanch.model.casefile import State
from stanch.model.contained import Called, Decided, Intended, Reverted
from stanch.model.verdict import Outcome
from stanch.model.walked import Closed, Paged, Reminded
from stanch.respond import containments
from stanch.respond.intake import take_in, unfinished
from stanch.respond.run import running
from stanch.sources.file import Files

from .night import HOUR, START

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
EXPIRY = 4 * HOUR
DEADLINE = 60
"""Seconds in which the engine must have found a timer that is due."""


def test_isolation_is_read_back_on_both_interfaces_and_each_gets_its_own_groups_back(night):
    own = night.eyes.own_groups("batch-worker")
    assert len(set(own.values())) == 2
    night.walk("crypto_mining")
    isolated = night.eyes.groups("batch-worker")
    assert set(isolated) == set(own)
    (group,) = {one for groups in isolated.values() for one in groups}
    assert night.eyes.rules(group) == 0
    night.sweep_at(EXPIRY)
    assert night.eyes.groups("batch-worker") == own
    assert night.states("crypto_mining") == {"E1": "reverted", "E4": "reverted"}
    assert night.told(Paged)[-1].text.endswith("the host is back on the network")


def test_protections_get_their_old_values_back_and_the_copies_stay(night):
    night.walk("crypto_mining")
    copies = night.eyes.copies()
    night.sweep_at(EXPIRY)
    assert night.eyes.protections("batch-worker") == (False, False, (True,))
    assert night.eyes.copies() == copies != ()


@pytest.mark.parametrize("touched", [0, 1])
def test_what_a_person_changed_on_one_interface_is_not_overwritten(night, touched):
    night.walk("crypto_mining")
    own = night.eyes.own_groups("batch-worker")
    interface, other = sorted(own)[touched], sorted(own)[1 - touched]
    theirs = own[other]  # a group that exists and is neither its own nor ours
    night.eyes.set_groups(interface, *theirs)
    night.sweep_at(EXPIRY)
    assert night.eyes.groups("batch-worker") == {interface: theirs, other: own[other]}
    one = night.one("crypto_mining", "E4")
    assert one.state is State.REVERTED
    assert one.left == (f"someone gave interface {interface} the groups {theirs[0]}: left as it is",)
    pages = [page.text for page in night.told(Paged) if interface in page.text]
    assert pages == [f"someone changed it meanwhile and was not overwritten; {one.left[0]}"]
    night.lab.wire.clear()
    night.sweep_at(EXPIRY + HOUR)
    assert night.changes() == ()


def test_a_blocked_address_is_taken_out_of_a_set_that_others_filled_meanwhile(night):
    night.walk("malicious_caller_on_web")
    waf = night.eyes.client("111122223333", "wafv2")
    listed = next(one for one in waf.list_ip_sets(Scope="REGIONAL")["IPSets"] if one["Name"].endswith("ipv4"))
    waf.update_ip_set(
        Name=listed["Name"],
        Scope="REGIONAL",
        Id=listed["Id"],
        Addresses=["203.0.113.181/32", "198.51.100.250/32"],
        LockToken=waf.get_ip_set(Name=listed["Name"], Scope="REGIONAL", Id=listed["Id"])["LockToken"],
    )
    night.sweep_at(EXPIRY)
    assert night.eyes.blocked() == ("198.51.100.250/32",)


def test_a_key_that_was_inactive_before_is_not_activated(night):
    user = night.world.users["maria.lindqvist"]
    night.eyes.client(user.account, "iam").update_access_key(
        UserName=user.name, AccessKeyId=user.key, Status="Inactive"
    )
    night.walk("leaked_user_key")
    assert night.states("leaked_user_key") == {"I2": "contained"}
    night.sweep_at(EXPIRY)
    assert night.eyes.key(user) == "Inactive"
    assert night.eyes.denies() == {}


def test_reminders_come_once_each_however_often_the_sweep_runs(night):
    night.walk("leaked_user_key")
    seen = []
    for after in (HOUR - SECOND, HOUR, HOUR, 2 * HOUR, 3 * HOUR - SECOND, 3 * HOUR, EXPIRY - 15 * MINUTE):
        for _ in range(2):
            night.sweep_at(after)
        seen.append([one.after_minutes for one in night.told(Reminded) if "/I2/" in one.containment])
    assert seen == [[], [60], [60], [60], [60], [60, 180], [60, 180, 225]]
    texts = [one.text for one in night.told(Reminded) if "/I2/" in one.containment]
    assert [text.startswith("LAST REMINDER") for text in texts] == [False, False, True]
    assert "reverts by itself in 15 minutes, at 05:44 UTC" in texts[-1]
    assert "the user's stolen credentials work again" in texts[-1]


def test_a_sweep_that_was_late_still_reminds_of_all_and_nobody_is_reminded_of_evidence(night):
    night.walk("crypto_mining")
    night.sweep_at(EXPIRY - SECOND)
    assert [(one.containment.split("/")[1], one.after_minutes) for one in night.told(Reminded)] == [
        ("E4", 60),
        ("E4", 180),
        ("E4", 225),
    ]


def test_nobody_is_reminded_of_what_a_person_has_decided(night):
    night.walk("stolen_instance_credentials")
    night.confirm("stolen_instance_credentials", "I7")
    night.sweep_at(EXPIRY)
    assert night.told(Reminded) == ()


def test_a_second_before_four_hours_nothing_is_reverted(night):
    night.walk("crypto_mining", "leaked_user_key", "malicious_caller_on_web", "stolen_instance_credentials")
    night.lab.wire.clear()
    assert night.sweep_at(EXPIRY - SECOND) == ()
    assert night.changes() == ()
    assert {one.state for file in night.house.files() for one in file.containments} == {State.CONTAINED}


def test_after_four_hours_everything_is_reverted_once(night):
    night.walk("crypto_mining", "leaked_user_key", "malicious_caller_on_web", "stolen_instance_credentials")
    assert len(night.sweep_at(EXPIRY)) == 6
    made = night.changes()
    for after in (EXPIRY, EXPIRY + MINUTE, 5 * HOUR):
        assert night.sweep_at(after) == ()
    assert night.changes() == made
    assert len(night.told(Reverted)) == len({one.containment for one in night.told(Reverted)}) == 6
    assert {(one.decision, one.by) for one in night.told(Decided)} == {("revert", "timer")}
    assert (night.eyes.policies(), night.eyes.blocked()) == ((), ())
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Active"
    assert night.eyes.groups("batch-worker") == night.eyes.own_groups("batch-worker")


def test_each_containment_has_its_own_four_hours(night):
    night.walk("crypto_mining")
    night.lab.clock.advance(30 * MINUTE)
    night.walk("leaked_user_key")
    night.sweep_at(EXPIRY)
    assert night.states("crypto_mining") == {"E1": "reverted", "E4": "reverted"}
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "contained"}
    night.sweep_at(EXPIRY + 30 * MINUTE)
    assert night.states("leaked_user_key") == {"I1": "reverted", "I2": "reverted"}


@pytest.mark.parametrize("scenario", ["crypto_mining", "leaked_user_key"])
def test_the_same_target_is_contained_again_in_a_later_case_and_reverted_again(night, scenario):
    night.walk(scenario)
    before = (night.eyes.denies(), night.eyes.groups("batch-worker"), night.eyes.key(_maria(night)))
    night.sweep_at(EXPIRY)
    night.take(night.later(scenario, EXPIRY))
    first, second = night.files(scenario)
    assert second.outcome is Outcome.CONTAIN
    assert {one.state for one in second.containments} == {State.CONTAINED}
    after = (night.eyes.denies(), night.eyes.groups("batch-worker"), night.eyes.key(_maria(night)))
    assert after[1:] == before[1:]
    assert after[0].keys() == before[0].keys()
    night.sweep_at(2 * EXPIRY)
    assert {one.state for one in night.file(scenario).containments} == {State.REVERTED}
    assert night.eyes.policies() == ()
    assert night.eyes.groups("batch-worker") == night.eyes.own_groups("batch-worker")
    assert night.eyes.key(_maria(night)) == "Active"
    assert night.house.file(first.id) == first


def test_one_containment_is_lifted_by_hand_and_the_other_goes_on(night):
    night.walk("leaked_user_key")
    assert night.revert("leaked_user_key", "I2").state is State.REVERTED
    assert night.eyes.policies() == ()
    assert night.eyes.key(_maria(night)) == "Inactive"
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "reverted"}
    assert [(one.by, one.reason) for one in night.told(Decided)] == [("robin", "it is ours")]
    night.sweep_at(EXPIRY)
    assert night.eyes.key(_maria(night)) == "Active"
    assert len(night.told(Reverted)) == 2


def test_the_engines_own_timer_closes_an_intent_whose_time_was_over_before_its_calls(night):
    def sleep_through(fact):
        if isinstance(fact.body, Intended):
            night.lab.clock.set(START + EXPIRY)

    night.watch(sleep_through)
    with running(night.house) as engine:
        take_in(night.house, Files(night.simulation.findings / "stolen_instance_credentials.json"))
        (file,) = unfinished(night.house)
        engine.start(file.id, file.round)
        end = time.monotonic() + DEADLINE
        while not night.told(Reverted):  # nobody sweeps here
            assert time.monotonic() < end, "the timer never fired"
            Event().wait(0.05)
    assert night.states("stolen_instance_credentials") == {"I7": "reverted"}
    assert night.changes() == night.told(Called) == ()
    assert night.told(Closed)[-1].outcome is Outcome.ESCALATE


def test_a_timer_that_fires_early_reverts_nothing(night):
    night.walk("stolen_instance_credentials")
    night.lab.wire.clear()
    night.lab.clock.set(START + EXPIRY - SECOND)
    containments.revert_if_due(night.house, night.one("stolen_instance_credentials", "I7").id)
    assert night.states("stolen_instance_credentials") == {"I7": "contained"}
    assert night.changes() == ()


def _maria(night):
    return night.world.users["maria.lindqvist"]
