"""What AWS's API allows, without asking AWS."""

from typing import Any

import pytest

from stanch.aws.validate import is_read, permission, permissions, problems
from stanch.model.change import Call
from stanch.model.errors import BadInput


@pytest.mark.parametrize(
    ("service", "operation", "params", "problem"),
    [
        ("iam", "UpdateAccessKey", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}, ""),
        ("nothing", "UpdateAccessKey", {}, "no service 'nothing'"),
        ("iam", "Nonsense", {}, "iam has no operation 'Nonsense'"),
        ("iam", "update_access_key", {}, "iam has no operation"),
        ("iam", "GetUser", {}, "only reads"),
        (
            "iam",
            "UpdateAccessKey",
            {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"},
            'Missing required parameter in input: "Status"',
        ),
        ("iam", "DeletePolicy", {"PolicyArn": 7}, "Invalid type for parameter PolicyArn"),
        (
            "ec2",
            "ModifyNetworkInterfaceAttribute",
            {"NetworkInterfaceId": "eni-1", "Group": []},
            'Unknown parameter in input: "Group"',
        ),
    ],
)
def test_a_call_is_checked_against_the_service_model(
    service: str, operation: str, params: dict[str, Any], problem: str
) -> None:
    found = problems(Call(service, operation, params, "arn"))
    assert (found == ()) is (problem == "")
    assert problem in " ".join(found)


def test_every_problem_is_named() -> None:
    assert len(problems(Call("wafv2", "UpdateIPSet", {"Name": "x"}, "arn"))) == 4


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("iam", "AttachUserPolicy", "iam:AttachUserPolicy"),
        ("wafv2", "UpdateIPSet", "wafv2:UpdateIPSet"),
        ("elbv2", "DeregisterTargets", "elasticloadbalancing:DeregisterTargets"),
        ("cloudwatch", "PutMetricAlarm", "cloudwatch:PutMetricAlarm"),
        ("s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
        ("stepfunctions", "StartExecution", "states:StartExecution"),
    ],
)
def test_the_permission_of_a_call(service: str, operation: str, expected: str) -> None:
    assert permission(Call(service, operation, {}, "arn")) == expected


def test_tagging_while_creating_takes_a_permission_of_its_own() -> None:
    tagged = Call("ec2", "CreateSecurityGroup", {"TagSpecifications": [{}]}, "arn")
    assert permissions(tagged) == ("ec2:CreateSecurityGroup", "ec2:CreateTags")
    assert permissions(Call("ec2", "CreateSecurityGroup", {}, "arn")) == ("ec2:CreateSecurityGroup",)


def test_an_unknown_service_has_no_permission() -> None:
    with pytest.raises(BadInput, match="nothing"):
        permission(Call("nothing", "Get", {}, "arn"))


@pytest.mark.parametrize(
    ("operation", "expected"), [("GetUser", True), ("ListUsers", True), ("getUser", False), ("UpdateIPSet", False)]
)
def test_a_read_is_told_by_its_verb(operation: str, expected: bool) -> None:
    assert is_read(operation) is expected
