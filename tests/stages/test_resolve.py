"""Before anything is decided: what AWS says of a finding, and what is only the operator's word."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stanch.model.context import Context, KnownResource
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import Denied, Environment, FailedResponse, NotFound
from stanch.model.finding import Finding, Form, Identity, IdentityKind, Instance, Interface, Resource
from stanch.model.ports import Reader
from stanch.model.walked import Resolved
from stanch.stages.resolve import resolve

ACCOUNT, REGION = "111122223333", "eu-west-1"
DETECTOR, NUMBER = "d" * 32, "f" * 32
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
USER = Identity(IdentityKind.IAM_USER, ACCOUNT, "alice", "AIDAALICE", "AKIAALICE")
HOST = Instance("i-0a1b2c3d4e5f60718", ACCOUNT, REGION, interfaces=(Interface("eni-1", public_ip="198.51.100.7"),))
ABOUT_USER = Finding(
    NUMBER,
    ACCOUNT,
    REGION,
    "Recon:IAMUser/MaliciousIPCaller",
    5,
    AT,
    Form.GUARDDUTY,
    "GuardDuty",
    detector=DETECTOR,
    identity=USER,
)
ABOUT_HOST = replace(ABOUT_USER, identity=None, instance=HOST)
LIVE_USER = {
    "Id": NUMBER,
    "AccountId": ACCOUNT,
    "Type": ABOUT_USER.type,
    "Resource": {"AccessKeyDetails": {"AccessKeyId": "AKIAALICE", "UserName": "alice"}},
}
LIVE_HOST = {**LIVE_USER, "Resource": {"InstanceDetails": {"InstanceId": HOST.id}}}
ALICE = {
    "UserName": "alice",
    "UserId": "AIDAALICE",
    "Arn": f"arn:aws:iam::{ACCOUNT}:user/staff/alice",
    "Tags": [{"Key": "team", "Value": "red"}],
}
RUNNING = {
    "InstanceId": HOST.id,
    "State": {"Name": "running"},
    "VpcId": "vpc-1",
    "PublicIpAddress": "198.51.100.7",
    "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/web"},
    "Tags": [{"Key": "Name", "Value": "web"}],
}
HOST_ANSWERS: Mapping[str, JSON | FailedResponse] = {
    "GetFindings": {"Findings": [LIVE_HOST]},
    "DescribeInstances": {"Reservations": [{"Instances": [RUNNING]}]},
    "GetInstanceProfile": {"InstanceProfile": {"Roles": [{"Arn": f"arn:aws:iam::{ACCOUNT}:role/app/web"}]}},
    "DescribeNatGateways": {"NatGateways": [{"NatGatewayAddresses": [{"PublicIp": "198.51.100.17"}]}]},
}


class InMemory:
    """A Reader over answers by operation; one that is not there is denied."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def read(self, service: str, operation: str, **_: JSON) -> JSONObject:
        denied = Denied(f"{service}:{operation}", "AccessDenied", "not you")
        answer = self._answers.get(operation, denied)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def resolved(finding: Finding, answers: Mapping[str, Any]) -> Resolved:
    def reader_of(account: str, region: str) -> Reader:
        assert (account, region) == (ACCOUNT, REGION)
        return InMemory(answers)

    return resolve(finding, 2, Context(), reader_of)


def test_a_user_is_found_again_with_path_and_tags() -> None:
    result = resolved(ABOUT_USER, {"GetFindings": {"Findings": [LIVE_USER]}, "GetUser": {"User": ALICE}})
    assert result == Resolved(
        round=2,
        confirmed=True,
        how="found again at GuardDuty with the same account, type and resource",
        arns=(("alice", f"arn:aws:iam::{ACCOUNT}:user/staff/alice"),),
        egress=(),
        tags=(("team", "red"),),
    )


