"""What the action tests share: a simulated AWS, an executor of one screen, and ways to make things in it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import takewhile
from typing import Any, TypeVar
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws
from moto.core.utils import method_names_from_class

from stanch.aws import Aws
from stanch.model.change import Action, Call, Target, TargetKind, Terms, Undo
from stanch.model.ports import Reader

S = TypeVar("S")
REGION = "eu-west-1"
TERMS = Terms("C-0a1b2c3d", 1, datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 12, tzinfo=UTC))
ROUNDS = 8
IMAGE = "ami-03cf127a"  # one that moto knows; to ask it for them takes seconds
TRUST = '{"Version":"2012-10-17","Statement":[]}'


class World:
    """The simulated account, seen through stanch's door and through a person's client."""

    region = REGION
    terms = TERMS

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.account = aws.account

    def client(self, service: str) -> Any:
        return _client(service)

    @property
    def reader(self) -> Reader:
        return self.aws.reader(self.account, REGION)

    def send(self, call: Call) -> None:
        receipt = self.aws.call(call, account=self.account, region=REGION, case=TERMS.case)
        assert receipt.ok, receipt.error

    def contain(self, action: Action[S], target: Target, dies_after: int = 10**6, terms: Terms = TERMS) -> list[Call]:
        """Plan and send until nothing is left, or die after so many calls; returns what was sent."""
        sent: list[Call] = []
        for _ in range(ROUNDS):
            left = action.forward(target, action.snapshot(self.reader, target), terms)
            if not left or len(sent) >= dies_after:
                return sent
            for call in takewhile(lambda one: not one.waits_for, left):
                if len(sent) < dies_after:
                    self.send(call)
                    sent.append(call)
        raise AssertionError("forward never came to its end")

    def undo(self, action: Action[S], target: Target, before: S, dies_after: int = 10**6) -> Undo:
        """Undo until no call is left, or die after so many calls; returns what is left to say."""
        sent = 0
        for _ in range(ROUNDS):
            left = action.inverse(target, before, action.snapshot(self.reader, target), TERMS)
            if not left.calls or sent >= dies_after:
                return left
            for call in left.calls[: dies_after - sent]:
                self.send(call)
                sent += 1
        raise AssertionError("inverse never came to its end")

    def keep(self, action: Action[S], target: Target) -> None:
        for _ in range(ROUNDS):
            left = action.keep(target, action.snapshot(self.reader, target), TERMS)
            if not left:
                return
            for call in left:
                self.send(call)
        raise AssertionError("keep never came to its end")

    def host(self) -> Target:
        """A running instance with one interface, in a network of its own."""
        vpc, subnet = self.network()
        return self.instance(subnet, ((self.group(vpc, "web"),),))

    def credentials(self) -> Target:
        """The credentials of a role, as a running instance has them."""
        role = self.role(path="/app/")
        return replace(role, kind=TargetKind.INSTANCE_CREDENTIALS, within=self.host().arn)

    def user(self, name: str = "alice", path: str = "/") -> Target:
        arn = self.client("iam").create_user(UserName=name, Path=path)["User"]["Arn"]
        return Target(TargetKind.USER, self.account, REGION, name, arn)

    def role(self, name: str = "web", path: str = "/") -> Target:
        made = self.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)
        return Target(TargetKind.ROLE, self.account, REGION, name, made["Role"]["Arn"])

    def network(self) -> tuple[str, str]:
        """A VPC and a subnet in it."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        return vpc, ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]

    def group(self, vpc: str, name: str) -> str:
        made = self.client("ec2").create_security_group(GroupName=name, Description="test", VpcId=vpc)
        return str(made["GroupId"])

    def instance(self, subnet: str, groups: tuple[tuple[str, ...], ...], tags: dict[str, str] | None = None) -> Target:
        """An instance with one interface for each tuple of groups."""
        ec2 = self.client("ec2")
        interfaces = [{"DeviceIndex": n, "SubnetId": subnet, "Groups": list(ids)} for n, ids in enumerate(groups)]
        marks = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        made = ec2.run_instances(
            ImageId=IMAGE,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=interfaces,
            TagSpecifications=[{"ResourceType": "instance", "Tags": marks}] if marks else [],
        )["Instances"][0]
        return instance_target(self.account, made["InstanceId"])


def instance_target(account: str, id: str) -> Target:
    arn = f"arn:aws:ec2:{REGION}:{account}:instance/{id}"
    return Target(TargetKind.INSTANCE, account, REGION, id, arn)


@cache
def _client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]  # any service


@pytest.fixture(scope="session")
def door() -> Iterator[Aws]:
    """One for all tests: it keeps no state of AWS, and botocore takes long to load its models."""
    # moto goes through all members of a class of responses at every request
    with patch("moto.core.responses.method_names_from_class", cache(method_names_from_class)):
        yield Aws(role="stanch-responder", assume="auto", default_region=REGION)


@pytest.fixture
def world(door: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # 1,300 images that nothing here looks at
    with mock_aws():
        yield World(door)
