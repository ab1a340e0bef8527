"""The state machines that take an action back when stanch is dead, run against the simulated AWS."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from stanch.actions import catalogue
from stanch.aws.reader import plain
from stanch.lab.scheduler import named
from stanch.lab.states import Failed, run
from stanch.model.change import Action, RevertsBy, Target, TargetKind
from stanch.model.dead_man import LATER, fires_at, schedule_name, switch
from stanch.stages.plan import consider

from .conftest import REGION, TERMS, World
from .test_block_address import address  # noqa: F401  # a fixture
from .test_detach_elastic_ip import Public
from .test_enter_standby import scaled
from .test_leave_load_balancer import Served

ACTIONS = catalogue()
BY_MACHINE = sorted(name for name, action in ACTIONS.items() if action.machine)


@dataclass
class Ended:
    """How an execution ended."""

    calls: list[tuple[str, Any]]
    error: str = ""

    @property
    def writes(self) -> list[str]:
        return [name for name, _ in self.calls if not name.split(":")[1].startswith(("Get", "List", "Describe", "Put"))]

    @property
    def pages(self) -> list[str]:
        return [params["Entries"][0]["Detail"] for name, params in self.calls if name == "events:PutEvents"]


class Scene:
    """A target that an action contains, and the snapshot of the state before."""

    def __init__(self, world: World, action: Action[Any], target: Target) -> None:
        self.world, self.action, self.target = world, action, target
        change = consider(action, target, TERMS, lambda *_: world.reader, ("trust", "bucket-policy"))
        assert not isinstance(change, tuple), change
        self.change = change
        self.before = action.snapshot(world.reader, target)
        world.contain(action, target)

    @property
    def now(self) -> Any:
        return self.action.snapshot(self.world.reader, self.target)

    def fire(self, meanwhile: Callable[[str], None] = lambda _: None) -> Ended:
        """Run the state machine with what its schedule would give it; `meanwhile` is told of each call before it."""
        machine, ended = self.action.machine, Ended([])
        assert machine is not None
        one = switch(self.change, machine.needs)
        assert one is not None

        def do(resource: str, arguments: Any) -> Any:
            service, operation = named(resource.replace("PARTITION", "aws"))
            meanwhile(f"{service}:{operation}")
            ended.calls.append((f"{service}:{operation}", arguments))
            try:
                answer = getattr(self.world.client(service), xform_name(operation))(**arguments)
            except ClientError as error:
                raise Failed(str(error.response["Error"]["Code"]), str(error)) from error
            return plain({key: value for key, value in answer.items() if key != "ResponseMetadata"})

        try:
            run(machine.definition, json.loads(json.dumps(one.input)), do)
        except Failed as failure:
            ended.error = str(failure)
        return ended


def key_of(world: World) -> Target:
    user = world.user()
    made = world.client("iam").create_access_key(UserName=user.name)["AccessKey"]["AccessKeyId"]
    world.client("iam").create_access_key(UserName=user.name)
    return Target(TargetKind.ACCESS_KEY, world.account, REGION, made, user.arn, within=user.name)


def bucket_of(world: World) -> Target:
    world.client("s3").create_bucket(Bucket="invoices", CreateBucketConfiguration={"LocationConstraint": REGION})
    return Target(TargetKind.BUCKET, world.account, REGION, "invoices", "arn:aws:s3:::invoices")


def half_open(world: World) -> Target:
    target = bucket_of(world)
    block(world, BlockPublicAcls=True)
    return target


def block(world: World, **switches: bool) -> None:
    world.client("s3").put_public_access_block(Bucket="invoices", PublicAccessBlockConfiguration=switches)


def function_of(world: World) -> Target:
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
    return Target(TargetKind.FUNCTION, world.account, REGION, "resize", arn)


def reserved(world: World) -> Target:
    target = function_of(world)
    reserve(world, 5)
    return target


def reserve(world: World, count: int) -> None:
    world.client("lambda").put_function_concurrency(FunctionName="resize", ReservedConcurrentExecutions=count)


def many_faced(world: World) -> Target:
    vpc, subnet = world.network()
    front, back, third = (world.group(vpc, name) for name in ("front", "back", "third"))
    return world.instance(subnet, ((front, back), (third,)))


def unstoppable(world: World) -> Target:
    target = world.host()
    world.client("ec2").modify_instance_attribute(InstanceId=target.name, DisableApiStop={"Value": True})
    return target


def served(world: World) -> Target:
    return Served(world).target


def public(world: World) -> Target:
    return Public(world).target


def settled(state: Any) -> Any:
    """The state without what may stay: the isolation group; an address that goes back gets a new association."""
    if hasattr(state, "interfaces"):
        return state.interfaces
    if hasattr(state, "elastic"):
        return [(one.allocation, one.interface, one.private) for one in state.elastic]
    return state


@pytest.fixture
def address_scene(world: World, address: Target) -> Scene:  # noqa: F811
    return Scene(world, ACTIONS["N1"], address)


PLACES: dict[str, list[Callable[[World], Target]]] = {
    "I1": [key_of],
    "E2": [scaled],
    "E3": [served],
    "E4": [World.host, many_faced],
    "E5": [World.host],
    "E6": [World.host, unstoppable],
    "E7": [public],
    "S1": [bucket_of, half_open],
    "L1": [function_of, reserved],
}


@pytest.mark.parametrize(("name", "make"), [(name, make) for name, makes in PLACES.items() for make in makes])
def test_what_was_contained_is_as_it_was_before(world: World, name: str, make: Callable[[World], Target]) -> None:
    scene = Scene(world, ACTIONS[name], make(world))
    assert scene.now != scene.before
    ended = scene.fire()
    assert (ended.error, ended.pages) == ("", [])
    assert scene.action.inverse(scene.target, scene.before, scene.now, TERMS).calls == ()
    assert scene.action.forward(scene.target, scene.now, TERMS) != ()
    assert settled(scene.now) == settled(scene.before)
    again = scene.fire()
    assert (again.error, again.pages, again.writes) == ("", [], [])


def test_one_address_leaves_the_set_and_the_others_stay(world: World, address_scene: Scene) -> None:
    ended = address_scene.fire()
    assert (ended.error, ended.pages, ended.writes) == ("", [], ["wafv2:UpdateIPSet"])
    assert address_scene.now.addresses == address_scene.before.addresses
    assert address_scene.now.description == "made by a person"


def test_a_set_that_someone_changes_between_read_and_write_is_read_again(world: World, address_scene: Scene) -> None:
    waf, often = world.client("wafv2"), iter((True,))

    def meanwhile(call: str) -> None:
        if call == "wafv2:UpdateIPSet" and next(often, False):
            now = address_scene.now
            name = {"Name": now.name, "Scope": "REGIONAL", "Id": now.id, "LockToken": now.lock_token}
            waf.update_ip_set(**name, Addresses=["192.0.2.1/32", *now.addresses], Description=now.description)

    ended = address_scene.fire(meanwhile)
    assert ended.writes == ["wafv2:UpdateIPSet"] * 2
    assert (ended.error, ended.pages) == ("", [])
    assert set(address_scene.now.addresses) == {"192.0.2.1/32", *address_scene.before.addresses}


def test_every_action_with_a_machine_is_tried() -> None:
    assert {*PLACES, "N1"} == set(BY_MACHINE)


def _regroup(scene: Scene) -> None:
    ec2 = scene.world.client("ec2")
    vpc = scene.before.vpc
    other = scene.world.group(vpc, "somebody")
    ec2.modify_network_interface_attribute(NetworkInterfaceId=scene.before.interfaces[0].id, Groups=[other])


def _delete_key(scene: Scene) -> None:
    scene.world.client("iam").delete_access_key(UserName=scene.target.within, AccessKeyId=scene.target.name)


def _take_address(scene: Scene) -> None:
    other = scene.world.host()
    ec2 = scene.world.client("ec2")
    ec2.associate_address(AllocationId=scene.before.elastic[0].allocation, InstanceId=other.name)


def _delete_target_group(scene: Scene) -> None:
    scene.world.client("elbv2").delete_target_group(TargetGroupArn=scene.before.registered[0].group)


def _detach_from_group(scene: Scene) -> None:
    scene.world.client("autoscaling").detach_instances(
        InstanceIds=[scene.target.name],
        AutoScalingGroupName=scene.before.group.name,
        ShouldDecrementDesiredCapacity=False,
    )


CHANGED: dict[str, tuple[Callable[[World], Target], Callable[[Scene], None], str]] = {
    "I1": (key_of, _delete_key, "is gone"),
    "E2": (scaled, _detach_from_group, "took"),
    "E3": (served, _delete_target_group, "gone"),
    "E4": (World.host, _regroup, "other groups"),
    "E7": (public, _take_address, "cannot go back"),
    "S1": (bucket_of, lambda scene: block(scene.world, BlockPublicAcls=True), "public access block"),
    "L1": (function_of, lambda scene: reserve(scene.world, 7), "reserved concurrency"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_someone_changed_meanwhile_is_not_overwritten_and_a_person_is_paged(world: World, name: str) -> None:
    make, change, why = CHANGED[name]
    scene = Scene(world, ACTIONS[name], make(world))
    change(scene)
    there = scene.now
    ended = scene.fire()
    assert len(ended.pages) == 1
    assert why in json.loads(ended.pages[0])["why"]
    assert json.loads(ended.pages[0])["containment"] == scene.change.id
    assert "LeftAlone" in ended.error
    assert scene.now == there or name in ("E3", "E7")  # the other group, the other address: those went back


@pytest.mark.parametrize("name", ["E5", "E6", "I1", "S1", "L1"])
def test_what_someone_undid_already_is_left_as_it_is(world: World, name: str) -> None:
    scene = Scene(world, ACTIONS[name], PLACES[name][0](world))
    world.undo(scene.action, scene.target, scene.before)
    ended = scene.fire()
    assert (ended.error, ended.pages, ended.writes) == ("", [], [])


def test_a_state_that_cannot_be_read_pages(world: World) -> None:
    scene = Scene(world, ACTIONS["L1"], function_of(world))
    world.client("lambda").delete_function(FunctionName="resize")
    ended = scene.fire()
    assert "cannot be read" in json.loads(ended.pages[0])["why"]


def test_an_instance_that_is_gone_needs_nothing(world: World) -> None:
    scene = Scene(world, ACTIONS["E4"], world.host())
    world.client("ec2").terminate_instances(InstanceIds=[scene.target.name])
    assert scene.fire().pages == []


@pytest.mark.parametrize("name", BY_MACHINE)
def test_who_reverts_it_is_said_truthfully(name: str) -> None:
    assert ACTIONS[name].reverts_by is RevertsBy.SCHEDULER


def test_nothing_else_names_the_scheduler() -> None:
    assert sorted(n for n, one in ACTIONS.items() if one.reverts_by is RevertsBy.SCHEDULER) == BY_MACHINE


def test_what_needs_no_undoing_has_no_switch(world: World) -> None:
    scene = Scene(world, ACTIONS["I1"], key_of(world))
    assert switch(replace(scene.change, inverse=()), ("status",)) is None


def test_its_name_is_unique_and_what_aws_takes(world: World) -> None:
    scene = Scene(world, ACTIONS["I1"], key_of(world))
    long = replace(scene.change, terms=replace(TERMS, case="C-" + "é" * 90))
    for change in (scene.change, long):
        assert len(schedule_name(change)) <= 64
        assert schedule_name(change).replace("-", "").replace(".", "").replace("_", "").isascii()
    assert schedule_name(scene.change) != schedule_name(replace(scene.change, terms=replace(TERMS, round=2)))


def test_it_never_fires_before_its_time() -> None:
    odd = TERMS.expires_at.replace(microsecond=1)
    assert fires_at(odd) >= odd + LATER
    assert fires_at(TERMS.expires_at) == TERMS.expires_at + LATER
