"""E3 against simulated target groups, of instances and of addresses."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.leave_load_balancer import ACTION, Registration
from stanch.model.change import Target


class Served:
    """A host behind two target groups: by its id, and by its address. (moto knows an id only once in a group.)"""

    def __init__(self, world: Any) -> None:
        self.elb, ec2 = world.client("elbv2"), world.client("ec2")
        self.target: Target = world.host()
        host = ec2.describe_instances(InstanceIds=[self.target.name])["Reservations"][0]["Instances"][0]
        self.vpc, self.address = host["VpcId"], host["PrivateIpAddress"]
        self.by_id, self.by_address = self.group("by-id", "instance"), self.group("by-address", "ip")
        self.register(self.by_id, {"Id": self.target.name, "Port": 443})
        self.register(self.by_address, {"Id": self.address, "Port": 8080}, {"Id": "10.0.1.200", "Port": 8080})

    def group(self, name: str, kind: str) -> str:
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType=kind)
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def register(self, group: str, *targets: dict[str, Any]) -> None:
        self.elb.register_targets(TargetGroupArn=group, Targets=list(targets))


@pytest.fixture
def served(world: Any) -> Served:
    return Served(world)


def test_it_leaves_every_group_and_comes_back_to_the_same_ports(world: Any, served: Served) -> None:
    before = ACTION.snapshot(world.reader, served.target)
    assert set(before.registered) == {
        Registration(served.by_id, served.target.name, 443),
        Registration(served.by_address, served.address, 8080),
    }
    assert [call.operation for call in world.contain(ACTION, served.target)] == ["DeregisterTargets"] * 2
    assert ACTION.snapshot(world.reader, served.target).registered == ()
    others = served.elb.describe_target_health(TargetGroupArn=served.by_address)["TargetHealthDescriptions"]
    assert [one["Target"]["Id"] for one in others] == ["10.0.1.200"]
    assert world.undo(ACTION, served.target, before).conflicts == ()
    assert ACTION.snapshot(world.reader, served.target) == before


@pytest.mark.parametrize("forward_calls", [0, 1, 2])
@pytest.mark.parametrize("inverse_calls", [0, 1, 2])
def test_undo_works_from_any_crash(world: Any, served: Served, forward_calls: int, inverse_calls: int) -> None:
    before = ACTION.snapshot(world.reader, served.target)
    sent = world.contain(ACTION, served.target, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, served.target)) == 2
    world.undo(ACTION, served.target, before, dies_after=inverse_calls)
    assert world.undo(ACTION, served.target, before).conflicts == ()
    assert ACTION.snapshot(world.reader, served.target) == before


def test_it_comes_back_to_no_group_that_it_was_not_in(world: Any, served: Served) -> None:
    served.group("new", "instance")
    before = ACTION.snapshot(world.reader, served.target)
    world.contain(ACTION, served.target)
    calls = ACTION.inverse(served.target, before, ACTION.snapshot(world.reader, served.target), world.terms).calls
    assert {call.resource for call in calls} == {served.by_id, served.by_address}


def test_what_someone_registered_again_is_not_registered_twice(world: Any, served: Served) -> None:
    before = ACTION.snapshot(world.reader, served.target)
    world.contain(ACTION, served.target)
    served.register(served.by_id, {"Id": served.target.name, "Port": 443})
    undo = ACTION.inverse(served.target, before, ACTION.snapshot(world.reader, served.target), world.terms)
    assert [call.resource for call in undo.calls] == [served.by_address]


def test_a_group_that_was_deleted_meanwhile_is_named(world: Any, served: Served) -> None:
    before = ACTION.snapshot(world.reader, served.target)
    world.contain(ACTION, served.target)
    served.elb.delete_target_group(TargetGroupArn=served.by_address)
    undo = world.undo(ACTION, served.target, before)
    assert len(undo.conflicts) == 1
    assert f"{served.by_address} was deleted meanwhile" in undo.conflicts[0]


def test_a_target_that_is_being_drained_is_registered_no_more(world: Any, served: Served) -> None:
    reader = world.reader

    class Draining:
        def read(self, service: str, operation: str, **params: Any) -> Any:
            answer = reader.read(service, operation, **params)
            if operation != "DescribeTargetHealth":
                return answer
            rows = answer["TargetHealthDescriptions"]
            return {"TargetHealthDescriptions": [{**row, "TargetHealth": {"State": "draining"}} for row in rows]}

    state = ACTION.snapshot(Draining(), served.target)
    assert ACTION.forward(served.target, state, world.terms) == ()


def test_a_member_of_an_auto_scaling_group_leaves_by_standby(world: Any) -> None:
    target, state = ACTION.examples[0]
    (reason,) = ACTION.objections(target, replace(state, scaling_group="web"))
    assert "standby (E2)" in reason


def test_the_auto_scaling_group_is_known_by_a_tag_that_only_aws_can_write(world: Any) -> None:
    vpc, subnet = world.network()
    named = world.instance(subnet, ((world.group(vpc, "web"),),), {"autoscaling:groupName": "of-an-attacker"})
    assert ACTION.snapshot(world.reader, named).scaling_group == ""


def test_a_terminated_instance_is_refused_and_leaves_nothing_to_undo(world: Any, served: Served) -> None:
    before = ACTION.snapshot(world.reader, served.target)
    world.client("ec2").terminate_instances(InstanceIds=[served.target.name])
    now = ACTION.snapshot(world.reader, served.target)
    assert ACTION.objections(served.target, now) == (f"instance {served.target.name} is terminated",)
    undo = ACTION.inverse(served.target, before, now, world.terms)
    assert (undo.calls, undo.conflicts) == ((), ())
