"""Builds the simulated organisation through boto3, in the order that its ids depend on."""

import json
from collections.abc import Mapping
from functools import cache, partial, reduce
from itertools import count
from typing import Any, cast

import botocore.session
from moto.moto_api._internal import mock_random

from stanch.aws.sessions import models
from stanch.lab import flowlog, front
from stanch.lab.hosts import Network, launch, lay
from stanch.lab.scheduler import deploy
from stanch.lab.wire import OF_THE_LAB
from stanch.lab.world import (
    ACCOUNTS,
    PROD,
    REGION,
    RESPONDER,
    SANDBOX,
    SECURITY,
    VENDOR,
    WORKER,
    Host,
    Place,
    Role,
    User,
    World,
)
from stanch.model.context import Account
from stanch.model.data import JSON, JSONObject

ISSUER = "token.actions.githubusercontent.com"
BUCKETS = ("harbour-orders-archive", "harbour-build-artifacts", "harbour-finance-reports", "harbour-web-assets")


class Builder:
    """Hands in one account."""

    def __init__(self, account: Account, seed: int) -> None:
        self.account = account.id
        self._seed, self._calls = seed, count()
        self._session = botocore.session.get_session()
        self._session.register_component("data_loader", models())
        # moto's way of saying in whose account a request is meant, for hands that exist before any role does.
        self._session.register("before-call", self._sign)
        self._client = cache(partial(self._session.create_client, region_name=REGION))

    def make(self, service: str, operation: str, take: str = "", **params: JSON) -> str:
        """Do an operation (`create_role`) and take one string out of its answer (`Role.Arn`)."""
        client = self._client(service)
        # The ids that moto throws depend on the call alone, not on which of its parts another lab has made already.
        mock_random.seed(f"{self._seed}/{self.account}/{next(self._calls)}")
        answer = getattr(client, operation)(**params)
        return str(reduce(_step, take.split("."), cast("JSON", answer))) if take else ""

    def _sign(self, **event: Any) -> None:
        event["params"]["headers"][OF_THE_LAB] = self.account


def build(seed: int) -> World:
    """The organisation, built into the simulated AWS of this process; nothing else may be in it yet."""
    hands = {account.id: Builder(account, seed) for account in ACCOUNTS}
    for each in hands.values():
        each.make("ec2", "describe_vpcs")  # moto makes an account's EC2 at its first request, out of thrown ids
    for each in hands.values():
        for name in (RESPONDER, *(f"{RESPONDER}-{one}" for one in ("trust", "bucket-policy", "repair"))):
            role(each, name, _trust(AWS=f"arn:aws:iam::{SECURITY.id}:role/{WORKER}"))
    detectors = {
        account: each.make("guardduty", "create_detector", "DetectorId", Enable=True) for account, each in hands.items()
    }
    prod, sandbox = hands[PROD.id], hands[SANDBOX.id]
    for name in BUCKETS:
        prod.make("s3", "create_bucket", Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    roles = {one.name: one for one in (*_people_roles(prod, sandbox), *_machine_roles(prod, hands[SECURITY.id]))}
    users = {one.name: one for one in (user(prod, "maria.lindqvist"), user(prod, "erik.nyman"), user(prod, "bg-ops"))}
    ours, theirs = lay(prod, "10.20", Place.PROD_EGRESS), lay(sandbox, "10.30", Place.SANDBOX_EGRESS)
    hosts = {one.name: one for one in (*_prod_hosts(prod, ours), _host(sandbox, theirs, "batch-worker"))}
    web = front.put_up(prod, ours, hosts["storefront-web"].instance.id)
    for each, network in ((prod, ours), (sandbox, theirs)):
        flowlog.turn_on(each, network.vpc)
    roles |= {one.role.name: one.role for one in hosts.values()}
    for account in (PROD.id, SANDBOX.id):
        deploy(hands[account].make, account, REGION)
    return World(seed, hosts, roles, users, detectors, BUCKETS, web)


def role(builder: Builder, name: str, trust: JSONObject, path: str = "/") -> Role:
    """A role with that trust policy."""
    params = {"RoleName": name, "Path": path, "AssumeRolePolicyDocument": json.dumps(trust)}
    builder.make("iam", "create_role", **params)
    arn = builder.make("iam", "get_role", "Role.Arn", RoleName=name)
    return Role(builder.account, name, arn, builder.make("iam", "get_role", "Role.RoleId", RoleName=name))


def user(builder: Builder, name: str) -> User:
    """A user with one access key."""
    arn = builder.make("iam", "create_user", "User.Arn", UserName=name)
    known_as = builder.make("iam", "get_user", "User.UserId", UserName=name)
    key = builder.make("iam", "create_access_key", "AccessKey.AccessKeyId", UserName=name)
    return User(builder.account, name, arn, known_as, key)


def _people_roles(*builders: Builder) -> tuple[Role, ...]:
    """Single sign-on's roles, as Identity Center writes them into each account."""
    path = f"/aws-reserved/sso.amazonaws.com/{REGION}/"
    names = {PROD.id: "AWSReservedSSO_Engineer_6f1d2c3b4a596877", SANDBOX.id: "AWSReservedSSO_Builder_0a1b2c3d4e5f6071"}
    return tuple(
        role(each, names[each.account], _trust(Federated=f"arn:aws:iam::{each.account}:saml-provider/sso"), path)
        for each in builders
    )


def _machine_roles(prod: Builder, security: Builder) -> tuple[Role, ...]:
    federated = f"arn:aws:iam::{prod.account}:oidc-provider/{ISSUER}"
    return (
        role(prod, "deploy-storefront", _trust(Federated=federated)),
        role(prod, "partner-monitoring", _trust(AWS=f"arn:aws:iam::{VENDOR.id}:root")),
        role(security, WORKER, _trust(Service="ec2.amazonaws.com")),
    )


def _prod_hosts(prod: Builder, network: Network) -> tuple[Host, ...]:
    payments = _host(prod, network, "payments-api", public="198.51.100.20")
    reports = _host(prod, network, "reports-api", public="198.51.100.21")
    bastion = _host(prod, network, "ops-gateway", public="198.51.100.22")
    return payments, reports, bastion, _host(prod, network, "storefront-web")


def _host(builder: Builder, network: Network, name: str, public: str = "") -> Host:
    own = role(builder, f"{name}-host", _trust(Service="ec2.amazonaws.com"))
    return launch(builder, network, name, own, public)


def _trust(**principal: str) -> JSONObject:
    statement: Mapping[str, JSON] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _step(value: JSON, key: str) -> JSON:
    return cast("list[JSON]", value)[int(key)] if key.isdigit() else cast("JSONObject", value)[key]
