"""The three identity cuts against a simulated IAM: contain, crash, keep, undo, and other people's changes."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stanch.actions import catalogue
from stanch.actions._deny import Deny
from stanch.actions._examples import TERMS
from stanch.actions.deny_role_session import _subject as subject
from stanch.model.change import TargetKind

ACTIONS = catalogue()
DENIES = ["I2", "I3", "I4", "I6", "I7"]
SESSION = "deploy@example"


def target_of(world: Any, action: str) -> Any:
    if action == "I2":
        return world.user(path="/staff/")
    if action == "I7":
        return world.credentials()
    role = world.role(path="/app/")
    if action == "I3":
        return role
    if action == "I4":
        return session_of(world, role)
    instance = f"arn:aws:ec2:{world.region}:{world.account}:instance/i-0123456789abcdef0"
    return replace(role, kind=TargetKind.INSTANCE_CREDENTIALS, within=instance)


def session_of(world: Any, role: Any, name: str = SESSION) -> Any:
    id = world.client("iam").get_role(RoleName=role.name)["Role"]["RoleId"]  # noqa: A001
    return replace(role, kind=TargetKind.ROLE_SESSION, within=f"{id}:{name}")


def policy_arn(world: Any, action: str) -> str:
    listed = world.client("iam").list_policies(Scope="Local", PathPrefix="/stanch/")["Policies"]
    (arn,) = [one["Arn"] for one in listed if one["PolicyName"].startswith(f"stanch-C-0a1b2c3d.1-{action}-")]
    return str(arn)


def statement(world: Any, arn: str) -> Any:
    iam = world.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    (only,) = document["Statement"]
    return only


def test_a_user_is_denied_everything_until_the_end(world: Any) -> None:
    target = world.user()
    sent = world.contain(ACTIONS["I2"], target)
    assert [call.name for call in sent] == ["iam:CreatePolicy", "iam:AttachUserPolicy"]
    assert statement(world, policy_arn(world, "I2")) == {
        "Sid": "StanchDenyUser",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}},
    }
    tags = world.client("iam").list_policy_tags(PolicyArn=policy_arn(world, "I2"))["Tags"]
    assert tags == [{"Key": "stanch:case", "Value": "C-0a1b2c3d"}]
    assert policy_arn(world, "I2").endswith(":policy/stanch/stanch-C-0a1b2c3d.1-I2-alice")


def test_sessions_issued_up_to_a_minute_after_the_call_are_denied(world: Any) -> None:
    world.contain(ACTIONS["I3"], target_of(world, "I3"))
    assert statement(world, policy_arn(world, "I3"))["Condition"] == {
        "DateLessThan": {"aws:TokenIssueTime": "2026-03-01T08:01:00Z", "aws:CurrentTime": "2026-03-01T12:00:00Z"}
    }


def test_only_credentials_of_the_one_instance_are_denied(world: Any) -> None:
    target = target_of(world, "I6")
    world.contain(ACTIONS["I6"], target)
    assert statement(world, policy_arn(world, "I6"))["Condition"] == {
        "ArnEquals": {"ec2:SourceInstanceARN": target.within},
        "DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"},
    }


def test_only_the_one_session_is_denied(world: Any) -> None:
    target = target_of(world, "I4")
    world.contain(ACTIONS["I4"], target)
    assert statement(world, policy_arn(world, "I4"))["Condition"] == {
        "StringEquals": {"aws:userid": target.within},
        "DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"},
    }


def test_two_sessions_of_a_role_do_not_share_a_policy_whatever_their_names(world: Any) -> None:
    role = world.role()
    names = ["deploy", "Deploy", "x-I4-web", "deploy.1"]
    for name in names:
        world.contain(ACTIONS["I4"], session_of(world, role, name))
    attached_to = world.client("iam").list_attached_role_policies(RoleName="web")["AttachedPolicies"]
    assert len(attached_to) == len(names)
    assert not [one for one in attached_to for name in names if name in one["PolicyName"]]


@pytest.mark.parametrize(
    "within",
    [
        "",
        "deploy",
        "AROAEXAMPLEEXAMPLE123:",
        "AROAEXAMPLEEXAMPLE123:*",
        "AROAEXAMPLEEXAMPLE123:${aws:username}",
        "AIDA:x",
    ],
)
def test_a_session_that_cannot_be_named_exactly_is_refused(world: Any, within: str) -> None:
    target = replace(target_of(world, "I4"), within=within)
    (reason,) = ACTIONS["I4"].objections(target, ACTIONS["I4"].presume(target))
    assert "is not known as its id and name" in reason


def test_a_session_of_a_role_that_was_replaced_is_refused(world: Any) -> None:
    target = replace(target_of(world, "I4"), within="AROAEXAMPLEEXAMPLE123:deploy")
    (reason,) = ACTIONS["I4"].objections(target, ACTIONS["I4"].snapshot(world.reader, target))
    assert "is another one by now" in reason


@pytest.mark.parametrize("id", DENIES)
def test_undo_leaves_the_account_as_it_was(world: Any, id: str) -> None:
    action, target = ACTIONS[id], target_of(world, id)
    before = action.snapshot(world.reader, target)
    assert before.path in ("/staff/", "/app/")
    world.contain(action, target)
    assert action.snapshot(world.reader, target) != before
    assert world.undo(action, target, before).conflicts == ()
    assert action.snapshot(world.reader, target) == before


@pytest.mark.parametrize("id", DENIES)
@pytest.mark.parametrize("forward_calls", [0, 1, 2])
def test_a_crash_after_any_call_is_resumed_without_doubling(world: Any, id: str, forward_calls: int) -> None:
    action, target = ACTIONS[id], target_of(world, id)
    sent = world.contain(action, target, dies_after=forward_calls)
    resumed = world.contain(action, target)
    assert len(sent) + len(resumed) == 2


@pytest.mark.parametrize("id", DENIES)
@pytest.mark.parametrize("forward_calls", [0, 1, 2])
@pytest.mark.parametrize("inverse_calls", [0, 1, 2])
def test_undo_works_from_any_crash_and_through_crashes_of_its_own(
    world: Any, id: str, forward_calls: int, inverse_calls: int
) -> None:
    action, target = ACTIONS[id], target_of(world, id)
    before = action.snapshot(world.reader, target)
    world.contain(action, target, dies_after=forward_calls)
    world.undo(action, target, before, dies_after=inverse_calls)
    assert world.undo(action, target, before).conflicts == ()
    assert action.snapshot(world.reader, target) == before


@pytest.mark.parametrize("id", DENIES)
def test_what_a_person_confirmed_has_no_end_and_can_still_be_undone(world: Any, id: str) -> None:
    action, target = ACTIONS[id], target_of(world, id)
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    world.keep(action, target)
    assert "aws:CurrentTime" not in json.dumps(statement(world, policy_arn(world, id)))
    assert action.forward(target, action.snapshot(world.reader, target), world.terms) == ()
    assert world.undo(action, target, before).conflicts == ()
    assert action.snapshot(world.reader, target) == before


def test_keeping_makes_whole_what_a_crash_left_half_done(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    world.contain(action, target, dies_after=1)
    world.keep(action, target)
    assert action.forward(target, action.snapshot(world.reader, target), world.terms) == ()
    assert "Condition" not in statement(world, policy_arn(world, "I2"))


def test_a_policy_that_someone_rewrote_is_left_alone_and_named(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    rewrite(world, policy_arn(world, "I2"), default=True)
    undo = world.undo(action, target, before)
    assert "someone changed it" in undo.conflicts[0]
    assert policy_arn(world, "I2") in undo.conflicts[0]
    assert len(attached(world)) == 1


def test_a_version_that_someone_added_keeps_the_policy_but_not_the_deny(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    rewrite(world, policy_arn(world, "I2"), default=False)
    undo = world.undo(action, target, before)
    assert "someone added v2" in undo.conflicts[0]
    assert attached(world) == []


def test_a_policy_that_someone_attached_elsewhere_stays_there(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    world.user("bob")
    world.client("iam").attach_user_policy(UserName="bob", PolicyArn=policy_arn(world, "I2"))
    undo = world.undo(action, target, before)
    assert "User/bob" in undo.conflicts[0]
    assert attached(world) == []
    assert len(attached(world, "bob")) == 1


def test_a_deny_that_someone_detached_is_only_deleted(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    world.client("iam").detach_user_policy(UserName="alice", PolicyArn=policy_arn(world, "I2"))
    undo = action.inverse(target, before, action.snapshot(world.reader, target), world.terms)
    assert [call.operation for call in undo.calls] == ["DeletePolicy"]


def test_the_policy_of_a_deleted_user_is_still_cleaned_up(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    world.client("iam").detach_user_policy(UserName="alice", PolicyArn=policy_arn(world, "I2"))
    world.client("iam").delete_user(UserName="alice")
    assert world.undo(action, target, before).conflicts == ()
    assert world.client("iam").list_policies(Scope="Local", PathPrefix="/stanch/")["Policies"] == []


def test_a_foreign_policy_of_the_same_name_is_never_overwritten_nor_attached(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    name = "stanch-C-0a1b2c3d.1-I2-alice"
    allow = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    world.client("iam").create_policy(PolicyName=name, Path="/stanch/", PolicyDocument=allow)
    (call,) = action.forward(target, action.snapshot(world.reader, target), world.terms)
    receipt = world.aws.call(call, account=world.account, region=world.region, case=world.terms.case)
    assert not receipt.ok
    assert receipt.error.startswith("EntityAlreadyExists")
    assert name in receipt.error
    assert attached(world) == []


def test_two_rounds_of_a_case_do_not_share_a_policy(world: Any) -> None:
    action, target = ACTIONS["I2"], world.user()
    before = action.snapshot(world.reader, target)
    world.contain(action, target)
    world.contain(action, target, terms=replace(world.terms, round=2))
    assert len(attached(world)) == 2
    world.undo(action, target, before)
    assert len(attached(world)) == 1


def test_a_user_that_does_not_exist_is_refused(world: Any) -> None:
    action = ACTIONS["I2"]
    target = replace(world.user(), name="nobody")
    (reason,) = action.objections(target, action.snapshot(world.reader, target))
    assert reason == f"user nobody does not exist in account {world.account}"


def test_a_full_attachment_quota_is_said_before_anything_is_done(world: Any) -> None:
    iam, target = world.client("iam"), world.user()
    for number in range(10):
        document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
        arn = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    state = ACTIONS["I2"].snapshot(world.reader, target)
    assert "10 of 10 managed policies" in ACTIONS["I2"].objections(target, state)[0]


@pytest.mark.parametrize("id", ["I3", "I4", "I6", "I7"])
@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        ("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/", "linked to an AWS service"),
        ("AWSReservedSSO_Admin_0123456789abcdef", "/aws-reserved/sso.amazonaws.com/", "Identity Center"),
    ],
)
def test_roles_that_aws_keeps_to_itself_are_refused(world: Any, id: str, name: str, path: str, reason: str) -> None:
    role = world.role(name, path)
    asked = target_of(world, id)
    target = replace(session_of(world, role) if id == "I4" else asked, name=name, arn=role.arn)
    live = ACTIONS[id].snapshot(world.reader, target)
    assert reason in ACTIONS[id].objections(target, live)[0]
    assert reason in ACTIONS[id].objections(target, ACTIONS[id].presume(target))[0]


@pytest.mark.parametrize("within", ["", "arn:aws:ec2:eu-west-1:999999999999:instance/i-0123456789abcdef0", "i-0123"])
def test_stolen_instance_credentials_need_their_instance(world: Any, within: str) -> None:
    target = replace(target_of(world, "I6"), within=within)
    assert len(ACTIONS["I6"].objections(target, ACTIONS["I6"].presume(target))) == 1
    assert len(ACTIONS["I7"].objections(target, ACTIONS["I7"].presume(target))) == 1


def test_a_policy_name_always_fits() -> None:
    deny = Deny("I4", "Role", "Sid", lambda _target, _terms: {}, subject)
    target, _ = ACTIONS["I4"].examples[0]
    longest = replace(target, name="r" * 64, within=f"{'AROA' * 5}:{'s' * 64}")
    terms = replace(TERMS, case="C-ffffffff", round=999)
    assert len(deny.arn(longest, terms).rpartition("/")[2]) <= 128


def attached(world: Any, user: str = "alice") -> list[Any]:
    return list(world.client("iam").list_attached_user_policies(UserName=user)["AttachedPolicies"])


def rewrite(world: Any, arn: str, *, default: bool) -> None:
    allow = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    world.client("iam").create_policy_version(PolicyArn=arn, PolicyDocument=allow, SetAsDefault=default)
