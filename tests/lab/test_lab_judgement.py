"""What the simulated IAM judges: each operator of stanch's denies, missing keys, and nothing that it does not know."""

import json
from datetime import timedelta
from typing import Any

import pytest

from stanch.actions import catalogue
from stanch.actions._deny import iam_time
from stanch.actions._examples import ACCESS, CREDENTIALS, ROLE, SESSION, TERMS, USER
from stanch.lab.judgement import JUDGED, denied
from stanch.model.errors import BadInput

T = TERMS.expires_at
INSIDE = {"aws:SourceVpc": "vpc-0aaaaaaaaaaaaaaaa"}
STOLEN = {"ec2:SourceInstanceARN": CREDENTIALS.within, "aws:ViaAWSService": "false"}


def document(id: str, target: Any) -> dict[str, Any]:
    """What the action writes for the target."""
    action = catalogue()[id]
    state = action.examples[0][1]
    (create, _) = action.forward(target, state, TERMS)
    return json.loads(create.params["PolicyDocument"])


def facts(at: Any, **more: str) -> dict[str, str]:
    return {"aws:CurrentTime": iam_time(at), **{key.replace("_", ":", 1): value for key, value in more.items()}}


@pytest.mark.parametrize(
    ("id", "target", "request_"),
    [
        ("I2", USER, {}),
        ("I3", ROLE, {"aws:TokenIssueTime": iam_time(TERMS.issued_at)}),
        ("I4", SESSION, {"aws:userid": SESSION.within}),
        ("I6", CREDENTIALS, STOLEN),
        ("I7", CREDENTIALS, {**STOLEN, "aws:SourceIp": "203.0.113.9"}),
    ],
)
def test_every_deny_holds_until_its_end_and_not_a_second_longer(id: str, target: Any, request_: dict[str, str]) -> None:
    written = [document(id, target)]
    for minutes, wanted in ((-1, True), (0, False), (1, False)):
        assert denied(written, facts(T + timedelta(minutes=minutes)) | request_) is wanted


def test_sessions_issued_after_the_cut_are_not_denied_and_those_while_iam_propagates_are() -> None:
    written = [document("I3", ROLE)]
    for seconds, wanted in ((-3600, True), (59, True), (60, False), (3600, False)):
        issued = {"aws:TokenIssueTime": iam_time(TERMS.issued_at + timedelta(seconds=seconds))}
        assert denied(written, facts(TERMS.issued_at + timedelta(hours=1)) | issued) is wanted


def test_a_long_term_key_carries_no_token_and_is_not_met_by_a_deny_of_sessions() -> None:
    assert not denied([document("I3", ROLE)], facts(TERMS.issued_at))


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({**STOLEN, "aws:SourceIp": "203.0.113.9"}, True),
        ({**STOLEN, "aws:SourceIp": "198.51.100.20"}, False),
        ({**STOLEN, **INSIDE}, False),
        ({**STOLEN, "aws:SourceVpc": "vpc-0999"}, True),
        ({**STOLEN, "aws:SourceIp": "203.0.113.9", "aws:ViaAWSService": "true"}, False),
        ({"aws:ViaAWSService": "false", "aws:SourceIp": "203.0.113.9"}, False),
        ({**STOLEN, "ec2:SourceInstanceARN": "arn:aws:ec2:eu-west-1:111122223333:instance/i-0other"}, False),
    ],
    ids=["thief", "own address", "own endpoint", "other vpc", "forwarded", "other credentials", "other instance"],
)
def test_the_narrow_deny_meets_the_thief_and_spares_the_instance(request_: dict[str, str], wanted: bool) -> None:
    assert denied([document("I7", CREDENTIALS)], facts(TERMS.issued_at) | request_) is wanted


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"s3:max-keys": "10"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:userid": "x"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": "x"}},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"},
    ],
)
def test_what_it_cannot_judge_is_an_error_and_never_an_allow(statement: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        denied([{"Statement": [statement]}], facts(T), "s3:ListAllMyBuckets")


def test_an_error_is_not_hidden_by_a_deny_that_stands_before_it() -> None:
    unknown = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"x": "1"}}}
    with pytest.raises(BadInput):
        denied([document("I2", USER), {"Statement": [unknown]}], facts(TERMS.issued_at))


def test_an_allow_denies_nothing() -> None:
    assert not denied([{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}], facts(T))


BUCKET_REQUEST = {"aws:PrincipalArn": ACCESS.within}


@pytest.mark.parametrize(
    ("action", "resource", "request_", "wanted"),
    [
        ("s3:GetObject", f"{ACCESS.arn}/2026/a.csv", BUCKET_REQUEST, True),
        ("s3:ListBucket", ACCESS.arn, BUCKET_REQUEST, True),
        ("s3:GetObject", "arn:aws:s3:::invoices-2/a", BUCKET_REQUEST, False),
        ("ec2:DescribeInstances", "*", BUCKET_REQUEST, False),
        ("s3:GetObject", f"{ACCESS.arn}/a", {"aws:PrincipalArn": "arn:aws:iam::111122223333:root"}, False),
        ("s3:GetObject", f"{ACCESS.arn}/a", {"aws:PrincipalArn": f"{ACCESS.within}2"}, False),
    ],
)
def test_the_deny_on_a_bucket_meets_one_principal_on_one_bucket(action, resource, request_, wanted) -> None:
    (put,) = catalogue()["S2"].forward(ACCESS, catalogue()["S2"].examples[0][1], TERMS)
    written = [json.loads(put.params["Policy"])]
    for minutes, inside in ((-1, True), (0, False), (1, False)):
        at = facts(T + timedelta(minutes=minutes)) | request_
        assert denied(written, at, action, resource) is (wanted and inside)


def test_the_deny_in_a_trust_policy_lets_nobody_assume_the_role_until_its_end() -> None:
    (update,) = catalogue()["I5"].forward(ROLE, catalogue()["I5"].examples[0][1], TERMS)
    written = [json.loads(update.params["PolicyDocument"])]
    for minutes, wanted in ((-1, True), (0, False), (1, False)):
        at = facts(T + timedelta(minutes=minutes))
        assert denied(written, at, "sts:AssumeRole", ROLE.arn) is wanted
        assert denied(written, at, "sts:AssumeRoleWithWebIdentity", ROLE.arn) is wanted
        assert not denied(written, at, "sts:TagSession", ROLE.arn)


def test_it_judges_exactly_the_conditions_that_the_actions_write() -> None:
    written: dict[str, set[str]] = {}
    for action in catalogue().values():
        for target, state in action.examples:
            for call in (*action.forward(target, state, TERMS), *action.keep(target, state, TERMS)):
                for text in (call.params.get("PolicyDocument"), call.params.get("Policy")):
                    for statement in json.loads(text)["Statement"] if text else ():
                        for operator, keys in statement.get("Condition", {}).items():
                            written.setdefault(operator, set()).update(keys)
    assert {operator: set(keys) for operator, keys in JUDGED.items()} == written
