"""CloudTrail's record of a call as text, fast: what one caller says in every record is rendered once.

Shapes are those of `lab.cloudtrail`, whose sessions it takes; that one writes objects for a small scene, this one
lines for millions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import NamedTuple, Self

from stanch.lab.cloudtrail import Session
from stanch.model.data import JSON, JSONObject

READS = (
    *("Get", "List", "Describe", "Head", "Assume", "Lookup", "Decrypt", "GenerateDataKey", "Batch", "Query", "Search"),
    *("Filter", "Simulate", "Test", "Validate", "Select", "Check", "StartQuery", "GenerateService", "View"),
)
GLOBAL = {"iam", "signin", "organizations", "route53", "ce", "support"}
"""Services whose events CloudTrail files under us-east-1."""
DATA = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListObjects", "s3:HeadObject", "lambda:Invoke"}
"""Data events: a trail holds them only where they are switched on."""
PREFIX = {"monitoring": "cloudwatch"}
"""Where the name in IAM's actions is not the one in `eventSource`."""
MESSAGES = {
    "NoSuchBucketPolicy": "The bucket policy does not exist",
    "NoSuchTagSet": "The TagSet does not exist",
    "NoSuchCORSConfiguration": "The CORS configuration does not exist",
    "NoSuchWebsiteConfiguration": "The specified bucket does not have a website configuration",
    "NoSuchLifecycleConfiguration": "The lifecycle configuration does not exist",
    "NoSuchPublicAccessBlockConfiguration": "The public access block configuration was not found",
    "ReplicationConfigurationNotFoundError": "The replication configuration was not found",
    "ObjectLockConfigurationNotFoundError": "Object Lock configuration does not exist for this bucket",
    "ThrottlingException": "Rate exceeded",
    "ValidationError": "Must specify userName when calling with non-User credentials",
    "ResourceNotFoundException": "The resource that was asked for does not exist.",
    "NoSuchEntity": "The entity that was asked for cannot be found.",
    "NoSuchEntityException": "The entity that was asked for cannot be found.",
    "ParameterNotFound": "",
    "Client.InvalidParameterValue": "Invalid IAM Instance Profile name",
    "Client.InstanceLimitExceeded": "You have requested more vCPU capacity than your current limit allows.",
}
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Event(NamedTuple):
    """A record and the truth about it."""

    time: datetime
    id: str
    account: str
    region: str
    text: str
    """The record as JSON."""
    actor: str
    session: str
    intent: str
    """`benign` or `attack`."""
    scenario: str
    """Empty for everyday traffic."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone with credentials at an address, ready to be written."""

    session: Session
    region: str
    head: str
    who: str
    """Address and user agent."""
    way: str

    @classmethod
    def of(cls, session: Session, region: str, endpoint: str = "") -> Self:
        """The session calling in that region, through a VPC endpoint where one is given."""
        head = f'{{"eventVersion":"1.11","userIdentity":{_encode(session.identity)},"eventTime":"'
        way = f',"vpcEndpointId":{_encode(endpoint)}' if endpoint else ""
        return cls(session, region, head, f'{_encode(session.address)},"userAgent":{_encode(session.agent)}', way)


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes the records of one actor's day, or of one scenario."""

    dice: Random
    intent: str = "benign"
    scenario: str = ""

    def write(
        self,
        caller: Caller,
        at: datetime,
        call: str,
        *,
        request: JSONObject | None = None,
        response: JSONObject | None = None,
        error: str = "",
        region: str = "",
        extra: Mapping[str, JSON] | None = None,
    ) -> Event:
        """The record of `call`, written `service:Operation` as CloudTrail names them; `error` is the code answered."""
        source, kind, where = _shape(call)
        session, number = caller.session, self.dice.getrandbits(256)
        region = where or region or caller.region
        first, second = _two_ids(f"{number:064x}")
        failure = _failure(session, call, error) if error else ""
        text = (
            f'{caller.head}{at.isoformat()[:19]}Z","eventSource":{source},"awsRegion":"{region}","sourceIPAddress":'
            f'{caller.who}{failure},"requestParameters":{_encode(request) if request else "null"},"responseElements":'
            f'{_encode(response) if response and not error else "null"}{_more(extra)},"requestID":"{first}",'
            f'"eventID":"{second}",{kind}{_resources(call, session, request)}{caller.way},"recipientAccountId":'
            f'"{session.account}"}}'
        )
        return Event(at, second, session.account, region, text, session.actor, session.name, self.intent, self.scenario)


@cache
def _shape(call: str) -> tuple[str, str, str]:
    """What all records of a call share: source and name, kind, and the region of a global service."""
    service, operation = call.split(":")
    read = "true" if operation.startswith(READS) and operation != "BatchDeleteImage" else "false"
    data = call in DATA
    kind = "AwsConsoleSignIn" if service == "signin" else "AwsApiCall"
    rest = f'"readOnly":{read},"eventType":"{kind}","managementEvent":{"false" if data else "true"}'
    rest += f',"eventCategory":"{"Data" if data else "Management"}"'
    return f'"{service}.amazonaws.com","eventName":"{operation}"', rest, "us-east-1" if service in GLOBAL else ""


def _two_ids(text: str) -> tuple[str, str]:
    """Two UUIDs of version 4 out of 64 hex digits: of the request, and of the event."""
    return (
        f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}",
        f"{text[32:40]}-{text[40:44]}-4{text[45:48]}-b{text[49:52]}-{text[52:]}",
    )


def _failure(session: Session, call: str, error: str) -> str:
    service, operation = call.split(":")
    message = MESSAGES.get(error)
    if error == "AccessDenied":
        who = session.identity.get("arn", session.actor)
        action = f"{PREFIX.get(service, service)}:{operation}"
        message = f"User: {who} is not authorized to perform: {action} because no identity-based policy allows it"
        if service == "ec2":
            error, message = "Client.UnauthorizedOperation", "You are not authorized to perform this operation."
    return f',"errorCode":"{error}","errorMessage":{_encode(message or error)}'


def _more(extra: Mapping[str, JSON] | None) -> str:
    return "".join(f',"{name}":{_encode(value)}' for name, value in extra.items()) if extra else ""


def _resources(call: str, session: Session, request: JSONObject | None) -> str:
    if call not in DATA or not request or "bucketName" not in request:
        return ""
    bucket = f"arn:aws:s3:::{request['bucketName']}"
    things: list[JSON] = [{"accountId": session.account, "type": "AWS::S3::Bucket", "ARN": bucket}]
    if "key" in request:
        things.insert(0, {"type": "AWS::S3::Object", "ARN": f"{bucket}/{request['key']}"})
    return f',"resources":{_encode(things)}'
