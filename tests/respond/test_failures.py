"""When AWS says no, stumbles or is gone: nothing is half done and unreported, and nothing is called contained."""

import time
from dataclasses import replace
from types import SimpleNamespace

import botocore.endpoint
import pytest
from botocore.exceptions import EndpointConnectionError

from stanch.lab.wire import mutating
from stanch.model.casefile import State
from stanch.model.contained import Contained, ContainmentFailed, Reverted, RevertFailed
from stanch.model.verdict import Outcome
from stanch.model.walked import Paged
from stanch.respond import containments
from stanch.respond.report import case_line, verified
from stanch.respond.run import once, running
from stanch.sources.file import Files

from .night import HOUR, START

EXPIRY = 4 * HOUR


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """botocore and the passes pause before they try again; here nobody waits."""
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(time=time.time, sleep=lambda _: None))
    monkeypatch.setattr("stanch.stages.contain.PAUSES", (0.0, 0.0, 0.0))


def test_denied_between_making_the_policy_and_attaching_it(night):
    night.lab.wire.deny("iam:AttachUserPolicy")
    night.walk("leaked_user_key")
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "failed"}
    assert night.eyes.policies() == ()
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"
    file = night.file("leaked_user_key")
    assert file.outcome is Outcome.ESCALATE
    assert "Deny IAM user failed: AccessDenied" in file.reasons[0]
    assert "iam:AttachUserPolicy" in file.reasons[0]
    assert night.one("leaked_user_key", "I2").left == ()
    assert [page.text for page in night.told(Paged)] == [
        f"Deny IAM user on maria.lindqvist failed: {night.one('leaked_user_key', 'I2').reason}"
    ]
    assert case_line(file)["verified"] is False


def test_a_containment_that_failed_cleanly_is_tried_again_when_the_finding_comes_again(night):
    night.lab.wire.deny("iam:AttachUserPolicy")
    night.walk("leaked_user_key")
    night.lab.wire.clear()
    night.take(night.later("leaked_user_key", HOUR / 60))
    states = [(one.change.action, str(one.state)) for one in night.file("leaked_user_key").containments]
    assert states == [("I1", "contained"), ("I2", "failed"), ("I2", "contained")]
    assert "user/maria.lindqvist" in night.eyes.denies()


def test_denied_on_the_second_interface_and_while_cleaning_up_names_what_is_left(night):
    night.lab.wire.deny("ec2:ModifyNetworkInterfaceAttribute", first=2)
    night.walk("crypto_mining")
    one, own = night.one("crypto_mining", "E4"), night.eyes.own_groups("batch-worker")
    assert one.state is State.FAILED
    assert night.file("crypto_mining").outcome is Outcome.ESCALATE
    assert "UnauthorizedOperation" in one.reason
    assert len(one.left) == 1
    assert one.left[0].startswith("undoing it failed too: UnauthorizedOperation")
    assert any("undoing it failed too" in page.text for page in night.told(Paged))
    still = [interface for interface, groups in night.eyes.groups("batch-worker").items() if groups != own[interface]]
    assert len(still) == 1
    assert not [told for told in night.told(Contained) if told.containment == one.id]


def test_what_was_left_is_cleaned_up_by_a_later_sweep_once_aws_allows_it(night):
    night.lab.wire.deny("ec2:ModifyNetworkInterfaceAttribute", first=2)
    night.walk("crypto_mining")
    night.sweep_at(HOUR / 60)
    night.sweep_at(HOUR / 30)
    assert len(night.told(RevertFailed)) >= 2
    assert len([page for page in night.told(Paged) if "the revert of" in page.text]) == 1
    night.lab.wire.clear()
    night.sweep_at(HOUR / 20)
    one = night.one("crypto_mining", "E4")
    assert (one.state, one.left) == (State.REVERTED, ())
    assert night.eyes.groups("batch-worker") == night.eyes.own_groups("batch-worker")
    assert night.states("crypto_mining")["E1"] == "contained"


def test_an_instance_that_is_half_isolated_is_not_taken_for_one_of_that_shape(night):
    """A new round must not read the isolation group as the interface's own, or it would be restored to it."""
    night.lab.wire.deny("ec2:ModifyNetworkInterfaceAttribute", first=2)
    night.walk("crypto_mining")
    night.take(night.later("crypto_mining", HOUR / 60))
    assert [one.change.action for one in night.file("crypto_mining").containments] == ["E1", "E4"]