def test_an_instance_is_found_again_with_its_role_and_its_ways_out() -> None:
    result = resolved(ABOUT_HOST, HOST_ANSWERS)
    assert result.confirmed
    assert result.arns == ((HOST.id, f"arn:aws:iam::{ACCOUNT}:role/app/web"),)
    assert result.egress == ("198.51.100.17", "198.51.100.7")
    assert (result.tags, result.unknown) == ((("Name", "web"),), ())


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        ({"Findings": []}, f"GuardDuty has no finding {NUMBER}"),
        (
            {"Findings": [{**LIVE_USER, "Type": "Recon:IAMUser/TorIPCaller"}]},
            f"GuardDuty has finding {NUMBER}, but its type is Recon:IAMUser/TorIPCaller, not {ABOUT_USER.type}",
        ),
        (
            Denied("guardduty:GetFindings", "AccessDeniedException", "not you"),
            "GuardDuty could not be asked: guardduty:GetFindings failed: AccessDeniedException: not you",
        ),
    ],
)
@pytest.mark.parametrize("vouched", [False, True])
def test_what_the_detector_does_not_know_is_confirmed_only_by_the_operators_word(
    answer: Any, how: str, vouched: bool
) -> None:
    result = resolved(replace(ABOUT_USER, vouched=vouched), {"GetFindings": answer, "GetUser": {"User": ALICE}})
    assert result.confirmed is vouched
    assert result.how == (f"{how}; the operator vouches for it" if vouched else how)
    assert result.arns != ()


@pytest.mark.parametrize("known", [True, False])
def test_another_one_of_the_same_name_is_known_as_such_where_the_detector_confirms_who_acted(known: bool) -> None:
    made_again = {**ALICE, "UserId": "AIDAANOTHER"}
    answers = {"GetFindings": {"Findings": [LIVE_USER] if known else []}, "GetUser": {"User": made_again}}
    result = resolved(replace(ABOUT_USER, vouched=True), answers)
    assert result.replaced is known
    assert result.arns == ()
    assert result.unknown == ("IAMUser alice is now AIDAANOTHER, but AIDAALICE acted: another one of that name",)


def test_what_cannot_be_looked_up_is_named_and_the_rest_is_there() -> None:
    answers = {name: answer for name, answer in HOST_ANSWERS.items() if name != "DescribeNatGateways"}
    result = resolved(ABOUT_HOST, answers)
    assert result.egress == ("198.51.100.7",)
    assert result.unknown == ("NAT gateways of vpc-1: ec2:DescribeNatGateways failed: AccessDenied: not you",)
    assert result.arns != ()


def test_a_user_that_is_gone_is_named() -> None:
    answers = {"GetFindings": {"Findings": [LIVE_USER]}, "GetUser": NotFound("iam:GetUser", "NoSuchEntity", "gone")}
    result = resolved(ABOUT_USER, answers)
    assert (result.arns, result.replaced) == ((), False)
    assert result.unknown == ("IAMUser alice: iam:GetUser failed: NoSuchEntity: gone",)


@pytest.mark.parametrize("vouched", [False, True])
def test_an_account_that_cannot_be_asked_at_all_confirms_nothing(vouched: bool) -> None:
    answers = {"GetFindings": Environment("the endpoint is gone")}
    result = resolved(replace(ABOUT_USER, vouched=vouched), answers)
    assert result.confirmed is vouched
    assert result.how.startswith("the account could not be asked: the endpoint is gone")
    assert (result.arns, result.egress) == ((), ())
    assert result.unknown == ("the endpoint is gone",)


def test_a_replay_takes_the_operators_file_for_the_state_and_says_so() -> None:
    context = Context(
        resources=(KnownResource(HOST.arn, (("env", "prod"),)), KnownResource("arn:other", (("x", "y"),)))
    )
    result = resolve(replace(ABOUT_HOST, vouched=True), 1, context, None)
    assert result.confirmed
    assert result.how == "a replay asks AWS nothing; the operator vouches for it"
    assert (result.tags, result.egress, result.arns) == ((("env", "prod"),), ("198.51.100.7",), ())
    assert result.unknown == ("live state: a replay asks nothing",)


def test_a_replay_finds_the_tags_of_every_resource_that_the_finding_names() -> None:
    bucket = "arn:aws:s3:::reports"
    context = Context(resources=(KnownResource(bucket, (("data", "customer"),)),))
    result = resolve(replace(ABOUT_USER, resources=(Resource("AwsS3Bucket", bucket),)), 1, context, None)
    assert (result.confirmed, result.tags) == (False, (("data", "customer"),))
