"""Builds some accounts of the organisation into the simulated AWS of this process, under the ids that its logs name.

Bounded: networks, groups, interfaces, instances and their profiles, roles, users with their keys, buckets, detectors.
What a session has done since (policies, stopped trails) is in the logs only.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import moto.ec2.utils
import moto.iam.models
from moto.ec2.models import ec2_backends
from moto.guardduty.models import guardduty_backends
from moto.iam.models import iam_backends

from stanch.lab import hosts
from stanch.lab.building import Builder
from stanch.lab.organisation.world import Network, Organisation, Site
from stanch.lab.world import RESPONDER, SECURITY, WORKER, Host, Role, User
from stanch.model.data import JSON


def mirror(organisation: Organisation, accounts: Iterable[str]) -> None:
    """Build these accounts; call it once in a running lab, and with few: a host costs about twenty requests."""
    for number in accounts:
        site = organisation.site(number)
        with _ids() as wish:
            _build(site, Builder(site.account, organisation.seed), wish)


Wish = Callable[[str, str], None]
"""wish(prefix, id): the next id of that prefix (`i`, `sg`, `AROA`) shall be this one."""


def _build(site: Site, hands: Builder, wish: Wish) -> None:
    hands.make("ec2", "describe_vpcs")  # moto makes an account's EC2 at its first request
    ec2_backends[site.id][site.region].snapshots.clear()
    _detector(site, hands)
    for name in (RESPONDER, f"{RESPONDER}-trust", f"{RESPONDER}-bucket-policy"):
        _role(hands, name, _trust(AWS=f"arn:aws:iam::{SECURITY.id}:role/{WORKER}"))
    for own in site.roles.values():
        wish("AROA", own.id)
        _role(hands, own.name, _trust(AWS=f"arn:aws:iam::{site.id}:root"), _path(own))
    for user in (*(one.user for one in site.users), site.break_glass):
        _user(hands, wish, user)
    for bucket in site.buckets:
        where: JSON = {"LocationConstraint": site.region}
        hands.make("s3", "create_bucket", Bucket=bucket.name, CreateBucketConfiguration=where)
    for network in site.networks:
        _network(site, hands, wish, network)
    for workload in site.workloads:
        wish("AROA", workload.role.id)
        service = "ec2.amazonaws.com" if workload.hosts else "lambda.amazonaws.com"
        _role(hands, workload.role.name, _trust(Service=service))
        if workload.hosts:
            _profile(hands, workload.role)
            _group(hands, wish, workload.hosts[0])
        for host in workload.hosts:
            _host(hands, wish, host)


def _detector(site: Site, hands: Builder) -> None:
    made = hands.make("guardduty", "create_detector", "DetectorId", Enable=True)
    held = guardduty_backends[site.id][site.region].detectors
    held[site.detector] = held.pop(made)
    held[site.detector].id = site.detector


def _role(hands: Builder, name: str, trust: str, path: str = "/") -> None:
    hands.make("iam", "create_role", RoleName=name, Path=path, AssumeRolePolicyDocument=trust)


def _path(role: Role) -> str:
    """The path in a role's ARN."""
    return role.arn.partition(":role")[2].removesuffix(role.name)


def _user(hands: Builder, wish: Wish, user: User) -> None:
    hands.make("iam", "create_user", UserName=user.name)
    iam_backends[user.account]["aws"].users[user.name].id = user.id
    wish("AKIA", user.key)
    hands.make("iam", "create_access_key", UserName=user.name)


def _network(site: Site, hands: Builder, wish: Wish, network: Network) -> None:
    wish("vpc", network.vpc)
    hands.make("ec2", "create_vpc", CidrBlock=f"{network.cidr}.0.0/16")
    for n, subnet in enumerate(network.subnets):
        wish("subnet", subnet)
        zone, block = f"{site.region}{'ab'[n]}", f"{network.cidr}.{n + 1}.0/24"
        hands.make("ec2", "create_subnet", VpcId=network.vpc, CidrBlock=block, AvailabilityZone=zone)
    gateway = hands.make("ec2", "create_internet_gateway", "InternetGateway.InternetGatewayId")
    hands.make("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=network.vpc)
    last = network.egress.values[-1][1]
    address = hands.make("ec2", "allocate_address", "AllocationId", Domain="vpc", Address=last)
    hands.make("ec2", "create_nat_gateway", SubnetId=network.subnets[0], AllocationId=address)


def _profile(hands: Builder, role: Role) -> None:
    hands.make("iam", "create_instance_profile", InstanceProfileName=role.name)
    hands.make("iam", "add_role_to_instance_profile", InstanceProfileName=role.name, RoleName=role.name)


def _group(hands: Builder, wish: Wish, host: Host) -> None:
    face = host.instance.interfaces[0]
    wish("sg", face.groups[0])
    hosts.group(hands, face.vpc, host.name)


def _host(hands: Builder, wish: Wish, host: Host) -> None:
    face = host.instance.interfaces[0]
    wish("eni", face.id)
    groups: list[JSON] = [*face.groups]
    place = {"SubnetId": face.subnet, "PrivateIpAddress": face.private_ip}
    hands.make("ec2", "create_network_interface", Groups=groups, **place)
    wish("i", host.instance.id)
    hands.make(
        "ec2",
        "run_instances",
        ImageId=hosts.IMAGE,
        InstanceType=host.kind,
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": host.role.name},
        NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": face.id}],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in host.tags]}
        ],
    )
    if face.public_ip:
        address = hands.make("ec2", "allocate_address", "AllocationId", Domain="vpc", Address=face.public_ip)
        hands.make("ec2", "associate_address", AllocationId=address, NetworkInterfaceId=face.id)


def _trust(**principal: str) -> str:
    statement: dict[str, JSON] = {"Effect": "Allow", "Principal": {**principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def _ids() -> Iterator[Wish]:
    """While it lasts, the next id of a prefix can be wished for; otherwise moto throws every id."""
    wished: dict[str, list[str]] = {}

    def wish(prefix: str, value: str) -> None:
        wished.setdefault(prefix, []).append(value)

    def drawing(module: ModuleType, name: str, prefix_of: Callable[..., str]) -> AbstractContextManager[object]:
        throw = getattr(module, name)

        def draw(*args: Any, **kwargs: Any) -> str:
            waiting = wished.get(prefix_of(*args, **kwargs))
            return waiting.pop(0) if waiting else str(throw(*args, **kwargs))

        return patch.object(module, name, draw)

    with (
        drawing(moto.ec2.utils, "random_id", lambda prefix="", **_: prefix),
        drawing(moto.iam.models, "random_role_id", lambda *_, **__: "AROA"),
        drawing(moto.iam.models, "generate_access_key_id_from_account_id", lambda *_, prefix="", **__: prefix),
    ):
        yield wish
