"""Every mutating operation that AWS has, put to the guardrails and to the rendered role: only the catalogue's pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import botocore.session
import pytest

from stanch.actions import catalogue, possible_calls, role_policy
from stanch.aws.validate import is_read, permission, permissions
from stanch.guardrails import Guardrails
from stanch.model.change import Call
from stanch.probes import PERMISSIONS

from .test_guardrails import CALM

SERVICES = (
    "ec2",
    "iam",
    "organizations",
    "s3",
    "wafv2",
    "lambda",
    "rds",
    "kms",
    "elbv2",
    "autoscaling",
    "sts",
    "cloudtrail",
    "guardduty",
)
GUARDRAILS = Guardrails()
CALLS = {call.name for action in catalogue().values() for call in possible_calls(action)}
ALLOWED = {one for action in catalogue().values() for call in possible_calls(action) for one in permissions(call)}
READS = {*PERMISSIONS, *(one for action in catalogue().values() for one in action.permissions)}


def mutating(service: str) -> tuple[str, ...]:
    names = botocore.session.get_session().get_service_model(service).operation_names
    return tuple(name for name in names if not is_read(name))


def change() -> Any:
    from stanch.model.change import Change, Terms

    action = catalogue()["I2"]
    target, state = action.examples[0]
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    terms = Terms("C-00000000", 1, now, now + timedelta(hours=4))
    forward = action.forward(target, state, terms)
    inverse = action.inverse(target, state, None, terms).calls
    return Change("I2", action.title, target, {}, forward, inverse, "", "", "", action.reverts_by, terms)


def granted(role: str = "") -> tuple[dict[str, Any], ...]:
    """The statements of the role that would do everything in the catalogue."""
    document: Any = role_policy(catalogue().values(), reads=PERMISSIONS, role=role)
    return tuple(document["Statement"])


def actions_of(statement: dict[str, Any]) -> tuple[str, ...]:
    named = statement["Action"]
    return tuple(named) if isinstance(named, list) else (named,)


def everything() -> set[str]:
    """What stanch's roles may do, all of them together."""
    roles = ("", "trust", "bucket-policy", "repair")
    return {one for role in roles for statement in granted(role) for one in actions_of(statement)}


@pytest.mark.parametrize("purpose", ["contain", "revert", "keep"])
@pytest.mark.parametrize("service", SERVICES)
def test_the_guardrails_refuse_every_operation_that_no_action_makes(service: str, purpose: str) -> None:
    change_ = change()
    around = replace(CALM, purpose=purpose)
    foreign = [name for name in mutating(service) if f"{service}:{name}" not in CALLS]
    assert foreign
    for name in foreign:
        permit = GUARDRAILS.judge(Call(service, name, {}, change_.target.arn), change_, around)
        assert not permit.allowed, f"{service}:{name} {purpose}"


def test_thousands_of_operations_were_put_to_them() -> None:
    assert sum(len(mutating(service)) for service in SERVICES) > 1000


@pytest.mark.parametrize("service", SERVICES)
def test_the_role_may_do_exactly_what_the_catalogue_does(service: str) -> None:
    named = {
        one
        for role in ("", "trust", "bucket-policy", "repair")
        for statement in granted(role)
        for one in actions_of(statement)
    }
    for name in mutating(service):
        call = Call(service, name, {}, "")
        can = any(fnmatchcase(permission(call), one) for one in named)
        assert can is (permission(call) in ALLOWED), f"{service}:{name}"


def test_the_role_may_do_nothing_else_at_all() -> None:
    named = {
        one
        for role in ("", "trust", "bucket-policy", "repair")
        for statement in granted(role)
        for one in actions_of(statement)
    }
    assert named == ALLOWED | READS
    assert not any("*" in one for one in named)


def test_nothing_wide_is_in_it() -> None:
    named = {
        one
        for role in ("", "trust", "bucket-policy", "repair")
        for statement in granted(role)
        for one in actions_of(statement)
    }
    wide = (
        "*NetworkAcl*",
        "organizations:*",
        "account:*",
        "*Route*",
        "ec2:*Vpc",
        "ec2:*Subnet*",
        "*Terminate*",
        "kms:*",
    )
    assert [one for one in named - READS for pattern in wide if fnmatchcase(one, pattern)] == []


def test_it_deletes_only_what_stanch_made() -> None:
    deleting = {one: statement for statement in granted() for one in actions_of(statement) if ":Delete" in one}
    assert set(deleting) == {"iam:DeletePolicy", "iam:DeletePolicyVersion", "lambda:DeleteFunctionConcurrency"}
    for name in ("iam:DeletePolicy", "iam:DeletePolicyVersion"):
        assert deleting[name]["Resource"] == ["arn:aws:iam::*:policy/stanch/*"]


def test_what_is_as_strong_as_an_administrator_stands_in_a_role_of_its_own() -> None:
    default = {one for statement in granted() for one in actions_of(statement)}
    assert default.isdisjoint({"iam:UpdateAssumeRolePolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
    assert {one for statement in granted("trust") for one in actions_of(statement)} == {"iam:UpdateAssumeRolePolicy"}
