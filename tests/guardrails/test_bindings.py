"""A permitted operation says only what concerns the target of its change, and only what its purpose needs."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.actions import catalogue
from stanch.actions._examples import ACCOUNT, TERMS
from stanch.guardrails import Circumstances, Guardrails
from stanch.model.case import Mode, Tier
from stanch.model.change import Call, Change
from stanch.model.data import JSON
from stanch.model.finding import IdentityKind
from stanch.store.codec import plain

GUARDRAILS = Guardrails()
ACTIONS = catalogue()
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OURS = f"arn:aws:iam::{ACCOUNT}:policy/stanch/stanch-C-ffffffff.1-I2-alice"
GROUP, OTHER_GROUP, FOREIGN_GROUP = "sg-0ffffffffffffffff", "sg-0cccccccccccccccc", "sg-0ddddddddddddddddd"
NEW_GROUP = "sg-0eeeeeeeeeeeeeeee"

CALM = Circumstances(
    playbook="malicious-ip",
    tier=Tier.HIGH,
    mode=Mode.ACT,
    executing=True,
    purpose="contain",
    confidence=0.97,
    account=ACCOUNT,
    identity=IdentityKind.ASSUMED_ROLE,
    sample=False,
    known_type=True,
    outsider=False,
    confirmed=True,
    actors=1,
    contained_last_hour=0,
    contained_account=0,
    contained_playbook=0,
    protected=(),
    own_role="stanch-responder",
)
REVERT = replace(CALM, purpose="revert")


def planned(name: str, example: int = 0) -> Change:
    """The change that planning would give on an example of this action."""
    action = ACTIONS[name]
    target, before = action.examples[example]
    forward = action.forward(target, before, TERMS)
    inverse = action.inverse(target, before, None, TERMS).calls
    return Change(name, "", target, plain(before), forward, inverse, "", "", "", action.reverts_by, TERMS)


USER, ROLE, KEY, HOST, SET = (planned(name) for name in ("I2", "I3", "I1", "E1", "N1"))
NEW, READY = planned("E4"), planned("E4", 2)
"""Isolation where the group must be made first, and where it is ready."""
HALF_MADE = planned("E4", 1)


def refusal(call: Call, of: Change, around: Circumstances = CALM) -> str:
    permit = GUARDRAILS.judge(call, of, around)
    assert not permit.allowed
    return GUARDRAILS.explain(permit)


def forced(of: Change, operation: str, **params: JSON) -> tuple[Call, Change]:
    """The change's own call of that operation, with other parameters."""
    call = next(one for one in of.forward if one.operation == operation)
    return replace(call, params={**call.params, **params}), of


