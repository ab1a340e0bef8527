"""Nine faults: what failed is named, nothing says contained that is not, a rerun gets there, and nothing is doubled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from stanch.actions._isolation import ISOLATION_TAG
from stanch.aws import Aws
from stanch.lab.world import SANDBOX
from stanch.model.casefile import State
from stanch.model.contained import Contained, ContainmentFailed
from stanch.model.verdict import Outcome
from stanch.model.walked import Paged

from .night import Night

MINING, KEY, STOLEN = "crypto_mining", "leaked_user_key", "stolen_instance_credentials"
HOST = "batch-worker"
SET_GROUPS = "ec2:ModifyNetworkInterfaceAttribute"
LATER = timedelta(minutes=5)


def again(night: Night, scenario: str = MINING, times: int = 1) -> None:
    """The same finding is delivered once more, as detectors do."""
    night.take(night.later(scenario, times * LATER))


def is_named(night: Night, scenario: str, action: str, operation: str) -> None:
    """The case, the fact and the page name what failed; nothing says contained."""
    one = night.one(scenario, action)
    assert one.state in (State.FAILED, State.REVERTED)
    assert not [told for told in night.told(Contained) if told.containment == one.id]
    assert any(operation in told.reason for told in night.told(ContainmentFailed) if told.containment == one.id)
    assert any(operation in page.text for page in night.told(Paged))
    assert night.file(scenario).outcome is Outcome.ESCALATE


def is_isolated(night: Night) -> bool:
    """Asked of AWS itself: one group on every interface, and it lets nothing pass."""
    groups = {one for own in night.eyes.groups(HOST).values() for one in own}
    return len(groups) == 1 and night.eyes.rules(groups.pop()) == 0


def isolation_groups(night: Night) -> list[str]:
    filters = [{"Name": "tag-key", "Values": [ISOLATION_TAG]}]
    found = night.eyes.client(SANDBOX.id, "ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return [str(one["GroupId"]) for one in found]


def is_whole(night: Night) -> None:
    """The rerun got there, with one of everything."""
    assert is_isolated(night)
    assert night.one(MINING, "E4").state is State.CONTAINED
    assert len(isolation_groups(night)) == 1
    assert len(night.eyes.copies()) == 1


def test_f1_every_interface_denied(night: Night) -> None:
    own = night.eyes.own_groups(HOST)
    night.lab.wire.deny(SET_GROUPS)
    night.walk(MINING)
    is_named(night, MINING, "E4", SET_GROUPS)
    assert night.eyes.groups(HOST) == own
    night.lab.wire.clear()
    again(night)
    is_whole(night)


def test_f2_only_the_second_interface_denied(night: Night) -> None:
    own = night.eyes.own_groups(HOST)
    night.lab.wire.deny(SET_GROUPS, first=2)
    night.walk(MINING)
    is_named(night, MINING, "E4", SET_GROUPS)
    assert night.one(MINING, "E4").left, "to put the first one back is denied too: what is left is named"
    night.lab.wire.clear()
    night.sweep_at(LATER)
    assert night.eyes.groups(HOST) == own
    again(night, times=2)
    is_whole(night)


def test_f3_a_half_made_isolation_group_is_never_used_open(night: Night) -> None:
    own = night.eyes.own_groups(HOST)
    night.lab.wire.deny("ec2:RevokeSecurityGroupEgress")
    night.walk(MINING)
    is_named(night, MINING, "E4", "RevokeSecurityGroupEgress")
    (group,) = isolation_groups(night)
    assert night.eyes.rules(group) > 0, "it was made and is open"
    again(night)
    assert night.eyes.groups(HOST) == own, "and no interface gets it"
    is_named(night, MINING, "E4", "RevokeSecurityGroupEgress")
    night.lab.wire.clear()
    again(night, times=2)
    is_whole(night)
    assert isolation_groups(night) == [group]


def test_f4_standby_denied(night: Night) -> None:
    with in_a_group(night) as lifecycle:
        night.lab.wire.deny("autoscaling:EnterStandby")
        night.walk(MINING)
        is_named(night, MINING, "E2", "EnterStandby")
        assert lifecycle() == "InService"
        assert night.one(MINING, "E4").state is State.CONTAINED
        assert is_isolated(night)
        night.lab.wire.clear()
        again(night)
        assert night.one(MINING, "E2").state is State.CONTAINED
        assert lifecycle() == "Standby"
        is_whole(night)
        night.revert(MINING, "E2")
        assert lifecycle() == "InService"


@pytest.mark.parametrize("read", ["DescribeSnapshots", "DescribeInstanceAttribute"])
def test_f5_evidence_that_cannot_be_read_never_blocks_isolation(night: Night, read: str) -> None:
    night.lab.wire.deny(f"ec2:{read}")
    night.walk(MINING)
    assert night.states(MINING) == {"E4": "contained"}
    assert is_isolated(night)
    assert any(one.action == "E1" and read in one.reason for one in night.file(MINING).refusals)
    night.lab.wire.clear()
    again(night)
    assert night.one(MINING, "E1").state is State.CONTAINED
    is_whole(night)


def test_f6_snapshot_denied(night: Night) -> None:
    night.lab.wire.deny("ec2:CreateSnapshots")
    night.walk(MINING)
    is_named(night, MINING, "E1", "CreateSnapshots")
    assert is_isolated(night)
    assert night.eyes.protections(HOST) == (False, False, (True,)), "what was half done is taken back"
    night.lab.wire.clear()
    again(night)
    assert night.one(MINING, "E1").state is State.CONTAINED
    is_whole(night)


def test_f7_iam_denied(night: Night) -> None:
    user = night.world.users["maria.lindqvist"]
    for operation in ("UpdateAccessKey", "CreatePolicy"):
        night.lab.wire.deny(f"iam:{operation}")
    night.walk(KEY)
    is_named(night, KEY, "I1", "UpdateAccessKey")
    is_named(night, KEY, "I2", "CreatePolicy")
    assert (night.eyes.key(user), night.eyes.policies()) == ("Active", ())
    night.lab.wire.clear()
    again(night, KEY)
    assert {night.one(KEY, one).state for one in ("I1", "I2")} == {State.CONTAINED}
    assert night.eyes.key(user) == "Inactive"
    assert len(night.eyes.policies()) == 1


def test_f8_throttled_three_times(night: Night) -> None:
    night.lab.wire.throttle("ec2:CreateSecurityGroup", times=3)
    night.walk(MINING)
    assert night.states(MINING) == {"E1": "contained", "E4": "contained"}
    tries = [one.failed for one in night.lab.wire.requests() if one.name == "ec2:CreateSecurityGroup"]
    assert tries == ["RequestLimitExceeded"] * 3 + [""]
    is_whole(night)


@pytest.mark.parametrize("life", [1, 2, 3, 4, 5])
def test_f9_it_dies_after_each_write_and_starts_again(night: Night, monkeypatch: pytest.MonkeyPatch, life: int) -> None:
    """Here it dies by an exception that nothing catches; `test_kill.py` does it with SIGKILL, at every moment."""
    sent: list[str] = []
    call = Aws.call

    def deadly(aws: Aws, asked: Any, **where: Any) -> Any:
        receipt = call(aws, asked, **where)
        sent.append(asked.name)
        if len(sent) == life:
            raise SystemExit(life)
        return receipt

    monkeypatch.setattr(Aws, "call", deadly)
    with pytest.raises(SystemExit):
        night.walk(KEY)
    monkeypatch.undo()
    assert not {told.containment for told in night.told(Contained)} >= {one.id for one in night.file(KEY).containments}
    night.walk(KEY)
    assert night.states(KEY) == {"I1": "contained", "I2": "contained"}
    assert night.eyes.key(night.world.users["maria.lindqvist"]) == "Inactive"
    assert len(night.eyes.policies()) == 1
    made = [one.name for one in night.changes()]
    cuts = [one for one in made if not one.startswith("scheduler:")]
    assert len(cuts) == len(set(cuts)) == 3, "each call once"
    assert made.count("scheduler:CreateSchedule") == 2, "one dead-man's switch for each of the two"


@contextmanager
def in_a_group(night: Night) -> Iterator[Any]:
    """The host as a member of a scaling group; yields how to ask for its lifecycle state."""
    host = night.world.hosts[HOST].instance
    scaling = night.eyes.client(SANDBOX.id, "autoscaling")
    scaling.create_launch_configuration(
        LaunchConfigurationName="batch", ImageId="ami-1e749f67", InstanceType="t3.micro"
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="batch",
        LaunchConfigurationName="batch",
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=0,
        VPCZoneIdentifier=host.interfaces[0].subnet,
    )
    scaling.attach_instances(AutoScalingGroupName="batch", InstanceIds=[host.id])

    def lifecycle() -> str:
        (found,) = scaling.describe_auto_scaling_instances(InstanceIds=[host.id])["AutoScalingInstances"]
        return str(found["LifecycleState"])

    night.lab.wire.clear()
    try:
        yield lifecycle
    finally:
        night.lab.wire.clear()
        scaling.detach_instances(
            AutoScalingGroupName="batch", InstanceIds=[host.id], ShouldDecrementDesiredCapacity=True
        )
        scaling.delete_auto_scaling_group(AutoScalingGroupName="batch", ForceDelete=True)
        scaling.delete_launch_configuration(LaunchConfigurationName="batch")
