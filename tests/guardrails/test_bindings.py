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

from .calm import OPEN

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
    at_once=True,
    fence=OPEN,
    protected=(),
    own_role="stanch-responder",
    stopped=False,
    approved_by="Grace",
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
GROUP_OF, BALANCED, PUBLIC, METADATA = planned("E2"), planned("E3"), planned("E7"), planned("E5")
STOP, PROTECTED, TRUST = planned("E6"), planned("E6", 1), planned("I5")
BUCKET, PARTLY, BARE, ACCESS = planned("S1"), planned("S1", 2), planned("S2"), planned("S2", 1)
FUNCTION, RESERVED = planned("L1"), planned("L1", 1)


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


def inserted(of: Change, parameter: str, **changes: JSON) -> str:
    """The document of the change's first call, with the statement that stanch puts in changed."""
    parsed = json.loads(str(of.forward[0].params[parameter]))
    *rest, ours = parsed["Statement"]
    return json.dumps({**parsed, "Statement": [*rest, {**ours, **changes}]})


def trimmed(of: Change, parameter: str) -> str:
    """The document of the change's first call, without the first statement, which is somebody else's."""
    parsed = json.loads(str(of.forward[0].params[parameter]))
    return json.dumps({**parsed, "Statement": parsed["Statement"][1:]})


SWITCHES = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}


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
    (GROUP_OF, "EnterStandby", {"InstanceIds": [HOST.target.name, "i-0bb2"]}, "not it alone"),
    (GROUP_OF, "EnterStandby", {"InstanceIds": []}, "not it alone"),
    (GROUP_OF, "EnterStandby", {"AutoScalingGroupName": "other"}, "not the Auto Scaling group"),
    (BALANCED, "DeregisterTargets", {"TargetGroupArn": f"{BALANCED.forward[1].resource}"}, "not the places"),
    (BALANCED, "DeregisterTargets", {"Targets": [{"Id": "i-0bb2", "Port": 8443}]}, "not the places"),
    (BALANCED, "DeregisterTargets", {"Targets": [{"Id": HOST.target.name, "Port": 22}]}, "not the places"),
    (BALANCED, "DeregisterTargets", {"Targets": []}, "not the places"),
    (PUBLIC, "DisassociateAddress", {"AssociationId": "eipassoc-0bbbbbbbbbbbbbbbb"}, "not an elastic address"),
    (METADATA, "ModifyInstanceMetadataOptions", {"HttpEndpoint": "enabled"}, "closes the metadata endpoint"),
    (METADATA, "ModifyInstanceMetadataOptions", {"InstanceId": "i-0bb2"}, "not the instance"),
    (METADATA, "ModifyInstanceMetadataOptions", {"HttpTokens": "optional"}, "cannot be judged"),
    (STOP, "StopInstances", {"InstanceIds": ["i-0bb2"]}, "not the instance"),
    (STOP, "StopInstances", {"InstanceIds": [HOST.target.name, "i-0bb2"]}, "not it alone"),
    (STOP, "StopInstances", {"Force": True}, "cannot be judged"),
    (PROTECTED, "ModifyInstanceAttribute", {"DisableApiTermination": {"Value": False}}, "lifts the protection"),
    (PROTECTED, "ModifyInstanceAttribute", {"DisableApiStop": {"Value": True}}, "lifts the protection"),
    (TRUST, "UpdateAssumeRolePolicy", {"RoleName": "admin"}, "not the role"),
    (TRUST, "UpdateAssumeRolePolicy", {"PolicyDocument": document("Allow")}, "own statement"),
    (TRUST, "UpdateAssumeRolePolicy", {"PolicyDocument": trimmed(TRUST, "PolicyDocument")}, "own statement"),
    (TRUST, "UpdateAssumeRolePolicy", {"PolicyDocument": inserted(TRUST, "PolicyDocument", Effect="Allow")}, "denies"),
    (TRUST, "UpdateAssumeRolePolicy", {"PolicyDocument": inserted(TRUST, "PolicyDocument", Sid="x")}, "own statement"),
    (TRUST, "UpdateAssumeRolePolicy", {"PolicyDocument": inserted(TRUST, "PolicyDocument", Condition={})}, "ends by"),
    (ACCESS, "PutBucketPolicy", {"Bucket": "payroll"}, "not the bucket"),
    (ACCESS, "PutBucketPolicy", {"ExpectedBucketOwner": "444455556666"}, "this account's"),
    (ACCESS, "PutBucketPolicy", {"Policy": trimmed(ACCESS, "Policy")}, "own statement"),
    (ACCESS, "PutBucketPolicy", {"Policy": inserted(ACCESS, "Policy", Effect="Allow")}, "denies"),
    (ACCESS, "PutBucketPolicy", {"Policy": inserted(ACCESS, "Policy", Condition={})}, "only the principal"),
    (ACCESS, "PutBucketPolicy", {"ConfirmRemoveSelfBucketAccess": True}, "cannot be judged"),
    (BUCKET, "PutPublicAccessBlock", {"Bucket": "payroll"}, "not the bucket"),
    (
        BUCKET,
        "PutPublicAccessBlock",
        {"PublicAccessBlockConfiguration": {**SWITCHES, "BlockPublicAcls": False}},
        "four",
    ),
    (FUNCTION, "PutFunctionConcurrency", {"FunctionName": "other"}, "not the function"),
    (FUNCTION, "PutFunctionConcurrency", {"ReservedConcurrentExecutions": 1}, "reserves nothing"),
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


