"""Every scenario of the lab through the durable engine, once, and then looked at from all sides."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stanch.lab.scenarios import catalogue
from stanch.lab.world import PROD, SANDBOX
from stanch.model.contained import Armed, Arming, Called, Contained, Intended
from stanch.model.verdict import Answer, Outcome
from stanch.model.walked import Closed, Measured, Paged, Reminded
from stanch.respond.report import verified
from stanch.respond.run import once, running
from stanch.sources.file import Files
from stanch.store import checkpoint
from stanch.store.verify import verify

from .night import Night, tidy

ENDS = {
    "stolen_instance_credentials": Outcome.CONTAIN,
    "crypto_mining": Outcome.CONTAIN,
    "leaked_user_key": Outcome.CONTAIN,
    "malicious_caller_on_web": Outcome.CONTAIN,
    "vpn_look_alike": Outcome.ESCALATE,
    "port_probe": Outcome.QUEUE,
    "root_login": Outcome.ESCALATE,
    "sample_finding": Outcome.QUEUE,
}
LATEST = "2026-11-23T05:44:00Z"
"""Four hours after the lab's opening."""


@pytest.fixture(scope="module")
def story(lab, opening, simulation, eyes, model_house) -> Night:
    tidy(lab, opening)
    with running(model_house) as engine:
        once(model_house, engine, (Files(simulation.findings),))
    return Night(lab, simulation, model_house, eyes, Path())


def test_every_scenario_of_the_lab_is_in_the_table(story):
    assert set(ENDS) == set(catalogue())
    assert len(story.house.files()) == len(ENDS)


@pytest.mark.parametrize("scenario", sorted(ENDS))
def test_it_ends_as_the_lab_means_it_to(story, scenario):
    assert story.file(scenario).outcome is ENDS[scenario]
    assert ENDS[scenario] in catalogue()[scenario].outcomes


def test_exactly_the_intended_targets_are_contained(story):
    hosts, user = story.world.hosts, story.world.users["maria.lindqvist"]
    assert {name: _targets(story, name) for name in ENDS} == {
        "stolen_instance_credentials": [("I7", "payments-api-host", hosts["payments-api"].role.arn)],
        "crypto_mining": [
            (action, hosts["batch-worker"].instance.id, hosts["batch-worker"].instance.arn) for action in ("E1", "E4")
        ],
        "leaked_user_key": [("I1", user.key, user.arn), ("I2", user.name, user.arn)],
        "malicious_caller_on_web": [("N1", "203.0.113.181", "203.0.113.181")],
        "vpn_look_alike": [],
        "port_probe": [],
        "root_login": [],
        "sample_finding": [],
    }


def test_every_target_is_one_that_the_truth_allows(story):
    for name in ENDS:
        allowed = set(story.simulation.acts[name].targets)
        assert {arn for _, _, arn in _targets(story, name)} <= allowed


def test_the_denies_stand_in_the_simulated_iam_and_end_by_themselves(story):
    host = story.world.hosts["payments-api"]
    outside = {
        "ArnEquals": {"ec2:SourceInstanceARN": host.instance.arn},
        "Bool": {"aws:ViaAWSService": "false"},
        "Null": {"ec2:SourceInstanceARN": "false"},
        "StringNotEqualsIfExists": {"aws:SourceVpc": [host.instance.interfaces[0].vpc]},
        "NotIpAddressIfExists": {"aws:SourceIp": [f"{host.public}/32"]},
    }
    ends = {"DateLessThan": {"aws:CurrentTime": LATEST}}
    found = story.eyes.denies()
    assert {name: document["Statement"][0]["Condition"] for name, document in found.items()} == {
        "user/maria.lindqvist": ends,
        "role/payments-api-host": {**ends, **outside},
    }
    for document in found.values():
        (statement,) = document["Statement"]
        assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")


def test_the_key_is_inactive_and_nobody_elses(story):
    keys = {name: story.eyes.key(user) for name, user in story.world.users.items()}
    assert keys == {"maria.lindqvist": "Inactive", "erik.nyman": "Active", "bg-ops": "Active"}


def test_both_interfaces_are_in_the_empty_group_and_no_other_hosts(story):
    isolated = story.eyes.groups("batch-worker")
    (group,) = {one for groups in isolated.values() for one in groups}
    assert len(isolated) == 2
    assert story.eyes.rules(group) == 0
    for name in set(story.world.hosts) - {"batch-worker"}:
        assert story.eyes.groups(name) == story.eyes.own_groups(name)