def document(effect: str, until: str = "2026-01-01T12:00:00Z") -> str:
    condition = {"DateLessThan": {"aws:CurrentTime": until}}
    return json.dumps({"Statement": [{"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}]})


def deleting(value: JSON) -> list[JSON]:
    return [{"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": value}}]


FORCED: list[tuple[Change, str, dict[str, JSON], str]] = [
    (USER, "AttachUserPolicy", {"PolicyArn": ADMIN}, "only under /stanch/"),
    (USER, "AttachUserPolicy", {"PolicyArn": OURS}, "not the policy that belongs to this change"),
    (USER, "AttachUserPolicy", {"UserName": "frank"}, "not the user of this change"),
    (ROLE, "AttachRolePolicy", {"RoleName": "admin"}, "not the role of this change"),
    (ROLE, "CreatePolicy", {"Path": "/"}, "only under /stanch/"),
    (ROLE, "CreatePolicy", {"PolicyName": "other"}, "not the policy that belongs to this change"),
    (ROLE, "CreatePolicy", {"PolicyDocument": document("Allow")}, "only denies"),
    (ROLE, "CreatePolicy", {"PolicyDocument": "{"}, "only denies"),
    (ROLE, "CreatePolicy", {"PolicyDocument": document("Deny", "2026-01-01T12:00:01Z")}, "not end by itself"),
    (ROLE, "CreatePolicy", {"Tags": [{"Key": "owner", "Value": "me"}]}, "own tags"),
    (ROLE, "CreatePolicy", {"PermissionsBoundary": "x"}, "cannot be judged"),
    (KEY, "UpdateAccessKey", {"Status": "Active"}, "containing deactivates"),
    (KEY, "UpdateAccessKey", {"AccessKeyId": "AKIAEXAMPLEEXAMPLE99"}, "not the access key"),
    (KEY, "UpdateAccessKey", {"UserName": "frank"}, "not the user"),
    (HOST, "ModifyInstanceAttribute", {"InstanceId": "i-0bb2"}, "not the instance"),
    (HOST, "ModifyInstanceAttribute", {"DisableApiTermination": {"Value": False}}, "never off"),
    (HOST, "ModifyInstanceAttribute", {"DisableApiStop": {"Value": False}}, "never off"),
    (HOST, "ModifyInstanceAttribute", {"BlockDeviceMappings": deleting(value=True)}, "never off"),
    (HOST, "ModifyInstanceAttribute", {"BlockDeviceMappings": [{"NoDevice": ""}]}, "cannot be judged"),
    (HOST, "ModifyInstanceAttribute", {"UserData": {"Value": "IyEvYmluL3No"}}, "cannot be judged"),
    (HOST, "ModifyInstanceAttribute", {"Groups": [GROUP]}, "cannot be judged"),
    (HOST, "CreateSnapshots", {"InstanceSpecification": {"InstanceId": "i-0bb2"}}, "not the instance"),
    (HOST, "CreateSnapshots", {"OutpostArn": "x"}, "cannot be judged"),
    (NEW, "CreateSecurityGroup", {"GroupName": "default"}, "isolation group"),
    (HALF_MADE, "RevokeSecurityGroupEgress", {"GroupId": OTHER_GROUP}, "isolation group"),
    (HALF_MADE, "RevokeSecurityGroupIngress", {"GroupId": FOREIGN_GROUP}, "isolation group"),
    (READY, "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "eni-0c3"}, "not a network interface"),
    (READY, "ModifyNetworkInterfaceAttribute", {"Groups": [FOREIGN_GROUP]}, "isolation group"),
    (READY, "ModifyNetworkInterfaceAttribute", {"Groups": [GROUP, OTHER_GROUP]}, "isolation group"),
    (READY, "ModifyNetworkInterfaceAttribute", {"Groups": []}, "isolation group"),
    (READY, "ModifyNetworkInterfaceAttribute", {"SourceDestCheck": {"Value": False}}, "cannot be judged"),
    (SET, "UpdateIPSet", {"Name": "office-allow-list"}, "own IP sets"),
    (SET, "UpdateIPSet", {"Addresses": ["198.51.100.9/32"]}, "into the set"),
    (SET, "UpdateIPSet", {"Addresses": ["203.0.113.7/32", "198.51.100.0/24"]}, "never a range"),
    (SET, "UpdateIPSet", {"Addresses": "203.0.113.7/32"}, "cannot be judged"),
    (SET, "UpdateIPSet", {"LockToken": None}, "cannot be judged"),
    (SET, "UpdateIPSet", {"LockToken": 1.5}, "cannot be judged"),
    (SET, "UpdateIPSet", {"LockToken": {"__entity": {"type": "Playbook", "id": "x"}}}, "cannot be judged"),
]
"""Change, operation, parameters that are not its own, and why it is refused."""


@pytest.mark.parametrize(("of", "operation", "params", "why"), FORCED, ids=lambda one: str(one)[:40])
def test_a_parameter_that_is_not_the_changes_own_is_refused(
    of: Change, operation: str, params: dict[str, JSON], why: str
) -> None:
    assert GUARDRAILS.judge(*forced(of, operation), CALM).allowed
    assert why in refusal(*forced(of, operation, **params))


@pytest.mark.parametrize("groups", [[FOREIGN_GROUP], [GROUP], [OTHER_GROUP], []])
def test_a_revert_gives_an_interface_exactly_its_own_groups(groups: list[JSON]) -> None:
    call = READY.inverse[0]
    assert GUARDRAILS.judge(call, READY, REVERT).allowed
    assert "the groups it had" in refusal(replace(call, params={**call.params, "Groups": groups}), READY, REVERT)


def test_a_revert_takes_the_address_out() -> None:
    assert "leaves it out" in refusal(SET.forward[0], SET, REVERT)


@pytest.mark.parametrize("of", [USER, ROLE, KEY, HOST, NEW, READY, SET], ids=lambda one: one.action)
@pytest.mark.parametrize("resource", [f"arn:aws:iam::{ACCOUNT}:user/frank", "", "*"])
def test_a_call_that_says_it_changes_something_else_is_refused(of: Change, resource: str) -> None:
    assert "not the target of this change" in refusal(replace(of.forward[0], resource=resource), of)


def test_a_resource_in_another_account_is_refused() -> None:
    call = replace(USER.forward[0], resource=USER.forward[0].resource.replace(ACCOUNT, "444455556666"))
    assert "same account" in refusal(call, USER)


def test_a_target_of_another_kind_gets_no_permit() -> None:
    wrong = replace(KEY, target=replace(KEY.target, kind=USER.target.kind))
    assert refusal(KEY.forward[0], wrong) == "no guardrail permits iam:UpdateAccessKey for this purpose and target"


def test_a_group_made_meanwhile_is_known_by_the_state_as_just_read() -> None:
    target, before = ACTIONS["E4"].examples[0]
    state: Any = replace(before, group=replace(ACTIONS["E4"].examples[2][1].group, id=NEW_GROUP))
    for call in ACTIONS["E4"].forward(target, state, TERMS):
        assert "isolation group" in refusal(call, NEW)
        assert GUARDRAILS.judge(call, NEW, replace(CALM, state=plain(state))).allowed


def test_a_group_of_our_name_that_stanch_did_not_make_is_not_used() -> None:
    _, before = ACTIONS["E4"].examples[2]
    foreign = replace(READY, before=plain(replace(before, group=replace(before.group, ours=False))))
    for call in READY.forward:
        assert "isolation group" in refusal(call, foreign)


def test_a_call_that_waits_is_judged_but_never_sent() -> None:
    waiting = [call for call in NEW.forward if call.waits_for]
    assert waiting
    for call in waiting:
        assert GUARDRAILS.judge(call, NEW, replace(CALM, executing=False)).allowed
        assert "still waits" in refusal(call, NEW)


def test_a_change_planned_without_asking_aws_is_never_sent() -> None:
    presumed = replace(USER, presumed=True)
    assert GUARDRAILS.judge(USER.forward[0], presumed, replace(CALM, executing=False)).allowed
    assert "without asking AWS" in refusal(USER.forward[0], presumed)


def test_a_change_without_an_inverse_must_say_why() -> None:
    without = replace(HOST, inverse=())
    assert "nothing would take it back" in refusal(HOST.forward[0], without)
    assert GUARDRAILS.judge(HOST.forward[0], replace(without, no_inverse="snapshots stay"), CALM).allowed


POLICIES = st.sampled_from([ADMIN, OURS, USER.forward[0].resource, ROLE.forward[0].resource]) | st.text(max_size=60)


@given(arn=POLICIES)
def test_no_policy_but_the_changes_own_is_ever_attached(arn: str) -> None:
    call, of = forced(USER, "AttachUserPolicy", PolicyArn=arn)
    assert GUARDRAILS.judge(call, of, CALM).allowed is (arn == USER.forward[0].resource)