def test_evidence_that_cannot_be_copied_does_not_delay_the_isolation(night):
    night.lab.wire.deny("ec2:CreateSnapshots")
    night.walk("crypto_mining")
    assert night.states("crypto_mining") == {"E1": "failed", "E4": "contained"}
    assert night.eyes.protections("batch-worker") == (False, False, (True,))
    assert night.eyes.copies() == ()
    assert "Preserve evidence failed" in " ".join(night.file("crypto_mining").reasons)
    assert night.file("crypto_mining").outcome is Outcome.ESCALATE


def test_an_address_that_may_not_be_blocked_leaves_the_set_as_it_was(night):
    night.lab.wire.deny("wafv2:UpdateIPSet")
    night.walk("malicious_caller_on_web")
    one = night.one("malicious_caller_on_web", "N1")
    assert (one.state, one.left) == (State.FAILED, ())
    assert "AccessDeniedException" in one.reason
    assert night.eyes.blocked() == ()


def test_a_state_that_cannot_be_read_is_a_refusal_and_nothing_is_sent(night):
    night.lab.wire.deny("iam:ListAccessKeys")
    night.lab.wire.deny("iam:ListAttachedUserPolicies")
    night.walk("leaked_user_key")
    file = night.file("leaked_user_key")
    assert (file.outcome, file.containments, night.changes()) == (Outcome.ESCALATE, (), ())
    assert [one.call for one in file.refusals] == ["iam:ListAccessKeys", "iam:ListAttachedUserPolicies"]
    assert all("the state before cannot be read" in one.reason for one in file.refusals)


def test_a_read_back_that_is_denied_is_not_called_contained(night):
    night.lab.wire.deny("iam:ListAccessKeys", first=2)  # the plan's own look is the first
    night.walk("leaked_user_key")
    one = night.one("leaked_user_key", "I1")
    assert one.state is State.FAILED
    assert "the state cannot be read" in one.reason
    assert "the state cannot be read" in one.left[0]
    assert not [told for told in night.told(Contained) if told.containment == one.id]
    night.lab.wire.clear()
    night.sweep_at(HOUR / 60)
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Active"
    assert night.one("leaked_user_key", "I1").state is State.REVERTED


def test_throttled_three_times_it_is_contained_all_the_same(night):
    night.lab.wire.throttle("iam:CreatePolicy", times=3)
    night.walk("stolen_instance_credentials")
    assert night.states("stolen_instance_credentials") == {"I7": "contained"}
    tries = [one for one in night.lab.wire.requests() if one.name == "iam:CreatePolicy"]
    assert [one.failed for one in tries] == ["Throttling"] * 3 + [""]


def test_throttled_without_end_it_fails_by_name(night):
    night.lab.wire.throttle("iam:CreatePolicy", times=1000)
    night.walk("stolen_instance_credentials")
    one = night.one("stolen_instance_credentials", "I7")
    assert (one.state, one.left) == (State.FAILED, ())
    assert "Throttling" in one.reason
    assert night.eyes.policies() == ()


def test_an_inverse_that_is_denied_is_tried_again_until_it_works_and_paged_once(night):
    night.walk("leaked_user_key")
    night.lab.wire.deny("iam:DetachUserPolicy")
    for minutes in range(3):
        night.sweep_at(EXPIRY + minutes * HOUR / 60)
    assert night.states("leaked_user_key") == {"I1": "reverted", "I2": "reverting"}
    assert verified(night.file("leaked_user_key")) is False
    failed = [page.text for page in night.told(Paged) if "/I2/" in page.text]
    assert len(failed) == 1
    assert "it is retried" in failed[0]
    assert not [page for page in night.told(Paged) if "the user's stolen credentials work again" in page.text]
    night.lab.wire.clear()
    night.sweep_at(EXPIRY + HOUR)
    assert night.states("leaked_user_key") == {"I1": "reverted", "I2": "reverted"}
    assert night.eyes.policies() == ()


# The endpoint is gone -------------------------------------------------------------------------------------------------


class Cut(SimpleNamespace):
    """Whether the way to a service is cut; requests on it never arrive."""


@pytest.fixture
def cut(night, monkeypatch):
    """`cut.service = "wafv2"`: no request to that service (`"*"`: to any) arrives from then on; `cut.after`: an
    operation, and then none."""
    way, arrive = Cut(service="", after=""), night.lab.wire.take

    def take(service, operation, **rest):
        if way.service in (service, "*"):
            raise EndpointConnectionError(endpoint_url=f"https://{service}.eu-west-1.amazonaws.com")
        answer = arrive(service, operation, **rest)
        if operation == way.after:
            way.service = "*"
        return answer

    monkeypatch.setattr(night.lab.wire, "take", take)
    return way


