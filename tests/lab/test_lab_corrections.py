"""Each correction, seen from outside through a plain client."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from stanch.lab.run import Lab
from stanch.lab.wire import mutating
from stanch.lab.world import ACCOUNTS, PROD, SANDBOX, SECURITY

Door = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh_wire(lab: Lab) -> Iterator[None]:
    yield
    lab.wire.clear()


def groups(host: str, lab: Lab, door: Door) -> dict[str, tuple[str, ...]]:
    """Group ids by interface, as DescribeNetworkInterfaces and DescribeInstances agree on them."""
    instance, ec2 = lab.world.hosts[host].instance, door(PROD.id, "ec2")
    shown = ec2.describe_instances(InstanceIds=[instance.id])["Reservations"][0]["Instances"][0]
    faces = ec2.describe_network_interfaces(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance.id]}],
    )["NetworkInterfaces"]
    alone = {one["NetworkInterfaceId"]: tuple(g["GroupId"] for g in one["Groups"]) for one in faces}
    within = {
        one["NetworkInterfaceId"]: tuple(g["GroupId"] for g in one["Groups"]) for one in shown["NetworkInterfaces"]
    }
    assert alone == within
    primary = next(one for one in shown["NetworkInterfaces"] if one["Attachment"]["DeviceIndex"] == 0)
    assert shown["SecurityGroups"] == primary["Groups"]
    return alone


def test_interfaces_show_their_own_groups_before_and_after_a_change(lab: Lab, door: Door) -> None:
    first, second = lab.world.hosts["payments-api"].instance.interfaces
    assert groups("payments-api", lab, door) == {first.id: first.groups, second.id: second.groups}
    ec2 = door(PROD.id, "ec2")
    empty = ec2.create_security_group(GroupName="empty", Description="empty", VpcId=first.vpc)["GroupId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=second.id, Groups=[empty])
    assert groups("payments-api", lab, door) == {first.id: first.groups, second.id: (empty,)}
    ec2.modify_network_interface_attribute(NetworkInterfaceId=first.id, Groups=[empty])
    assert groups("payments-api", lab, door) == {first.id: (empty,), second.id: (empty,)}


def test_an_instance_launched_with_groups_gives_them_to_its_primary_interface(lab: Lab, door: Door) -> None:
    face = lab.world.hosts["payments-api"].instance.interfaces[0]
    ec2 = door(PROD.id, "ec2")
    launch = {"ImageId": "ami-1e749f67", "MinCount": 1, "MaxCount": 1, "SubnetId": face.subnet}
    made = ec2.run_instances(**launch, SecurityGroupIds=list(face.groups))["Instances"][0]
    other = ec2.create_security_group(GroupName="other", Description="other", VpcId=face.vpc)["GroupId"]
    primary = made["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=primary, Groups=[other])
    shown = ec2.describe_instances(InstanceIds=[made["InstanceId"]])["Reservations"][0]["Instances"][0]
    assert [one["GroupId"] for one in shown["SecurityGroups"]] == [other]
    assert [one["GroupId"] for one in shown["NetworkInterfaces"][0]["Groups"]] == [other]
    ec2.modify_instance_attribute(InstanceId=made["InstanceId"], Groups=list(face.groups))
    shown = ec2.describe_network_interfaces(NetworkInterfaceIds=[primary])["NetworkInterfaces"][0]
    assert tuple(one["GroupId"] for one in shown["Groups"]) == face.groups


def test_an_interface_goes_into_no_group_that_does_not_exist(lab: Lab, door: Door) -> None:
    face, ec2 = lab.world.hosts["reports-api"].instance.interfaces[1], door(PROD.id, "ec2")
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        ec2.modify_network_interface_attribute(NetworkInterfaceId=face.id, Groups=["sg-0123456789abcdef0"])
    assert groups("reports-api", lab, door)[face.id] == face.groups


def test_metadata_options_that_a_change_does_not_name_stay(lab: Lab, door: Door) -> None:
    instance, ec2 = lab.world.hosts["payments-api"].instance.id, door(PROD.id, "ec2")
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required", HttpPutResponseHopLimit=2)
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpEndpoint="disabled")
    shown = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["MetadataOptions"]
    assert (shown["HttpTokens"], shown["HttpPutResponseHopLimit"]) == ("required", 2)
    assert shown["HttpEndpoint"] == "disabled"


def test_a_bucket_answers_only_whom_expects_its_owner(lab: Lab, door: Door) -> None:
    s3, bucket = door(PROD.id, "s3"), lab.world.buckets[0]
    s3.put_bucket_policy(Bucket=bucket, Policy='{"Version":"2012-10-17","Statement":[]}', ExpectedBucketOwner=PROD.id)
    assert s3.get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=PROD.id)["Policy"]
    for call in (s3.get_bucket_policy, s3.delete_bucket_policy):
        with pytest.raises(ClientError, match="AccessDenied"):
            call(Bucket=bucket, ExpectedBucketOwner=SANDBOX.id)
    s3.delete_bucket_policy(Bucket=bucket)


def test_only_roles_that_exist_can_be_assumed(lab: Lab, door: Door) -> None:
    sts = boto3.client("sts")
    for role in (f"{PROD.id}:role/nobody", "000011112222:role/stanch-responder"):
        with pytest.raises(ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=f"arn:aws:iam::{role}", RoleSessionName="test")
    with pytest.raises(ClientError, match="ValidationError"):
        sts.assume_role(RoleArn="the-role-of-responders", RoleSessionName="test")
    for account in ACCOUNTS:
        assert door(account.id, "sts").get_caller_identity()["Account"] == account.id


def test_the_labs_own_credentials_belong_to_the_security_account(lab: Lab) -> None:
    who = boto3.client("sts").get_caller_identity()
    assert who["Account"] == SECURITY.id
    assert who["Arn"] == f"arn:aws:sts::{SECURITY.id}:assumed-role/stanch-worker/lab"


def test_a_policy_in_use_is_not_deleted(lab: Lab, door: Door) -> None:
    iam = door(PROD.id, "iam")
    document = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
    arn = iam.create_policy(PolicyName="one", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="bg-ops", PolicyArn=arn)
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.detach_user_policy(UserName="bg-ops", PolicyArn=arn)
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)["PolicyVersion"]["VersionId"]
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.delete_policy(PolicyArn=arn)
    assert arn not in {one["Arn"] for one in iam.list_policies(Scope="Local")["Policies"]}


def test_users_have_ids_of_awss_form(lab: Lab, door: Door) -> None:
    for one in door(PROD.id, "iam").list_users()["Users"]:
        assert one["UserId"].startswith("AIDA")
        assert one["UserId"] == lab.world.users[one["UserName"]].id


def test_an_operation_that_moto_lacks_is_answered_not_raised(lab: Lab, door: Door) -> None:
    iam = door(SANDBOX.id, "iam")
    with pytest.raises(ClientError, match="UnknownOperation"):
        iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{SANDBOX.id}:user/x", ActionNames=["s3:*"])


def test_faults_reach_the_client_and_leave_the_account_as_it_was(lab: Lab, door: Door) -> None:
    iam = door(PROD.id, "iam")
    lab.wire.deny("iam:CreateUser", first=2)
    iam.create_user(UserName="first.one")
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.create_user(UserName="second.one")
    names = {one["UserName"] for one in iam.list_users()["Users"]}
    assert "first.one" in names
    assert "second.one" not in names


def test_a_throttled_call_succeeds_when_the_client_tries_again(lab: Lab, door: Door) -> None:
    ec2 = door(PROD.id, "ec2")
    lab.wire.clear()
    lab.wire.throttle("ec2:DescribeVpcs", 1)
    assert ec2.describe_vpcs()["Vpcs"]
    assert [one.failed for one in lab.wire.requests()] == ["RequestLimitExceeded", ""]


def test_the_wire_tells_reads_dry_runs_and_changes_apart(lab: Lab, door: Door) -> None:
    ec2, face = door(PROD.id, "ec2"), lab.world.hosts["payments-api"].instance.interfaces[0]
    lab.wire.clear()
    ec2.describe_vpcs()
    group = {"GroupName": "made", "Description": "made", "VpcId": face.vpc}
    with pytest.raises(ClientError, match="DryRunOperation"):
        ec2.create_security_group(**group, DryRun=True)
    assert mutating(lab.wire.requests()) == ()
    ec2.create_security_group(**group)
    door(PROD.id, "s3").put_object(Bucket=lab.world.buckets[0], Key="one", Body=b"1")
    changes = mutating(lab.wire.requests())
    assert [(one.name, one.account) for one in changes] == [
        ("ec2:CreateSecurityGroup", PROD.id),
        ("s3:Put/one", PROD.id),
    ]
