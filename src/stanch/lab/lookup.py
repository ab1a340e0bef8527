"""LookupEvents of the simulated CloudTrail, which moto lacks: over the records that the lab wrote since it began."""

import json
from datetime import UTC, datetime
from typing import cast

from moto.cloudtrail.models import cloudtrail_backends

from stanch.lab.cloudtrail import Event
from stanch.lab.world import REGION
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

PAGE = 50
"""Events of one answer at most, as AWS has it."""


def keep(event: Event, *names: str) -> None:
    """Keep a record where AWS would show it; names: what it did something to, as `ResourceName` finds it."""
    _kept(event.account, event.region).append((event, names))


def recorded(account: str) -> int:
    """How many records of an account are kept, wherever AWS would show them."""
    return sum(len(_kept(account, region)) for region in (REGION, "us-east-1"))


def forget(account: str, region: str) -> None:
    """Forget the records of an account in a region."""
    _kept(account, region).clear()


def lookup(account: str, region: str, asked: JSONObject) -> JSONObject:
    """The answer to a request, newest first; raises BadInput for a request that AWS would refuse."""
    key, value = _attribute(asked.get("LookupAttributes"))
    start, end = _time(asked.get("StartTime")), _time(asked.get("EndTime"))
    found = [
        _shown(event, names)
        for event, names in _kept(account, region)
        if (start is None or event.time >= start)
        and (end is None or event.time <= end)
        and (not key or value in _values(key, event, names))
    ]
    first = int(str(asked.get("NextToken") or 0))
    size = min(int(str(asked.get("MaxResults") or PAGE)), PAGE)
    newest: list[JSON] = [*reversed(found)]
    page = newest[first : first + size]
    more = {"NextToken": str(first + size)} if first + size < len(newest) else {}
    return {"Events": page, **more}


def _kept(account: str, region: str) -> list[tuple[Event, tuple[str, ...]]]:
    # Kept on moto's own backend, so that they go when it goes.
    held = vars(cloudtrail_backends[account][region]).setdefault("events", [])
    return cast("list[tuple[Event, tuple[str, ...]]]", held)


def _attribute(wanted: JSON) -> tuple[str, str]:
    match wanted:
        case None | []:
            return "", ""
        case [{"AttributeKey": str(key), "AttributeValue": str(value)}]:
            return key, value
        case _:
            raise BadInput("LookupAttributes takes exactly one attribute")


def _values(key: str, event: Event, names: tuple[str, ...]) -> tuple[str, ...]:
    identity = cast("JSONObject", event.record["userIdentity"])
    match key:
        case "AccessKeyId":
            return (str(identity.get("accessKeyId", "")),)
        case "Username":
            return (_username(identity),)
        case "ResourceName":
            return names
        case "EventName":
            return (str(event.record["eventName"]),)
        case "EventId":
            return (event.id,)
        case "EventSource":
            return (str(event.record["eventSource"]),)
        case _:
            raise BadInput(f"the simulated CloudTrail looks nothing up by {key}")


def _username(identity: JSONObject) -> str:
    """The user's name; for a session of a role the session's."""
    return str(identity.get("userName") or str(identity.get("principalId", "")).partition(":")[2])


def _shown(event: Event, names: tuple[str, ...]) -> JSONObject:
    record, identity = event.record, cast("JSONObject", event.record["userIdentity"])
    return {
        "EventId": event.id,
        "EventName": str(record["eventName"]),
        "EventSource": str(record["eventSource"]),
        "ReadOnly": str(bool(record.get("readOnly"))).lower(),
        "AccessKeyId": str(identity.get("accessKeyId", "")),
        "EventTime": event.time.timestamp(),
        "Username": _username(identity),
        "Resources": [{"ResourceName": name} for name in names],
        "CloudTrailEvent": json.dumps(record),
    }


def _time(value: JSON) -> datetime | None:
    return datetime.fromtimestamp(float(str(value)), UTC) if value is not None else None
