"""The questions about who gave which rights to whom, and about proven pipelines."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stanch.model.context import Account, Context, Networks, Organisation, Pipeline, Window
from stanch.model.finding import Identity, IdentityKind
from stanch.model.verdict import Evidence

from .questioning import ACCOUNT, AT, LISTED, STRANGER, answers, ask, by, call

OFFICE = "192.0.2.9"
ANA = by("IAMUser", "ana")
RISE = replace(LISTED, id="rise", type="PrivilegeEscalation:IAMUser/AnomalousBehavior")
EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
LITTLE = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
ADMIN, READ = "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"


def act(name: str, minutes: float = 0, **fields: Any) -> dict[str, Any]:
    return call(name, minutes, **{"userIdentity": ANA, **fields})


def asked(tmp_path: Path, *events: dict[str, Any], **more: Any) -> dict[str, Evidence]:
    return ask(tmp_path, RISE, act("s3:ListBuckets", -1), *events, **more)


def said(tmp_path: Path, questions: str, *events: dict[str, Any], **more: Any) -> str:
    only = tuple(questions.split())
    return answers(asked(tmp_path, *events, **more), *only)


def inline(user: str = "ana", document: str = EVERYTHING, minutes: float = 0, **fields: Any) -> dict[str, Any]:
    return act("iam:PutUserPolicy", minutes, requestParameters={"userName": user, "policyDocument": document}, **fields)


def made_key(user: str, key: str = "AKIAEXAMPLENEW00001") -> dict[str, Any]:
    issued = {"accessKey": {"userName": user, "accessKeyId": key}}
    return act("iam:CreateAccessKey", requestParameters={"userName": user}, responseElements=issued)


SSO = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"


def by_sso(issuer: str = SSO, **more: Any) -> dict[str, Any]:
    who = {**ANA, "type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": issuer}}}
    return {**who, "invokedBy": "sso.amazonaws.com", **more}


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (by_sso(), "yes no"),
        (by_sso(invokedBy="cloudformation.amazonaws.com"), "no no"),
        (by_sso(f"arn:aws:iam::{ACCOUNT}:role/AWSServiceRoleForSSO"), "no yes"),
        (ANA, "no yes"),
    ],
)
def test_p10_knows_identity_center_by_the_role_that_only_aws_can_take(
    tmp_path: Path, who: dict[str, Any], answer: str
) -> None:
    found = ask(tmp_path, RISE, inline("bob", userIdentity=who))
    assert answers(found, "P10", "P1") == answer
    assert answers(ask(tmp_path, RISE, inline("bob", userIdentity=who), act("s3:ListBuckets")), "P10") == "no"


def other_key(ip: str) -> dict[str, Any]:
    return call("s3:ListBuckets", 2, ip=ip, userIdentity=by("IAMUser", "bob", "AKIAEXAMPLENEW00001"))


def test_p2_sees_a_key_for_another_used_from_the_maker_s_own_network_but_for_a_shared_one(tmp_path: Path) -> None:
    near = "198.51.100.78"
    assert said(tmp_path, "P2", made_key("bob"), other_key(near)) == "yes"
    assert said(tmp_path, "P2", made_key("bob"), other_key("198.51.101.78")) == "no"
    shared = Context(networks=Networks(office=("198.51.100.0/24",)))
    assert said(tmp_path, "P2", made_key("bob"), other_key(near), context=shared) == "no"
    assert said(tmp_path, "P2", made_key("bob"), other_key(STRANGER), context=shared) == "yes"


def instance_user_data() -> dict[str, Any]:
    return act(
        "ec2:ModifyInstanceAttribute",
        requestParameters={"instanceId": "i-1", "userData": "<sensitiveDataRemoved>"},
    )


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([inline()], "yes"),
        ([inline(errorCode="AccessDenied")], "no"),
        ([act("sts:AssumeRole")], "no"),
        ([act("lambda:CreateFunction20150331")], "no"),
        ([act("lambda:CreateFunction20150331"), act("lambda:AddPermission20150331v2", 1)], "yes"),
        ([act("lambda:AddPermission20150331v2"), act("lambda:CreateFunction20150331", 1)], "yes"),
        ([act("lambda:CreateFunction20150331", -1439), act("lambda:AddPermission20150331v2", 2)], "no"),
        ([inline(userIdentity=by("IAMUser", "bob", "AKIAEXAMPLEBOB00001"))], "no"),
    ],
)
def test_p1_knows_the_ways_in_any_order_within_a_day(tmp_path: Path, events: list[Any], answer: str) -> None:
    assert said(tmp_path, "P1", *events) == answer


def test_p1_follows_the_sessions_that_the_key_issued(tmp_path: Path) -> None:
    session = {**by("AssumedRole", "ops", "ASIAEXAMPLEOPS00001"), "principalId": "AROAEXAMPLEOPS:me"}
    issued = {"credentials": {"accessKeyId": "ASIAEXAMPLEOPS00001"}}
    chain = [act("sts:AssumeRole", -2, responseElements=issued), inline("bob", userIdentity=session)]
    assert said(tmp_path, "P1 P3", *chain) == "yes yes"


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([inline("ana")], "yes"),
        ([inline("bob")], "no"),
        ([act("iam:AddUserToGroup", requestParameters={"userName": "ana", "groupName": "admins"})], "yes"),
        ([made_key("ana")], "no"),
        ([made_key("bob")], "no"),
        ([made_key("bob"), call("s3:ListBuckets", 2, userIdentity=by("IAMUser", "bob", "AKIAEXAMPLENEW00001"))], "yes"),
        (
            [
                made_key("bob"),
                call("s3:ListBuckets", 2, ip=OFFICE, userIdentity=by("IAMUser", "bob", "AKIAEXAMPLENEW00001")),
            ],
            "no",
        ),
        (
            [
                act("iam:AttachRolePolicy", requestParameters={"roleName": "ops", "policyArn": ADMIN}),
                act("sts:AssumeRole", 5, requestParameters={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/ops"}),
            ],
            "yes",
        ),
        ([act("iam:AttachRolePolicy", requestParameters={"roleName": "ops", "policyArn": ADMIN})], "no"),
    ],
)
def test_p2_tells_a_gift_to_oneself_from_one_to_another(tmp_path: Path, events: list[Any], answer: str) -> None:
    assert said(tmp_path, "P2", *events) == answer


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (inline(), "yes"),
        (inline(document=LITTLE), "no"),
        (inline(document="{"), "unknown"),
        (act("iam:AttachUserPolicy", requestParameters={"userName": "bob", "policyArn": ADMIN}), "yes"),
        (act("iam:AttachUserPolicy", requestParameters={"userName": "bob", "policyArn": READ}), "no"),
        (
            act(
                "iam:AttachUserPolicy",
                requestParameters={"userName": "bob", "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/own"},
            ),
            "unknown",
        ),
        (act("iam:CreatePolicyVersion", requestParameters={"policyArn": "p", "policyDocument": EVERYTHING}), "yes"),
    ],
)
def test_p3_reads_the_policy_and_not_its_name(tmp_path: Path, event: dict[str, Any], answer: str) -> None:
    assert said(tmp_path, "P3", event) == answer


def test_p3_knows_a_policy_of_one_s_own_that_the_trail_saw_written(tmp_path: Path) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    written = act(
        "iam:CreatePolicy",
        -5,
        requestParameters={"policyName": "own", "policyDocument": EVERYTHING},
        responseElements={"policy": {"arn": arn}},
    )
    attached = act("iam:AttachUserPolicy", requestParameters={"userName": "bob", "policyArn": arn})
    assert said(tmp_path, "P3", written, attached) == "yes"


@pytest.mark.parametrize(("days", "answer"), [(0, "no"), (1, "no"), (2, "yes")])
def test_p4_knows_who_does_this_as_a_habit(tmp_path: Path, days: int, answer: str) -> None:
    before = [act("s3:ListBuckets", -1440 * day) for day in range(3, 24)]
    earlier = [inline("bob", minutes=-1440 * (day + 5)) for day in range(days)]
    found = asked(tmp_path, *before, *earlier, inline())
    assert answers(found, "P4") == answer
    assert found["P4"].likelihood_ratio >= 1 / 3


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([instance_user_data(), act("ec2:StartInstances", 2)], "yes"),
        ([act("ec2:StartInstances", -2), instance_user_data()], "no"),
        ([act("lambda:UpdateFunctionCode20150331v2")], "unknown"),
        ([act("lambda:UpdateFunctionCode20150331v2"), act("lambda:Invoke", 1)], "yes"),
        (
            [
                act("codebuild:CreateProject", requestParameters={"serviceRole": "arn:aws:iam::1:role/build"}),
                act("codebuild:StartBuild", 1),
            ],
            "yes",
        ),
        ([act("codebuild:StartBuild", 1)], "no"),
    ],
)
def test_p5_sees_a_handed_role_set_going(tmp_path: Path, events: list[Any], answer: str) -> None:
    assert said(tmp_path, "P5", *events) == answer


@pytest.mark.parametrize(("delivery", "answer"), [("2.0", "yes"), (None, "unknown")])
def test_p6_is_surprised_by_a_machine_that_gives_rights(tmp_path: Path, delivery: str | None, answer: str) -> None:
    session = {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/web"}, "ec2RoleDelivery": delivery}
    machine = {**ANA, "type": "AssumedRole", "sessionContext": session}
    assert said(tmp_path, "P6", inline("bob", userIdentity=machine)) == answer


@pytest.mark.parametrize(("hours", "answer"), [(1, "yes"), (-1, "no")])
def test_p7_believes_the_operator_s_window(tmp_path: Path, hours: int, answer: str) -> None:
    window = Window(f"arn:aws:iam::{ACCOUNT}:user/ana", AT - timedelta(hours=2), AT + timedelta(hours=hours))
    assert said(tmp_path, "P7", inline(), context=Context(change_windows=(window,))) == answer
    pipeline = Context(change_windows=(window,), pipelines=(Pipeline(f"arn:aws:iam::{ACCOUNT}:user/ana"),))
    assert said(tmp_path, "P7", inline(), context=pipeline) == "unknown"  # its window is one of C8's proofs


@pytest.mark.parametrize(("ip", "answer"), [("203.0.113.99", "yes"), (STRANGER, "no"), (None, "unknown")])
def test_p8_follows_the_new_key_to_another_network(tmp_path: Path, ip: str | None, answer: str) -> None:
    used = [call("s3:ListBuckets", 9, ip=ip, userIdentity=by("IAMUser", "b", "AKIAEXAMPLENEW00001"))] if ip else []
    assert said(tmp_path, "P8", made_key("bob"), *used) == answer


@pytest.mark.parametrize(("strong", "now", "answer"), [(20, False, "yes"), (20, True, "no"), (5, False, "unknown")])
def test_p9_misses_the_second_factor(tmp_path: Path, strong: int, now: bool, answer: str) -> None:
    def factor(there: bool) -> dict[str, Any]:
        return {**ANA, "sessionContext": {"attributes": {"mfaAuthenticated": str(there).lower()}}}

    before = [act("s3:ListBuckets", -1440 * (day + 3), userIdentity=factor(there=day < strong)) for day in range(20)]
    assert said(tmp_path, "P9", *before, inline(userIdentity=factor(now))) == answer


ROLE, CI = f"arn:aws:iam::{ACCOUNT}:role/deploy", "192.0.2.200"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"
SUBJECT = "repo:example/shop:ref:refs/heads/main"
DEPLOY = replace(
    RISE, identity=Identity(IdentityKind.ASSUMED_ROLE, ACCOUNT, "deploy", "AROAEXAMPLEDEP:run-1", "ASIAEXAMPLEDEP0001")
)


def pipeline_case(tmp_path: Path, ip: str, subject: str, window: bool, *more: dict[str, Any]) -> dict[str, Evidence]:
    checked = f"{PROVIDER}:sts.amazonaws.com:{subject}"
    web = {"type": "WebIdentityUser", "principalId": checked, "userName": subject, "identityProvider": PROVIDER}
    issued = {"credentials": {"accessKeyId": "ASIAEXAMPLEDEP0001"}}
    session = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEDEP:run-1",
        "accessKeyId": "ASIAEXAMPLEDEP0001",
        "sessionContext": {"sessionIssuer": {"arn": ROLE}},
    }
    events = [
        call(
            "sts:AssumeRoleWithWebIdentity",
            -9,
            ip=ip,
            userIdentity=web,
            requestParameters={"roleArn": ROLE},
            responseElements=issued,
        ),
        call(
            "iam:AttachRolePolicy",
            ip=ip,
            userIdentity=session,
            requestParameters={"roleName": "app", "policyArn": READ},
        ),
    ]
    spoilt = [{**one, "userIdentity": session, "sourceIPAddress": ip} for one in more]
    context = Context(
        networks=Networks(ci=(f"{CI}/32",)),
        pipelines=(Pipeline(ROLE, PROVIDER, SUBJECT, "ci"),),
        change_windows=(Window(ROLE, AT - timedelta(hours=1), AT + timedelta(hours=1)),) if window else (),
    )
    return ask(tmp_path, DEPLOY, *events, *spoilt, context=context)


@pytest.mark.parametrize(
    ("ip", "subject", "window", "four", "three"),
    [
        (CI, SUBJECT, True, "yes", "no"),
        (CI, SUBJECT, False, "no", "yes"),
        (STRANGER, SUBJECT, True, "no", "yes"),
        (CI, "repo:someone/else:ref:refs/heads/main", True, "no", "yes"),
        (STRANGER, SUBJECT, False, "no", "no"),
    ],
)
def test_c8_counts_the_proofs_of_a_pipeline(
    tmp_path: Path, ip: str, subject: str, window: bool, four: str, three: str
) -> None:
    assert answers(pipeline_case(tmp_path, ip, subject, window), "C8", "C8P") == f"{four} {three}"


@pytest.mark.parametrize(
    "spoiling",
    [
        call("cloudtrail:StopLogging", 1),
        call("iam:AttachRolePolicy", 1, requestParameters={"roleName": "deploy", "policyArn": ADMIN}),
    ],
)
def test_a_pipeline_that_escalates_or_evades_loses_the_excuse(tmp_path: Path, spoiling: dict[str, Any]) -> None:
    assert answers(pipeline_case(tmp_path, CI, SUBJECT, True, spoiling), "C8", "C8P") == "no no"


def test_a_pipeline_is_not_proven_by_a_name_that_it_gives_itself(tmp_path: Path) -> None:
    undeclared = Context(organisation=Organisation("x", (Account(ACCOUNT),)))
    named = inline(userAgent="HashiCorp Terraform/1.9")
    assert said(tmp_path, "C8 C8P", named, context=undeclared) == "unknown unknown"