def test_the_evidence_is_protected_and_copied_beside_the_host_s_cutting_off(story):
    assert story.eyes.protections("batch-worker") == (True, True, (False,))
    assert len(story.eyes.copies()) == 1
    sent = [one.operation for one in story.changes() if one.account == SANDBOX.id]
    assert {"CreateSnapshots", "ModifyNetworkInterfaceAttribute"} <= set(sent)
    intended = [one.change.action for one in story.told(Intended) if one.change.target.account == SANDBOX.id]
    assert intended.index("E1") < intended.index("E4")  # it begins first, and delays nothing that isolates


def test_only_the_listed_address_is_blocked(story):
    assert story.eyes.blocked() == ("203.0.113.181/32",)


def test_every_request_that_changed_something_is_in_the_journal(story):
    journalled = Counter(one.receipt.call.name for one in story.told(Called) if one.receipt.ok)
    assert Counter(one.name for one in story.changes()) == journalled
    assert {one.account for one in story.changes()} == {PROD.id, SANDBOX.id}
    assert all(one.receipt.request_id for one in story.told(Called))


def test_the_intent_is_written_before_the_first_call_and_success_after_the_last(story):
    for file in story.house.files():
        for one in file.containments:
            mine = [fact for fact in story.house.facts(case=file.id) if _containment(fact.body) == one.id]
            assert [type(fact.body) for fact in mine] == [
                Intended,
                *((Arming, Called, Armed) if one.switch else ()),  # the dead-man's switch; evidence needs none
                *[Called] * len(one.receipts),
                Contained,
            ]
            assert one.receipts


def test_the_intent_holds_the_state_before_and_the_whole_inverse(story):
    change = story.one("crypto_mining", "E4").change
    groups = {call.params["NetworkInterfaceId"]: tuple(call.params["Groups"]) for call in change.inverse}
    assert groups == story.eyes.own_groups("batch-worker")
    assert {one["id"]: tuple(one["groups"]) for one in _object(change.before)["interfaces"]} == groups


def test_contained_means_that_the_state_was_read_back(story):
    (fact,) = (one for one in story.told(Contained) if one.containment == story.one("crypto_mining", "E4").id)
    read = {one["id"]: tuple(one["groups"]) for one in _object(fact.read_back)["interfaces"]}
    assert read == story.eyes.groups("batch-worker")
    assert {name: verified(story.file(name)) for name in ENDS} == {
        name: True if outcome is Outcome.CONTAIN else None for name, outcome in ENDS.items()
    }


def test_the_look_alike_gets_the_same_questions_and_another_answer(story):
    attack, benign = story.file("stolen_instance_credentials"), story.file("vpn_look_alike")
    assert [one.question for one in attack.evidence] == [one.question for one in benign.evidence]
    assert attack.verdict.p > 0.99
    assert benign.verdict.p < 0.5


def test_how_busy_a_host_was_is_asked_after_it_was_contained(story):
    told = story.house.facts(case=story.file("crypto_mining").id)
    (measured,) = (one for one in told if isinstance(one.body, Measured))
    assert len(measured.body.readings) >= 12
    assert measured.seq > max(one.seq for one in told if isinstance(one.body, Contained))
    answers = {one.question: one.answer for one in story.file("crypto_mining").evidence}
    assert answers["M5"] is Answer.YES


def test_root_is_left_to_a_person_with_advice(story):
    assert "a person must rotate" in " ".join(story.file("root_login").reasons)


def test_nobody_is_paged_or_reminded_while_all_goes_well(story):
    assert story.told(Paged) == ()
    assert story.told(Reminded) == ()


def test_every_walk_has_ended_once(story):
    assert len(story.told(Closed)) == len(ENDS)


def test_the_journal_is_whole_and_under_a_checkpoint(story):
    settings = story.house.settings
    key = checkpoint.load_key(settings.state / "checkpoint.key").public_key()
    with story.house.database.begin() as connection:
        result = verify(connection, checkpoint.read(Path(settings.checkpoints), key))
    assert result.problem == ""
    assert result.rows == len(story.house.facts())


def _targets(story: Night, scenario: str) -> list[tuple[str, str, str]]:
    changes = [one.change for one in story.file(scenario).containments]
    return [(one.action, one.target.name, one.target.arn) for one in changes]


def _containment(body: object) -> str:
    return str(getattr(body, "containment", ""))


def _object(value: Any) -> Any:
    return value
