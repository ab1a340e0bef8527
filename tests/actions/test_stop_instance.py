"""E6 against a simulated EC2."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.stop_instance import ACTION, Power
from stanch.model.change import Target


@pytest.fixture
def host(world: Any) -> Target:
    target: Target = world.host()
    return target


@pytest.mark.parametrize("protected", [False, True])
@pytest.mark.parametrize("forward_calls", [0, 1, 2])
@pytest.mark.parametrize("inverse_calls", [0, 1, 2])
def test_it_stops_and_starts_again_from_any_crash(
    world: Any, host: Target, protected: bool, forward_calls: int, inverse_calls: int
) -> None:
    world.client("ec2").modify_instance_attribute(InstanceId=host.name, DisableApiStop={"Value": protected})
    before = ACTION.snapshot(world.reader, host)
    assert before.no_stop is protected
    sent = world.contain(ACTION, host, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, host)) == 1 + protected
    assert ACTION.snapshot(world.reader, host).state == "stopped"
    world.undo(ACTION, host, before, dies_after=inverse_calls)
    assert world.undo(ACTION, host, before).conflicts == ()
    assert ACTION.snapshot(world.reader, host) == before


def test_one_that_was_stopped_before_is_never_started(world: Any, host: Target) -> None:
    world.client("ec2").stop_instances(InstanceIds=[host.name])
    before = ACTION.snapshot(world.reader, host)
    assert world.contain(ACTION, host) == []
    world.undo(ACTION, host, before)
    assert ACTION.snapshot(world.reader, host).state == "stopped"


def test_one_that_someone_started_again_is_left_running(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    world.client("ec2").start_instances(InstanceIds=[host.name])
    assert ACTION.inverse(host, before, ACTION.snapshot(world.reader, host), world.terms).calls == ()


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Power("running", ebs_root=False), "instance store"),
        (Power("running", spot=True), "Spot instance"),
        (Power("running", serves="web"), "standby (E2) first"),
        (Power("terminated"), "is terminated"),
        (Power(""), "unknown to EC2"),
    ],
)
def test_what_could_not_come_back_is_refused(host: Target, state: Power, reason: str) -> None:
    (said,) = ACTION.objections(host, state)
    assert reason in said


def test_a_member_of_a_group_is_stopped_only_on_standby(world: Any, host: Target) -> None:
    _, subnet = world.network()
    scaling = world.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="l", ImageId="ami-03cf127a", InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="l",
        MinSize=0,
        MaxSize=1,
        DesiredCapacity=1,
        VPCZoneIdentifier=subnet,
    )
    id = scaling.describe_auto_scaling_instances()["AutoScalingInstances"][0]["InstanceId"]  # noqa: A001
    member = replace(host, name=id, arn=host.arn.replace(host.name, id))
    assert ACTION.snapshot(world.reader, member).serves == "web"
    scaling.enter_standby(InstanceIds=[id], AutoScalingGroupName="web", ShouldDecrementDesiredCapacity=True)
    assert ACTION.objections(member, ACTION.snapshot(world.reader, member)) == ()


def test_a_terminated_instance_leaves_nothing_to_undo(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    world.client("ec2").terminate_instances(InstanceIds=[host.name])
    assert ACTION.inverse(host, before, ACTION.snapshot(world.reader, host), world.terms).calls == ()
