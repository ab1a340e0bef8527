"""A case as one JSON line, for programs."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stanch.model.case import Mode, Tier
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Call, Change, Receipt, Refusal, RevertsBy, Target, TargetKind, Terms
from stanch.model.finding import Finding, Form, Skip
from stanch.model.verdict import Conclusion, Outcome, Verdict
from stanch.respond.intake import Taken, add
from stanch.respond.report import case_line, skip_line, summary_line, verified

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
ARN = "arn:aws:iam::111122223333:user/alice"
USER = Target(TargetKind.USER, "111122223333", "eu-west-1", "alice", ARN)
CALL = Call("iam", "AttachUserPolicy", {"UserName": "alice"}, ARN)
UNDO = Call("iam", "DetachUserPolicy", {"UserName": "alice"}, ARN)
TERMS = Terms("C-0a1b2c3d", 1, AT, AT + timedelta(hours=4))
CHANGE = Change("I2", "Deny IAM user", USER, {}, (CALL,), (UNDO,), "", "", "", RevertsBy.NATIVE, TERMS)
DONE = Receipt(CALL, "request-1", ok=True)
HELD = Containment(CHANGE.id, "C-0a1b2c3d", "p", CHANGE, State.CONTAINED, AT, (DONE,), held=True)
VERDICT = Verdict(Conclusion.TRUE_POSITIVE, Outcome.CONTAIN, 0.99, 0.4, 0.9, 0.95, 1.0, (), ("because",))
FINDING = Finding("f1", "111122223333", "eu-west-1", "Recon:IAMUser/Any", 5, AT, Form.GUARDDUTY, "GuardDuty")
FILE = CaseFile(
    "C-0a1b2c3d",
    AT,
    1,
    findings=(FINDING,),
    mode=Mode.ACT,
    verdict=VERDICT,
    containments=(HELD,),
    outcome=Outcome.CONTAIN,
    tier=Tier.HIGH,
    reasons=("because",),
)


def test_a_contained_case_says_what_was_done_and_when_it_ends() -> None:
    line = json.loads(json.dumps(case_line(FILE)))
    assert line == {
        "kind": "case",
        "case": "C-0a1b2c3d",
        "findings": ["f1"],
        "tier": "high",
        "mode": "act",
        "verdict": "true_positive",
        "p": 0.99,
        "outcome": "contain",
        "reasons": ["because"],
        "drawn": False,
        "targets": [ARN],
        "calls": [
            {
                "call": "iam:AttachUserPolicy",
                "resource": ARN,
                "params": {"UserName": "alice"},
                "result": "ok",
                "request_id": "request-1",
            }
        ],
        "refusals": [],
        "containments": [
            {
                "id": CHANGE.id,
                "state": "contained",
                "expires_at": "2026-03-01T12:00:00+00:00",
                "effective": "",
                "proof": [],
                "persisted": False,
                "tampered": 0,
                "left": [],
            }
        ],
        "proposals": [],
        "returns": 0,
        "label": None,
        "verified": True,
    }


def test_in_observation_the_calls_are_those_it_would_make() -> None:
    line = case_line(replace(FILE, mode=Mode.OBSERVE, containments=(), would=(CHANGE, replace(CHANGE, action="I1"))))
    assert (line["mode"], line["targets"], line["verified"]) == ("observe", [ARN], None)
    assert [(one["call"], one["result"]) for one in line["calls"]] == [("iam:AttachUserPolicy", "would")] * 2  # type: ignore[index,union-attr,call-overload]  # JSON
    assert line["containments"] == []


def test_a_call_that_failed_says_why() -> None:
    receipt = Receipt(CALL, "request-1", ok=False, error="AccessDenied: not you")
    failed = replace(HELD, state=State.FAILED, receipts=(receipt,), held=False, left=("the policy",))
    line = case_line(replace(FILE, containments=(failed,), outcome=Outcome.ESCALATE))
    assert line["calls"][0]["result"] == "AccessDenied: not you"  # type: ignore[index,call-overload]  # JSON
    assert line["containments"][0]["left"] == ["the policy"]  # type: ignore[index,call-overload]  # JSON
    assert line["verified"] is False


def test_a_refusal_says_of_what_and_why() -> None:
    refusal = Refusal("I2", ARN, "iam:CreatePolicy", "break-glass", "target-protected")
    line = case_line(replace(FILE, containments=(), refusals=(refusal,), outcome=Outcome.ESCALATE))
    assert line["refusals"] == [{"action": "I2", "target": ARN, "call": "iam:CreatePolicy", "reason": "break-glass"}]
    assert line["targets"] == line["calls"] == []


def test_a_case_that_nobody_has_judged_is_insufficient() -> None:
    line = case_line(CaseFile("C-0a1b2c3d", AT))
    assert (line["verdict"], line["p"], line["outcome"], line["tier"]) == ("insufficient", None, "", "")


@pytest.mark.parametrize(
    ("state", "held", "wanted"),
    [
        (State.INTENDED, False, False),
        (State.CONTAINED, True, True),
        (State.FAILED, False, False),
        (State.CONFIRMING, True, True),
        (State.CONFIRMED, True, True),
        (State.REVERTING, True, False),
        (State.REVERTED, True, True),
        (State.REVERTED, False, False),  # it was cleaned up, and never in place
    ],
)
def test_verified_means_that_it_was_read_back(state: State, held: bool, wanted: bool) -> None:
    one = replace(HELD, state=state, held=held)
    assert verified(replace(FILE, containments=(one,))) is wanted
    assert verified(replace(FILE, containments=(HELD, one))) is wanted


def test_a_skip_and_the_summary_account_for_every_record() -> None:
    skip = Skip("f.json#1", "an empty object", malformed=True)
    assert skip_line(skip) == {"kind": "skip", "record": "f.json#1", "reason": "an empty object"}
    taken = add(Taken(2, 1, (skip,), ("C-1",)), Taken(3, 3, (), ("C-2", "C-1")))
    assert summary_line(taken, 1) == {
        "kind": "summary",
        "records": 5,
        "findings": 4,
        "skips": 1,
        "errors": 1,
        "cases": 2,
    }
