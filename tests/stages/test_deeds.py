"""Which acts are deeds, what they are aimed at and who may undo them; and which sessions STS says that it issued."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.actions import cli_line
from stanch.aws.validate import problems
from stanch.model.change import Deed, TargetKind
from stanch.model.context import Account, Context, Organisation, Partner, Pipeline
from stanch.model.deed import added
from stanch.probes.activity import Act
from stanch.stages.deeds import ATTACHED_BEFORE, OURS_TOO, OWN_PIPELINE, Found, found
from stanch.stages.minted import minted

ACCOUNT, OTHER, PARTNER, STRANGER = "111122223333", "777788889999", "999900001111", "999900002222"
ME = f"arn:aws:iam::{ACCOUNT}:user/staff/alice"
AT = datetime(2026, 11, 23, 1, 44, tzinfo=UTC)
CONTEXT = Context(
    organisation=Organisation(accounts=(Account(ACCOUNT), Account(OTHER))),
    partners=(Partner("scanner", accounts=(PARTNER,)),),
    pipelines=(Pipeline(f"arn:aws:iam::{ACCOUNT}:role/deploy"),),
    break_glass=(f"arn:aws:iam::{ACCOUNT}:user/bg",),
)
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


def act(call: str, params: Any = None, answer: Any = None, **facts: Any) -> Act:
    known: dict[str, Any] = {
        "event_id": f"e-{call}",
        "at": AT,
        "error": "",
        "read_only": False,
        "region": "eu-west-1",
        "address": "203.0.113.7",
        "account": ACCOUNT,
        "kind": "IAMUser",
        "principal_arn": ME,
        "principal_id": "AIDA1",
        "access_key": "AKIA1",
        "source_identity": "",
    }
    return Act(call=call, params=params or {}, answer=answer or {}, **{**known, **facts})


def share(*accounts: str, name: str = "snap-0123456789abcdef0", **facts: Any) -> Act:
    items = [{"group": one} if one == "all" else {"userId": one} for one in accounts]
    permission = {"add": {"items": items}}
    return act("ec2:ModifySnapshotAttribute", {"snapshotId": name, "createVolumePermission": permission}, **facts)


def attach(user: str, policy: str = POLICY, **facts: Any) -> Act:
    return act("iam:AttachUserPolicy", {"userName": user, "policyArn": policy}, **facts)


def one(*acts: Act) -> Found:
    (deed,) = found(acts, ACCOUNT, CONTEXT)
    return deed


def test_what_was_refused_or_only_read_is_no_deed() -> None:
    assert found([share(STRANGER, error="AccessDenied"), share(STRANGER, read_only=True)], ACCOUNT, CONTEXT) == ()


def test_a_stopped_trail_is_aimed_at_by_name_or_arn_in_the_actors_account_only() -> None:
    arn = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/all"
    for said in ("all", arn):
        deed = one(act("cloudtrail:StopLogging", {"name": said}))
        assert deed.target is not None
        assert (deed.action, deed.target.name, deed.target.arn, deed.consent) == ("R1", "all", arn, "")
    foreign = one(act("cloudtrail:StopLogging", {"name": arn.replace(ACCOUNT, OTHER)}))
    assert (foreign.action, foreign.target) == ("", None)


def test_a_snapshot_shared_with_strangers_or_the_public_is_on_the_safe_list() -> None:
    deed = one(share(STRANGER, "all"))
    assert deed.target is not None
    assert (deed.action, deed.consent, deed.target.kind) == ("R1", "", TargetKind.DEED)
    assert deed.target.arn == "arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0"
    assert deed.target.deed is not None
    assert added(deed.target.deed) == (STRANGER, "all")


@pytest.mark.parametrize("accounts", [(PARTNER,), (STRANGER, PARTNER), (STRANGER, OTHER)])
def test_where_a_known_account_is_among_them_a_person_is_asked(accounts: tuple[str, ...]) -> None:
    assert one(share(*accounts)).consent == OURS_TOO


def test_sharing_within_the_organisation_is_no_deed() -> None:
    assert found([share(OTHER), share(ACCOUNT), share()], ACCOUNT, CONTEXT) == ()


def test_taking_a_share_away_is_no_deed() -> None:
    removed = {
        "snapshotId": "snap-0123456789abcdef0",
        "createVolumePermission": {"remove": {"items": [{"userId": STRANGER}]}},
    }
    assert found([act("ec2:ModifySnapshotAttribute", removed)], ACCOUNT, CONTEXT) == ()


def test_a_policy_is_detached_at_once_only_from_himself_or_what_he_made_before() -> None:
    assert one(attach("alice")).consent == ""
    assert one(attach("bob")).consent == ATTACHED_BEFORE
    made = act("iam:CreateUser", {"userName": "bob"}, at=AT - timedelta(seconds=5))
    assert [(deed.action, deed.consent) for deed in found([made, attach("bob")], ACCOUNT, CONTEXT)] == [
        ("", ""),
        ("R1", ""),
    ]
    late = act("iam:CreateUser", {"userName": "bob"}, at=AT + timedelta(seconds=5))
    assert found([attach("bob"), late], ACCOUNT, CONTEXT)[0].consent == ATTACHED_BEFORE
    role = act("iam:AttachRolePolicy", {"roleName": "alice", "policyArn": POLICY})
    assert one(role).consent == ATTACHED_BEFORE


def test_a_key_is_taken_from_awss_answer_never_from_the_request() -> None:
    answer = {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "bob", "status": "Active"}}
    deed = one(act("iam:CreateAccessKey", {"userName": "carol"}, answer))
    assert deed.target is not None
    assert (deed.target.name, deed.target.arn) == ("AKIAIOSFODNN7EXAMPLE", f"arn:aws:iam::{ACCOUNT}:user/bob")
    assert found([act("iam:CreateAccessKey", {"userName": "carol"})], ACCOUNT, CONTEXT) == ()


def test_only_rules_that_let_the_world_in_are_deeds() -> None:
    rows = [
        {"securityGroupRuleId": "sgr-0aaaaaaaaaaaaaaaa", "cidrIpv4": "0.0.0.0/0"},
        {"securityGroupRuleId": "sgr-0bbbbbbbbbbbbbbbb", "cidrIpv4": "10.0.0.0/8"},
        {"securityGroupRuleId": "sgr-0cccccccccccccccc", "cidrIpv6": "::/0"},
    ]
    params = {"groupId": "sg-0123456789abcdef0"}
    deed = one(act("ec2:AuthorizeSecurityGroupIngress", params, {"securityGroupRuleSet": {"items": rows}}))
    assert (deed.action, added(deed.deed)) == ("R2", ("sgr-0aaaaaaaaaaaaaaaa", "sgr-0cccccccccccccccc"))
    narrow = act("ec2:AuthorizeSecurityGroupIngress", params, {"securityGroupRuleSet": {"items": rows[1:2]}})
    assert found([narrow], ACCOUNT, CONTEXT) == ()


def test_a_detector_that_was_changed_but_not_suspended_is_no_deed() -> None:
    detector = {"detectorId": "12abc34d567e8fa901bc2d34e56789f0"}
    assert one(act("guardduty:UpdateDetector", {**detector, "enable": False})).action == "R2"
    assert found([act("guardduty:UpdateDetector", {**detector, "enable": True})], ACCOUNT, CONTEXT) == ()
    assert found([act("guardduty:UpdateDetector", detector)], ACCOUNT, CONTEXT) == ()


@pytest.mark.parametrize("arn", [f"arn:aws:iam::{ACCOUNT}:role/deploy", f"arn:aws:iam::{ACCOUNT}:user/bg"])
def test_what_the_operators_own_did_is_never_undone_unasked(arn: str) -> None:
    assert one(share(STRANGER, principal_arn=arn)).consent == OWN_PIPELINE


def test_what_was_changed_in_another_account_is_left_to_people() -> None:
    deed = one(share(STRANGER, account=OTHER))
    assert (deed.action, deed.target) == ("", None)


BY_HAND = [
    act("iam:CreateLoginProfile", {"userName": "bob"}),
    act("iam:PutUserPolicy", {"userName": "bob", "policyName": "p"}),
    act("iam:PutRolePolicy", {"roleName": "web", "policyName": "p"}),
    act("iam:PutGroupPolicy", {"groupName": "staff", "policyName": "p"}),
    act("iam:AddUserToGroup", {"groupName": "staff", "userName": "bob"}),
    act(
        "rds:ModifyDBSnapshotAttribute",
        {"dBSnapshotIdentifier": "db-1", "attributeName": "restore", "valuesToAdd": [STRANGER]},
    ),
    act("securityhub:DisableSecurityHub"),
]


@pytest.mark.parametrize("deed", BY_HAND, ids=lambda deed: str(deed.call))
def test_what_a_person_is_told_to_call_is_a_call(deed: Act) -> None:
    (call,) = one(deed).by_hand
    assert problems(call) == ()
    assert cli_line(call, "eu-west-1").startswith(f"aws {call.service} ")
    assert one(deed).action == ""


@pytest.mark.parametrize("call", ["iam:UpdateAssumeRolePolicy", "cloudtrail:DeleteTrail", "iam:CreateUser"])
def test_where_nothing_tells_what_was_before_there_is_no_line(call: str) -> None:
    assert one(act(call, {"userName": "bob"})).by_hand == ()


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from([STRANGER, "all", POLICY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["name", "snapshotId", "imageId", "groupId", "detectorId", "userName", "policyArn", "createVolumePermission"]
CALLS = ["cloudtrail:StopLogging", "ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "iam:AttachUserPolicy"]
CALLS += ["iam:CreateAccessKey", "ec2:AuthorizeSecurityGroupIngress", "guardduty:UpdateDetector", "iam:PutUserPolicy"]


@given(
    call=st.sampled_from(CALLS),
    params=st.dictionaries(st.sampled_from(KEYS), ODD),
    answer=st.dictionaries(st.text(max_size=8), ODD),
)
def test_whatever_he_wrote_only_proper_names_are_aimed_at(call: str, params: Any, answer: Any) -> None:
    for deed in found([act(call, params, answer)], ACCOUNT, CONTEXT):
        if deed.target is not None:
            assert deed.target.arn.startswith("arn:aws:")
            assert not set(deed.target.name) & set(" \n*?$'\"<>{}")
            assert deed.target.account == ACCOUNT
        assert all(problems(one_) == () for one_ in deed.by_hand)


@given(params=ODD, answer=ODD, call=st.sampled_from(CALLS))
def test_an_odd_event_added_nothing(params: Any, answer: Any, call: str) -> None:
    deed = Deed("e", AT, call, {"createVolumePermission": params}, {"accessKey": answer})
    assert all(isinstance(name, str) and name for name in added(deed))


# Minted -------------------------------------------------------------------------------------------------------------

ISSUED = {"accessKeyId": "ASIAIOSFODNN7EXAMPLE"}
ASSUMED = {"assumedRoleId": "AROAEXAMPLEEXAMPLE123:x", "arn": f"arn:aws:sts::{OTHER}:assumed-role/web/x"}


def assumed(role: str = f"arn:aws:iam::{OTHER}:role/app/web", **answer: Any) -> Act:
    return act("sts:AssumeRole", {"roleArn": role}, {"credentials": ISSUED, "assumedRoleUser": ASSUMED, **answer})


def test_a_session_is_known_by_stss_answer_and_its_path_by_the_request() -> None:
    ((_, one_),) = minted([assumed()])
    assert one_.session is not None
    assert (one_.key, one_.session.account, one_.session.name) == (ISSUED["accessKeyId"], OTHER, "web")
    assert (one_.session.arn, one_.session.within) == (f"arn:aws:iam::{OTHER}:role/app/web", "AROAEXAMPLEEXAMPLE123:x")


@pytest.mark.parametrize("role", [f"arn:aws:iam::{OTHER}:role/other", f"arn:aws:iam::{ACCOUNT}:role/web", "", None, 7])
def test_a_request_that_names_another_role_is_not_believed(role: Any) -> None:
    ((_, one_),) = minted([assumed(role)])
    assert one_.session is not None
    assert one_.session.arn == f"arn:aws:iam::{OTHER}:role/web"


@pytest.mark.parametrize(
    "answer", [{"credentials": None}, {"assumedRoleUser": None}, {"credentials": {"accessKeyId": "AKIA1"}}]
)
def test_an_answer_that_says_too_little_minted_nothing(answer: Any) -> None:
    assert minted([assumed(**answer)]) == ()


def test_a_session_of_the_user_himself_is_followed_but_is_no_role_s() -> None:
    ((_, one_),) = minted([act("sts:GetSessionToken", {}, {"credentials": ISSUED})])
    assert one_.session is None
