"""Users and roles as a simulated IAM knows them."""

from typing import Any

import boto3
import pytest

from stanch.aws import Aws
from stanch.model.finding import Identity, IdentityKind
from stanch.model.ports import Reader
from stanch.probes.identity import look_up

TRUST = '{"Version":"2012-10-17","Statement":[]}'


def iam() -> Any:
    return boto3.client("iam", region_name="eu-west-1")


def reader(aws: Aws) -> Reader:
    return aws.reader(aws.account, "eu-west-1")


def identity(kind: IdentityKind, name: str, principal_id: str = "") -> Identity:
    return Identity(kind, "111122223333", name, principal_id)


def test_a_user_has_its_path_and_tags(aws: Aws) -> None:
    made = iam().create_user(UserName="alice", Path="/staff/", Tags=[{"Key": "team", "Value": "x"}])["User"]
    found = look_up(reader(aws), identity(IdentityKind.IAM_USER, "alice", made["UserId"]))
    assert (found.name, found.arn) == ("alice", f"arn:aws:iam::{aws.account}:user/staff/alice")
    assert found.tags == (("team", "x"),)
    assert found.unknown == ()


def test_a_role_has_its_path(aws: Aws) -> None:
    made = iam().create_role(RoleName="web", Path="/app/", AssumeRolePolicyDocument=TRUST)["Role"]
    found = look_up(reader(aws), identity(IdentityKind.ASSUMED_ROLE, "web", f"{made['RoleId']}:session"))
    assert found.arn == f"arn:aws:iam::{aws.account}:role/app/web"


def test_the_name_of_an_instance_profile_leads_to_its_role(aws: Aws) -> None:
    iam().create_role(RoleName="web-role", AssumeRolePolicyDocument=TRUST)
    iam().create_instance_profile(InstanceProfileName="web-profile")
    iam().add_role_to_instance_profile(InstanceProfileName="web-profile", RoleName="web-role")
    found = look_up(reader(aws), identity(IdentityKind.ASSUMED_ROLE, "web-profile"))
    assert (found.name, found.arn) == ("web-role", f"arn:aws:iam::{aws.account}:role/web-role")


def test_an_empty_instance_profile_has_no_role(aws: Aws) -> None:
    iam().create_instance_profile(InstanceProfileName="empty")
    found = look_up(reader(aws), identity(IdentityKind.ASSUMED_ROLE, "empty"))
    assert (found.arn, found.unknown) == ("", ("instance profile empty has no role",))


def test_another_user_of_the_same_name_is_not_the_one_that_acted(aws: Aws) -> None:
    iam().create_user(UserName="alice")
    found = look_up(reader(aws), identity(IdentityKind.IAM_USER, "alice", "AIDAGONE"))
    assert (found.arn, found.replaced) == ("", True)
    assert "AIDAGONE acted" in found.unknown[0]


@pytest.mark.parametrize("kind", [IdentityKind.IAM_USER, IdentityKind.ASSUMED_ROLE])
def test_who_does_not_exist_is_unknown(aws: Aws, kind: IdentityKind) -> None:
    found = look_up(reader(aws), identity(kind, "nobody"))
    assert found.arn == ""
    assert "nobody" in found.unknown[0]
    assert "NoSuchEntity" in found.unknown[0]


@pytest.mark.parametrize(
    "kind", [IdentityKind.ROOT, IdentityKind.FEDERATED_USER, IdentityKind.AWS_SERVICE, IdentityKind.UNKNOWN]
)
def test_who_has_no_user_or_role_is_unknown(aws: Aws, kind: IdentityKind) -> None:
    assert look_up(reader(aws), identity(kind, "someone")).unknown == (
        f"{kind} someone has no user or role of its own",
    )
    assert look_up(reader(aws), identity(kind, "")).unknown == (f"the finding names no {kind}",)
