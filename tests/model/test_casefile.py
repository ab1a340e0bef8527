"""The state of a case is a pure fold over its facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stanch.model.case import Mode, Posture, Tier, Triage
from stanch.model.casefile import CaseFile, State, fold
from stanch.model.change import Call, Change, Receipt, Refusal, RevertsBy, Target, TargetKind, Terms
from stanch.model.contained import (
    Called,
    Confirmed,
    Contained,
    ContainmentFailed,
    Decided,
    Intended,
    Reverted,
    RevertFailed,
)
from stanch.model.facts import Body, Fact
from stanch.model.finding import Finding, Form
from stanch.model.verdict import Outcome
from stanch.model.walked import Closed, FindingReceived, Paged, Refused, Reminded, Triaged, WouldContain

CASE, AT = "C-0a1b2c3d", datetime(2026, 3, 1, 8, tzinfo=UTC)
TERMS = Terms(CASE, 1, AT, AT + timedelta(hours=4))
ARN = "arn:aws:iam::111122223333:user/alice"
USER = Target(TargetKind.USER, "111122223333", "eu-west-1", "alice", ARN)
CALL = Call("iam", "AttachUserPolicy", {}, ARN)
CHANGE = Change("I2", "Deny IAM user", USER, {}, (CALL,), (CALL,), "", "", "", RevertsBy.NATIVE, TERMS)
ID = CHANGE.id
FINDING = Finding("f1", "111122223333", "eu-west-1", "Recon:IAMUser/Any", 5, AT, Form.GUARDDUTY, "GuardDuty")
OPENED = FindingReceived(FINDING, 1, ("lane|alice",))
CLOSED = Closed(1, Outcome.CONTAIN, Tier.HIGH, ("because",))
INTENDED = Intended(ID, 1, "malicious_ip", CHANGE)
CONTAINED = Contained(ID, TERMS.expires_at, {})
RECEIPT = Receipt(CALL, "request-1", ok=True)


def state(*bodies: Body) -> CaseFile:
    """The fold of these, a minute apart, after the finding that opened the case."""
    return fold(
        Fact(number + 1, CASE, str(number), AT + timedelta(minutes=number), "stanch", body, "")
        for number, body in enumerate((OPENED, *bodies))
    )


def test_a_case_opens_with_its_first_finding() -> None:
    file = state()
    assert (file.id, file.opened_at, file.round, file.outcome) == (CASE, AT, 1, None)
    assert (file.findings, file.subjects) == ((FINDING,), ("lane|alice",))
    assert file.mode is Mode.OBSERVE


def test_a_newer_revision_takes_the_place_of_the_older_and_an_older_one_does_not() -> None:
    newer = replace(FINDING, updated_at=AT + timedelta(hours=1), count=2)
    older = replace(FINDING, updated_at=AT - timedelta(hours=1))
    more = replace(FINDING, count=3)
    assert state(FindingReceived(newer, 2, ())).findings == (newer,)
    assert state(FindingReceived(older, 2, ())).findings == (FINDING,)
    assert state(FindingReceived(more, 2, ())).findings == (more,)


def test_findings_stay_in_the_order_of_their_arrival_and_subjects_add_up() -> None:
    other = replace(FINDING, id="f2")
    file = state(FindingReceived(other, 1, ("lane|bob", "lane|alice")))
    assert [one.id for one in file.findings] == ["f1", "f2"]
    assert file.subjects == ("lane|alice", "lane|bob")


def test_a_new_round_is_open_again_and_keeps_what_was_done() -> None:
    refused = Refused(1, Refusal("I1", ARN, "", "no room"))
    first = state(refused, WouldContain(1, CHANGE), INTENDED, CONTAINED, Paged("look"), CLOSED)
    assert (first.outcome, first.tier, first.reasons) == (Outcome.CONTAIN, Tier.HIGH, ("because",))
    assert (len(first.refusals), len(first.would)) == (1, 1)
    again = state(
        refused,
        WouldContain(1, CHANGE),
        INTENDED,
        CONTAINED,
        Paged("look"),
        CLOSED,
        FindingReceived(replace(FINDING, count=2), 2, ()),
    )
    assert (again.round, again.outcome, again.reasons, again.refusals, again.would) == (2, None, (), (), ())
    assert (again.containments, again.pages) == (first.containments, first.pages)


def test_a_second_finding_in_the_same_round_does_not_reopen_it() -> None:
    assert state(CLOSED, FindingReceived(replace(FINDING, id="f2"), 1, ())).outcome is Outcome.CONTAIN


def test_triage_sets_tier_and_mode() -> None:
    triage = Triage(Tier.CRITICAL, Posture.AT_ONCE, "crypto_mining", FINDING.key, "")
    file = state(Triaged(1, triage, Mode.ACT, "promoted"))
    assert (file.triage, file.tier, file.mode) == (triage, Tier.CRITICAL, Mode.ACT)


@pytest.mark.parametrize(
    ("bodies", "wanted"),
    [
        ((), State.INTENDED),
        ((CONTAINED,), State.CONTAINED),
        ((ContainmentFailed(ID, "denied", ()),), State.FAILED),
        ((CONTAINED, Decided(ID, "confirm", "robin", "")), State.CONFIRMING),
        ((CONTAINED, Decided(ID, "confirm", "robin", ""), Confirmed(ID, "robin")), State.CONFIRMED),
        ((CONTAINED, Decided(ID, "revert", "timer", "")), State.REVERTING),
        ((CONTAINED, Decided(ID, "revert", "timer", ""), RevertFailed(ID, 1, "denied")), State.REVERTING),
        ((CONTAINED, Decided(ID, "revert", "timer", ""), Reverted(ID, "timer", ())), State.REVERTED),
        ((CONTAINED, Reminded(ID, 60, "soon")), State.CONTAINED),
        # decided while the calls were under way: being read back does not win over the decision
        ((Decided(ID, "revert", "robin", ""), CONTAINED), State.REVERTING),
    ],
)
def test_a_containment_moves_by_its_facts(bodies: tuple[Body, ...], wanted: State) -> None:
    (one,) = state(INTENDED, *bodies).containments
    assert one.state is wanted
    assert one.held is (CONTAINED in bodies)


def test_a_containment_knows_when_it_came_into_its_state_and_who_decided() -> None:
    (one,) = state(INTENDED, CONTAINED, Decided(ID, "confirm", "robin", "it is real")).containments
    assert (one.at, one.decisions, one.decided_by) == (AT + timedelta(minutes=3), 1, "robin")
    assert (one.reason, one.expires_at) == ("it is real", TERMS.expires_at)


def test_receipts_add_up_and_each_decision_counts() -> None:
    decided = (Decided(ID, "confirm", "a", ""), Confirmed(ID, "a"), Decided(ID, "revert", "b", ""))
    (one,) = state(
        INTENDED, Called(ID, "contain", RECEIPT), CONTAINED, *decided, Called(ID, "revert", RECEIPT)
    ).containments
    assert (len(one.receipts), one.decisions, one.decided_by) == (2, 2, "b")


def test_what_is_left_is_what_the_last_attempt_said() -> None:
    failed = ContainmentFailed(ID, "denied", ("the group",))
    (one,) = state(INTENDED, failed).containments
    assert (one.left, one.reason) == (("the group",), "denied")
    (one,) = state(INTENDED, failed, RevertFailed(ID, 2, "still denied")).containments
    assert (one.left, one.attempts, one.reason) == (("the group",), 2, "still denied")
    (one,) = state(INTENDED, failed, Reverted(ID, "stanch", ())).containments
    assert (one.left, one.state) == ((), State.REVERTED)


def test_facts_of_one_containment_leave_the_others_alone() -> None:
    other = replace(CHANGE, action="I1")
    file = state(INTENDED, Intended(other.id, 1, "p", other), CONTAINED)
    assert [one.state for one in file.containments] == [State.CONTAINED, State.INTENDED]
    assert file.containment(other.id) == file.containments[1]
    assert file.containment("nobody") is None


def test_a_fact_about_an_unknown_containment_changes_nothing() -> None:
    assert state(CONTAINED) == state()


@pytest.mark.parametrize(
    ("bodies", "done"),
    [
        ((CLOSED,), False),  # nothing was done: what comes next belongs to the same case
        ((INTENDED, CONTAINED, CLOSED), False),
        ((INTENDED, CONTAINED, Decided(ID, "revert", "timer", ""), Reverted(ID, "timer", ())), False),
        ((INTENDED, CONTAINED, Decided(ID, "revert", "timer", ""), Reverted(ID, "timer", ()), CLOSED), True),
        ((INTENDED, CONTAINED, Decided(ID, "revert", "timer", ""), Reverted(ID, "timer", ("x",)), CLOSED), False),
        ((INTENDED, CONTAINED, Decided(ID, "confirm", "robin", ""), CLOSED), False),
        ((INTENDED, CONTAINED, Decided(ID, "confirm", "robin", ""), Confirmed(ID, "robin"), CLOSED), True),
        ((INTENDED, ContainmentFailed(ID, "denied", ()), CLOSED), True),
        ((INTENDED, ContainmentFailed(ID, "denied", ("the group",)), CLOSED), False),
    ],
)
def test_a_case_is_done_when_nothing_waits_for_the_clock_or_a_person(bodies: tuple[Body, ...], done: bool) -> None:
    assert state(*bodies).done is done
