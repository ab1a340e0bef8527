"""What is rendered lets the catalogue's calls through and nothing else: read by a small evaluator of IAM policies."""

import json
from fnmatch import fnmatchcase
from typing import Any

import botocore.session
import pytest

from stanch.actions import catalogue, possible_calls
from stanch.aws.validate import is_read, permission, permissions
from stanch.model.errors import BadInput
from stanch.probes import PERMISSIONS
from stanch.respond.deadman_deployment import boundary_statements
from stanch.respond.deployment import (
    INLINE,
    LARGEST,
    SHORT,
    boundary,
    kill_switch,
    member_role,
    org_policy,
    own_roles,
    separate_roles,
)

ROLE, ACCOUNT = "stanch-responder", "111122223333"
ACTIONS = tuple(catalogue().values())
NAMES = tuple(dict.fromkeys(action.role for action in ACTIONS if action.role))
WORKER = f"arn:aws:iam::{ACCOUNT}:role/stanch-worker"
MEMBER: Any = member_role(ACTIONS, role=ROLE, worker=WORKER, organisation="o-a", partition="aws")
BOUNDARY: Any = boundary(ACTIONS, role=ROLE, protected=(), partition="aws")
FURTHER: Any = separate_roles(ACTIONS, role=ROLE, names=NAMES, trust=MEMBER["Trust"], protected=(), partition="aws")
PAIRS = {"": (MEMBER["Policy"], BOUNDARY)} | {
    name: (FURTHER[f"{ROLE}-{name}"]["Policy"], FURTHER[f"{ROLE}-{name}"]["Boundary"]) for name in NAMES
}
"""Role -> its identity policy and its boundary."""
CALLS = [(action.role, call) for action in ACTIONS for call in possible_calls(action)]
READS = {*PERMISSIONS, *(one for action in ACTIONS for one in action.permissions)}
SERVICES = ("ec2", "iam", "organizations", "s3", "wafv2", "lambda", "rds", "kms", "elbv2", "autoscaling", "sts")


# The evaluator ---------------------------------------------------------------------------------------------------


def listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def matches(patterns: Any, value: str) -> bool:
    return any(fnmatchcase(value, one) for one in listed(patterns))


def holds(condition: Any, keys: dict[str, str]) -> bool:
    """Only the operators that stanch renders; another one fails the test."""
    for operator, wanted in condition.items():
        for key, values in wanted.items():
            there = keys.get(key)
            match operator:
                case "StringEquals":
                    right = there is not None and there in listed(values)
                case "ArnLike":
                    right = there is not None and matches(values, there)
                case "ArnNotLike":
                    right = there is None or not matches(values, there)
                case "Null":
                    right = (there is None) is (values == "true")
                case _:
                    raise AssertionError(operator)
            if not right:
                return False
    return True


def decides(document: Any, effect: str, action: str, resource: str, keys: dict[str, str]) -> bool:
    return any(
        one["Effect"] == effect
        and matches(one["Action"], action)
        and matches(one["Resource"], resource)
        and holds(one.get("Condition", {}), keys)
        for one in document["Statement"]
    )


def allows(role: str, action: str, resource: str, **keys: str) -> bool:
    """Whether identity policy and boundary both allow it and neither denies it."""
    known = {"aws:ResourceAccount": "${aws:PrincipalAccount}", **keys}
    both = PAIRS[role]
    denied = any(decides(one, "Deny", action, resource, known) for one in both)
    return not denied and all(decides(one, "Allow", action, resource, known) for one in both)


# What is allowed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "call"), CALLS, ids=lambda one: getattr(one, "name", one))
def test_every_call_of_the_catalogue_is_allowed(role: str, call: Any) -> None:
    keys = {"iam:PolicyARN": call.params.get("PolicyArn", ""), "aws:ResourceTag/stanch:isolation": "C-0"}
    resource = call.resource.replace("<", "").replace(">", "")
    if call.service == "wafv2":
        resource = f"arn:aws:wafv2:eu-west-1:{ACCOUNT}:regional/ipset/stanch-blocked-web/0"
    assert allows(role, permission(call), resource, **keys), f"{permission(call)} on {resource}"


@pytest.mark.parametrize("action", sorted(READS))
def test_everything_that_is_read_may_be_read(action: str) -> None:
    assert allows("", action, "*")


def test_the_routes_of_an_instance_may_be_read_though_no_route_may_be_changed() -> None:
    assert allows("", "ec2:DescribeRouteTables", "*")
    assert decides(BOUNDARY, "Deny", "ec2:CreateRoute", "*", {})


def granted(policy: Any) -> set[str]:
    return {one for s in policy["Statement"] if s["Effect"] == "Allow" for one in listed(s["Action"])}


@pytest.mark.parametrize("role", PAIRS)
@pytest.mark.parametrize("service", SERVICES)
def test_no_other_operation_is_allowed_on_anything(service: str, role: str) -> None:
    mine = {name for its, call in CALLS if its == role for name in permissions(call)} | (READS if not role else set())
    own, fence = (granted(policy) for policy in PAIRS[role])
    assert own <= mine
    assert not [one for one in own if "*" in one]
    assert fence - set(SHORT) <= mine
    assert {one for one in fence if "*" in one} <= set(SHORT)  # the role's own policy names each
    named = own & {one for one in own if matches(sorted(fence), one)}
    model = botocore.session.get_session().get_service_model(service)
    prefix = model.signing_name
    for name in model.operation_names:
        assert (f"{prefix}:{name}" in named) <= (f"{prefix}:{name}" in mine)


# What is denied --------------------------------------------------------------------------------------------------

WIDE = ("NetworkAcl", "Vpc", "Route", "Subnet", "Gateway", "Peering", "DhcpOptions")


