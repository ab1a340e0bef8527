"""Forms of calls that attacks and everyday work share, for tests of the hunt."""

import json
from typing import Any

from .hunting import ANA, OTHER, act, asking
from .questioning import ACCOUNT, by

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
HERE = "192.0.2.9"
"""An address of another network than the stranger's."""
BACK = act("s3:ListBuckets", -4320, sourceIPAddress=HERE)
"""The user was here three days ago, somewhere else."""
THERE = act("s3:ListBuckets", -4320)
"""The user was here three days ago, where the calls come from."""
DENIED = {"errorCode": "AccessDenied"}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-api"


def open_to(principal: Any, **more: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "*", **more}]})


def confined(**keys: Any) -> str:
    return open_to({"AWS": "*"}, Condition={"StringEquals": keys})


def as_role(event: dict[str, Any], role: str = "ops", **more: Any) -> dict[str, Any]:
    issuer = {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{role}"}, **more}
    return {**event, "userIdentity": {**by("AssumedRole", "x"), "sessionContext": issuer}}


def in_regions(name: str, n: int, **more: Any) -> list[dict[str, Any]]:
    return [act(name, k * 0.1, awsRegion=f"eu-west-{k}", **more) for k in range(n)]


def signed_in(said: str, minutes: float, **who: Any) -> dict[str, Any]:
    return act("signin:ConsoleLogin", minutes, userIdentity={**ANA, **who}, responseElements={"ConsoleLogin": said},
        additionalEventData={"MFAUsed": "Yes"})  # fmt: skip


def failing(n: int) -> list[dict[str, Any]]:
    nameless = {"type": "IAMUser", "accountId": ACCOUNT, "userName": "ana"}
    return [{**signed_in("Failure", k - 20), "userIdentity": nameless} for k in range(n)]


def launched(**parameters: Any) -> dict[str, Any]:
    return asking("ec2:RunInstances", **parameters)


def taking(role: str, minutes: float, taker: str = "ops") -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return as_role(asking("sts:AssumeRole", minutes, roleArn=arn, roleSessionName="s"), taker)


def sse_c(n: int) -> list[dict[str, Any]]:
    key = {"x-amz-server-side-encryption-customer-algorithm": "AES256"}
    return [asking("s3:CopyObject", 0.1 * k, bucketName="b", key=f"{k}", **key) for k in range(n)]


def deleted(n: int) -> list[dict[str, Any]]:
    return [asking("s3:DeleteObject", 0.1 * k, bucketName="orders", key=f"{k}") for k in range(n)]


def fetched(n: int) -> list[dict[str, Any]]:
    return [asking("s3:GetObject", 0.1 * k, bucketName="orders", key=f"{k}") for k in range(n)]


def users_gone(n: int) -> list[dict[str, Any]]:
    return [asking("iam:DeleteLoginProfile", k, userName=f"user{k}") for k in range(n)]


def invoked(n: int, **more: Any) -> list[dict[str, Any]]:
    return [act("bedrock:InvokeModel", k, requestParameters={"modelId": f"m{k}"}, **more) for k in range(n)]


MAIL = [act(f"ses:{one}", n) for n, one in enumerate(("GetSendQuota", "ListIdentities", "GetAccount"))]
LISTS = ("Users", "Groups", "Roles", "AccessKeys", "UserPolicies", "MFADevices", "GroupsForUser")
WHO = [act(f"iam:List{one}", n * 0.5) for n, one in enumerate(LISTS)]
TABLES = [asking("dynamodb:DeleteTable", n, tableName=f"orders-{n}") for n in range(5)]
MADE = [asking("dynamodb:CreateTable", n - 30, tableName=f"orders-{n}") for n in range(5)]
STEPS = [act(f"ec2:{one}", 5 * n) for n, one in enumerate(("CreateSnapshot", "CreateVolume", "AttachVolume"))]
REFUSED = [act(f"{one}:ListThings", n + 1, **DENIED) for n, one in enumerate(("s3", "ec2", "iam"))]
ARCHIVE = {"detectorId": "d", "name": "f", "action": "ARCHIVE"}
REPLICA = {"bucketName": "b", "ReplicationConfiguration": {"Rule": {"Destination": {"Bucket": "arn:aws:s3:::x"}}}}
TO_OTHER = {"Bucket": "arn:aws:s3:::x", "Account": OTHER}
SUSPENDED = {"bucketName": "orders", "VersioningConfiguration": {"Status": "Suspended"}}
FOREIGN_KEY = {"x-amz-server-side-encryption-aws-kms-key-id": f"arn:aws:kms:eu-west-1:{OTHER}:key/1"}
OWN_KEY = {"x-amz-server-side-encryption-aws-kms-key-id": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"}
LAYER = {"functionName": "pay", "layers": [f"arn:aws:lambda:eu-west-1:{OTHER}:layer:x:1"]}
WORK = [act("s3:ListBuckets", -1440 * day, sourceIPAddress=HERE) for day in (16, 9, 2)]
NEWS = [act(one, n) for n, one in enumerate(("sqs:ListQueues", "ecs:ListClusters", "sns:ListTopics"))]
FETCHED = [asking("lambda:GetFunction20150331v2", n * 0.1, functionName=f"f{n}") for n in range(8)]
OPENED = asking("iam:UpdateAssumeRolePolicy", roleName="admin-x", policyDocument=open_to({"AWS": ACCOUNT}))
TAKEN = asking("sts:AssumeRole", 5, roleArn=f"arn:aws:iam::{ACCOUNT}:role/admin-x", roleSessionName="s")
READ = [asking("secretsmanager:GetSecretValue", secretId=f"s{n}") for n in range(12)]
GROWN = [act("ec2:RunInstances", -1440 * day, awsRegion="eu-west-1", sourceIPAddress=HERE) for day in (20, 8)]
