"""Any AWS endpoint will do: plain moto in another process, reached by the standard variables alone."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from stanch.lab.dice import dice
from stanch.lab.scenarios import leaked_user_key
from stanch.lab.world import REGION, Front, User, World

from .desk import DANA, READS, Account, Cloud, Desk, Ran

ACCOUNT = "123456789012"
"""Moto's own, whatever the credentials."""
DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"
THIEF = "203.0.113.77"
POOL = "198.51.100.94"
SEEN = datetime(2026, 11, 23, 1, 41, 55, tzinfo=UTC)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    }
)


class Host:
    """An instance with two interfaces, each in a group of its own, and a role."""

    def __init__(self, cloud: Cloud) -> None:
        self.at = Account(cloud)
        iam, ec2 = self.at.iam, self.at.ec2
        role = iam.create_role(RoleName="ledger-host", AssumeRolePolicyDocument=TRUST)["Role"]
        self.role, self.role_id = role["Arn"], role["RoleId"]
        profile = iam.create_instance_profile(InstanceProfileName="ledger-host")["InstanceProfile"]["Arn"]
        iam.add_role_to_instance_profile(InstanceProfileName="ledger-host", RoleName="ledger-host")
        vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.1.0/24")["Subnet"]["SubnetId"]
        front, back = (self._group(vpc, name) for name in ("ledger-front", "ledger-back"))
        # Not launched into groups: moto would show those on every interface, whatever is changed later.
        faces = [
            ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
            for group in (front, back)
        ]
        made = ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            IamInstanceProfile={"Arn": profile},
            NetworkInterfaces=[{"DeviceIndex": n, "NetworkInterfaceId": one} for n, one in enumerate(faces)],
        )
        self.id: str = made["Instances"][0]["InstanceId"]

    def _group(self, vpc: str, name: str) -> str:
        made = self.at.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)
        return str(made["GroupId"])

    @property
    def groups(self) -> list[list[str]]:
        """Names of the groups of its interfaces, sorted."""
        return sorted(self.at.groups(self.id).values())

    @property
    def protected(self) -> bool:
        answer = self.at.ec2.describe_instance_attribute(InstanceId=self.id, Attribute="disableApiTermination")
        return bool(answer["DisableApiTermination"]["Value"])

    @property
    def snapshots(self) -> int:
        mine = [{"Name": "tag-key", "Values": ["stanch:case"]}]
        return len(self.at.ec2.describe_snapshots(OwnerIds=["self"], Filters=mine)["Snapshots"])

    @property
    def state(self) -> list[Any]:
        """All that the calls of the two findings could change, and more."""
        ec2 = self.at.ec2
        found = [
            self.at.iam.get_account_authorization_details(),
            ec2.describe_instances(),
            ec2.describe_network_interfaces(),
            ec2.describe_security_groups(),
            ec2.describe_instance_attribute(InstanceId=self.id, Attribute="disableApiTermination"),
            ec2.describe_instance_attribute(InstanceId=self.id, Attribute="disableApiStop"),
        ]
        return [{**one, "ResponseMetadata": None} for one in found] + [self.snapshots]

    @property
    def details(self) -> dict[str, Any]:
        """Of the instance, as a finding tells it."""
        shown = self.at.ec2.describe_instances(InstanceIds=[self.id])["Reservations"][0]["Instances"][0]
        return {
            "instanceId": self.id,
            "instanceType": "m7g.large",
            "launchTime": "2026-08-30T06:11:05.000Z",
            "platform": None,
            "productCodes": [],
            "iamInstanceProfile": {"arn": shown["IamInstanceProfile"]["Arn"], "id": "AIPAEXAMPLELEDGER"},
            "networkInterfaces": [
                {
                    "networkInterfaceId": one["NetworkInterfaceId"],
                    "privateIpAddress": one["PrivateIpAddress"],
                    "subnetId": one["SubnetId"],
                    "vpcId": one["VpcId"],
                    "securityGroups": [{"groupName": g["GroupName"], "groupId": g["GroupId"]} for g in one["Groups"]],
                    "ipv6Addresses": [],
                }
                for one in shown["NetworkInterfaces"]
            ],
            "tags": [],
            "instanceState": "running",
            "availabilityZone": f"{REGION}a",
            "imageId": "ami-12c6146b",
        }


