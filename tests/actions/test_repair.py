"""R1 and R2 against a simulated AWS: only what the deed added goes, and what changed since is left alone."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from stanch.actions import catalogue
from stanch.actions._repair import Trace
from stanch.model.change import Deed, Target, TargetKind
from stanch.model.errors import BadInput

R1, R2 = catalogue()["R1"], catalogue()["R2"]
STRANGER, FRIEND = "999900002222", "888800001111"
AT = datetime(2026, 3, 1, 7, tzinfo=UTC)


def deed(world: Any, call: str, name: str, arn: str, params: Any, answer: Any = None) -> Target:
    done = Deed("e-1", AT, call, params, answer or {})
    return Target(TargetKind.DEED, world.account, world.region, name, arn, within="e-1", deed=done)


def shared(world: Any, *accounts: str) -> Target:
    """A snapshot that its owner shares with a friend, and the deed with these."""
    ec2 = world.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    name = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    wanted = {"SnapshotId": name, "Attribute": "createVolumePermission", "OperationType": "add"}
    users = [FRIEND, *(one for one in accounts if one != "all")]
    ec2.modify_snapshot_attribute(**wanted, UserIds=users, GroupNames=[one for one in accounts if one == "all"])
    items = [{"group": one} if one == "all" else {"userId": one} for one in accounts]
    params = {"snapshotId": name, "createVolumePermission": {"add": {"items": items}}}
    return deed(world, "ec2:ModifySnapshotAttribute", name, f"arn:aws:ec2:eu-west-1::snapshot/{name}", params)


def readers(world: Any, target: Target) -> set[str]:
    asked = {"SnapshotId": target.name, "Attribute": "createVolumePermission"}
    found = world.client("ec2").describe_snapshot_attribute(**asked)["CreateVolumePermissions"]
    return {one.get("UserId") or one["Group"] for one in found}


def test_a_snapshot_is_taken_from_those_of_the_deed_and_stays_with_others(world: Any) -> None:
    target = shared(world, STRANGER, "all")
    assert R1.snapshot(world.reader, target) == Trace(exists=True, left=(STRANGER, "all"))
    assert len(world.contain(R1, target)) == 1
    assert readers(world, target) == {FRIEND}
    assert world.contain(R1, target) == []


def test_what_somebody_took_back_already_is_not_asked_for_again(world: Any) -> None:
    target = shared(world, STRANGER, "all")
    wanted = {"SnapshotId": target.name, "Attribute": "createVolumePermission", "OperationType": "remove"}
    world.client("ec2").modify_snapshot_attribute(**wanted, GroupNames=["all"])
    (call,) = R1.forward(target, R1.snapshot(world.reader, target), world.terms)
    assert (call.params["UserIds"], "GroupNames" in call.params) == ([STRANGER], False)


def trail(world: Any) -> Target:
    world.client("s3").create_bucket(
        Bucket="trail-files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    arn = world.client("cloudtrail").create_trail(Name="all", S3BucketName="trail-files")["TrailARN"]
    return deed(world, "cloudtrail:StopLogging", "all", arn, {"name": "all"})


def test_a_stopped_trail_logs_again(world: Any) -> None:
    target = trail(world)
    (call,) = world.contain(R1, target)
    assert (call.operation, call.params) == ("StartLogging", {"Name": target.arn})
    assert world.client("cloudtrail").get_trail_status(Name=target.arn)["IsLogging"]
    assert world.contain(R1, target) == []


def test_a_trail_that_is_gone_is_said_to_be(world: Any) -> None:
    target = trail(world)
    world.client("cloudtrail").delete_trail(Name="all")
    state = R1.snapshot(world.reader, target)
    assert "does not exist" in R1.objections(target, state)[0]


@pytest.mark.parametrize("kind", ["User", "Role", "Group"])
def test_the_policy_of_the_deed_is_detached_and_no_other(world: Any, kind: str) -> None:
    iam, word = world.client("iam"), kind.lower()
    made = {"User": world.user, "Role": world.role}.get(kind)
    arn = made().arn if made else iam.create_group(GroupName="web")["Group"]["Arn"]
    name = arn.rpartition("/")[2]
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    theirs, his = (iam.create_policy(PolicyName=one, PolicyDocument=document)["Policy"]["Arn"] for one in ("a", "b"))
    for policy in (theirs, his):
        getattr(iam, f"attach_{word}_policy")(**{f"{kind}Name": name, "PolicyArn": policy})
    target = deed(world, f"iam:Attach{kind}Policy", name, arn, {f"{word}Name": name, "policyArn": his})
    (call,) = world.contain(R1, target)
    assert (call.operation, call.params["PolicyArn"]) == (f"Detach{kind}Policy", his)
    listed = getattr(iam, f"list_attached_{word}_policies")(**{f"{kind}Name": name})["AttachedPolicies"]
    assert [one["PolicyArn"] for one in listed] == [theirs]
    assert R1.snapshot(world.reader, target) == Trace(exists=True)


def test_the_key_of_the_deed_is_deactivated_and_no_other(world: Any) -> None:
    user, iam = world.user(), world.client("iam")
    own, his = (iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2))
    answer = {"accessKey": {"accessKeyId": his, "userName": "alice"}}
    target = deed(world, "iam:CreateAccessKey", his, user.arn, {"userName": "alice"}, answer)
    assert len(world.contain(R1, target)) == 1
    keys = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
    assert {one["AccessKeyId"]: one["Status"] for one in keys} == {own: "Active", his: "Inactive"}


def test_an_image_is_taken_from_those_of_the_deed(world: Any) -> None:
    ec2 = world.client("ec2")
    name = ec2.create_image(InstanceId=world.host().name, Name="image")["ImageId"]
    wanted = {"ImageId": name, "Attribute": "launchPermission"}
    ec2.modify_image_attribute(**wanted, OperationType="add", UserIds=[STRANGER, FRIEND])
    params = {"imageId": name, "launchPermission": {"add": {"items": [{"userId": STRANGER}]}}}
    target = deed(world, "ec2:ModifyImageAttribute", name, f"arn:aws:ec2:eu-west-1::image/{name}", params)
    assert len(world.contain(R2, target)) == 1
    assert ec2.describe_image_attribute(**wanted)["LaunchPermissions"] == [{"UserId": FRIEND}]


def test_the_rules_of_the_deed_go_and_others_stay(world: Any) -> None:
    ec2 = world.client("ec2")
    vpc, _ = world.network()
    group = world.group(vpc, "web")
    rules = [
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
        )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        for port in (22, 443)
    ]
    answer = {"securityGroupRuleSet": {"items": [{"securityGroupRuleId": rules[0], "cidrIpv4": "0.0.0.0/0"}]}}
    arn = f"arn:aws:ec2:eu-west-1:{world.account}:security-group/{group}"
    target = deed(world, "ec2:AuthorizeSecurityGroupIngress", group, arn, {"groupId": group}, answer)
    (call,) = world.contain(R2, target)
    assert call.params == {"GroupId": group, "SecurityGroupRuleIds": [rules[0]]}
    left = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert [one["SecurityGroupRuleId"] for one in left if not one["IsEgress"]] == [rules[1]]


def test_a_suspended_detector_works_again(world: Any) -> None:
    guardduty = world.client("guardduty")
    name = guardduty.create_detector(Enable=False)["DetectorId"]
    arn = f"arn:aws:guardduty:eu-west-1:{world.account}:detector/{name}"
    target = deed(world, "guardduty:UpdateDetector", name, arn, {"detectorId": name, "enable": False})
    assert R2.snapshot(world.reader, target) == Trace(exists=True, left=(arn,))
    assert len(world.contain(R2, target)) == 1
    assert guardduty.get_detector(DetectorId=name)["Status"] == "ENABLED"


def test_nothing_takes_a_repair_back() -> None:
    for action in (R1, R2):
        for target, state in action.examples:
            undo = action.inverse(target, state, None, None)  # type: ignore[arg-type]  # terms play no part
            assert (undo.calls, undo.conflicts, action.keep(target, state, None)) == ((), (), ())  # type: ignore[arg-type]


def test_an_action_undoes_no_deed_of_the_others_kinds() -> None:
    target, state = R2.examples[0]
    with pytest.raises(BadInput, match="undoes no ec2:ModifyImageAttribute"):
        R1.forward(target, state, None)  # type: ignore[arg-type]  # terms play no part


def test_only_an_image_is_un_shared_without_a_person() -> None:
    assert [bool(R2.consent(target, state)) for target, state in R2.examples] == [False, True, True, False]
