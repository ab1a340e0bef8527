"""E4 against a simulated EC2: two interfaces, each with groups of its own."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions._isolation import Attached, group_name
from stanch.actions.isolate_instance import ACTION
from stanch.model.change import Target
from stanch.model.finding import Instance, Interface

TYPICAL = 4  # calls: make the group, empty it, one per interface


@pytest.fixture
def host(world: Any) -> Target:
    vpc, subnet = world.network()
    web, admin, backup = (world.group(vpc, name) for name in ("web", "admin", "backup"))
    target: Target = world.instance(subnet, ((web, admin), (backup,)))
    return target


def groups_of(world: Any, target: Target) -> list[tuple[str, ...]]:
    return [one.groups for one in ACTION.snapshot(world.reader, target).interfaces]


def test_every_interface_is_isolated_and_gets_its_own_groups_back(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    assert sorted(len(one.groups) for one in before.interfaces) == [1, 2]
    sent = world.contain(ACTION, host)
    assert [call.operation for call in sent] == [
        "CreateSecurityGroup",
        "RevokeSecurityGroupEgress",
        "ModifyNetworkInterfaceAttribute",
        "ModifyNetworkInterfaceAttribute",
    ]
    isolated = ACTION.snapshot(world.reader, host)
    assert isolated.group
    assert isolated.group.empty
    assert groups_of(world, host) == [(isolated.group.id,)] * 2
    assert world.undo(ACTION, host, before).conflicts == ()
    assert groups_of(world, host) == [one.groups for one in before.interfaces]


@pytest.mark.parametrize("calls", range(TYPICAL + 1))
def test_a_crash_after_any_call_is_resumed_without_doubling(world: Any, host: Target, calls: int) -> None:
    before = ACTION.snapshot(world.reader, host)
    sent = world.contain(ACTION, host, dies_after=calls)
    resumed = world.contain(ACTION, host)
    assert len(sent) + len(resumed) == TYPICAL
    world.undo(ACTION, host, before)
    assert groups_of(world, host) == [one.groups for one in before.interfaces]


@pytest.mark.parametrize("calls", range(TYPICAL))
@pytest.mark.parametrize("undone", [0, 1, 2])
def test_undo_works_from_any_crash(world: Any, host: Target, calls: int, undone: int) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host, dies_after=calls)
    world.undo(ACTION, host, before, dies_after=undone)
    assert world.undo(ACTION, host, before).conflicts == ()
    assert groups_of(world, host) == [one.groups for one in before.interfaces]


def test_the_group_is_reused(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    world.undo(ACTION, host, before)
    assert [call.operation for call in world.contain(ACTION, host)] == ["ModifyNetworkInterfaceAttribute"] * 2


def test_a_group_that_someone_opened_is_emptied_before_it_is_used(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    world.undo(ACTION, host, before)
    open_up(world, host)
    left = ACTION.forward(host, ACTION.snapshot(world.reader, host), world.terms)
    assert [(call.operation, bool(call.waits_for)) for call in left] == [
        ("RevokeSecurityGroupIngress", False),
        ("RevokeSecurityGroupEgress", False),
        ("ModifyNetworkInterfaceAttribute", True),
        ("ModifyNetworkInterfaceAttribute", True),
    ]
    world.contain(ACTION, host)
    assert ACTION.snapshot(world.reader, host).group.empty  # type: ignore[union-attr]  # it exists by now


def test_a_hole_in_the_group_means_not_contained(world: Any, host: Target) -> None:
    world.contain(ACTION, host)
    open_up(world, host)
    assert ACTION.forward(host, ACTION.snapshot(world.reader, host), world.terms)


def test_what_a_person_changed_meanwhile_is_not_overwritten(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    first, second = before.interfaces
    vpc = before.vpc
    forensic = world.group(vpc, "forensic")
    world.client("ec2").modify_network_interface_attribute(NetworkInterfaceId=first.id, Groups=[forensic])
    undo = world.undo(ACTION, host, before)
    assert undo.conflicts == (f"someone gave interface {first.id} the groups {forensic}: left as it is",)
    assert groups_of(world, host) == [(forensic,), second.groups]


def test_a_group_that_was_deleted_meanwhile_leaves_its_interface_isolated(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    lone = next(one for one in before.interfaces if len(one.groups) == 1)
    world.client("ec2").delete_security_group(GroupId=lone.groups[0])
    undo = world.undo(ACTION, host, before)
    assert undo.conflicts == (f"interface {lone.id} stays isolated: its group {lone.groups[0]} was deleted meanwhile",)


def test_an_interface_that_joined_later_is_isolated_and_named(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    ec2 = world.client("ec2")
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [before.vpc]}])["Subnets"][0]["SubnetId"]
    late = ec2.create_network_interface(SubnetId=subnet, Groups=[before.interfaces[0].groups[0]])
    late_id = late["NetworkInterface"]["NetworkInterfaceId"]
    ec2.attach_network_interface(InstanceId=host.name, NetworkInterfaceId=late_id, DeviceIndex=2)
    assert len(world.contain(ACTION, host)) == 1
    (conflict,) = world.undo(ACTION, host, before).conflicts
    assert conflict.startswith(f"interface {late_id} joined later")


def test_an_interface_that_was_detached_is_named(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    now = ACTION.snapshot(world.reader, host)
    fewer = replace(now, interfaces=now.interfaces[:1])
    undo = ACTION.inverse(host, before, fewer, world.terms)
    assert len(undo.calls) == 1
    assert "no longer attached" in undo.conflicts[0]


def test_a_terminated_instance_leaves_nothing_to_undo(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    world.client("ec2").terminate_instances(InstanceIds=[host.name])
    gone = ACTION.snapshot(world.reader, host)
    undo = ACTION.inverse(host, before, gone, world.terms)
    assert (undo.calls, undo.conflicts) == ((), ())
    assert ACTION.objections(host, gone) == (f"instance {host.name} is terminated",)


@pytest.mark.parametrize(
    "tag", ["eks:cluster-name", "aws:eks:cluster-name", "kubernetes.io/cluster/prod", "AmazonECSManaged"]
)
def test_the_node_of_a_scheduler_is_only_isolated_by_approval(world: Any, tag: str) -> None:
    vpc, subnet = world.network()
    node = world.instance(subnet, ((world.group(vpc, "node"),),), {tag: "x"})
    (reason,) = ACTION.objections(node, ACTION.snapshot(world.reader, node))
    assert tag in reason
    assert "by approval" in reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"requester_managed": True}, "managed by an AWS service"),
        ({"owner": "999999999999"}, "belongs to account 999999999999 (shared subnet)"),
        ({"vpc": "vpc-0elsewhere"}, "lies in another VPC"),
    ],
)
def test_interfaces_that_are_not_ours_to_change_are_refused(
    world: Any, host: Target, change: dict[str, Any], reason: str
) -> None:
    state = ACTION.snapshot(world.reader, host)
    assert ACTION.objections(host, state) == ()
    odd = replace(state.interfaces[0], **change)
    (said,) = ACTION.objections(host, replace(state, interfaces=(odd, *state.interfaces[1:])))
    assert reason in said
    assert odd.id in said


def test_a_foreign_group_of_that_name_is_neither_emptied_nor_used(world: Any, host: Target) -> None:
    state = ACTION.snapshot(world.reader, host)
    foreign = world.group(state.vpc, group_name(state.vpc))
    now = ACTION.snapshot(world.reader, host)
    assert foreign in ACTION.objections(host, now)[0]
    calls = ACTION.forward(host, now, world.terms)
    assert [call.operation for call in calls if not call.waits_for] == ["CreateSecurityGroup"]
    receipt = world.aws.call(calls[0], account=world.account, region=world.region, case=world.terms.case)
    assert receipt.error.startswith("InvalidGroup.Duplicate")


def test_replay_shows_the_interfaces_of_the_finding(world: Any, host: Target) -> None:
    told = Interface("eni-0aaaaaaaaaaaaaaaa", vpc="vpc-0aaaaaaaaaaaaaaaa", groups=("sg-0bb", "sg-0aa"))
    instance = Instance(host.name, host.account, host.region, interfaces=(told,))
    presumed = ACTION.presume(replace(host, instance=instance))
    assert presumed.interfaces == (
        Attached("eni-0aaaaaaaaaaaaaaaa", "vpc-0aaaaaaaaaaaaaaaa", ("sg-0aa", "sg-0bb"), host.account),
    )
    calls = ACTION.inverse(host, presumed, None, world.terms).calls
    assert [call.params["Groups"] for call in calls] == [["sg-0aa", "sg-0bb"]]


def open_up(world: Any, host: Target) -> None:
    group = ACTION.snapshot(world.reader, host).group
    assert group
    anywhere = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    world.client("ec2").authorize_security_group_ingress(GroupId=group.id, IpPermissions=[anywhere])
    world.client("ec2").authorize_security_group_egress(GroupId=group.id, IpPermissions=[anywhere])