def finding(kind: str, resource: dict[str, Any], action: dict[str, Any], title: str) -> dict[str, Any]:
    """What EventBridge delivers of GuardDuty."""
    number = "5d1c0f4be29a47f6b8d3a1e0c7f29b64"
    detail = {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": number,
        "arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{DETECTOR}/finding/{number}",
        "type": kind,
        "resource": resource,
        "service": {
            "serviceName": "guardduty",
            "detectorId": DETECTOR,
            "action": action,
            "resourceRole": "TARGET",
            "additionalInfo": {"value": "{}", "type": "default"},
            "eventFirstSeen": "2026-11-23T01:37:40.000Z",
            "eventLastSeen": "2026-11-23T01:41:55.000Z",
            "archived": False,
            "count": 4,
        },
        "severity": 8,
        "createdAt": "2026-11-23T01:43:30.000Z",
        "updatedAt": "2026-11-23T01:43:30.000Z",
        "title": title,
        "description": title,
    }
    return {
        "version": "0",
        "id": "0b6f3b52-6d3f-4d0c-9b52-8f3a7a1c2d4e",
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": ACCOUNT,
        "time": "2026-11-23T01:43:30Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def stolen(host: Host) -> dict[str, Any]:
    key = {
        "accessKeyId": "ASIAEXAMPLELEDGERHOS",
        "principalId": f"{host.role_id}:{host.id}",
        "userType": "AssumedRole",
        "userName": "ledger-host",
    }
    call = {
        "api": "GetObject",
        "serviceName": "s3.amazonaws.com",
        "callerType": "Remote IP",
        "remoteIpDetails": {"ipAddressV4": THIEF},
        "affectedResources": {},
    }
    return finding(
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        {"resourceType": "AccessKey", "accessKeyDetails": key, "instanceDetails": host.details},
        {"actionType": "AWS_API_CALL", "awsApiCallAction": call},
        f"Credentials created exclusively for EC2 instance {host.id} used from external IP address {THIEF}.",
    )


def mining(host: Host) -> dict[str, Any]:
    link = {
        "connectionDirection": "OUTBOUND",
        "blocked": False,
        "protocol": "TCP",
        "localPortDetails": {"port": 49712, "portName": "Unknown"},
        "remotePortDetails": {"port": 3333, "portName": "Unknown"},
        "remoteIpDetails": {"ipAddressV4": POOL},
    }
    return finding(
        "CryptoCurrency:EC2/BitcoinTool.B",
        {"resourceType": "Instance", "instanceDetails": host.details},
        {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": link},
        f"EC2 instance {host.id} is querying an IP address that is associated with cryptocurrency activity.",
    )


def states(told: Ran) -> dict[str, str]:
    """State of each containment by action."""
    return {one["id"].split("/")[1]: one["state"] for one in told.case["containments"]}


def test_stolen_credentials_are_contained_and_verified_on_plain_moto(stanch: Desk, plain: Cloud) -> None:
    host = Host(plain)
    file = stanch.write("finding.json", stolen(host))
    told = stanch.shell("respond", file, "--once", "--json", *DANA)
    case = told.case
    assert (case["mode"], case["outcome"], case["verified"], told.code) == ("act", "contain", True, 0), told
    assert states(told) == {"I7": "contained"}
    assert case["targets"] == [host.role]
    assert [(one["call"], one["result"]) for one in case["calls"]] == [
        ("iam:CreatePolicy", "ok"),
        ("iam:AttachRolePolicy", "ok"),
    ]
    ((name, holders),) = host.at.policies.items()
    assert holders == ["ledger-host"]
    said = host.at.iam.get_policy_version(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/stanch/{name}", VersionId="v1")[
        "PolicyVersion"
    ]["Document"]
    assert [one["Effect"] for one in said["Statement"]] == ["Deny"]
    assert host.id in json.dumps(said)
    assert told.summary["errors"] == 0
    # Moto's GuardDuty has no findings to look it up in: the operator's word has to do, and the case says so.
    resolved = stanch("case", "show", case["case"], "--json").lines[0]["file"]["resolved"]
    assert resolved["confirmed"]
    assert "could not be asked" in resolved["how"]
    assert "the operator vouches for it" in resolved["how"]


def test_a_miner_is_isolated_on_both_interfaces_of_plain_moto_and_comes_back(stanch: Desk, plain: Cloud) -> None:
    host = Host(plain)
    told = stanch("respond", stanch.write("finding.json", mining(host)), "--once", "--json", *DANA)
    case = told.case
    assert (case["mode"], case["outcome"], case["verified"], told.code) == ("act", "contain", True, 0), told
    assert states(told) == {"E1": "contained", "E4": "contained"}
    (wall,) = {name for names in host.groups for name in names}
    assert wall.startswith("stanch-isolation-")
    assert len(host.groups) == 2
    assert host.protected
    assert host.snapshots == 1
    ended = stanch("case", "revert", case["case"], "--by", "dana", "--json")
    assert ended.code == 0, ended
    assert host.groups == [["ledger-back"], ["ledger-front"]]
    assert not host.protected


def test_a_leaked_key_is_cut_on_plain_moto(stanch: Desk, plain: Cloud) -> None:
    at = Account(plain)
    user = at.iam.create_user(UserName="maria.lindqvist")["User"]
    key = at.iam.create_access_key(UserName="maria.lindqvist")["AccessKey"]["AccessKeyId"]
    mine = User(ACCOUNT, "maria.lindqvist", user["Arn"], user["UserId"], key)
    world = World(
        1, {}, {}, {mine.name: mine}, {ACCOUNT: DETECTOR}, ("a-bucket", "b-bucket", "c-bucket"), Front("", "", {})
    )
    act = leaked_user_key.play(world, SEEN, dice(1, "plain"))
    logs = stanch.folder / "logs"
    logs.mkdir()
    records = {"Records": [one.record for one in act.events]}
    (logs / "trail.json").write_text(json.dumps(records), encoding="utf-8")
    told = stanch("respond", stanch.write("finding.json", *act.findings), "--once", "--json", "--logs", "logs", *DANA)
    assert (told.case["outcome"], told.case["verified"], told.code) == ("contain", True, 0), told
    assert states(told) == {"I1": "contained", "I2": "contained"}
    assert at.keys(mine.name) == {key: "Inactive"}
    assert list(at.policies.values()) == [[mine.name]]


@pytest.mark.parametrize("of", [stolen, mining])
def test_without_the_override_nothing_on_the_server_changes(
    stanch: Desk, plain: Cloud, of: Callable[[Host], dict[str, Any]]
) -> None:
    host = Host(plain)
    file = stanch.write("finding.json", of(host))
    before, count = host.state, len(plain.requests)
    told = stanch("respond", file, "--once", "--json")
    case = told.case
    assert (case["mode"], case["outcome"], case["verified"], told.code) == ("observe", "contain", None, 0), told
    assert case["calls"]
    assert {call["result"] for call in case["calls"]} == {"would"}
    sent = plain.requests[count:]
    assert "GetCallerIdentity" in sent
    assert [one for one in sent if not READS.match(one)] == []
    assert host.state == before


def test_a_region_and_a_profile_come_from_the_usual_files(stanch: Desk, plain: Cloud) -> None:
    host = Host(plain)
    file = stanch.write("finding.json", stolen(host))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        del stanch.variables[name]
    folder = stanch.folder.parent / "home" / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        f"[profile exercise]\nregion = {REGION}\nendpoint_url = {plain.endpoint}\n", encoding="utf-8"
    )
    (folder / "credentials").write_text(
        "[exercise]\naws_access_key_id = STANCHLAB\naws_secret_access_key = not-a-secret\n", encoding="utf-8"
    )
    stanch.variables["AWS_PROFILE"] = "exercise"
    told = stanch("respond", file, "--once", "--json", *DANA)
    assert (told.case["verified"], told.code) == (True, 0), told
    assert list(host.at.policies.values()) == [["ledger-host"]]
