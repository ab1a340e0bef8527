"""E7 against a simulated EC2: two interfaces, an elastic address on each."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.detach_elastic_ip import ACTION
from stanch.model.change import Target
from stanch.model.finding import Instance, Interface


class Public:
    """A host with an elastic address on each of its two interfaces."""

    def __init__(self, world: Any) -> None:
        vpc, subnet = world.network()
        group = world.group(vpc, "web")
        self.ec2 = world.client("ec2")
        self.target: Target = world.instance(subnet, ((group,), (group,)))
        found = self.ec2.describe_network_interfaces(
            Filters=[{"Name": "attachment.instance-id", "Values": [self.target.name]}]
        )["NetworkInterfaces"]
        self.interfaces = [one["NetworkInterfaceId"] for one in found]
        self.addresses = [self.give(one) for one in self.interfaces]

    def give(self, interface: str) -> Any:
        made = self.ec2.allocate_address(Domain="vpc")
        self.ec2.associate_address(AllocationId=made["AllocationId"], NetworkInterfaceId=interface)
        return made


@pytest.fixture
def public(world: Any) -> Public:
    return Public(world)


@pytest.mark.parametrize("forward_calls", [0, 1, 2])
@pytest.mark.parametrize("inverse_calls", [0, 1, 2])
def test_addresses_go_and_come_back_to_their_places_from_any_crash(
    world: Any, public: Public, forward_calls: int, inverse_calls: int
) -> None:
    before = ACTION.snapshot(world.reader, public.target)
    assert {one.interface for one in before.elastic} == set(public.interfaces)
    assert ACTION.objections(public.target, before) == ()
    sent = world.contain(ACTION, public.target, dies_after=forward_calls)
    assert len(sent) + len(world.contain(ACTION, public.target)) == 2
    assert len(ACTION.snapshot(world.reader, public.target).free) == 2
    world.undo(ACTION, public.target, before, dies_after=inverse_calls)
    assert world.undo(ACTION, public.target, before).conflicts == ()
    assert places(world, public) == [(one.interface, one.private, one.address) for one in before.elastic]


def places(world: Any, public: Public) -> list[tuple[str, str, str]]:
    return [(one.interface, one.private, one.address) for one in ACTION.snapshot(world.reader, public.target).elastic]


def test_the_addresses_of_other_hosts_are_not_touched(world: Any, public: Public) -> None:
    Public(world)
    assert len(world.contain(ACTION, public.target)) == 2
    assert len(ACTION.snapshot(world.reader, public.target).free) == 2


def test_an_address_that_was_given_to_another_host_stays_there(world: Any, public: Public) -> None:
    before = ACTION.snapshot(world.reader, public.target)
    world.contain(ACTION, public.target)
    elsewhere = Public(world)
    taken = public.addresses[0]
    public.ec2.associate_address(AllocationId=taken["AllocationId"], NetworkInterfaceId=elsewhere.interfaces[0])
    undo = world.undo(ACTION, public.target, before)
    assert len(undo.conflicts) == 1
    assert f"address {taken['PublicIp']}" in undo.conflicts[0]
    assert "given to something else" in undo.conflicts[0]
    assert len(places(world, public)) == 1


def test_an_address_that_was_released_is_named(world: Any, public: Public) -> None:
    before = ACTION.snapshot(world.reader, public.target)
    world.contain(ACTION, public.target)
    public.ec2.release_address(AllocationId=public.addresses[1]["AllocationId"])
    (conflict,) = world.undo(ACTION, public.target, before).conflicts
    assert "was released" in conflict


def test_a_place_that_got_another_address_keeps_it(world: Any, public: Public) -> None:
    before = ACTION.snapshot(world.reader, public.target)
    world.contain(ACTION, public.target)
    new = public.give(before.elastic[0].interface)
    (conflict,) = world.undo(ACTION, public.target, before).conflicts
    assert f"someone gave {before.elastic[0].interface} {new['PublicIp']}" in conflict


def test_an_interface_that_was_detached_is_named(world: Any, public: Public) -> None:
    before = ACTION.snapshot(world.reader, public.target)
    world.contain(ACTION, public.target)
    now = ACTION.snapshot(world.reader, public.target)
    undo = ACTION.inverse(public.target, before, replace(now, places=()), world.terms)
    assert undo.calls == ()
    assert all("is gone from" in reason for reason in undo.conflicts)


def test_a_public_address_that_is_not_elastic_cannot_be_taken_away(world: Any, public: Public) -> None:
    reader = world.reader
    before = ACTION.snapshot(reader, public.target)
    own = before.elastic[0].address

    class NotElastic:
        def read(self, service: str, operation: str, **params: Any) -> Any:
            answer = reader.read(service, operation, **params)
            if operation != "DescribeAddresses":
                return answer
            return {"Addresses": [row for row in answer["Addresses"] if row["PublicIp"] != own]}

    (reason,) = ACTION.objections(public.target, ACTION.snapshot(NotElastic(), public.target))
    assert own in reason


def test_a_terminated_instance_leaves_nothing_to_undo(world: Any, public: Public) -> None:
    before = ACTION.snapshot(world.reader, public.target)
    gone = replace(before, state="terminated", elastic=(), places=())
    undo = ACTION.inverse(public.target, before, gone, world.terms)
    assert (undo.calls, undo.conflicts) == ((), ())


def test_replay_shows_the_public_addresses_of_the_finding(world: Any, public: Public) -> None:
    told = Interface("eni-0a", private_ip="10.0.1.20", public_ip="198.51.100.20")
    instance = Instance(public.target.name, world.account, world.region, interfaces=(told, Interface("eni-0b")))
    presumed = ACTION.presume(replace(public.target, instance=instance))
    (call,) = ACTION.forward(public.target, presumed, world.terms)
    assert call.waits_for == "the association of 198.51.100.20 to be read"
