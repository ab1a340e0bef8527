"""Request parameters of the calls that change something, in CloudTrail's form and the same for all who make them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from stanch.lab.dice import hexadecimal
from stanch.lab.organisation.world import Site
from stanch.model.data import JSON, JSONObject

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
IMAGE, KIND = "ami-0c3a9b17e24d5f608", "t3.medium"


@dataclass(frozen=True)
class Asked:
    """Where a call is made, and a name for what it makes."""

    site: Site
    dice: Random
    name: str

    @property
    def root(self) -> str:
        """The account as a principal."""
        return f"arn:aws:iam::{self.site.id}:root"

    @property
    def team(self) -> str:
        """The account's own policy."""
        return f"arn:aws:iam::{self.site.id}:policy/{self.site.account.name}-team"

    @property
    def reads(self) -> str:
        """A policy that lets a bucket be read."""
        return policy(["s3:GetObject", "s3:ListBucket"], f"arn:aws:s3:::{self.bucket}/*")

    @property
    def bucket(self) -> str:
        """One of its buckets."""
        return self.dice.choice(self.site.buckets).name

    @property
    def host(self) -> str:
        """One of its hosts, or one that is gone."""
        return self.dice.choice(self.site.hosts).instance.id if self.site.hosts else self.thrown("i")

    def thrown(self, prefix: str) -> str:
        """An id of that kind."""
        return f"{prefix}-0{hexadecimal(self.dice, 16)}"


def wanted(call: str, site: Site, thrown: Random) -> JSONObject | None:
    """What an ordinary call of that name asks for in this account; None where the lab writes none."""
    shape = SHAPES.get(call)
    return shape(Asked(site, thrown, f"{site.account.name}-{thrown.getrandbits(20):05x}")) if shape else None


def answered(call: str, thrown: Random) -> JSONObject | None:
    """What AWS answers to it; None where the lab writes none."""
    match call:
        case "ec2:RunInstances":
            made: JSON = [{"instanceId": f"i-0{hexadecimal(thrown, 16)}", "instanceType": KIND}]
            return {"instancesSet": {"items": made}}
        case "ec2:CreateSnapshot":
            return {"snapshotId": f"snap-0{hexadecimal(thrown, 16)}"}
        case "ec2:CreateVolume":
            return {"volumeId": f"vol-0{hexadecimal(thrown, 16)}"}
        case _:
            return None


def policy(actions: list[str], resource: str) -> str:
    """A policy document as CloudTrail shows it: text."""
    body: JSON = [*actions]
    return _document({"Effect": "Allow", "Action": body, "Resource": resource})


def trust(principal: str) -> str:
    """A trust policy that lets one principal assume the role."""
    return _document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


def _document(statement: JSONObject) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _bucket_policy(asked: Asked) -> JSONObject:
    bucket = asked.bucket
    return {"bucketName": bucket, "bucketPolicy": policy(["s3:GetObject"], f"arn:aws:s3:::{bucket}/*")}


def _launch(_asked: Asked) -> JSONObject:
    image: JSON = [{"imageId": IMAGE, "minCount": 1, "maxCount": 1}]
    return {"instancesSet": {"items": image}, "instanceType": KIND, "disableApiTermination": False}


def _share(asked: Asked) -> JSONObject:
    added: JSON = {"add": {"items": [{"userId": asked.site.id}]}}
    kind = "CREATE_VOLUME_PERMISSION"
    return {"snapshotId": asked.thrown("snap"), "attributeType": kind, "createVolumePermission": added}


def _function(asked: Asked) -> JSONObject:
    role = asked.site.roles["platform-tooling"].arn
    return {"functionName": asked.name, "role": role, "runtime": "python3.12", "handler": "app.main"}


SHAPES: Mapping[str, Callable[[Asked], JSONObject]] = {
    "iam:AddUserToGroup": lambda one: {"userName": one.name, "groupName": "viewers"},
    "iam:AttachRolePolicy": lambda one: {"roleName": one.name, "policyArn": CORE},
    "iam:AttachUserPolicy": lambda one: {"userName": one.name, "policyArn": READ_ONLY},
    "iam:CreateAccessKey": lambda one: {"userName": one.name},
    "iam:CreateLoginProfile": lambda one: {"userName": one.name, "passwordResetRequired": True},
    "iam:CreatePolicyVersion": lambda one: {"policyArn": one.team, "policyDocument": one.reads, "setAsDefault": True},
    "iam:CreateRole": lambda one: {"roleName": one.name, "assumeRolePolicyDocument": trust(one.root)},
    "iam:CreateUser": lambda one: {"userName": one.name},
    "iam:GetPolicy": lambda one: {"policyArn": one.team},
    "iam:PutRolePolicy": lambda one: {"roleName": one.name, "policyName": "inline", "policyDocument": one.reads},
    "iam:PutUserPolicy": lambda one: {"userName": one.name, "policyName": "inline", "policyDocument": one.reads},
    "iam:TagRole": lambda one: {"roleName": one.name},
    "iam:UpdateAccessKey": lambda one: {"userName": one.name},
    "iam:UpdateAssumeRolePolicy": lambda one: {"roleName": "platform-tooling", "policyDocument": trust(one.root)},
    "ec2:AttachVolume": lambda one: {"volumeId": one.thrown("vol"), "instanceId": one.host},
    "ec2:CreateSnapshot": lambda one: {"volumeId": one.thrown("vol")},
    "ec2:CreateVolume": lambda one: {"snapshotId": one.thrown("snap")},
    "ec2:ModifySnapshotAttribute": _share,
    "ec2:RunInstances": _launch,
    "lambda:CreateFunction20150331": _function,
    "lambda:Invoke": lambda one: {"functionName": one.name},
    "s3:PutBucketPolicy": _bucket_policy,
    "secretsmanager:PutSecretValue": lambda one: {"secretId": f"{one.name}/token"},
    "ssm:GetCommandInvocation": lambda one: {"instanceId": one.host},
    "ssm:PutParameter": lambda one: {"name": f"/{one.name}/settings"},
    "ssm:SendCommand": lambda one: {"documentName": "AWS-RunShellScript", "instanceIds": [one.host]},
    "ssm:StartSession": lambda one: {"target": one.host},
}
"""What each call asks for."""
