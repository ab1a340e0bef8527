"""L1 against a simulated Lambda."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.stop_function import ACTION
from stanch.model.change import Target, TargetKind


@pytest.fixture
def function(world: Any) -> Target:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "")
    arn = world.client("lambda").create_function(
        FunctionName="resize",
        Runtime="python3.12",
        Role=world.role().arn,
        Handler="index.run",
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    return Target(TargetKind.FUNCTION, world.account, world.region, "resize", arn)


def reserve(world: Any, count: int) -> None:
    world.client("lambda").put_function_concurrency(FunctionName="resize", ReservedConcurrentExecutions=count)


@pytest.mark.parametrize("reserved", [None, 5])
@pytest.mark.parametrize("forward_calls", [0, 1])
@pytest.mark.parametrize("inverse_calls", [0, 1])
def test_it_is_stopped_and_runs_again_as_before(
    world: Any, function: Target, reserved: int | None, forward_calls: int, inverse_calls: int
) -> None:
    if reserved is not None:
        reserve(world, reserved)
    before = ACTION.snapshot(world.reader, function)
    assert before.reserved == reserved
    sent = world.contain(ACTION, function, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, function)) == 1
    assert ACTION.snapshot(world.reader, function).reserved == 0
    world.undo(ACTION, function, before, dies_after=inverse_calls)
    assert world.undo(ACTION, function, before).conflicts == ()
    assert ACTION.snapshot(world.reader, function) == before


def test_a_function_that_was_stopped_before_stays_so(world: Any, function: Target) -> None:
    reserve(world, 0)
    before = ACTION.snapshot(world.reader, function)
    assert world.contain(ACTION, function) == []
    assert ACTION.inverse(function, before, None, world.terms).calls == ()
    world.undo(ACTION, function, before)
    assert ACTION.snapshot(world.reader, function).reserved == 0


def test_what_someone_reserved_meanwhile_is_left_and_named(world: Any, function: Target) -> None:
    before = ACTION.snapshot(world.reader, function)
    world.contain(ACTION, function)
    reserve(world, 3)
    (conflict,) = world.undo(ACTION, function, before).conflicts
    assert "to 3: left as it is" in conflict
    assert ACTION.snapshot(world.reader, function).reserved == 3


def test_a_function_that_does_not_exist_is_refused_and_leaves_nothing_to_undo(world: Any, function: Target) -> None:
    before = ACTION.snapshot(world.reader, function)
    none = replace(function, name="nothing")
    state = ACTION.snapshot(world.reader, none)
    assert ACTION.objections(none, state) == (f"function nothing does not exist in {world.region}",)
    assert ACTION.inverse(none, before, state, world.terms).calls == ()
