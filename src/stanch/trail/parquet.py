"""CloudTrail as Security Lake keeps it (OCSF in Parquet), turned back into the records that it was made from."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from stanch.model.data import JSON, JSONObject
from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.kind import Kind
from stanch.trail.objects import Object

BATCH = 10_000
"""Rows in one block."""


def records(one: Object) -> Iterator[Block | Skip]:
    """The rows of an object as blocks of CloudTrail records; one that holds none is a Skip."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "object.parquet"
        with one.open() as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        try:
            yield from _blocks(path, one.name)
        except duckdb.Error as error:
            yield Skip(one.name, f"cannot be read: {str(error).splitlines()[0]}", malformed=True)


def _blocks(path: Path, name: str) -> Iterator[Block | Skip]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SELECT to_json(t)::VARCHAR FROM read_parquet($path) t", {"path": str(path)})
        done = 0
        while rows := connection.fetchmany(BATCH):
            found = [_record(json.loads(row[0])) for row in rows]
            if not any(found):
                yield Skip(name, "Parquet without CloudTrail events of Security Lake in it")
                return
            text = "\n".join(json.dumps(one) for one in found)
            yield Block(name, Kind.EVENTS, text.encode("utf-8", "replace"), done)
            done += len(rows)


def _record(row: JSONObject) -> JSONObject:
    """The CloudTrail record of an OCSF row (classes 6003, 3001, 3002…); empty when it is none."""
    name = _at(row, "api", "operation")
    uid = _at(row, "metadata", "uid")
    if not (isinstance(name, str) and isinstance(uid, str)):
        return {}
    unmapped = _unmapped(_at(row, "unmapped"))
    source = (
        _at(row, "src_endpoint", "ip") or _at(row, "src_endpoint", "domain") or _at(row, "src_endpoint", "svc_name")
    )
    return {
        "eventID": uid,
        "eventTime": _time(row),
        "eventSource": _at(row, "api", "service", "name"),
        "eventName": name,
        "awsRegion": _at(row, "cloud", "region"),
        "recipientAccountId": unmapped.get("recipientAccountId") or _at(row, "cloud", "account", "uid"),
        "sourceIPAddress": source,
        "userAgent": _at(row, "http_request", "user_agent"),
        "errorCode": _at(row, "api", "response", "error"),
        "errorMessage": _at(row, "api", "response", "error_message"),
        "requestID": _at(row, "api", "request", "uid"),
        "eventType": _at(row, "metadata", "event_code"),
        "eventCategory": unmapped.get("eventCategory"),
        "readOnly": _flag(unmapped.get("readOnly")),
        "managementEvent": _flag(unmapped.get("managementEvent")),
        "vpcEndpointId": unmapped.get("vpcEndpointId"),
        "userIdentity": _identity(row),
        "requestParameters": _parsed(_at(row, "api", "request", "data")) or _under(unmapped, "requestParameters"),
        "responseElements": _parsed(_at(row, "api", "response", "data")) or _under(unmapped, "responseElements"),
        "additionalEventData": _numbers(_under(unmapped, "additionalEventData")),
    }


def _identity(row: JSONObject) -> JSONObject:
    user, session = _at(row, "actor", "user"), _at(row, "actor", "session")
    mfa, issuer = _at(session, "is_mfa"), _at(session, "issuer")
    return {
        "type": _at(user, "type"),
        "principalId": _at(user, "uid_alt") or _at(user, "uid"),
        "arn": _at(user, "uid") if str(_at(user, "uid")).startswith("arn:") else _at(user, "uid_alt"),
        "accountId": _at(user, "account", "uid"),
        "accessKeyId": _at(user, "credential_uid"),
        "invokedBy": _at(row, "actor", "invoked_by"),
        "sessionContext": {
            "sessionIssuer": {"arn": issuer},
            "attributes": {} if mfa is None else {"mfaAuthenticated": str(mfa).lower()},
        },
    }


def _at(value: JSON, *path: str) -> JSON:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _time(row: JSONObject) -> JSON:
    said = row.get("time")
    if isinstance(said, int | float):
        return datetime.fromtimestamp(said / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return row.get("time_dt") or said


def _unmapped(value: JSON) -> JSONObject:
    """Security Lake writes a map of text; some writers an object, some a list of pairs."""
    if isinstance(value, dict):
        return value
    pairs = value if isinstance(value, list) else []
    return {str(_at(one, "key")): _at(one, "value") for one in pairs}


def _under(values: JSONObject, name: str) -> JSON:
    """What stands under a name as one object, or under `name.field` each for itself."""
    whole = _parsed(values.get(name))
    if whole is not None:
        return whole
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in values.items() if key.startswith(start)} or None


def _parsed(value: JSON) -> JSON:
    if not isinstance(value, str):
        return value
    try:
        found: JSON = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _numbers(value: JSON) -> JSON:
    if not isinstance(value, dict):
        return None
    sent = value.get("bytesTransferredOut")
    return {**value, "bytesTransferredOut": float(sent)} if isinstance(sent, str) and sent.isdigit() else value


def _flag(value: JSON) -> JSON:
    return {"true": True, "false": False}.get(str(value).lower())