@pytest.mark.parametrize("noun", WIDE)
@pytest.mark.parametrize("role", PAIRS)
def test_the_boundary_denies_whatever_is_wide_and_no_read(noun: str, role: str) -> None:
    names = botocore.session.get_session().get_service_model("ec2").operation_names
    mine = [one for one in names if noun in one]
    assert mine
    for name in mine:
        reads = is_read(name) or name.startswith("Search")
        assert decides(PAIRS[role][1], "Deny", f"ec2:{name}", "*", {}) is not reads, name


@pytest.mark.parametrize("action", ["organizations:AttachPolicy", "account:CloseAccount", "ec2:TerminateInstances"])
@pytest.mark.parametrize("role", PAIRS)
def test_the_boundary_denies_organisation_wide_calls_and_the_end_of_an_instance(action: str, role: str) -> None:
    assert decides(PAIRS[role][1], "Deny", action, "*", {})


def test_nothing_is_deleted_but_what_stanch_made() -> None:
    deletes = [s for s in MEMBER["Policy"]["Statement"] if any(":Delete" in one for one in listed(s["Action"]))]
    assert {one for s in deletes for one in listed(s["Action"])} == {
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "lambda:DeleteFunctionConcurrency",
    }
    assert not allows("", "iam:DeletePolicy", f"arn:aws:iam::{ACCOUNT}:policy/theirs")
    assert not allows(
        "",
        "iam:AttachUserPolicy",
        f"arn:aws:iam::{ACCOUNT}:user/a",
        **{"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
    )


NEVER = (
    f"{ROLE}",
    f"{ROLE}-trust",
    f"{ROLE}-bucket-policy",
    f"{ROLE}-repair",
    "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
)
OURS = {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/stanch/a"}


@pytest.mark.parametrize("name", NEVER)
def test_own_and_reserved_roles_may_be_read_and_never_written(name: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    assert not decides(BOUNDARY, "Deny", "iam:GetRole", arn, {})
    assert not allows("", "iam:AttachRolePolicy", arn, **OURS)
    assert not allows("trust", "iam:UpdateAssumeRolePolicy", arn)
    assert allows("", "iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/web", **OURS)


def test_what_the_operator_protects_is_denied_whatever_service_it_is_of() -> None:
    user, bucket = f"arn:aws:iam::{ACCOUNT}:user/bg", "arn:aws:s3:::crown-jewels"
    fence: Any = boundary(ACTIONS, role=ROLE, protected=(user, bucket, ACCOUNT), partition="aws")
    assert decides(fence, "Deny", "iam:AttachUserPolicy", user, {})
    assert decides(fence, "Deny", "s3:PutBucketPublicAccessBlock", bucket, {})
    assert not decides(fence, "Deny", "s3:PutBucketPublicAccessBlock", "arn:aws:s3:::other", {})
    assert not decides(fence, "Deny", "s3:GetBucketPublicAccessBlock", bucket, {})


def test_a_role_of_an_action_that_is_not_enabled_is_not_rendered() -> None:
    few = [one for one in ACTIONS if not one.role]
    assert separate_roles(few, role=ROLE, names=NAMES, trust=MEMBER["Trust"], protected=(), partition="aws") == {}
    policy: Any = member_role(few[:1], role=ROLE, worker=WORKER, organisation="o-a", partition="aws")["Policy"]
    wanted = {one for call in possible_calls(few[0]) for one in permissions(call)}
    assert {one for s in policy["Statement"][1:] for one in listed(s["Action"])} == wanted


# Sizes -----------------------------------------------------------------------------------------------------------


def test_the_whole_catalogue_fits_into_what_iam_takes() -> None:
    for policy, fence in PAIRS.values():
        assert len(json.dumps(policy, separators=(",", ":"))) <= INLINE
        assert len(json.dumps(fence, separators=(",", ":"))) <= LARGEST


def test_what_does_not_fit_is_said_and_not_rendered() -> None:
    many = [f"arn:aws:iam::{ACCOUNT}:user/break-glass-{n}" for n in range(60)]
    with pytest.raises(BadInput, match=r"the boundary has \d+ characters and IAM takes 6144"):
        boundary(ACTIONS, role=ROLE, protected=many, partition="aws")


# From outside ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEVER[:4])
def test_only_stanch_and_break_glass_change_its_roles_and_policies(name: str) -> None:
    glass = f"arn:aws:iam::{ACCOUNT}:user/bg"
    scp = org_policy(role=ROLE, break_glass=(glass,), partition="aws")
    role, policy = f"arn:aws:iam::{ACCOUNT}:role/{name}", OURS["iam:PolicyARN"]
    for resource, action in ((role, "iam:UpdateAssumeRolePolicy"), (policy, "iam:DeletePolicy")):
        stranger = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"}
        assert decides(scp, "Deny", action, resource, stranger)
        assert not decides(scp, "Deny", action, resource, {"aws:PrincipalArn": role})
        assert not decides(scp, "Deny", action, resource, {"aws:PrincipalArn": glass})
    assert role.replace(ACCOUNT, "*") in own_roles(ROLE, "aws")


def test_the_kill_switch_denies_exactly_the_assuming_of_roles() -> None:
    switch = kill_switch()
    for own in own_roles(ROLE, "aws"):
        assert decides(switch, "Deny", "sts:AssumeRole", own, {})
    assert not decides(switch, "Deny", "sts:GetCallerIdentity", "*", {})


def test_the_boundary_of_everything_still_fits_with_the_dead_mans_switch() -> None:
    besides = boundary_statements(partition="aws")
    whole = boundary(ACTIONS, role=ROLE, protected=(), partition="aws", besides=besides)
    assert len(json.dumps(whole, separators=(",", ":"))) <= LARGEST
    assert all(one in whole["Statement"] for one in besides)  # type: ignore[operator]
