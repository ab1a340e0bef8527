"""E2 against a simulated Auto Scaling: what shrinks, what is replaced, what is refused, and the way back."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.enter_standby import ACTION
from stanch.model.change import Target

NAME = "web/blue"  # a name may hold a slash


def scaled(world: Any, minimum: int = 1, desired: int = 2, version: str = "$Latest") -> Target:
    """An instance of a group of that size."""
    _, subnet = world.network()
    ec2, scaling = world.client("ec2"), world.client("autoscaling")
    made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=image())["LaunchTemplate"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=NAME,
        MinSize=minimum,
        MaxSize=desired + 1,
        DesiredCapacity=desired,
        LaunchTemplate={"LaunchTemplateId": made["LaunchTemplateId"], "Version": version},
        VPCZoneIdentifier=subnet,
    )
    id = scaling.describe_auto_scaling_instances()["AutoScalingInstances"][0]["InstanceId"]  # noqa: A001
    return replace(world.host(), name=id, arn=f"arn:aws:ec2:{world.region}:{world.account}:instance/{id}")


def image() -> dict[str, str]:
    return {"ImageId": "ami-03cf127a", "InstanceType": "t3.micro"}


def lifecycle(world: Any, target: Target) -> tuple[str, int]:
    group = ACTION.snapshot(world.reader, target).group
    assert group
    return group.lifecycle, group.desired


def test_the_group_shrinks_and_grows_back(world: Any) -> None:
    target = scaled(world)
    before = ACTION.snapshot(world.reader, target)
    (call,) = world.contain(ACTION, target)
    assert call.params["ShouldDecrementDesiredCapacity"] is True
    assert lifecycle(world, target) == ("Standby", 1)
    assert world.undo(ACTION, target, before).conflicts == ()
    assert ACTION.snapshot(world.reader, target) == before


@pytest.mark.parametrize("forward_calls", [0, 1])
@pytest.mark.parametrize("inverse_calls", [0, 1])
def test_a_crash_after_any_call_is_resumed_without_doubling(world: Any, forward_calls: int, inverse_calls: int) -> None:
    target = scaled(world)
    before = ACTION.snapshot(world.reader, target)
    sent = world.contain(ACTION, target, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, target)) == 1
    world.undo(ACTION, target, before, dies_after=inverse_calls)
    assert world.undo(ACTION, target, before).conflicts == ()
    assert ACTION.snapshot(world.reader, target) == before


def test_at_its_minimum_the_group_launches_another_one(world: Any) -> None:
    target = scaled(world, minimum=2)
    before = ACTION.snapshot(world.reader, target)
    assert before.group
    assert before.group.proven
    assert ACTION.objections(target, before) == ()
    (call,) = world.contain(ACTION, target)
    assert call.params["ShouldDecrementDesiredCapacity"] is False
    world.undo(ACTION, target, before)
    assert lifecycle(world, target) == ("InService", 3)


def test_nothing_is_launched_that_is_younger_than_the_instance(world: Any) -> None:
    target = scaled(world, minimum=2)
    state = ACTION.snapshot(world.reader, target)
    assert state.group
    (reason,) = ACTION.objections(target, replace(state, group=replace(state.group, proven=False)))
    assert "its evidence may be lost" in reason


@pytest.mark.parametrize(("made", "proven"), [("2020-01-01T00:00:00Z", True), ("2099-01-01T00:00:00Z", False)])
def test_the_version_that_the_group_launches_now_decides(world: Any, made: str, proven: bool) -> None:
    target = scaled(world, minimum=2)
    reader = world.reader

    class Dated:
        def read(self, service: str, operation: str, **params: Any) -> Any:
            answer = reader.read(service, operation, **params)
            if operation != "DescribeLaunchTemplateVersions":
                return answer
            return {"LaunchTemplateVersions": [{**answer["LaunchTemplateVersions"][0], "CreateTime": made}]}

    group = ACTION.snapshot(Dated(), target).group
    assert group
    assert group.proven is proven


def test_a_template_that_is_gone_proves_nothing(world: Any) -> None:
    target = scaled(world, minimum=2)
    world.client("ec2").delete_launch_template(LaunchTemplateName="web")
    group = ACTION.snapshot(world.reader, target).group
    assert group
    assert not group.proven


def test_without_room_it_stays_on_standby_and_is_named(world: Any) -> None:
    target = scaled(world)
    before = ACTION.snapshot(world.reader, target)
    world.contain(ACTION, target)
    scaling = world.client("autoscaling")
    scaling.update_auto_scaling_group(AutoScalingGroupName=NAME, MaxSize=1, DesiredCapacity=1)
    undo = ACTION.inverse(target, before, ACTION.snapshot(world.reader, target), world.terms)
    assert undo.calls == ()
    assert "no room" in undo.conflicts[0]


def test_one_that_someone_took_out_of_the_group_is_named(world: Any) -> None:
    target = scaled(world)
    before = ACTION.snapshot(world.reader, target)
    world.contain(ACTION, target)
    detach = {"InstanceIds": [target.name], "AutoScalingGroupName": NAME, "ShouldDecrementDesiredCapacity": False}
    world.client("autoscaling").detach_instances(**detach)
    now = ACTION.snapshot(world.reader, target)
    assert ACTION.forward(target, now, world.terms) == ()
    (conflict,) = ACTION.inverse(target, before, now, world.terms).conflicts
    assert "someone took instance" in conflict


def test_one_that_someone_brought_back_leaves_nothing_to_undo(world: Any) -> None:
    target = scaled(world)
    before = ACTION.snapshot(world.reader, target)
    world.contain(ACTION, target)
    world.client("autoscaling").exit_standby(InstanceIds=[target.name], AutoScalingGroupName=NAME)
    assert ACTION.inverse(target, before, ACTION.snapshot(world.reader, target), world.terms).calls == ()


def test_one_that_was_on_standby_before_stays_there(world: Any) -> None:
    target = scaled(world)
    world.contain(ACTION, target)
    before = ACTION.snapshot(world.reader, target)
    assert ACTION.forward(target, before, world.terms) == ()
    assert ACTION.inverse(target, before, before, world.terms).calls == ()


def test_it_does_not_apply_to_an_instance_of_no_group(world: Any) -> None:
    alone, member = world.host(), scaled(world)
    assert not ACTION.applies(alone, ACTION.snapshot(world.reader, alone))
    assert ACTION.applies(member, ACTION.snapshot(world.reader, member))


@pytest.mark.parametrize("found", ["Pending", "Pending:Wait", "Terminating", "Detaching", "EnteringStandby"])
def test_only_one_in_service_can_go_on_standby(world: Any, found: str) -> None:
    target, state = ACTION.examples[0]
    group = replace(state.group, lifecycle=found) if state.group else None
    reasons = ACTION.objections(target, replace(state, group=group))
    assert bool(reasons) is (found != "EnteringStandby")


def test_a_terminated_instance_is_refused_and_leaves_nothing_to_undo(world: Any) -> None:
    target = scaled(world)
    before = ACTION.snapshot(world.reader, target)
    world.client("ec2").terminate_instances(InstanceIds=[target.name])
    now = ACTION.snapshot(world.reader, target)
    assert ACTION.objections(target, now) == (f"instance {target.name} is terminated",)
    undo = ACTION.inverse(target, before, now, world.terms)
    assert (undo.calls, undo.conflicts) == ((), ())
