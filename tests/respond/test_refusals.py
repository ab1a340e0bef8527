"""What is never acted on: whom the guardrails protect, what nobody can confirm, and a flood."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stanch.lab.wire import mutating
from stanch.model.case import Tier
from stanch.model.change import Change, RevertsBy, Target, TargetKind, Terms
from stanch.model.contained import Contained, Intended
from stanch.model.finding import Finding, Form
from stanch.model.verdict import Outcome
from stanch.model.walked import Closed, FindingReceived, Refused

from .night import HOUR, START

MINUTE = timedelta(minutes=1)
BENIGN = ("vpn_look_alike", "port_probe", "root_login", "sample_finding")


@pytest.mark.parametrize("scenario", BENIGN)
def test_what_must_be_left_alone_makes_no_request_that_changes_anything(night, scenario):
    night.walk(scenario)
    assert mutating(night.lab.wire.requests()) == ()
    file = night.file(scenario)
    assert (file.containments, file.would) == ((), ())
    assert file.outcome is (Outcome.QUEUE if scenario in ("port_probe", "sample_finding") else Outcome.ESCALATE)


def test_a_replayed_night_asks_nothing_and_changes_nothing(night):
    night.house = replace(night.house, aws=None, override=None)
    night.walk("crypto_mining", "leaked_user_key", *BENIGN)
    assert night.lab.wire.requests() == ()
    assert [one.action for one in night.file("crypto_mining").would] == ["E1", "E4"]
    assert all(one.presumed for one in night.file("leaked_user_key").would)


def refused(night, scenario):
    """The policies that refused, once it is clear that nothing was done and a person is asked."""
    file = night.file(scenario)
    assert (file.outcome, file.containments, night.changes()) == (Outcome.ESCALATE, (), ())
    assert file.reasons == tuple(dict.fromkeys(one.reason for one in file.refusals))
    return {one.policy for one in file.refusals}


def test_what_comes_from_a_queue_and_its_detector_does_not_know_is_not_acted_on(night):
    forged = night.finding("leaked_user_key")
    forged["detail"] |= {"id": "0" * 32, "arn": forged["detail"]["arn"].replace(forged["detail"]["id"], "0" * 32)}
    night.take(forged, vouched=False)
    (file,) = night.house.files()
    assert (file.outcome, file.containments, night.changes()) == (Outcome.ESCALATE, (), ())
    assert file.resolved.how == f"GuardDuty has no finding {'0' * 32}"
    assert {one.policy for one in file.refusals} == {"case-unconfirmed"}
    assert "not found again at its detector" in file.reasons[0]


def test_what_comes_from_a_queue_and_its_detector_knows_is_acted_on(night):
    night.take(night.finding("leaked_user_key"), vouched=False)
    assert night.states("leaked_user_key") == {"I1": "contained", "I2": "contained"}


@pytest.mark.parametrize(
    ("field", "value"), [("userName", "reports-api-host"), ("accessKeyId", "ASIAIOSFODNN7EXAMPLE")]
)
def test_a_message_that_names_another_identity_than_its_detector_is_not_acted_on(night, field, value):
    forged = night.finding("stolen_instance_credentials")
    forged["detail"]["resource"]["accessKeyDetails"][field] = value
    night.take(forged, vouched=False)
    assert refused(night, "stolen_instance_credentials") == {"case-unconfirmed"}
    assert value in night.file("stolen_instance_credentials").resolved.how


@pytest.mark.parametrize("vouched", [True, False])
def test_a_user_made_again_under_the_old_name_is_not_the_one_that_acted(night, vouched):
    finding = night.finding("leaked_user_key")
    finding["detail"]["resource"]["accessKeyDetails"]["principalId"] = "AIDAOLDOLDOLDOLDOLD77"
    night.detect(finding)
    night.take(finding, vouched=vouched)
    assert refused(night, "leaked_user_key") == {""}
    assert "another one of that name" in night.file("leaked_user_key").reasons[0]


def test_a_role_made_again_under_the_old_name_is_not_the_one_whose_session_was_stolen(night):
    finding = night.finding("stolen_instance_credentials")
    key = finding["detail"]["resource"]["accessKeyDetails"]
    key["principalId"] = "AROAOLDOLDOLDOLDOLD77:" + key["principalId"].partition(":")[2]
    night.detect(finding)
    night.take(finding)
    assert refused(night, "stolen_instance_credentials") == {""}


def test_a_break_glass_user_is_not_cut_off_whatever_the_verdict(night):
    user = night.world.users["maria.lindqvist"]
    night.house = replace(night.house, context=replace(night.house.context, break_glass=(user.arn,)))
    night.walk("leaked_user_key")
    assert refused(night, "leaked_user_key") == {"target-protected"}
    assert night.file("leaked_user_key").verdict.p > 0.99
    assert "break-glass" in night.file("leaked_user_key").reasons[0]


def test_a_break_glass_role_is_not_cut_off_but_a_host_that_it_runs_on_may_be(night):
    host = night.world.hosts["batch-worker"]
    night.house = replace(night.house, context=replace(night.house.context, break_glass=(host.role.arn,)))
    night.walk("crypto_mining")
    assert night.states("crypto_mining") == {"E1": "contained", "E4": "contained"}


def test_stanch_does_not_cut_off_itself(night):
    own = night.world.hosts["payments-api"].role.name
    night.house = replace(night.house, settings=night.house.settings.model_copy(update={"role": own}))
    night.walk("stolen_instance_credentials")
    assert refused(night, "stolen_instance_credentials") == {"target-stanch"}


def test_a_sample_is_never_acted_on_whatever_its_type(night):
    finding = night.finding("leaked_user_key")
    finding["detail"]["title"] = f"[SAMPLE] {finding['detail']['title']}"
    night.detect(finding)
    night.take(finding)
    file = night.file("leaked_user_key")
    assert (file.outcome, file.tier, night.changes()) == (Outcome.QUEUE, Tier.LOW, ())


def test_an_unknown_finding_type_lands_in_the_lowest_tier(night):
    finding = night.finding("leaked_user_key")
    finding["detail"]["type"] = "UnauthorizedAccess:IAMUser/InventedTomorrow"
    night.detect(finding)
    night.take(finding)
    file = night.file("leaked_user_key")
    assert (file.outcome, file.tier, night.changes()) == (Outcome.QUEUE, Tier.LOW, ())


# Budgets --------------------------------------------------------------------------------------------------------------


def spent(night, number, *, account="", playbook="", ago=timedelta()):
    """As many containments of other cases, that long ago; of other accounts and playbooks unless one is named."""
    night.lab.clock.set(START - ago)
    for n in range(number):
        case, where = f"C-{n:08x}", account or f"{n:012d}"
        target = Target(TargetKind.ROLE, where, "eu-west-1", f"other-{n}", f"arn:aws:iam::{where}:role/other-{n}")
        terms = Terms(case, 1, night.house.now(), night.house.now() + 4 * HOUR)
        one = Change("I3", "Revoke role sessions", target, {}, (), (), "", "", "", RevertsBy.NATIVE, terms)
        elsewhere = Finding(f"{n:032x}", where, "eu-west-1", "Any", 5, START, Form.GUARDDUTY, "GuardDuty")
        for body in (
            FindingReceived(elsewhere, 1, (f"invented|{case}",)),
            Intended(one.id, 1, playbook or f"playbook-{n}", one),
            Contained(one.id, one.terms.expires_at, {}),
            Closed(1, Outcome.CONTAIN, Tier.CRITICAL, ()),
        ):
            night.house.write(body, key=f"{case}/{type(body).__name__}", case=case)
    night.lab.clock.set(START)


@pytest.mark.parametrize(
    ("number", "where", "policy"),
    [
        (20, {}, "budget-overall"),
        (10, {"account": "777788889999"}, "budget-account"),
        (10, {"playbook": "crypto_mining"}, "budget-playbook"),
    ],
)
def test_a_flood_is_left_to_people(night, number, where, policy):
    spent(night, number, **where)
    night.walk("crypto_mining")
    file = night.file("crypto_mining")
    assert (file.outcome, file.containments, night.changes()) == (Outcome.ESCALATE, (), ())
    assert {one.policy for one in file.refusals} == {policy}
    assert "a flood is for people" in file.reasons[0]
    assert len(night.told(Refused)) == 2


@pytest.mark.parametrize(
    ("number", "where"),
    [(19, {}), (9, {"account": "777788889999"}), (9, {"playbook": "crypto_mining"}), (40, {"ago": HOUR + MINUTE})],
)
def test_the_last_of_the_budget_is_used_up_whole(night, number, where):
    spent(night, number, **where)
    night.walk("crypto_mining")
    assert night.states("crypto_mining") == {"E1": "contained", "E4": "contained"}


def test_a_budget_that_is_used_up_stops_no_revert(night):
    night.walk("stolen_instance_credentials")
    spent(night, 30)
    assert night.revert("stolen_instance_credentials", "I7").state == "reverted"
    assert night.eyes.policies() == ()


def test_the_budget_is_asked_again_when_the_call_is_sent(night):
    """Planned within the budget, used up by others before the first call."""

    def flood(fact):
        if isinstance(fact.body, Intended) and fact.body.change.action == "E1":
            night.watch(lambda _: None)
            spent(night, 20)

    night.watch(flood)
    night.walk("crypto_mining")
    assert night.states("crypto_mining") == {"E1": "failed", "E4": "failed"}
    assert night.changes() == ()
    assert "a guardrail refused ec2:ModifyInstanceAttribute: budget-overall" in night.file("crypto_mining").reasons[0]
    assert len(night.file("crypto_mining").pages) == 2
