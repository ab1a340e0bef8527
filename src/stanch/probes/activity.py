"""What CloudTrail says was done: by an access key, under a name, or to a resource. Asked live (LookupEvents).

It shows management events only, those of IAM in us-east-1 only, and minutes late: what it does not show yet is not
known, and never counts as not done.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stanch.aws.answer import at, flag, rows, text
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import FailedResponse
from stanch.model.ports import Reader
from stanch.trail.event import redact

CALL = "cloudtrail:LookupEvents"


@dataclass(frozen=True)
class Act:
    """One API call, as CloudTrail asserts it. Parameters and answer are what the caller chose and got."""

    event_id: str
    at: datetime
    call: str
    """`service:Operation`, the service as in `eventSource` without its domain."""
    error: str
    """Error code, empty when it succeeded."""
    read_only: bool
    region: str
    address: str
    """Where it came from: an address, or the name of an AWS service."""
    account: str
    """The account that was acted in."""
    kind: str
    """`userIdentity.type`."""
    principal_arn: str
    """ARN of the user, or of the role behind a session."""
    principal_id: str
    """`AIDA…`, `AROA…:session`."""
    access_key: str
    source_identity: str
    params: JSONObject
    answer: JSONObject


def by_key(reader: Reader, access_key: str, since: datetime) -> tuple[Act, ...]:
    """What was done with an access key, oldest first; raises FailedResponse or Environment."""
    return _look_up(reader, "AccessKeyId", access_key, since)


def by_name(reader: Reader, name: str, since: datetime) -> tuple[Act, ...]:
    """What was done by a user of this name, or in sessions of this name; raises FailedResponse or Environment."""
    return _look_up(reader, "Username", name, since)


def on_resource(reader: Reader, name: str, since: datetime) -> tuple[Act, ...]:
    """What was done to a resource, by its name or ARN; raises FailedResponse or Environment."""
    return _look_up(reader, "ResourceName", name, since)


def _look_up(reader: Reader, key: str, value: str, since: datetime) -> tuple[Act, ...]:
    wanted: JSON = [{"AttributeKey": key, "AttributeValue": value}]
    start = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = reader.read("cloudtrail", "LookupEvents", LookupAttributes=wanted, StartTime=start)
    return tuple(sorted(map(_act, rows(answer, "Events")), key=lambda one: (one.at, one.event_id)))


def _act(row: JSONObject) -> Act:
    event = text(row, "EventId")
    try:
        record: JSON = json.loads(text(row, "CloudTrailEvent"))
        when = datetime.fromisoformat(text(record, "eventTime"))
        service = text(record, "eventSource").partition(".")[0]
        name = text(record, "eventName")
    except ValueError as error:
        raise _malformed(event, str(error)) from error
    if not (event and service and name and when.tzinfo):
        raise _malformed(event, "EventId, eventSource, eventName or the offset of eventTime is missing")
    who = at(record, "userIdentity")
    return Act(
        event_id=event,
        at=when,
        call=f"{service}:{name}",
        error=text(record, "errorCode"),
        read_only=flag(record, "readOnly"),
        region=text(record, "awsRegion"),
        address=text(record, "sourceIPAddress"),
        account=text(record, "recipientAccountId"),
        kind=text(who, "type"),
        principal_arn=text(who, "sessionContext", "sessionIssuer", "arn") or text(who, "arn") or text(who, "invokedBy"),
        principal_id=text(who, "principalId"),
        access_key=text(who, "accessKeyId"),
        source_identity=text(who, "sessionContext", "sourceIdentity"),
        params=_object(at(record, "requestParameters")),
        answer=_object(at(record, "responseElements")),
    )


def _malformed(event: str, why: str) -> FailedResponse:
    return FailedResponse(CALL, "MalformedEvent", f"event {event or '(without an id)'}: {why}")


def _object(value: JSON) -> JSONObject:
    clean = redact(value)
    return clean if isinstance(clean, Mapping) else {}