def test_an_endpoint_that_dies_in_the_middle_leaves_nothing_unsaid_and_the_sweep_cleans_up(night, cut):
    cut.after = "CreatePolicy"
    night.walk("stolen_instance_credentials")
    one = night.one("stolen_instance_credentials", "I7")
    assert one.state is State.FAILED
    assert "cannot be read" in one.reason
    assert "undoing it failed too" in one.left[0]
    assert night.file("stolen_instance_credentials").outcome is Outcome.ESCALATE
    assert night.told(Contained) == ()
    assert [told.containment for told in night.told(ContainmentFailed)] == [one.id]
    assert any(one.left[0] in page.text for page in night.told(Paged))
    cut.service = cut.after = ""
    assert len(night.eyes.policies()) == 1
    night.sweep_at(HOUR / 60)
    assert night.eyes.policies() == ()
    assert night.states("stolen_instance_credentials") == {"I7": "reverted"}


def test_a_service_that_is_gone_keeps_no_other_revert_waiting(night, cut):
    night.walk("malicious_caller_on_web", "leaked_user_key", "stolen_instance_credentials")
    cut.service = "wafv2"
    night.sweep_at(EXPIRY)
    assert night.states("malicious_caller_on_web") == {"N1": "reverting"}
    assert night.states("leaked_user_key") == {"I1": "reverted", "I2": "reverted"}
    assert night.states("stolen_instance_credentials") == {"I7": "reverted"}
    assert any("the revert of" in page.text and "/N1/" in page.text for page in night.told(Paged))
    cut.service = ""
    night.sweep_at(EXPIRY + HOUR / 60)
    assert night.eyes.blocked() == ()
    assert len(night.told(Reverted)) == 4


def test_what_comes_from_a_queue_while_its_detector_is_gone_is_left_to_a_person(night, cut):
    cut.service = "guardduty"
    night.take(night.finding("stolen_instance_credentials"), vouched=False)
    file = night.file("stolen_instance_credentials")
    assert (file.outcome, file.containments, night.changes()) == (Outcome.ESCALATE, (), ())
    assert "guardduty:GetFindings could not be sent" in file.resolved.how
    assert "not found again at its detector" in file.reasons[0]


# A walk that breaks ---------------------------------------------------------------------------------------------------


def broken(night, playbook, *questions):
    """The house with SQL in these questions that cannot be answered."""
    one = night.house.playbooks[playbook]
    asked = tuple(replace(q, sql="SELECT nothing FROM nowhere") if q.id in questions else q for q in one.questions)
    return replace(night.house, playbooks={**night.house.playbooks, playbook: replace(one, questions=asked)})


def test_a_walk_that_breaks_escalates_its_case_and_the_others_go_on(night, caplog):
    night.house = broken(night, "malicious_ip", "I1")
    with running(night.house) as engine:
        once(night.house, engine, (Files(night.simulation.findings),))
        assert engine.pending() == ()
    for name in ("leaked_user_key", "malicious_caller_on_web"):
        file = night.file(name)
        assert (file.outcome, file.containments) == (Outcome.ESCALATE, ())
        assert file.reasons[0].startswith("stanch could not finish this case: BadInput: playbook malicious_ip")
        assert file.pages == file.reasons
    assert night.states("crypto_mining") == {"E1": "contained", "E4": "contained"}
    assert night.states("stolen_instance_credentials") == {"I7": "contained"}
    assert night.file("port_probe").outcome is Outcome.QUEUE
    assert len([one for one in caplog.records if "the walk broke" in one.message]) == 2


def test_a_walk_that_breaks_after_containing_at_once_keeps_its_clock(night):
    night.house = broken(night, "credential_exfiltration", "E3")
    night.walk("stolen_instance_credentials")
    file = night.file("stolen_instance_credentials")
    assert file.outcome is Outcome.ESCALATE
    assert night.states("stolen_instance_credentials") == {"I7": "contained"}
    assert "stanch could not finish this case" in file.pages[0]
    night.sweep_at(EXPIRY)
    assert night.states("stolen_instance_credentials") == {"I7": "reverted"}
    assert night.eyes.policies() == ()


def test_an_intent_whose_walk_broke_before_its_calls_is_completed_by_the_sweep(night, monkeypatch):
    """The worker dies between intent and calls in a way that its own edge survives."""

    def break_once(*_, **__):
        monkeypatch.undo()
        raise OSError("the disk is full")

    monkeypatch.setattr(containments, "contain", break_once)
    night.lab.clock.set(START)
    night.walk("stolen_instance_credentials")
    assert night.file("stolen_instance_credentials").outcome is Outcome.ESCALATE
    assert mutating(night.lab.wire.requests()) != ()
    assert night.states("stolen_instance_credentials") == {"I7": "contained"}
    assert "role/payments-api-host" in night.eyes.denies()
