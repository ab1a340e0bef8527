"""What a contained principal changed is undone once, proposed, or shown to a person; nothing else is touched."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import pytest

from stanch.lab.caller import Caller
from stanch.lab.cloudtrail import Pen, user_session
from stanch.lab.world import PROD, SANDBOX, VENDOR
from stanch.model.casefile import State
from stanch.model.change import RevertsBy
from stanch.model.contained import DeedSeen, Reverted
from stanch.model.errors import BadInput
from stanch.model.walked import Paged, Reminded, WouldContain
from stanch.respond import containments, further
from stanch.respond.budgets import disrupted
from stanch.respond.further import by_the_sweep
from stanch.respond.watch import Watch, look
from stanch.store.database import open_database

from .night import HOUR, START, Night

LEAKED, STRANGER, ADDRESS = "leaked_user_key", "999900002222", "203.0.113.150"
MINUTE = timedelta(minutes=1)
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
NUMBERS = count()


@dataclass
class Scene:
    """The account of the leaked key, and whoever holds the key."""

    night: Night
    number: int
    dice: Random

    def client(self, service: str) -> Any:
        return self.night.eyes.client(PROD.id, service)

    def caller(self, name: str = "maria.lindqvist") -> Caller:
        session = user_session(self.night.world.users[name], ADDRESS, "aws-cli/2")
        return Caller(session, self.night.lab.clock, Pen(self.dice))

    def does(self, service: str, operation: str, *, before: timedelta = 10 * MINUTE, **params: Any) -> None:
        """The holder of the key makes this call, that long before the night begins."""
        self.night.lab.clock.set(START - before)
        assert self.caller().call(service, operation, **params) == ""
        self.night.lab.clock.set(START)

    def trail(self) -> str:
        bucket = f"trail-logs-{self.number}"
        region = {"LocationConstraint": "eu-west-1"}
        self.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
        made = self.client("cloudtrail").create_trail(Name=f"trail-{self.number}", S3BucketName=bucket)
        self.client("cloudtrail").start_logging(Name=made["TrailARN"])
        return str(made["TrailARN"])

    def logging(self, trail: str) -> bool:
        return bool(self.client("cloudtrail").get_trail_status(Name=trail)["IsLogging"])

    def snapshot(self) -> str:
        ec2 = self.client("ec2")
        volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
        return str(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])

    def share(self, snapshot: str, *accounts: str, **params: Any) -> None:
        self.does("ec2", "ModifySnapshotAttribute", **sharing(snapshot, *accounts), **params)

    def shared(self, snapshot: str) -> set[str]:
        wanted = {"SnapshotId": snapshot, "Attribute": "createVolumePermission"}
        found = self.client("ec2").describe_snapshot_attribute(**wanted)["CreateVolumePermissions"]
        return {one.get("UserId") or one["Group"] for one in found}

    def policy(self) -> str:
        made = self.client("iam").create_policy(PolicyName=f"admin-{self.number}", PolicyDocument=ALL)
        return str(made["Policy"]["Arn"])

    def attached(self, user: str) -> set[str]:
        listed = self.client("iam").list_attached_user_policies(UserName=user)["AttachedPolicies"]
        return {one["PolicyArn"] for one in listed}

    def keys(self, user: str) -> dict[str, str]:
        listed = self.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {one["AccessKeyId"]: one["Status"] for one in listed}

    def looked(self, after: timedelta = 2 * MINUTE) -> None:
        self.night.lab.clock.set(START + after)
        look(self.night.house, by_the_sweep, self.night.file(LEAKED).id)

    def contained_and_looked(self) -> None:
        self.night.walk(LEAKED)
        states = self.night.states(LEAKED)
        assert (states["I1"], states["I2"]) == ("contained", "contained")
        self.looked()

    def became(self) -> dict[str, str]:
        return {one.call: one.became for one in self.night.told(DeedSeen)}

    def pages(self) -> str:
        return "\n".join(one.text for one in self.night.told(Paged))

    def tidy(self) -> None:
        iam = self.client("iam")
        for name in ("maria.lindqvist", "erik.nyman"):
            for key in self.keys(name).keys() - {self.night.world.users[name].key}:
                iam.delete_access_key(UserName=name, AccessKeyId=key)
            for policy in self.attached(name):
                iam.detach_user_policy(UserName=name, PolicyArn=policy)


def sharing(snapshot: str, *accounts: str) -> dict[str, Any]:
    groups = [one for one in accounts if one == "all"]
    users = [one for one in accounts if one != "all"]
    named = {name: one for name, one in (("UserIds", users), ("GroupNames", groups)) if one}
    return {"SnapshotId": snapshot, "Attribute": "createVolumePermission", "OperationType": "add", **named}


@pytest.fixture
def scene(night: Night) -> Iterator[Scene]:
    number = next(NUMBERS)
    made = Scene(night, number, Random(number))
    yield made
    made.tidy()


# Undone ------------------------------------------------------------------------------------------------------------


def test_what_he_stopped_shared_made_and_attached_to_himself_is_undone(scene: Scene) -> None:
    trail, snapshot, policy = scene.trail(), scene.snapshot(), scene.policy()
    scene.does("cloudtrail", "StopLogging", Name=trail)
    scene.share(snapshot, STRANGER, "all")
    scene.does("iam", "CreateAccessKey", UserName="erik.nyman")
    scene.does("iam", "AttachUserPolicy", UserName="maria.lindqvist", PolicyArn=policy)
    assert (scene.logging(trail), scene.shared(snapshot)) == (False, {STRANGER, "all"})
    scene.contained_and_looked()
    assert scene.logging(trail)
    assert scene.shared(snapshot) == set()
    erik = scene.night.world.users["erik.nyman"].key
    assert {key == erik: status for key, status in scene.keys("erik.nyman").items()} == {
        True: "Active",
        False: "Inactive",
    }
    assert policy not in scene.attached("maria.lindqvist")
    assert set(scene.became().values()) == {"undone"}
    assert len(scene.became()) == 4
    repairs = [one for one in scene.night.file(LEAKED).containments if one.change.action == "R1"]
    assert [one.state for one in repairs] == [State.CONTAINED] * 4
    assert scene.pages().count("undone: ") == 4


def test_looking_again_repairs_nothing_twice(scene: Scene) -> None:
    snapshot = scene.snapshot()
    scene.share(snapshot, STRANGER)
    scene.contained_and_looked()
    sent = len(scene.night.changes())
    scene.client("ec2").modify_snapshot_attribute(**sharing(snapshot, STRANGER))  # a person, by his own rights
    scene.looked(3 * MINUTE)
    assert scene.shared(snapshot) == {STRANGER}
    assert len(scene.night.changes()) == sent + 1
    assert len(scene.night.told(DeedSeen)) == 1


def test_only_what_the_deed_added_is_taken_away(scene: Scene) -> None:
    snapshot = scene.snapshot()
    scene.client("ec2").modify_snapshot_attribute(**sharing(snapshot, "888800001111"))
    scene.share(snapshot, STRANGER)
    scene.contained_and_looked()
    assert scene.shared(snapshot) == {"888800001111"}


def test_what_is_already_as_it_was_is_left_alone_and_said_so(scene: Scene) -> None:
    trail = scene.trail()
    scene.does("cloudtrail", "StopLogging", Name=trail)
    scene.client("cloudtrail").start_logging(Name=trail)
    scene.contained_and_looked()
    assert scene.became() == {"cloudtrail:StopLogging": "nothing left"}
    assert "StartLogging" not in {one.operation for one in scene.night.changes()[1:]} or scene.logging(trail)
    assert [one.change.action for one in scene.night.file(LEAKED).containments] == ["I1", "I2"]


def test_what_was_done_before_the_finding_s_window_or_by_others_is_not_touched(scene: Scene) -> None:
    early, theirs = scene.snapshot(), scene.snapshot()
    scene.share(early, STRANGER, before=40 * MINUTE)
    assert scene.caller("erik.nyman").call("ec2", "ModifySnapshotAttribute", **sharing(theirs, STRANGER)) == ""
    scene.contained_and_looked()
    assert scene.shared(early) == scene.shared(theirs) == {STRANGER}
    assert scene.night.told(DeedSeen) == ()


def test_sharing_among_the_operators_own_accounts_is_no_deed(scene: Scene) -> None:
    snapshot = scene.snapshot()
    scene.share(snapshot, SANDBOX.id)
    scene.contained_and_looked()
    assert scene.shared(snapshot) == {SANDBOX.id}
    assert scene.night.told(DeedSeen) == ()


def test_nothing_is_repaired_once_a_person_took_the_cut_back(scene: Scene) -> None:
    snapshot = scene.snapshot()
    scene.night.walk(LEAKED)
    for action in ("I2", "I1"):
        scene.night.revert(LEAKED, action)
    scene.share(snapshot, STRANGER, before=-MINUTE)
    scene.looked()
    assert scene.shared(snapshot) == {STRANGER}
    assert scene.night.told(DeedSeen) == ()


# Proposed, or left to people ---------------------------------------------------------------------------------------


def test_a_policy_that_may_have_been_there_before_is_detached_only_by_approval(scene: Scene) -> None:
    policy = scene.policy()
    scene.does("iam", "AttachUserPolicy", UserName="erik.nyman", PolicyArn=policy)
    scene.contained_and_looked()
    assert policy in scene.attached("erik.nyman")
    assert scene.became() == {"iam:AttachUserPolicy": "proposed"}
    (waiting,) = scene.night.file(LEAKED).proposals
    assert further.approve(
        scene.night.house, by_the_sweep, scene.night.file(LEAKED).id, waiting.id, by="robin", reason="x"
    )
    assert policy not in scene.attached("erik.nyman")


def test_a_policy_on_a_user_that_he_made_is_detached_at_once(scene: Scene) -> None:
    policy, name = scene.policy(), f"backdoor-{scene.number}"
    scene.does("iam", "CreateUser", UserName=name)
    scene.does("iam", "AttachUserPolicy", UserName=name, PolicyArn=policy)
    scene.contained_and_looked()
    assert scene.became() == {"iam:CreateUser": "left to people", "iam:AttachUserPolicy": "undone"}
    assert scene.attached(name) == set()


def test_sharing_with_a_declared_partner_is_proposed(scene: Scene) -> None:
    snapshot = scene.snapshot()
    scene.share(snapshot, VENDOR.id)
    scene.contained_and_looked()
    assert scene.shared(snapshot) == {VENDOR.id}
    assert scene.became() == {"ec2:ModifySnapshotAttribute": "proposed"}


def opened_group(scene: Scene) -> str:
    ec2 = scene.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName=f"g-{scene.number}", Description="x", VpcId=vpc)["GroupId"]
    ranges = [{"CidrIp": "0.0.0.0/0"}]
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": ranges}]
    scene.does("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=rule)
    return str(group)


def ingress(scene: Scene, group: str) -> int:
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = scene.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return len([one for one in rules if not one["IsEgress"]])


def test_without_its_role_a_person_gets_the_lines(scene: Scene) -> None:
    group = opened_group(scene)
    scene.contained_and_looked()
    assert ingress(scene, group) == 1
    assert scene.became() == {"ec2:AuthorizeSecurityGroupIngress": "refused"}
    assert f"by hand: aws ec2 revoke-security-group-ingress --group-id {group}" in scene.pages()


def test_with_its_role_a_group_waits_for_a_person_and_an_image_does_not(scene: Scene) -> None:
    night = scene.night
    night.house = replace(night.house, settings=night.house.settings.model_copy(update={"roles": ("repair",)}))
    group, host = opened_group(scene), night.world.hosts["payments-api"].instance.id
    image = scene.client("ec2").create_image(InstanceId=host, Name=f"image-{scene.number}")["ImageId"]
    wanted = {"ImageId": image, "Attribute": "launchPermission"}
    scene.does("ec2", "ModifyImageAttribute", **wanted, OperationType="add", UserIds=[STRANGER])
    scene.contained_and_looked()
    assert scene.became() == {"ec2:AuthorizeSecurityGroupIngress": "proposed", "ec2:ModifyImageAttribute": "undone"}
    assert scene.client("ec2").describe_image_attribute(**wanted)["LaunchPermissions"] == []
    (waiting,) = night.file(LEAKED).proposals
    assert further.approve(night.house, by_the_sweep, night.file(LEAKED).id, waiting.id, by="robin", reason="x")
    assert ingress(scene, group) == 0


def test_what_only_a_delete_would_undo_is_left_to_people_with_the_line(scene: Scene) -> None:
    name = f"console-{scene.number}"
    scene.client("iam").create_user(UserName=name)
    scene.does("iam", "CreateLoginProfile", UserName=name, Password="Correct-horse-9")
    scene.contained_and_looked()
    assert scene.became() == {"iam:CreateLoginProfile": "left to people"}
    assert f"aws iam delete-login-profile --user-name {name}" in scene.pages()
    assert scene.client("iam").get_login_profile(UserName=name)["LoginProfile"]["UserName"] == name


def test_a_break_glass_user_s_key_is_refused_and_shown(scene: Scene) -> None:
    scene.does("iam", "CreateAccessKey", UserName="bg-ops")
    scene.contained_and_looked()
    statuses = scene.keys("bg-ops")
    for key in statuses.keys() - {scene.night.world.users["bg-ops"].key}:
        scene.client("iam").delete_access_key(UserName="bg-ops", AccessKeyId=key)
    assert set(statuses.values()) == {"Active"}
    assert scene.became() == {"iam:CreateAccessKey": "refused"}
    assert "break-glass" in scene.pages()


# No clock, no budget, no revert -------------------------------------------------------------------------------------


@pytest.fixture
def repaired(scene: Scene) -> Scene:
    """A snapshot was un-shared."""
    scene.share(scene.snapshot(), STRANGER)
    scene.contained_and_looked()
    assert scene.night.one(LEAKED, "R1").state is State.CONTAINED
    return scene


def test_a_repair_outlives_the_four_hours_and_nobody_is_reminded_of_it(repaired: Scene) -> None:
    night = repaired.night
    for hours in (1, 3, 4, 5):
        night.sweep_at(hours * HOUR)
    one = night.one(LEAKED, "R1")
    assert (one.state, one.change.reverts_by) == (State.CONTAINED, RevertsBy.NOBODY)
    assert night.one(LEAKED, "I2").state is State.REVERTED
    assert one.id not in {told.containment for told in (*night.told(Reminded), *night.told(Reverted))}
    assert night.file(LEAKED).done


def test_no_timer_is_armed_for_a_repair(scene: Scene) -> None:
    scene.share(scene.snapshot(), STRANGER)
    scene.night.walk(LEAKED)
    armed: list[str] = []
    scene.night.lab.clock.set(START + 2 * MINUTE)
    look(scene.night.house, lambda id, _: armed.append(id), scene.night.file(LEAKED).id)  # noqa: A006
    assert scene.became() == {"ec2:ModifySnapshotAttribute": "undone"}
    assert armed == []


def test_stanch_takes_no_repair_back_and_gives_it_no_more_time(repaired: Scene) -> None:
    one = repaired.night.one(LEAKED, "R1")
    for end in (containments.revert, containments.extend):
        with pytest.raises(BadInput, match="is a repair and stays"):
            end(repaired.night.house, one.case, one.id, by="robin", reason="x")
    assert repaired.night.one(LEAKED, "R1").state is State.CONTAINED


def test_repairs_use_up_no_budget(repaired: Scene) -> None:
    night = repaired.night
    counted = {one.arn for one in disrupted(night.house)}
    repairs = {one.change.target.arn for one in night.file(LEAKED).containments if one.for_good}
    assert repairs
    assert counted
    assert not counted & repairs


# Observation --------------------------------------------------------------------------------------------------------


def test_in_observation_it_is_only_journalled(scene: Scene, tmp_path: Any) -> None:
    night, snapshot = scene.night, scene.snapshot()
    scene.share(snapshot, STRANGER)
    night.house = replace(night.house, override=None, database=open_database(tmp_path / "observing" / "stanch.db"))
    night.walk(LEAKED)
    sent = len(night.changes())
    night.lab.clock.set(START + 2 * MINUTE)
    Watch(night.house, by_the_sweep).look()
    assert scene.shared(snapshot) == {STRANGER}
    assert len(night.changes()) == sent
    assert scene.became() == {"ec2:ModifySnapshotAttribute": "would be undone"}
    assert [one.change.action for one in night.told(WouldContain)][-1] == "R1"
    night.house.database.dispose()
