"""Accounts of the large organisation in the simulated AWS, under the ids that its findings name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from stanch.lab import guardduty
from stanch.lab.organisation.attacks import Stealth, catalogue, play
from stanch.lab.organisation.found import found
from stanch.lab.organisation.mirror import mirror
from stanch.lab.organisation.world import Organisation
from stanch.lab.run import Lab
from stanch.lab.world import ACCOUNTS


@pytest.fixture(scope="module")
def organisation(lab: Lab, now: datetime) -> Organisation:
    made = found(9, 3, 30, now)
    mirror(made, (made.sites[1].id,))
    return made


def test_no_account_is_one_of_the_small_world(now: datetime) -> None:
    assert not {one.id for one in found(9, 400, 2, now).sites} & {one.id for one in ACCOUNTS}


def test_hosts_stand_where_the_logs_say(organisation: Organisation, door: Callable[..., Any]) -> None:
    site = organisation.sites[1]
    told = door(site.id, "ec2").describe_instances()["Reservations"]
    seen = {one["InstanceId"]: one for each in told for one in each["Instances"]}
    assert set(seen) == {host.instance.id for host in site.hosts}
    for host in site.hosts:
        one, face = seen[host.instance.id], host.instance.interfaces[0]
        assert [link["NetworkInterfaceId"] for link in one["NetworkInterfaces"]] == [face.id]
        assert (one["PrivateIpAddress"], one["SubnetId"], one["VpcId"]) == (face.private_ip, face.subnet, face.vpc)
        assert [group["GroupId"] for group in one["NetworkInterfaces"][0]["Groups"]] == list(face.groups)
        assert one["IamInstanceProfile"]["Arn"] == host.profile
        assert {tag["Key"]: tag["Value"] for tag in one["Tags"]} == dict(host.tags)


def test_identities_have_their_ids_and_keys(organisation: Organisation, door: Callable[..., Any]) -> None:
    site = organisation.sites[1]
    iam = door(site.id, "iam")
    known = {one["Arn"]: one["RoleId"] for one in iam.list_roles(MaxItems=1000)["Roles"]}
    for role in (*site.roles.values(), *(one.role for one in site.workloads)):
        assert known[role.arn] == role.id
    for user in (*(one.user for one in site.users), site.break_glass):
        assert iam.get_user(UserName=user.name)["User"]["UserId"] == user.id
        keys = iam.list_access_keys(UserName=user.name)["AccessKeyMetadata"]
        assert [(one["AccessKeyId"], one["Status"]) for one in keys] == [(user.key, "Active")]
    held = {one["Name"] for one in door(site.id, "s3").list_buckets()["Buckets"]}
    assert {one.name for one in site.buckets} <= held


def test_its_findings_can_be_fetched_again(organisation: Organisation, door: Callable[..., Any]) -> None:
    site = organisation.sites[1]
    woven = next(
        one
        for number in range(50)
        if (one := play(organisation, catalogue()["instance_outside"], number, Stealth.LOW)).account == site.id
    )
    detail = dict(woven.findings[0].body["detail"])  # type: ignore[call-overload]
    guardduty.put(detail)
    told = door(site.id, "guardduty").get_findings(DetectorId=site.detector, FindingIds=[detail["id"]])["Findings"]
    assert [one["Id"] for one in told] == [detail["id"]]
