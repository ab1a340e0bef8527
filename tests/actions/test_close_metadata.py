"""E5 against a simulated EC2."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.close_metadata import ACTION
from stanch.model.change import Target


@pytest.fixture
def host(world: Any) -> Target:
    target: Target = world.host()
    return target


def endpoint(world: Any, host: Target) -> str:
    return ACTION.snapshot(world.reader, host).endpoint


@pytest.mark.parametrize("forward_calls", [0, 1])
@pytest.mark.parametrize("inverse_calls", [0, 1])
def test_it_is_closed_and_opened_again_from_any_crash(
    world: Any, host: Target, forward_calls: int, inverse_calls: int
) -> None:
    before = ACTION.snapshot(world.reader, host)
    sent = world.contain(ACTION, host, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, host)) == 1
    assert endpoint(world, host) == "disabled"
    world.undo(ACTION, host, before, dies_after=inverse_calls)
    world.undo(ACTION, host, before)
    assert ACTION.snapshot(world.reader, host) == before


def test_one_that_was_closed_before_is_never_opened(world: Any, host: Target) -> None:
    world.client("ec2").modify_instance_metadata_options(InstanceId=host.name, HttpEndpoint="disabled")
    before = ACTION.snapshot(world.reader, host)
    assert world.contain(ACTION, host) == []
    world.undo(ACTION, host, before)
    assert endpoint(world, host) == "disabled"


def test_only_the_endpoint_is_written(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    (call,) = world.contain(ACTION, host)
    assert set(call.params) == {"InstanceId", "HttpEndpoint"}
    (back,) = ACTION.inverse(host, before, ACTION.snapshot(world.reader, host), world.terms).calls
    assert set(back.params) == {"InstanceId", "HttpEndpoint"}


def test_a_terminated_instance_is_refused_and_leaves_nothing_to_undo(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    gone = replace(ACTION.snapshot(world.reader, host), state="terminated")
    assert ACTION.objections(host, gone) == (f"instance {host.name} is terminated",)
    assert ACTION.inverse(host, before, gone, world.terms).calls == ()
