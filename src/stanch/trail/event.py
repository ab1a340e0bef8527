"""One CloudTrail record as a row of `events`, strictly typed, with its secrets taken out."""

import json
from datetime import UTC, datetime
from typing import TypeVar

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.trail.addresses import address
from stanch.trail.schema import Cell

T = TypeVar("T")

FIELDS = frozenset(
    {
        "recipientAccountId",
        "eventTime",
        "eventID",
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "userIdentity",
        "readOnly",
        "managementEvent",
        "eventType",
        "eventCategory",
        "vpcEndpointId",
        "requestID",
        "requestParameters",
        "responseElements",
        "additionalEventData",
        "resources",
        "tlsDetails",
        "eventVersion",
    }
)
"""Fields of a record that have a column, and its version."""
SECRETS = frozenset(
    {
        "sessiontoken",
        "secretaccesskey",
        "secretstring",
        "secretbinary",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authorizationtoken",
        "webidentitytoken",
        "samlassertion",
        "tokencode",
        "clientsecret",
        "plaintext",
        "password",
        "passworddata",
        "masteruserpassword",
        "newpassword",
        "oldpassword",
        "privatekey",
        "privatekeyplaintext",
        "keymaterial",
    }
)
"""Keys (lower case) whose values are never stored."""
REDACTED = "[redacted]"
MOST = 1 << 63
"""Numbers of a BIGINT column are below this."""


def row(record: JSONObject, place: str) -> tuple[Cell, ...]:
    """The record's cells in the order of `schema.EVENTS`.

    place: where it was read. Raises BadInput naming the field that is missing or of the wrong type.
    """
    time = _time(record)
    return (
        _text(record, "recipientAccountId") or _text(record, "userIdentity", "accountId") or "",
        time.date(),
        time,
        _need(record, "eventID"),
        _need(record, "eventSource"),
        _need(record, "eventName"),
        _text(record, "awsRegion"),
        address(_text(record, "sourceIPAddress")),
        _text(record, "userAgent"),
        _text(record, "errorCode"),
        _text(record, "errorMessage"),
        _text(record, "userIdentity", "type"),
        _principal(record),
        _text(record, "userIdentity", "arn"),
        _text(record, "userIdentity", "principalId"),
        _text(record, "userIdentity", "accessKeyId"),
        _mfa(record),
        _flag(record, "readOnly"),
        _management(record),
        _text(record, "eventType"),
        _text(record, "eventCategory"),
        _bytes_out(record),
        _said(record, "requestParameters", "bucketName"),
        _said(record, "requestParameters", "key"),
        _said(record, "requestParameters", "roleArn"),
        _said(record, "responseElements", "credentials", "accessKeyId")
        or _said(record, "responseElements", "accessKey", "accessKeyId"),
        _text(record, "vpcEndpointId"),
        _text(record, "requestID"),
        _clean(place),
        _json(record, "userIdentity"),
        _json(record, "requestParameters"),
        _json(record, "responseElements"),
        _json(record, "additionalEventData"),
        _json(record, "resources"),
        _json(record, "tlsDetails"),
        _other(record),
        None,  # the address as number: computed for all rows at once
    )


def redact(value: JSON) -> JSON:
    """The value without secrets; ids of issued access keys stay."""
    if isinstance(value, dict):
        return {key: _hide(key, one) for key, one in value.items()}
    if isinstance(value, list):
        return [redact(one) for one in value]
    return value


def _hide(key: str, value: JSON) -> JSON:
    return REDACTED if key.lower() in SECRETS and isinstance(value, str) else redact(value)


def _at(record: JSONObject, path: tuple[str, ...], kind: type[T] | tuple[type[T], ...]) -> T | None:
    """The value at that path, None when any part of it is absent or null."""
    here: JSON = record
    for depth, name in enumerate(path):
        if here is None:
            return None
        if not isinstance(here, dict):
            raise BadInput(f"{'.'.join(path[:depth])}: not an object")
        here = here.get(name)
    if here is not None and not isinstance(here, kind):
        raise BadInput(f"{'.'.join(path)}: unexpected {type(here).__name__}")
    return here


def _text(record: JSONObject, *path: str) -> str | None:
    found = _at(record, path, str)
    return None if found is None else _clean(found)


def _said(record: JSONObject, *path: str) -> str | None:
    """Text inside a part whose shape every API chooses for itself: any other shape is simply not it."""
    here: JSON = record
    for name in path:
        here = here.get(name) if isinstance(here, dict) else None
    return _clean(here) if isinstance(here, str) else None


def _need(record: JSONObject, name: str) -> str:
    found = _text(record, name)
    if not found:
        raise BadInput(f"{name}: missing")
    return found


def _flag(record: JSONObject, *path: str) -> bool | None:
    return _at(record, path, bool)


def _time(record: JSONObject) -> datetime:
    text = _need(record, "eventTime")
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"eventTime: {text!r} is not a time") from error


def _principal(record: JSONObject) -> str | None:
    issuer = _text(record, "userIdentity", "sessionContext", "sessionIssuer", "arn")
    return issuer or _text(record, "userIdentity", "arn") or _text(record, "userIdentity", "invokedBy")


def _mfa(record: JSONObject) -> bool | None:
    """AWS writes it as text, and for a console sign-in elsewhere."""
    session = _said(record, "userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
    said = session or _said(record, "additionalEventData", "MFAUsed")
    return None if said is None else said.lower() in ("true", "yes")


def _management(record: JSONObject) -> bool:
    """Old records say neither; those that are not management events do."""
    said = _flag(record, "managementEvent")
    return said if said is not None else _text(record, "eventCategory") in (None, "Management")


def _bytes_out(record: JSONObject) -> int | None:
    found = _at(record, ("additionalEventData", "bytesTransferredOut"), (int, float))
    if found is not None and not -MOST <= found < MOST:
        raise BadInput("additionalEventData.bytesTransferredOut: too large")
    return None if found is None else int(found)


def _json(record: JSONObject, name: str) -> str | None:
    value = record.get(name)
    return None if value is None else _clean(json.dumps(redact(value), ensure_ascii=False, separators=(",", ":")))


def _other(record: JSONObject) -> str | None:
    rest: JSONObject = {name: value for name, value in record.items() if name not in FIELDS}
    return _json({"": rest}, "") if rest else None


def _clean(text: str) -> str:
    """Lone surrogates are legal in JSON and in no database."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