def back(of: Change, operation: str, **params: JSON) -> tuple[Call, Change]:
    """The change's own inverse call of that operation, with other parameters."""
    call = next(one for one in of.inverse if one.operation == operation)
    return replace(call, params={**call.params, **params}), of


BACK: list[tuple[Change, str, dict[str, JSON], str]] = [
    (GROUP_OF, "ExitStandby", {"InstanceIds": ["i-0bb2"]}, "not the instance"),
    (BALANCED, "RegisterTargets", {"Targets": [{"Id": HOST.target.name, "Port": 22}]}, "not the places"),
    (PUBLIC, "AssociateAddress", {"AllocationId": "eipalloc-0bbbbbbbbbbbbbbbb"}, "goes back only"),
    (PUBLIC, "AssociateAddress", {"NetworkInterfaceId": "eni-0ccccccccccccccc"}, "goes back only"),
    (PUBLIC, "AssociateAddress", {"AllowReassociation": True}, "from nobody else"),
    (METADATA, "ModifyInstanceMetadataOptions", {"HttpEndpoint": "disabled"}, "reverting opens it"),
    (STOP, "StartInstances", {"InstanceIds": ["i-0bb2"]}, "not the instance"),
    (PROTECTED, "ModifyInstanceAttribute", {"DisableApiStop": {"Value": False}}, "puts it back"),
    (TRUST, "UpdateAssumeRolePolicy", {"PolicyDocument": inserted(TRUST, "PolicyDocument")}, "reverting adds none"),
    (ACCESS, "PutBucketPolicy", {"Policy": inserted(ACCESS, "Policy")}, "reverting adds none"),
    (BARE, "DeleteBucketPolicy", {"Bucket": "payroll"}, "not the bucket"),
    (BUCKET, "DeletePublicAccessBlock", {"Bucket": "payroll"}, "not the bucket"),
    (PARTLY, "PutPublicAccessBlock", {"PublicAccessBlockConfiguration": {**SWITCHES}}, "gives back what was there"),
    (RESERVED, "PutFunctionConcurrency", {"ReservedConcurrentExecutions": 0}, "gives back what it had"),
    (FUNCTION, "DeleteFunctionConcurrency", {"FunctionName": "other"}, "not the function"),
]
"""The same for calls that take a containment back."""


@pytest.mark.parametrize(("of", "operation", "params", "why"), BACK, ids=lambda one: str(one)[:40])
def test_a_revert_says_only_what_takes_its_own_change_back(
    of: Change, operation: str, params: dict[str, JSON], why: str
) -> None:
    assert GUARDRAILS.judge(*back(of, operation), REVERT).allowed
    assert why in refusal(*back(of, operation, **params), REVERT)


def test_a_setting_that_someone_had_is_never_deleted() -> None:
    for of, operation in ((PARTLY, "DeletePublicAccessBlock"), (RESERVED, "DeleteFunctionConcurrency")):
        params = {key: value for key, value in of.inverse[0].params.items() if key in ("Bucket", "ExpectedBucketOwner")}
        asked = params or {"FunctionName": of.target.name}
        assert "only where there was none" in refusal(
            replace(of.inverse[0], operation=operation, params=asked), of, REVERT
        )


def test_a_document_is_judged_against_what_was_just_read() -> None:
    meanwhile = replace(ACTIONS["I5"].examples[0][1], document=json.dumps({"Version": "2012-10-17", "Statement": []}))
    assert "own statement" in refusal(TRUST.forward[0], TRUST, replace(CALM, state=plain(meanwhile)))


def test_a_target_registered_meanwhile_may_be_taken_out_but_not_put_back() -> None:
    more = {"group": BALANCED.forward[0].resource, "id": HOST.target.name, "port": 9000}
    read = replace(CALM, state={"registered": [more]})
    call, of = forced(BALANCED, "DeregisterTargets", Targets=[{"Id": HOST.target.name, "Port": 9000}])
    assert GUARDRAILS.judge(call, of, read).allowed
    registering = replace(call, operation="RegisterTargets")
    assert "not the places" in refusal(registering, of, replace(read, purpose="revert"))


@pytest.mark.parametrize(
    "of",
    [USER, ROLE, KEY, HOST, NEW, READY, SET, GROUP_OF, BALANCED, PUBLIC, STOP, TRUST, ACCESS, BUCKET, FUNCTION],
    ids=lambda one: one.action,
)
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
