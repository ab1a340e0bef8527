"""Somebody who goes on calling: what stops him and what does not, once stanch's own policies are in place."""

import json
from datetime import timedelta

import botocore.session
import pytest
from tests.standing import standing

from stanch.actions import catalogue
from stanch.actions._examples import TERMS
from stanch.lab.caller import Caller
from stanch.lab.clock import OPENING
from stanch.lab.cloudtrail import Issued, Pen, role_session, user_session
from stanch.lab.dice import dice
from stanch.lab.run import Lab
from stanch.lab.wire import OF_THE_LAB
from stanch.lab.world import PROD, REGION
from stanch.model.change import Target, TargetKind
from stanch.model.errors import BadInput

BUCKET = "harbour-orders-archive"


@pytest.fixture(scope="module")
def built():
    with standing(7, TERMS.issued_at) as running:
        yield running


@pytest.fixture
def lab(built: Lab) -> Lab:
    built.clock.set(TERMS.issued_at)
    return built


def client(service: str):
    session = botocore.session.get_session()
    session.register("before-call", lambda **event: event["params"]["headers"].update({OF_THE_LAB: PROD.id}))
    return session.create_client(service, region_name=REGION)


def user(lab: Lab, name: str = "erik.nyman") -> Caller:
    return Caller(user_session(lab.world.users[name], "203.0.113.9", "aws-cli/2"), lab.clock, Pen(dice(1)))


def put(lab: Lab, action: str, target: Target, *policy: str) -> None:
    """Do the last of the action's calls, which holds the policy."""
    (call,) = catalogue()[action].forward(target, catalogue()[action].examples[0][1], TERMS)
    getattr(client(call.service), botocore.xform_name(call.operation))(**call.params)


def at(lab: Lab, **after: int) -> None:
    lab.clock.set(TERMS.expires_at + timedelta(**after))


def test_a_bucket_denies_the_one_principal_until_the_end(lab: Lab) -> None:
    erik, maria = user(lab), user(lab, "maria.lindqvist")
    arn = f"arn:aws:s3:::{BUCKET}"
    put(lab, "S2", Target(TargetKind.BUCKET_ACCESS, PROD.id, REGION, BUCKET, arn, within=erik.session.actor))
    assert erik.call("s3", "ListObjectsV2", BUCKET, Bucket=BUCKET) == "AccessDenied"
    assert erik.call("s3", "GetBucketPolicy", BUCKET, Bucket=BUCKET) == "AccessDenied"
    assert erik.call("s3", "ListBuckets") == ""
    assert erik.call("s3", "ListObjectsV2", Bucket="harbour-web-assets") == ""
    assert maria.call("s3", "ListObjectsV2", BUCKET, Bucket=BUCKET) == ""
    at(lab, seconds=-1)
    assert erik.call("s3", "ListObjectsV2", BUCKET, Bucket=BUCKET) == "AccessDenied"
    at(lab)
    assert erik.call("s3", "ListObjectsV2", BUCKET, Bucket=BUCKET) == ""


def test_nobody_assumes_a_blocked_role_until_the_end(lab: Lab) -> None:
    role = lab.world.roles["partner-monitoring"]
    asked = {"RoleArn": role.arn, "RoleSessionName": "again"}
    assert user(lab).call("sts", "AssumeRole", role.arn, **asked) == ""
    put(lab, "I5", Target(TargetKind.ROLE, role.account, REGION, role.name, role.arn))
    assert user(lab).call("sts", "AssumeRole", role.arn, **asked) == "AccessDenied"
    at(lab)
    assert user(lab).call("sts", "AssumeRole", role.arn, **asked) == ""


def test_an_inline_policy_counts_and_one_that_cannot_be_judged_is_an_error(lab: Lab) -> None:
    iam = client("iam")
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    iam.put_user_policy(
        UserName="erik.nyman", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    assert user(lab).call("s3", "ListBuckets") == "AccessDenied"
    deny["Condition"] = {"StringLike": {"aws:userid": "*"}}
    iam.put_user_policy(
        UserName="erik.nyman", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    with pytest.raises(BadInput, match="StringLike"):
        user(lab).call("s3", "ListBuckets")
    iam.delete_user_policy(UserName="erik.nyman", PolicyName="p")


def test_an_error_of_the_simulated_aws_is_answered_and_recorded(lab: Lab) -> None:
    host = lab.world.hosts["payments-api"]
    issued = Issued(host.instance.id, "ASIAEXAMPLE000000001", OPENING)
    caller = Caller(role_session(host.role, issued, "203.0.113.9", "x"), lab.clock, Pen(dice(1)), TERMS.issued_at)
    assert caller.call("iam", "DeleteUser", UserName="nobody") == "NoSuchEntity"


def test_who_was_deleted_or_whose_key_is_inactive_is_nobody(lab: Lab) -> None:
    erik, maria = user(lab), user(lab, "maria.lindqvist")
    assert erik.call("s3", "ListBuckets") == maria.call("s3", "ListBuckets") == ""
    iam = client("iam")
    iam.update_access_key(UserName="maria.lindqvist", AccessKeyId=maria.session.name, Status="Inactive")
    iam.delete_access_key(UserName="erik.nyman", AccessKeyId=erik.session.name)
    iam.delete_user(UserName="erik.nyman")
    assert erik.call("s3", "ListBuckets") == maria.call("s3", "ListBuckets") == "InvalidClientTokenId"
