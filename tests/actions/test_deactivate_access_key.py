"""I1 against a simulated IAM."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.deactivate_access_key import ACTION, Key
from stanch.model.change import Target, TargetKind


@pytest.fixture
def key(world: Any) -> Target:
    user: Target = world.user()
    id = world.client("iam").create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]  # noqa: A001
    return replace(user, kind=TargetKind.ACCESS_KEY, name=id, within="alice")


def test_a_key_is_deactivated_and_activated_again(world: Any, key: Target) -> None:
    before = ACTION.snapshot(world.reader, key)
    assert before == Key("Active")
    (call,) = world.contain(ACTION, key)
    assert call.params == {"UserName": "alice", "AccessKeyId": key.name, "Status": "Inactive"}
    assert call.resource == key.arn
    assert ACTION.snapshot(world.reader, key) == Key("Inactive")
    assert world.contain(ACTION, key) == []
    assert world.undo(ACTION, key, before).conflicts == ()
    assert ACTION.snapshot(world.reader, key) == before


def test_a_key_that_was_inactive_before_is_never_activated(world: Any, key: Target) -> None:
    world.client("iam").update_access_key(UserName="alice", AccessKeyId=key.name, Status="Inactive")
    before = ACTION.snapshot(world.reader, key)
    assert world.contain(ACTION, key) == []
    world.undo(ACTION, key, before)
    assert ACTION.snapshot(world.reader, key) == Key("Inactive")


def test_a_key_that_was_deleted_meanwhile_leaves_nothing_to_undo(world: Any, key: Target) -> None:
    before = ACTION.snapshot(world.reader, key)
    world.contain(ACTION, key)
    world.client("iam").delete_access_key(UserName="alice", AccessKeyId=key.name)
    undo = ACTION.inverse(key, before, ACTION.snapshot(world.reader, key), world.terms)
    assert (undo.calls, undo.conflicts) == ((), ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"within": "bob"}, "does not belong to user bob"),
        ({"within": "nobody"}, "does not belong to user nobody"),
        ({"within": ""}, "is not known"),
        ({"name": "AKIA0000000000000000"}, "does not exist"),
        ({"name": "ASIA0000000000000000"}, "belongs to a session"),
    ],
)
def test_a_key_that_is_not_the_users_is_refused(world: Any, key: Target, change: dict[str, str], reason: str) -> None:
    world.user("bob")
    wrong = replace(key, **change)  # type: ignore[arg-type]  # fields of type str only
    (said,) = ACTION.objections(wrong, ACTION.snapshot(world.reader, wrong))
    assert reason in said
