import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest

from stanch.lab.run import Lab
from stanch.lab.world import ACCOUNTS, PROD, RESPONDER, SANDBOX

Door = Callable[..., Any]
ANOTHER = """
import json, sys
from dataclasses import asdict
from datetime import datetime
from stanch.lab.run import in_process
with in_process(7, datetime.fromisoformat(sys.argv[1])) as lab:
    print(json.dumps(asdict(lab.world)))
"""


def test_another_process_builds_the_same_ids(lab: Lab, now: datetime) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "3"}
    argv = [sys.executable, "-c", ANOTHER, now.isoformat()]
    said = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == json.loads(json.dumps(asdict(lab.world)))


def test_every_account_has_a_responder_and_a_detector(lab: Lab, door: Door) -> None:
    for account in ACCOUNTS:
        role = door(account.id, "iam").get_role(RoleName=RESPONDER)["Role"]
        assert role["Arn"] == f"arn:aws:iam::{account.id}:role/{RESPONDER}"
        assert door(account.id, "guardduty").list_detectors()["DetectorIds"] == [lab.world.detectors[account.id]]


@pytest.mark.parametrize("name", ["payments-api", "reports-api", "ops-gateway", "storefront-web", "batch-worker"])
def test_hosts_are_as_the_world_says(lab: Lab, name: str, door: Door) -> None:
    host = lab.world.hosts[name]
    ec2, iam = door(host.instance.account, "ec2"), door(host.instance.account, "iam")
    shown = ec2.describe_instances(InstanceIds=[host.instance.id])["Reservations"][0]["Instances"][0]
    faces = sorted(shown["NetworkInterfaces"], key=lambda one: int(one["Attachment"]["DeviceIndex"]))
    for face, said in zip(faces, host.instance.interfaces, strict=True):
        assert face["NetworkInterfaceId"] == said.id
        assert face["PrivateIpAddress"] == said.private_ip
        assert tuple(one["GroupId"] for one in face["Groups"]) == said.groups
        assert face.get("Association", {}).get("PublicIp", "") == said.public_ip
    assert host.instance.interfaces[0].groups != host.instance.interfaces[1].groups
    assert shown["IamInstanceProfile"]["Arn"] == host.profile
    profile = iam.get_instance_profile(InstanceProfileName=host.role.name)["InstanceProfile"]
    assert [one["Arn"] for one in profile["Roles"]] == [host.role.arn]
    assert shown["BlockDeviceMappings"]


@pytest.mark.parametrize(("account", "host"), [(PROD.id, "storefront-web"), (SANDBOX.id, "batch-worker")])
def test_hosts_without_an_address_leave_by_their_gateway(lab: Lab, account: str, host: str, door: Door) -> None:
    vpc = lab.world.hosts[host].instance.interfaces[0].vpc
    found = door(account, "ec2").describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NatGateways"]
    assert [one["PublicIp"] for gateway in found for one in gateway["NatGatewayAddresses"]] == [
        lab.world.hosts[host].public
    ]


def test_the_web_front_refers_to_stanchs_own_empty_sets(lab: Lab, door: Door) -> None:
    waf, front = door(PROD.id, "wafv2"), lab.world.front
    acl = waf.get_web_acl_for_resource(ResourceArn=front.balancer)["WebACL"]
    assert [rule["Statement"]["IPSetReferenceStatement"]["ARN"] for rule in acl["Rules"]] == list(front.sets.values())
    for one in waf.list_ip_sets(Scope="REGIONAL")["IPSets"]:
        held = waf.get_ip_set(Name=one["Name"], Scope="REGIONAL", Id=one["Id"])["IPSet"]
        assert held["Addresses"] == []
        assert front.sets[one["Name"]] == held["ARN"]
    elb = door(PROD.id, "elbv2")
    (group,) = elb.describe_target_groups(LoadBalancerArn=front.balancer)["TargetGroups"]
    health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    assert [one["Target"]["Id"] for one in health] == [lab.world.hosts["storefront-web"].instance.id]


def test_users_have_one_active_key(lab: Lab, door: Door) -> None:
    iam = door(PROD.id, "iam")
    for user in lab.world.users.values():
        keys = iam.list_access_keys(UserName=user.name)["AccessKeyMetadata"]
        assert [(one["AccessKeyId"], one["Status"]) for one in keys] == [(user.key, "Active")]
