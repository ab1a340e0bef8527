"""A session may do exactly what its containment does: parsed, measured, split where it is too long, never widened."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stanch.actions import catalogue, oversized, session_for, sessions
from stanch.actions._examples import TERMS
from stanch.actions._session import LIMIT, session_of
from stanch.aws.validate import permissions
from stanch.model.change import Call, Change
from stanch.store.codec import plain

ACTIONS = catalogue()


def change(name: str) -> Change:
    action = ACTIONS[name]
    target, state = action.examples[0]
    forward, undo = action.forward(target, state, TERMS), action.inverse(target, state, None, TERMS)
    texts = (action.blast_radius(target, state), action.cut, action.breaks)
    return Change(name, action.title, target, plain(state), forward, undo.calls, *texts, action.reverts_by, TERMS)


def statements(document: str) -> list[Any]:
    found: list[Any] = json.loads(document)["Statement"]
    return found


def allowed(document: str) -> set[str]:
    return {one for statement in statements(document) for one in statement["Action"]}


def is_known(call: Call) -> bool:
    return "<" not in call.resource


@pytest.mark.parametrize("name", ACTIONS)
def test_the_sessions_of_a_change_allow_its_calls_and_nothing_else(name: str) -> None:
    one = change(name)
    calls = (call for call in (*one.forward, *one.inverse) if is_known(call) or call.operation.startswith("Revoke"))
    wanted = {name for call in calls for name in permissions(call)}
    documents = [each.document for each in sessions(one)]
    assert set().union(*map(allowed, documents)) == wanted
    assert all(len(document) <= LIMIT for document in documents)
    assert all(each["Effect"] == "Allow" for document in documents for each in statements(document))


@pytest.mark.parametrize("name", ACTIONS)
def test_no_session_reaches_beyond_the_account_of_its_target(name: str) -> None:
    one = change(name)
    arns = [arn for each in sessions(one) for s in statements(each.document) for arn in s["Resource"]]
    assert arns
    for arn in arns:
        _, _, service, region, account, _ = arn.split(":", 5)
        assert account == ("" if service == "s3" or ":snapshot/" in arn or ":image/" in arn else one.target.account)
        assert "*" not in region
    if one.target.kind == "instance":
        assert not [arn for arn in arns if arn.endswith(":instance/*")]


@pytest.mark.parametrize("name", ["I2", "I3", "I7"])
def test_a_session_attaches_and_detaches_only_the_policy_of_its_change(name: str) -> None:
    one = change(name)
    (made,) = [call.resource for call in one.forward if call.operation == "CreatePolicy"]
    (document,) = [each.document for each in sessions(one)]
    binding = [s for s in statements(document) if any("tach" in action for action in s["Action"])]
    assert [s["Condition"] for s in binding] == [{"ArnEquals": {"iam:PolicyARN": made}}]
    assert binding[0]["Resource"] == [one.target.arn]


@pytest.mark.parametrize("name", ACTIONS)
def test_every_planned_call_finds_a_session_that_fits(name: str) -> None:
    one = change(name)
    for call in (*one.forward, *one.inverse):
        chosen = session_for(one, call)
        assert set(permissions(call)) <= allowed(chosen.document)
        assert chosen.fits
    assert oversized(one) == ""


def test_a_call_that_no_plan_foresaw_gets_a_session_of_its_own() -> None:
    one = change("I2")
    params = {"PolicyArn": one.forward[0].resource, "VersionId": "v1"}
    late = Call("iam", "DeletePolicyVersion", params, one.forward[0].resource)
    assert allowed(session_for(one, late).document) == {"iam:DeletePolicyVersion"}


def test_what_is_not_made_yet_opens_no_wide_door() -> None:
    one = change("E4")
    assert any(not is_known(call) for call in one.forward)
    group = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0ffffffffffffffff"
    params = {"GroupId": "sg-0ffffffffffffffff", "SecurityGroupRuleIds": ["sgr-0a"]}
    chosen = session_for(one, Call("ec2", "RevokeSecurityGroupEgress", params, group))
    assert chosen in sessions(one)
    revoking = [each for each in statements(chosen.document) if "ec2:RevokeSecurityGroupEgress" in each["Action"]]
    assert [each["Condition"] for each in revoking] == [{"Null": {"aws:ResourceTag/stanch:isolation": "false"}}]
    assert [each["Resource"] for each in revoking] == [["arn:aws:ec2:eu-west-1:111122223333:security-group/*"]]


def wide(number: int, *, service: str = "ec2") -> tuple[Call, ...]:
    """So many interfaces to put into the isolation group."""
    base = change("E4").inverse[0]
    arns = (f"{base.resource[:-6]}{n:06x}" for n in range(number))
    return tuple(replace(base, resource=arn) for arn in arns)


def test_a_change_with_too_many_calls_for_one_session_is_split_and_never_widened() -> None:
    one = replace(change("E4"), forward=wide(8), inverse=wide(6))
    assert not session_of(one.target, (*one.forward, *one.inverse)).fits
    parts = sessions(one)
    assert len(parts) > 1
    assert all(each.fits for each in parts)
    granted = {grant for each in parts for grant in each.grants}
    assert granted == session_of(one.target, (*one.forward, *one.inverse)).grants


def test_a_split_goes_down_to_single_calls() -> None:
    one = replace(change("E4"), forward=wide(60), inverse=())
    assert all(each.fits for each in sessions(one))
    assert len(sessions(one)) == 60


def test_a_call_that_fits_no_session_is_named() -> None:
    one = change("I1")
    long = replace(one.forward[0], resource="arn:aws:iam::111122223333:user/" + "a" * LIMIT)
    assert "iam:UpdateAccessKey alone takes" in oversized(replace(one, forward=(long,)))
