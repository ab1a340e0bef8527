"""Foreign and protected targets, forced calls and operations that no action makes: all refused."""

from dataclasses import replace
from itertools import cycle

import botocore.session
import pytest

from stanch.actions._examples import ACCOUNT, INSTANCE_ARN
from stanch.actions._role import possible_calls
from stanch.model.change import Call, Change

from .judging import (
    ACTIONS,
    CALM,
    CHANGES,
    GUARDRAILS,
    KEEP,
    REVERT,
    change,
    judge,
    refusal,
)

# Targets -----------------------------------------------------------------------------------------------------


def aimed(arn: str, *, presumed: bool = False) -> tuple[Call, Change]:
    """A revocation of another role's sessions: the attaching call and its change."""
    target = replace(CHANGES["I3"].target, arn=arn, name=arn.rpartition("/")[2])
    one = replace(change(ACTIONS["I3"], target, ACTIONS["I3"].examples[0][1]), presumed=presumed)
    return one.forward[1], one


def test_any_ordinary_role_may_be_the_target() -> None:
    assert judge(*aimed(f"arn:aws:iam::{ACCOUNT}:role/app/other")).allowed


@pytest.mark.parametrize(
    ("arn", "why"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/stanch-responder", "a role that it acts with"),
        (f"arn:aws:iam::{ACCOUNT}:role/stanch-responder-trust", "a role that it acts with"),
        (f"arn:aws:iam::{ACCOUNT}:role/stanch-responder-bucket-policy", "a role that it acts with"),
        (f"arn:aws:iam::{ACCOUNT}:role/security/Stanch-Responder", "a role that it acts with"),
        (f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "service-linked"),
        (f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1", "AWSReservedSSO"),
        (f"arn:aws:iam::{ACCOUNT}:root", "root is never contained"),
        ("arn:aws:iam::444455556666:role/web", "same account"),
    ],
)
def test_roles_that_are_never_contained(arn: str, why: str) -> None:
    assert why in refusal(*aimed(arn))


def test_a_borrowed_name_protects_only_where_aws_was_not_asked() -> None:
    borrowed = f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_of_an_attacker"
    planning = replace(CALM, executing=False)
    assert judge(*aimed(borrowed), planning).allowed
    assert "AWSReservedSSO" in refusal(*aimed(borrowed, presumed=True), planning)


@pytest.mark.parametrize(
    "protected",
    [
        f"arn:aws:iam::{ACCOUNT}:user/alice",
        f"arn:aws:iam::{ACCOUNT}:user/other/path/ALICE",
        "arn:aws:iam::*:user/al*",
        ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:root",
    ],
)
@pytest.mark.parametrize("name", ["I1", "I2"])
def test_break_glass_is_known_however_it_is_written(name: str, protected: str) -> None:
    one = CHANGES[name]
    assert "break-glass" in refusal(one.forward[-1], one, replace(CALM, protected=(protected,)))


@pytest.mark.parametrize("other", ["", f"arn:aws:iam::{ACCOUNT}:user/alice2", f"arn:aws:iam::{ACCOUNT}:role/alice"])
def test_break_glass_protects_nobody_else(other: str) -> None:
    assert judge(CHANGES["I2"].forward[1], CHANGES["I2"], replace(CALM, protected=(other,))).allowed


def test_a_protected_instance_protects_its_credentials_too() -> None:
    one = CHANGES["I6"]
    assert "break-glass" in refusal(one.forward[0], one, replace(CALM, protected=(INSTANCE_ARN,)))


def denied_at_a_bucket(principal: str) -> tuple[Call, Change]:
    target = replace(CHANGES["S2"].target, within=principal)
    one = change(ACTIONS["S2"], target, ACTIONS["S2"].examples[1][1])
    return one.forward[0], one


@pytest.mark.parametrize(
    ("principal", "why"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/stanch-responder", "a role that it acts with"),
        (f"arn:aws:iam::{ACCOUNT}:role/x/stanch-responder-bucket-policy", "a role that it acts with"),
        (f"arn:aws:iam::{ACCOUNT}:user/break-glass", "break-glass"),
        (f"arn:aws:iam::{ACCOUNT}:root", "root is never contained"),
        (f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1", "AWSReservedSSO"),
    ],
)
def test_nobody_who_must_not_be_contained_is_locked_out_of_a_bucket(principal: str, why: str) -> None:
    assert why in refusal(*denied_at_a_bucket(principal))


def test_any_other_principal_may_be_denied_a_bucket() -> None:
    assert judge(*denied_at_a_bucket(f"arn:aws:iam::{ACCOUNT}:user/staff/frank")).allowed


# Never -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "why"),
    [
        ("ec2", "CreateNetworkAclEntry", "network ACLs are never touched"),
        ("ec2", "ReplaceNetworkAclAssociation", "network ACLs are never touched"),
        ("ec2", "ReplaceNetworkAclEntry", "network ACLs are never touched"),
        ("organizations", "AttachPolicy", "service control policies"),
        ("organizations", "CreatePolicy", "service control policies"),
        ("organizations", "MoveAccount", "organisation-wide"),
        ("ec2", "ModifyVpcAttribute", "VPC-wide"),
        ("ec2", "CreateRoute", "VPC-wide"),
        ("ec2", "ReplaceRouteTableAssociation", "VPC-wide"),
        ("ec2", "DetachInternetGateway", "VPC-wide"),
        ("ec2", "ModifySubnetAttribute", "VPC-wide"),
        ("ec2", "RejectVpcPeeringConnection", "VPC-wide"),
        ("ec2", "TerminateInstances", "nothing is ever deleted"),
        ("ec2", "ReleaseAddress", "nothing is ever deleted"),
        ("lambda", "DeleteFunction", "nothing is ever deleted"),
        ("autoscaling", "DetachInstances", "no action of the catalogue"),
        ("s3", "PutBucketAcl", "no action of the catalogue"),
        ("ec2", "DeleteSecurityGroup", "nothing is ever deleted"),
        ("iam", "DeleteUser", "nothing is ever deleted"),
        ("s3", "DeleteBucket", "nothing is ever deleted"),
        ("kms", "ScheduleKeyDeletion", "nothing is ever deleted"),
        ("iam", "PutUserPolicy", "no action of the catalogue"),
        ("IAM", "AttachUserPolicy", "no action of the catalogue"),
        ("", "", "no action of the catalogue"),
    ],
)
def test_a_forced_call_is_refused_by_name(service: str, operation: str, why: str) -> None:
    for one in CHANGES.values():
        call = replace(one.forward[0], service=service, operation=operation)
        for around in (CALM, REVERT, KEEP):
            assert why in refusal(call, one, around)


def test_what_forbids_every_other_operation_has_no_condition() -> None:
    (policy,) = (one for one in GUARDRAILS.policies if one.id == "never-uncatalogued")
    assert isinstance(policy.body, dict)
    assert (policy.effect, policy.body["conditions"]) == ("forbid", [])
    assert {policy.body[name]["op"] for name in ("principal", "resource")} == {"All"}


@pytest.mark.parametrize(
    "service", ["ec2", "iam", "organizations", "s3", "wafv2", "lambda", "rds", "kms", "autoscaling", "elbv2"]
)
def test_no_operation_of_aws_outside_the_catalogue_is_permitted(service: str) -> None:
    known = {f"{service}:{name}" for name in botocore.session.get_session().get_service_model(service).operation_names}
    foreign = sorted(known - GUARDRAILS.operations)
    of_each_kind = list({one.target.kind: one for one in CHANGES.values()}.values())
    assert len(foreign) >= len(of_each_kind), "else not every kind of target comes up"
    for name, one in zip(foreign, cycle(of_each_kind)):
        permit = judge(replace(one.forward[0], service=service, operation=name.partition(":")[2]), one)
        assert (permit.allowed, permit.errors) == (False, ())
        assert "never-uncatalogued" in permit.policies


@pytest.mark.parametrize("name", CHANGES)
def test_no_other_operation_of_the_catalogue_fits_an_actions_calls(name: str) -> None:
    own = {call.name for call in possible_calls(ACTIONS[name])}
    for other in GUARDRAILS.operations - own:
        service, _, operation = other.partition(":")
        for call in (*CHANGES[name].forward, *CHANGES[name].inverse):
            for around in (CALM, REVERT, KEEP):
                forced = replace(call, service=service, operation=operation)
                assert not judge(forced, CHANGES[name], around).allowed
