"""What reaches the wire is in CloudTrail with whoever did it: stanch's calls are told from others' by records."""

import json

import boto3
import pytest
from tests.standing import standing

from stanch.aws import Aws
from stanch.lab.caller import Caller
from stanch.lab.clock import OPENING
from stanch.lab.cloudtrail import Pen, user_session
from stanch.lab.dice import dice
from stanch.lab.run import Lab
from stanch.lab.world import PROD, REGION, RESPONDER, WORKER
from stanch.model.change import Call
from stanch.probes import activity

CASE = "C-0a1b2c3d"


@pytest.fixture(scope="module")
def lab():
    with standing(7, OPENING) as running:
        yield running


def door() -> Aws:
    return Aws(role=RESPONDER, assume="auto", default_region=None)


def made(call: Call, region: str = REGION):
    return door().call(call, account=PROD.id, region=region, case=CASE)


def acts(name: str, region: str = "us-east-1"):
    return activity.on_resource(door().reader(PROD.id, region), name, OPENING)


def test_stanchs_own_call_is_recorded_with_its_role_session_and_source_identity(lab: Lab) -> None:
    user = lab.world.users["erik.nyman"]
    call = Call("iam", "UpdateAccessKey", {"UserName": user.name, "AccessKeyId": user.key, "Status": "Active"}, "arn")
    assert made(call).ok
    (act,) = acts(user.key)
    assert (act.call, act.error, act.read_only) == ("iam:UpdateAccessKey", "", False)
    assert act.principal_arn == f"arn:aws:iam::{PROD.id}:role/{RESPONDER}"
    assert act.source_identity == f"stanch-{CASE}"
    assert act.principal_id.endswith(f":stanch-{CASE}")
    assert act.params == {"userName": user.name, "accessKeyId": user.key, "status": "Active"}


def test_a_call_that_is_refused_is_recorded_with_its_error(lab: Lab) -> None:
    policy = "arn:aws:iam::111122223333:policy/absent"
    call = Call("iam", "DetachRolePolicy", {"RoleName": "payments-api-host", "PolicyArn": policy}, "arn")
    lab.wire.deny("iam:DetachRolePolicy")
    assert not made(call).ok
    lab.wire.clear()
    assert not made(call).ok
    assert sorted(one.error for one in acts("payments-api-host")) == ["AccessDenied", "NoSuchEntity"]
    assert acts("absent") == acts(policy) != ()


@pytest.mark.parametrize(
    ("call", "name", "shown"),
    [
        (
            Call("ec2", "CreateTags", {"Resources": ["eni-1"], "Tags": [{"Key": "a", "Value": "b"}]}, "arn"),
            None,
            "ec2:CreateTags",
        ),
        (
            Call("s3", "PutBucketPolicy", {"Bucket": "harbour-web-assets", "Policy": json.dumps({"a": 1})}, "arn"),
            "harbour-web-assets",
            "s3:PutBucketPolicy",
        ),
        (
            Call("elbv2", "DeregisterTargets", {"TargetGroupArn": "arn:aws:x:y", "Targets": [{"Id": "i-1"}]}, "arn"),
            "arn:aws:x:y",
            "elasticloadbalancing:DeregisterTargets",
        ),
        (
            Call(
                "wafv2",
                "UpdateIPSet",
                {**dict.fromkeys(("Name", "Id", "LockToken"), "x" * 8), "Scope": "REGIONAL", "Addresses": []},
                "arn",
            ),
            "x" * 8,
            "wafv2:UpdateIPSet",
        ),
    ],
    ids=["ec2", "s3", "elbv2", "wafv2"],
)
def test_every_protocol_is_understood(lab: Lab, call: Call, name: str | None, shown: str) -> None:
    made(call)
    found = acts(name, REGION) if name else activity.by_name(door().reader(PROD.id, REGION), f"stanch-{CASE}", OPENING)
    assert shown in [one.call for one in found]
    assert {one.source_identity for one in found} == {f"stanch-{CASE}"}


def test_a_callers_request_is_recorded_once_and_as_his(lab: Lab) -> None:
    erik = user_session(lab.world.users["erik.nyman"], "203.0.113.9", "aws-cli/2")
    caller = Caller(erik, lab.clock, Pen(dice(1)))
    assert caller.call("iam", "CreateAccessKey", "maria.lindqvist", UserName="maria.lindqvist") == ""
    (act,) = acts("maria.lindqvist")
    assert (act.call, act.principal_arn, act.source_identity) == ("iam:CreateAccessKey", erik.actor, "")
    key = act.answer["accessKey"]
    assert key["accessKeyId"].startswith(("AKIA", "LKIA"))
    assert "secretAccessKey" not in key


def test_the_labs_own_credentials_are_the_workers_and_reads_are_not_recorded(lab: Lab) -> None:
    client = boto3.client("iam")
    client.create_user(UserName="made-by-the-worker")
    client.list_users()
    found = activity.on_resource(door().reader("444455556666", "us-east-1"), "made-by-the-worker", OPENING)
    assert [(one.call, one.principal_arn.rpartition("/")[2]) for one in found] == [("iam:CreateUser", WORKER)]


def test_no_event_id_comes_twice_whoever_holds_equal_dice(lab: Lab) -> None:
    erik = user_session(lab.world.users["erik.nyman"], "203.0.113.9", "aws-cli/2")
    made = {Caller(erik, lab.clock, Pen(dice(1))).write("ec2:DescribeInstances").id for _ in range(5)}
    assert len(made) == 5
