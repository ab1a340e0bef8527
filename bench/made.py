"""Made-up CloudTrail files: every event of a session of its own, so nothing is alike that real ones would share."""

import gzip
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
CALLS = (
    ("ec2", "DescribeInstances", 30),
    ("sts", "AssumeRole", 12),
    ("s3", "GetObject", 20),
    ("kms", "Decrypt", 15),
    ("iam", "CreateAccessKey", 1),
    ("logs", "PutLogEvents", 10),
    ("dynamodb", "GetItem", 12),
)


def generate(folder: Path, files: int, per: int, seed: int = 7) -> int:
    """Write CloudTrail files; bytes before gzip."""
    dice = Random(seed)  # noqa: S311 - no secrets
    folder.mkdir(parents=True)
    at, raw = START, 0
    for number in range(files):
        records = []
        for _ in range(per):
            at += timedelta(milliseconds=dice.randint(1, 900))
            records.append(event(dice, at))
        text = json.dumps({"Records": records}, separators=(",", ":")).encode()
        raw += len(text)
        (folder / f"{number:05}.json.gz").write_bytes(gzip.compress(text, 6))
    return raw


def event(dice: Random, at: datetime) -> dict[str, Any]:
    """One record."""
    service, name, _ = dice.choices(CALLS, [weight for *_, weight in CALLS])[0]
    role, account = f"role-{dice.randint(0, 200)}", f"1111222233{dice.randint(10, 39)}"
    host = f"i-0{dice.randint(1, 300):016x}"
    made: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE{role}:{host}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{host}",
            "accountId": account,
            "accessKeyId": f"ASIA{dice.getrandbits(64):016X}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": f"AROAEXAMPLE{role}",
                    "arn": f"arn:aws:iam::{account}:role/{role}",
                    "accountId": account,
                    "userName": role,
                },
                "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.0.{dice.randint(0, 15)}.{dice.randint(0, 255)}",
        "userAgent": "aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7",
        "requestParameters": None,
        "responseElements": None,
        "requestID": str(uuid.UUID(int=dice.getrandbits(128))),
        "eventID": str(uuid.UUID(int=dice.getrandbits(128))),
        "readOnly": service != "iam",
        "eventType": "AwsApiCall",
        "managementEvent": service not in ("s3", "dynamodb"),
        "recipientAccountId": account,
        "eventCategory": "Data" if service in ("s3", "dynamodb") else "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": f"{service}.eu-west-1.amazonaws.com"},
    }
    if service == "s3":
        key = f"a/b/{dice.randint(0, 10**9)}.parquet"
        made["requestParameters"] = {"bucketName": "data-lake", "key": key, "Host": "data-lake.s3.amazonaws.com"}
        made["additionalEventData"] = {"SignatureVersion": "SigV4", "bytesTransferredOut": dice.randint(1, 10**7)}
        made["resources"] = [{"accountId": account, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::data-lake"}]
    elif service == "dynamodb":
        made["requestParameters"] = {"tableName": "orders", "key": {"id": "x"}}
    elif service == "sts":
        issued = {
            "accessKeyId": f"ASIA{dice.getrandbits(64):016X}",
            "sessionToken": f"IQoJ{dice.getrandbits(1600):0400x}",
        }
        made["requestParameters"] = {"roleArn": f"arn:aws:iam::{account}:role/{role}", "roleSessionName": "x"}
        made["responseElements"] = {"credentials": issued}
    return made
