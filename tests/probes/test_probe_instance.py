"""An instance as a simulated EC2 knows it."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from stanch.aws import Aws
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import Denied
from stanch.model.finding import Instance
from stanch.model.ports import Reader
from stanch.probes.instance import look_up

TRUST = '{"Version":"2012-10-17","Statement":[]}'
IMAGE = "ami-03cf127a"  # one that moto knows


def client(service: str) -> Any:
    return boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload]  # any service


def reader(aws: Aws) -> Reader:
    return aws.reader(aws.account, "eu-west-1")


@pytest.fixture
def host(aws: Aws) -> dict[str, str]:
    """An instance with a role and a public address, in a VPC with a NAT gateway."""
    ec2, iam = client("ec2"), client("iam")
    iam.create_role(RoleName="web-role", Path="/app/", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="web-profile")
    iam.add_role_to_instance_profile(InstanceProfileName="web-profile", RoleName="web-role")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    made = ec2.run_instances(
        ImageId=IMAGE,
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "Groups": [group]}],
        IamInstanceProfile={"Name": "web-profile"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "env", "Value": "prod"}]}],
    )["Instances"][0]
    address = ec2.allocate_address(Domain="vpc")
    eni = made["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=eni)
    gateway = ec2.allocate_address(Domain="vpc")
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=gateway["AllocationId"])
    return {
        "id": made["InstanceId"],
        "vpc": vpc,
        "group": group,
        "eni": eni,
        "public": address["PublicIp"],
        "nat": gateway["PublicIp"],
    }


def test_an_instance_is_looked_up_with_role_and_egress(aws: Aws, host: dict[str, str]) -> None:
    found = look_up(reader(aws), Instance(host["id"], aws.account, "eu-west-1"))
    assert found.unknown == ()
    assert found.state == "running"
    assert found.tags == (("env", "prod"),)
    assert found.role_arn == f"arn:aws:iam::{aws.account}:role/app/web-role"
    assert found.egress == tuple(sorted({host["public"], host["nat"]}))
    (interface,) = found.interfaces
    assert (interface.id, interface.vpc, interface.groups) == (host["eni"], host["vpc"], (host["group"],))
    assert interface.public_ip == host["public"]
    assert interface.private_ip.startswith("10.0.1.")


def test_an_instance_that_does_not_exist_is_unknown(aws: Aws) -> None:
    found = look_up(reader(aws), Instance("i-0123456789abcdef0", aws.account, "eu-west-1"))
    assert found.interfaces == ()
    assert "i-0123456789abcdef0" in found.unknown[0]


@dataclass
class Forbidding:
    """The live account, but one operation is denied."""

    live: Reader
    operation: str

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        if operation == self.operation:
            raise Denied(f"{service}:{operation}", "AccessDenied", "no")
        return self.live.read(service, operation, **params)


@pytest.mark.parametrize(
    ("operation", "word"),
    [("GetInstanceProfile", "role of instance profile web-profile"), ("DescribeNatGateways", "NAT gateways of vpc-")],
)
def test_what_may_not_be_asked_is_named_and_the_rest_is_known(
    aws: Aws, host: dict[str, str], operation: str, word: str
) -> None:
    found = look_up(Forbidding(reader(aws), operation), Instance(host["id"], aws.account, "eu-west-1"))
    assert found.state == "running"
    assert host["public"] in found.egress
    (reason,) = found.unknown
    assert word in reason
    assert "AccessDenied" in reason
    assert (found.role_arn == "") is (operation == "GetInstanceProfile")
    assert (host["nat"] in found.egress) is (operation != "DescribeNatGateways")
