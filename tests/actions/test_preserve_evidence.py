"""E1 against a simulated EC2."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions.preserve_evidence import ACTION, Copy, Disk, Protection
from stanch.model.change import Target, TargetKind


@pytest.fixture
def host(world: Any) -> Target:
    vpc, subnet = world.network()
    target: Target = world.instance(subnet, ((world.group(vpc, "web"),),))
    return target


def test_protections_go_on_and_off_and_the_snapshot_stays(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    assert [disk.dies_with_instance for disk in before.disks] == [True]
    sent = world.contain(ACTION, host)
    assert [call.operation for call in sent] == ["ModifyInstanceAttribute"] * 3 + ["CreateSnapshots"]
    protected = ACTION.snapshot(world.reader, host)
    assert (protected.no_termination, protected.no_stop) == (True, True)
    assert [disk.dies_with_instance for disk in protected.disks] == [False]
    assert protected.copies == (Copy(before.disks[0].volume, "C-0a1b2c3d"),)
    assert world.undo(ACTION, host, before).conflicts == ()
    assert ACTION.snapshot(world.reader, host) == replace(before, copies=protected.copies)


@pytest.mark.parametrize("calls", range(5))
def test_a_crash_after_any_call_takes_no_second_snapshot(world: Any, host: Target, calls: int) -> None:
    sent = world.contain(ACTION, host, dies_after=calls)
    resumed = world.contain(ACTION, host)
    assert len(sent) + len(resumed) == 4
    taken = world.client("ec2").describe_snapshots(
        OwnerIds=["self"], Filters=[{"Name": "tag:stanch:case", "Values": ["C-0a1b2c3d"]}]
    )
    assert len(taken["Snapshots"]) == 1


def test_a_protection_that_was_on_before_stays_on(world: Any, host: Target) -> None:
    ec2 = world.client("ec2")
    ec2.modify_instance_attribute(InstanceId=host.name, DisableApiTermination={"Value": True})
    before = ACTION.snapshot(world.reader, host)
    assert len(world.contain(ACTION, host)) == 3
    world.undo(ACTION, host, before)
    assert ACTION.snapshot(world.reader, host).no_termination


def test_what_someone_took_off_again_is_left_so(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.contain(ACTION, host)
    world.client("ec2").modify_instance_attribute(InstanceId=host.name, DisableApiTermination={"Value": False})
    undo = ACTION.inverse(host, before, ACTION.snapshot(world.reader, host), world.terms)
    assert not [call for call in undo.calls if "DisableApiTermination" in call.params]


def test_an_instance_that_does_not_exist_is_refused(world: Any) -> None:
    id = "i-0123456789abcdef0"  # noqa: A001
    target = Target(TargetKind.INSTANCE, world.account, world.region, id, f"arn:aws:ec2:::instance/{id}")
    state = ACTION.snapshot(world.reader, target)
    assert ACTION.objections(target, state) == (f"instance {id} is unknown to EC2",)
    assert ACTION.inverse(target, state, state, world.terms).calls == ()


def test_a_terminated_instance_is_refused_and_leaves_nothing_to_undo(world: Any, host: Target) -> None:
    before = ACTION.snapshot(world.reader, host)
    world.client("ec2").terminate_instances(InstanceIds=[host.name])
    state = ACTION.snapshot(world.reader, host)
    assert ACTION.objections(host, state) == (f"instance {host.name} is terminated",)
    assert ACTION.inverse(host, before, state, world.terms).calls == ()


def test_a_spot_instance_gets_no_protection_that_aws_would_refuse(world: Any, host: Target) -> None:
    spot = replace(ACTION.snapshot(world.reader, host), spot=True)
    calls = ACTION.forward(host, spot, world.terms)
    assert not [call for call in calls if "DisableApiTermination" in call.params or "DisableApiStop" in call.params]
    assert "no protection holds" in ACTION.blast_radius(host, spot)
    assert ACTION.inverse(host, spot, None, world.terms).calls[0].params["BlockDeviceMappings"]


def test_only_disks_without_a_snapshot_are_copied(world: Any, host: Target) -> None:
    root = Disk("/dev/xvda", "vol-1", dies_with_instance=False, root=True)
    data, late = (
        Disk("/dev/xvdb", "vol-2", dies_with_instance=False),
        Disk("/dev/xvdc", "vol-3", dies_with_instance=False),
    )
    copies = (Copy("vol-1", "C-0a1b2c3d"), Copy("vol-2", "C-0a1b2c3d"), Copy("vol-3", "C-99999999"))
    state = Protection("running", no_termination=True, no_stop=True, disks=(root, data, late), copies=copies)
    (call,) = ACTION.forward(host, state, world.terms)
    assert call.params["InstanceSpecification"] == {
        "InstanceId": host.name,
        "ExcludeBootVolume": True,
        "ExcludeDataVolumeIds": ["vol-2"],
    }
