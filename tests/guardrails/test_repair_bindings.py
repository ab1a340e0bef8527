"""A repair takes away exactly what the deed added: another account, another thing or the other direction is refused."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.actions._examples import ACCOUNT
from stanch.guardrails import Circumstances
from stanch.model.change import Call, Change, Target
from stanch.model.data import JSON

from .test_bindings import ACTIONS, ADMIN, CALM, GUARDRAILS, OURS, REVERT, planned, refusal

ALONE = replace(CALM, approved_by="")
BY_CALL: dict[str, Change] = {
    planned(name, number).forward[0].name: planned(name, number)
    for name in ("R1", "R2")
    for number in range(len(ACTIONS[name].examples) - 1)
}
"""The call that undoes -> its change."""
NO_INVERSE = ACTIONS["R1"].no_inverse


def change(call: str) -> Change:
    return replace(BY_CALL[call], no_inverse=NO_INVERSE)


def forced(call: str, **params: JSON) -> tuple[Call, Change]:
    of = change(call)
    return replace(of.forward[0], params={**of.forward[0].params, **params}), of


@pytest.mark.parametrize("call", BY_CALL)
def test_what_undoes_a_deed_is_permitted_and_only_as_containing(call: str) -> None:
    of = change(call)
    assert GUARDRAILS.judge(of.forward[0], of, CALM).allowed
    assert not GUARDRAILS.judge(of.forward[0], of, REVERT).allowed
    assert not GUARDRAILS.judge(of.forward[0], of, replace(CALM, purpose="keep")).allowed


SAFE = [call for call in BY_CALL if call not in ("ec2:RevokeSecurityGroupIngress", "guardduty:UpdateDetector")]


@pytest.mark.parametrize("call", BY_CALL)
def test_the_safe_list_needs_nobody_and_the_rest_a_person(call: str) -> None:
    of = change(call)
    assert GUARDRAILS.judge(of.forward[0], of, ALONE).allowed is (call in SAFE)


FORCED: list[tuple[str, dict[str, JSON], str]] = [
    ("cloudtrail:StartLogging", {"Name": "other"}, "not the trail"),
    ("ec2:ModifySnapshotAttribute", {"OperationType": "add"}, "given to nobody"),
    ("ec2:ModifySnapshotAttribute", {"UserIds": ["888800001111"]}, "given to nobody"),
    ("ec2:ModifySnapshotAttribute", {"UserIds": ["999900001111", "888800001111"]}, "given to nobody"),
    ("ec2:ModifySnapshotAttribute", {"SnapshotId": "snap-0fffffffffffffff0"}, "given to nobody"),
    ("ec2:ModifySnapshotAttribute", {"Attribute": "productCodes"}, "given to nobody"),
    ("ec2:ModifySnapshotAttribute", {"CreateVolumePermission": {"Add": [{"Group": "all"}]}}, "cannot be judged"),
    ("ec2:ModifyImageAttribute", {"OperationType": "add"}, "given to nobody"),
    ("ec2:ModifyImageAttribute", {"UserIds": ["888800001111"]}, "given to nobody"),
    ("ec2:ModifyImageAttribute", {"ImageId": "ami-0fffffffffffffff0"}, "given to nobody"),
    ("ec2:ModifyImageAttribute", {"LaunchPermission": {"Add": [{"Group": "all"}]}}, "cannot be judged"),
    ("iam:DetachUserPolicy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "not the policy that the deed"),
    ("iam:DetachUserPolicy", {"PolicyArn": OURS}, "no deed to undo"),
    ("iam:DetachUserPolicy", {"UserName": "frank"}, "not the user of this change"),
    ("iam:DetachRolePolicy", {"RoleName": "admin"}, "not the role of this change"),
    ("iam:DetachRolePolicy", {"PolicyArn": OURS}, "no deed to undo"),
    ("iam:DetachGroupPolicy", {"GroupName": "staff"}, "not the group of this change"),
    ("iam:UpdateAccessKey", {"AccessKeyId": "AKIAEXAMPLEEXAMPLE99"}, "not the access key"),
    ("iam:UpdateAccessKey", {"Status": "Active"}, "nothing else"),
    ("ec2:RevokeSecurityGroupIngress", {"SecurityGroupRuleIds": ["sgr-0ffffffffffffffff"]}, "not the rules"),
    ("ec2:RevokeSecurityGroupIngress", {"SecurityGroupRuleIds": []}, "not the rules"),
    ("ec2:RevokeSecurityGroupIngress", {"GroupId": "sg-0ffffffffffffffff"}, "not the rules"),
    ("guardduty:UpdateDetector", {"Enable": False}, "only switched on"),
    ("guardduty:UpdateDetector", {"DetectorId": "0f"}, "only switched on"),
    ("guardduty:UpdateDetector", {"FindingPublishingFrequency": "SIX_HOURS"}, "cannot be judged"),
]


@pytest.mark.parametrize(("call", "params", "why"), FORCED, ids=lambda one: str(one)[:50])
def test_anything_else_by_the_same_name_is_refused(call: str, params: dict[str, JSON], why: str) -> None:
    assert why in refusal(*forced(call, **params))


@pytest.mark.parametrize("call", ["ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute"])
def test_a_sharing_call_that_names_nobody_is_refused(call: str) -> None:
    one, of = forced(call)
    bare = {name: value for name, value in one.params.items() if name not in ("UserIds", "GroupNames", "UserGroups")}
    assert "given to nobody" in refusal(replace(one, params=bare), of)


@pytest.mark.parametrize("own", [call for call in BY_CALL if call != "iam:UpdateAccessKey"])
@pytest.mark.parametrize("other", BY_CALL)
def test_no_deed_is_undone_by_what_undoes_another_kind(own: str, other: str) -> None:
    if own != other:
        of = change(other)
        call = replace(change(own).forward[0], resource=of.target.arn)
        assert not GUARDRAILS.judge(call, of, CALM).allowed


def test_the_opposite_of_a_repair_is_in_no_ones_power() -> None:
    of = change("cloudtrail:StartLogging")
    for operation in ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"):
        assert "no action of the catalogue" in refusal(replace(of.forward[0], operation=operation), of)


def in_account(target: Target, account: str) -> Target:
    return replace(target, account=account, arn=target.arn.replace(ACCOUNT, account))


@pytest.mark.parametrize("call", BY_CALL)
def test_a_deed_in_another_account_than_the_cases_is_refused(call: str) -> None:
    of = replace(change(call), target=in_account(change(call).target, "444455556666"))
    assert "same account" in refusal(replace(of.forward[0], resource=of.target.arn), of)


@pytest.mark.parametrize(
    "facts", [{"confirmed": False}, {"sample": True}, {"stopped": True}, {"protected": (ACCOUNT,)}], ids=str
)
def test_what_forbids_a_containment_forbids_a_repair(facts: dict[str, Any]) -> None:
    around: Circumstances = replace(CALM, **facts)
    for call in BY_CALL:
        assert not GUARDRAILS.judge(change(call).forward[0], change(call), around).allowed


def test_a_containment_detaches_no_foreign_policy() -> None:
    deny = planned("I2")
    call = replace(deny.inverse[0], params={**deny.inverse[0].params, "PolicyArn": ADMIN})
    assert "only under /stanch/" in refusal(call, deny, REVERT)


@given(accounts=st.lists(st.sampled_from(["999900001111", "888800001111", ACCOUNT, "all"]), min_size=1, unique=True))
def test_only_subsets_of_what_the_deed_added_are_taken(accounts: list[str]) -> None:
    one, of = forced("ec2:ModifySnapshotAttribute", UserIds=list(accounts))
    assert GUARDRAILS.judge(one, of, CALM).allowed is (set(accounts) <= {"999900001111", "all"})
