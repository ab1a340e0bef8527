"""S1 against a simulated S3."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.block_public_access import ACTION
from stanch.model.change import Target, TargetKind

SWITCHES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@pytest.fixture
def bucket(world: Any) -> Target:
    world.client("s3").create_bucket(Bucket="invoices", CreateBucketConfiguration={"LocationConstraint": world.region})
    return Target(TargetKind.BUCKET, world.account, world.region, "invoices", "arn:aws:s3:::invoices")


def configure(world: Any, *on: str) -> None:
    settings = {name: name in on for name in SWITCHES}
    world.client("s3").put_public_access_block(Bucket="invoices", PublicAccessBlockConfiguration=settings)


@pytest.mark.parametrize("on", [None, (), ("BlockPublicAcls",), SWITCHES[:3]])
@pytest.mark.parametrize("forward_calls", [0, 1])
@pytest.mark.parametrize("inverse_calls", [0, 1])
def test_all_switches_go_on_and_back_to_what_was_there(
    world: Any, bucket: Target, on: tuple[str, ...] | None, forward_calls: int, inverse_calls: int
) -> None:
    if on is not None:
        configure(world, *on)
    before = ACTION.snapshot(world.reader, bucket)
    assert before.on == on
    sent = world.contain(ACTION, bucket, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, bucket)) == 1
    assert ACTION.snapshot(world.reader, bucket).on == SWITCHES
    world.undo(ACTION, bucket, before, dies_after=inverse_calls)
    assert world.undo(ACTION, bucket, before).conflicts == ()
    assert ACTION.snapshot(world.reader, bucket) == before


def test_a_bucket_that_was_closed_before_stays_closed(world: Any, bucket: Target) -> None:
    configure(world, *SWITCHES)
    before = ACTION.snapshot(world.reader, bucket)
    assert world.contain(ACTION, bucket) == []
    assert ACTION.inverse(bucket, before, None, world.terms).calls == ()
    world.undo(ACTION, bucket, before)
    assert ACTION.snapshot(world.reader, bucket).on == SWITCHES


def test_what_someone_set_meanwhile_is_left_and_named(world: Any, bucket: Target) -> None:
    before = ACTION.snapshot(world.reader, bucket)
    world.contain(ACTION, bucket)
    configure(world, *SWITCHES[:2])
    (conflict,) = world.undo(ACTION, bucket, before).conflicts
    assert "someone changed the public access block" in conflict
    assert ACTION.snapshot(world.reader, bucket).on == SWITCHES[:2]


def test_every_call_says_whose_bucket_it_is(world: Any, bucket: Target) -> None:
    state = ACTION.snapshot(world.reader, bucket)
    calls = (*ACTION.forward(bucket, state, world.terms), *ACTION.inverse(bucket, state, None, world.terms).calls)
    assert {call.params["ExpectedBucketOwner"] for call in calls} == {world.account}


def test_a_bucket_that_does_not_exist_is_refused_and_leaves_nothing_to_undo(world: Any, bucket: Target) -> None:
    before = ACTION.snapshot(world.reader, bucket)
    none = replace(bucket, name="no-such-bucket")
    state = ACTION.snapshot(world.reader, none)
    assert ACTION.objections(none, state) == ("bucket no-such-bucket does not exist",)
    assert ACTION.inverse(none, before, state, world.terms).calls == ()
