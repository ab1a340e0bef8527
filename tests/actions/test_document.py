"""I5 and S2: one statement in somebody's document, put in, kept and taken out again, against a simulated AWS."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from stanch.actions import catalogue
from stanch.actions._document import sid
from stanch.model.change import Target, TargetKind
from stanch.model.errors import FailedResponse

ACTIONS = catalogue()
THEIRS = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALSO = {**THEIRS, "Sid": "Also", "Principal": {"AWS": "*"}}
OURS = "stanchC0a1b2c3dr1"


@dataclass
class Owned:
    """A document that somebody owns, and how to read and write it past stanch."""

    target: Target
    read: Callable[[], Any]
    write: Callable[[Any], None]


def document(*statements: Any) -> Any:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(world: Any) -> Owned:
    iam, target = world.client("iam"), world.role(path="/app/")

    def write(value: Any) -> None:
        iam.update_assume_role_policy(RoleName=target.name, PolicyDocument=json.dumps(value))

    return Owned(target, lambda: iam.get_role(RoleName="web")["Role"]["AssumeRolePolicyDocument"], write)


def bucket(world: Any) -> Owned:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="invoices", CreateBucketConfiguration={"LocationConstraint": world.region})
    role = f"arn:aws:iam::{world.account}:role/app/web"
    arn = "arn:aws:s3:::invoices"
    target = Target(TargetKind.BUCKET_ACCESS, world.account, world.region, "invoices", arn, role)

    def write(value: Any) -> None:
        s3.put_bucket_policy(Bucket="invoices", Policy=json.dumps(value))

    return Owned(target, lambda: json.loads(s3.get_bucket_policy(Bucket="invoices")["Policy"]), write)


@pytest.fixture(params=["I5", "S2"])
def id(request: pytest.FixtureRequest) -> str:  # noqa: A001
    chosen: str = request.param
    return chosen


@pytest.fixture
def owned(world: Any, id: str) -> Owned:
    made = {"I5": trust, "S2": bucket}[id](world)
    made.write(document(THEIRS))
    return made


def test_one_statement_is_added_and_ends_by_itself(world: Any, id: str, owned: Owned) -> None:
    assert len(world.contain(ACTIONS[id], owned.target)) == 1
    first, ours = owned.read()["Statement"]
    assert first == THEIRS
    assert (ours["Sid"], ours["Effect"]) == (OURS, "Deny")
    assert ours["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2026-03-01T12:00:00Z"}


def test_nobody_assumes_the_role(world: Any) -> None:
    role = trust(world)
    role.write(document(THEIRS))
    world.contain(ACTIONS["I5"], role.target)
    ours = role.read()["Statement"][1]
    assert ours["Principal"] == "*"
    assert set(ours["Action"]) == {"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"}


def test_only_the_one_principal_is_denied_the_bucket(world: Any) -> None:
    one = bucket(world)
    world.contain(ACTIONS["S2"], one.target)
    (ours,) = one.read()["Statement"]
    assert ours["Condition"]["ArnEquals"] == {"aws:PrincipalArn": one.target.within}
    assert ours["Resource"] == ["arn:aws:s3:::invoices", "arn:aws:s3:::invoices/*"]


@pytest.mark.parametrize("forward_calls", [0, 1])
@pytest.mark.parametrize("inverse_calls", [0, 1])
@pytest.mark.parametrize("kept", [False, True])
def test_undo_restores_the_document_from_any_crash(
    world: Any, id: str, owned: Owned, forward_calls: int, inverse_calls: int, kept: bool
) -> None:
    action = ACTIONS[id]
    before = action.snapshot(world.reader, owned.target)
    sent = world.contain(action, owned.target, dies_after=forward_calls)
    assert len(sent) + len(world.contain(action, owned.target)) == 1
    if kept:
        world.keep(action, owned.target)
        assert "aws:CurrentTime" not in json.dumps(owned.read())
    world.undo(action, owned.target, before, dies_after=inverse_calls)
    assert world.undo(action, owned.target, before).conflicts == ()
    assert action.snapshot(world.reader, owned.target) == before


def test_what_a_person_changed_meanwhile_stays(world: Any, id: str, owned: Owned) -> None:
    action = ACTIONS[id]
    before = action.snapshot(world.reader, owned.target)
    world.contain(action, owned.target)
    found = owned.read()
    owned.write({**found, "Statement": [ALSO, *found["Statement"]]})
    assert action.forward(owned.target, action.snapshot(world.reader, owned.target), world.terms) == ()
    assert world.undo(action, owned.target, before).conflicts == ()
    assert owned.read() == document(ALSO, THEIRS)


def test_our_statement_in_other_words_is_left_alone_and_named(world: Any, id: str, owned: Owned) -> None:
    action = ACTIONS[id]
    before = action.snapshot(world.reader, owned.target)
    world.contain(action, owned.target)
    found = owned.read()
    found["Statement"][1]["Effect"] = "Allow"
    owned.write(found)
    now = action.snapshot(world.reader, owned.target)
    assert action.forward(owned.target, now, world.terms)
    undo = action.inverse(owned.target, before, now, world.terms)
    assert undo.calls == ()
    assert f"statement {OURS} no longer says what stanch wrote" in undo.conflicts[0]


def test_a_statement_that_someone_took_out_leaves_nothing_to_undo(world: Any, id: str, owned: Owned) -> None:
    action = ACTIONS[id]
    before = action.snapshot(world.reader, owned.target)
    world.contain(action, owned.target)
    owned.write(document(THEIRS))
    undo = action.inverse(owned.target, before, action.snapshot(world.reader, owned.target), world.terms)
    assert (undo.calls, undo.conflicts) == ((), ())


def test_a_single_statement_without_a_list_comes_back_as_it_was(world: Any, id: str, owned: Owned) -> None:
    owned.write({"Version": "2012-10-17", "Statement": THEIRS})
    before = ACTIONS[id].snapshot(world.reader, owned.target)
    world.contain(ACTIONS[id], owned.target)
    assert len(owned.read()["Statement"]) == 2
    world.undo(ACTIONS[id], owned.target, before)
    assert owned.read()["Statement"] == THEIRS


def test_two_rounds_of_a_case_have_statements_of_their_own(world: Any, id: str, owned: Owned) -> None:
    action = ACTIONS[id]
    before = action.snapshot(world.reader, owned.target)
    world.contain(action, owned.target)
    second = replace(world.terms, round=2)
    world.contain(action, owned.target, terms=second)
    assert len(owned.read()["Statement"]) == 3
    world.undo(action, owned.target, before)
    assert [one["Sid"] for one in owned.read()["Statement"]] == ["Theirs", sid(second)]


def test_a_document_that_would_be_too_long_is_refused(world: Any, id: str, owned: Owned) -> None:
    state = ACTIONS[id].snapshot(world.reader, owned.target)
    padding = {**THEIRS, "Action": ["x" * 20_000]}
    long = replace(state, document=json.dumps(document(THEIRS, padding)))
    (reason,) = ACTIONS[id].objections(owned.target, long)
    assert "are allowed" in reason


def test_a_bucket_without_a_policy_has_none_again(world: Any) -> None:
    one = bucket(world)
    before = ACTIONS["S2"].snapshot(world.reader, one.target)
    assert before.document == ""
    world.contain(ACTIONS["S2"], one.target)
    undo = ACTIONS["S2"].inverse(one.target, before, ACTIONS["S2"].snapshot(world.reader, one.target), world.terms)
    assert [call.operation for call in undo.calls] == ["DeleteBucketPolicy"]
    world.undo(ACTIONS["S2"], one.target, before)
    assert ACTIONS["S2"].snapshot(world.reader, one.target) == before


def test_a_policy_that_someone_gave_a_bare_bucket_meanwhile_stays(world: Any) -> None:
    one = bucket(world)
    before = ACTIONS["S2"].snapshot(world.reader, one.target)
    world.contain(ACTIONS["S2"], one.target)
    one.write(document(THEIRS, *one.read()["Statement"]))
    world.undo(ACTIONS["S2"], one.target, before)
    assert one.read() == document(THEIRS)


def test_a_trust_policy_is_never_left_empty(world: Any) -> None:
    role = trust(world)
    role.write(document(THEIRS))
    before = ACTIONS["I5"].snapshot(world.reader, role.target)
    world.contain(ACTIONS["I5"], role.target)
    role.write(document(role.read()["Statement"][1]))
    undo = ACTIONS["I5"].inverse(role.target, before, ACTIONS["I5"].snapshot(world.reader, role.target), world.terms)
    assert undo.calls == ()
    assert "no other statement left" in undo.conflicts[0]


@pytest.mark.parametrize(
    "principal",
    [
        "",
        "*",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:role/*/web",
        "arn:aws:iam::111122223333:role/${aws:username}",
        "arn:aws:iam::111122223333:role/w?b",
        "arn:aws:sts::111122223333:assumed-role/web/session",
        "111122223333",
    ],
)
def test_a_principal_that_is_not_exactly_one_is_never_locked_out(world: Any, principal: str) -> None:
    target = replace(bucket(world).target, within=principal)
    (reason,) = ACTIONS["S2"].objections(target, ACTIONS["S2"].snapshot(world.reader, target))
    assert "can be denied by its exact ARN" in reason


@pytest.mark.parametrize("path", ["aws-reserved/sso.amazonaws.com", "aws-service-role/ecs.amazonaws.com"])
def test_roles_that_aws_keeps_to_itself_are_refused(world: Any, path: str) -> None:
    target = replace(bucket(world).target, within=f"arn:aws:iam::111122223333:role/{path}/Some")
    assert len(ACTIONS["S2"].objections(target, ACTIONS["S2"].snapshot(world.reader, target))) == 1
    role = world.role("Some", f"/{path}/")
    assert len(ACTIONS["I5"].objections(role, ACTIONS["I5"].snapshot(world.reader, role))) == 1


def test_what_is_not_there_is_refused_and_leaves_nothing_to_undo(world: Any) -> None:
    role = replace(world.role(), name="nobody")
    none = replace(bucket(world).target, name="no-such-bucket", arn="arn:aws:s3:::no-such-bucket")
    for action, target in ((ACTIONS["I5"], role), (ACTIONS["S2"], none)):
        state = action.snapshot(world.reader, target)
        (reason,) = action.objections(target, state)
        assert "does not exist" in reason
        assert action.inverse(target, state, state, world.terms).calls == ()


def test_a_policy_that_is_no_json_is_a_failed_response(world: Any) -> None:
    class Odd:
        def read(self, *_: Any, **__: Any) -> Any:
            return {"Policy": "{"}

    with pytest.raises(FailedResponse, match="s3:GetBucketPolicy"):
        ACTIONS["S2"].snapshot(Odd(), bucket(world).target)
