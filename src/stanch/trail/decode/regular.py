"""Regular records as columns of cells: the same cells that `event.row` gives one by one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw
from msgspec.structs import astuple

from stanch.model.errors import BadInput
from stanch.trail.columns import FLAG, Cells
from stanch.trail.decode import typed
from stanch.trail.event import REDACTED, SECRETS, redact

Parts: TypeAlias = Sequence[Raw | bytes]

_TEXTS = {
    "event_id": "eventID",
    "event_source": "eventSource",
    "event_name": "eventName",
    "region": "awsRegion",
    "source_ip": "sourceIPAddress",
    "user_agent": "userAgent",
    "error_code": "errorCode",
    "error_message": "errorMessage",
    "event_type": "eventType",
    "event_category": "eventCategory",
    "vpc_endpoint_id": "vpcEndpointId",
    "request_id": "requestID",
}
_JSON = {
    "request_parameters": "requestParameters",
    "response_elements": "responseElements",
    "additional_event_data": "additionalEventData",
    "resources": "resources",
    "tls_details": "tlsDetails",
}
_WHO = (
    *("account_id", "actor_type", "principal_arn", "session_arn", "principal_id", "access_key_id", "mfa"),
    "user_identity",
)
_NO_OTHERS = (typed.ABSENT,) * len(typed.OTHERS)
_TIMES = re.compile(r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n)+", re.ASCII)
_MINIFIED = re.compile(rb'\{("Records":\[\{)?"\w+":\S')
_TOKEN = re.compile(rb'"sessionToken":"[^"\\]*"')  # nearly all secrets are these
_NO_TOKEN = b'"sessionToken":"' + REDACTED.encode() + b'"'
_SECRET = re.compile(
    rb'"(?:' + "|".join(sorted(SECRETS)).encode() + rb')"\s*:\s*"(?!' + re.escape(REDACTED.encode()) + rb'")'
)
_NOBODY, _NOTHING, _SILENCE, _NO_MORE = typed.Who(), typed.Asked(), typed.Answered(), typed.More()
_MOST = 1 << 63


def minified(data: bytes) -> bool:
    """Whether JSON that begins so was written without space between its tokens, as AWS writes it."""
    return _MINIFIED.match(data) is not None


def cells(events: Sequence[typed.Typed], places: Sequence[str], *, spaced: bool) -> Cells:
    """The columns of these records; BadInput when one of them is not regular after all.

    places: where each was read. spaced: the JSON is not minified yet.
    """
    fields: dict[str, Sequence[Any]] = dict(zip(typed.FIELDS, zip(*map(astuple, events), strict=True), strict=True))
    asked, answered, more = (fields[name] for name in ("requestParameters", "responseElements", "additionalEventData"))
    try:
        made = {column: fields[name] for column, name in _TEXTS.items()}
        made |= _flags(fields)
        made |= _who(fields, map(_identity if spaced else identity, map(bytes, fields["userIdentity"])))
        made |= _asked([typed.asked(one) or _NOTHING for one in asked])
        made |= _more(made["mfa"], [typed.more(one) or _NO_MORE for one in more])
        made["issued_key_id"] = [_issued(typed.answered(one) or _SILENCE) for one in answered]
        made |= {column: _clean(fields[name], spaced=spaced) for column, name in _JSON.items()}
        others = map(_other, zip(*(fields[name] for name in typed.OTHERS), strict=True))
        made["other"] = _clean(list(others), spaced=spaced)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadInput(str(error)) from error
    made["event_time"] = _times(fields["eventTime"])
    made["source_object"] = places
    if any("" in made[name] for name in ("event_id", "event_source", "event_name")):
        raise BadInput("a field that must not be empty is")
    return made


def _identity(part: bytes, *, spaced: bool = True) -> tuple[Any, ...]:
    """The cells of a `userIdentity`, in the order of _WHO."""
    who = typed.who(part) or _NOBODY
    session = who.sessionContext
    plain = part.isascii() and b"\\" not in part and typed.settled(who)
    return (
        who.accountId,
        who.type,
        session.sessionIssuer.arn or who.arn or who.invokedBy,
        who.arn,
        who.principalId,
        who.accessKeyId,
        session.attributes.mfaAuthenticated,
        _again(part) if spaced or not (plain or _is_clean(part)) else part,
    )


@lru_cache(maxsize=1 << 12)
def identity(part: bytes) -> tuple[Any, ...]:
    """The same of a minified one; most events share theirs with many others."""
    return _identity(part, spaced=False)


def _times(texts: Sequence[str]) -> list[str]:
    known = set(texts)
    if not _TIMES.fullmatch("\n".join([*known, ""])):
        raise BadInput("eventTime: not as AWS writes it")
    try:
        list(map(datetime.fromisoformat, known))
    except ValueError as error:
        raise BadInput("eventTime: not a time") from error
    return [one[:19] for one in texts]


def _flags(fields: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    kinds = zip(fields["managementEvent"], fields["eventCategory"], strict=True)
    return {
        "read_only": [FLAG[one] for one in fields["readOnly"]],
        "management_event": [FLAG[kind in (None, "Management") if said is None else said] for said, kind in kinds],
    }


def _who(fields: Mapping[str, Sequence[Any]], whos: Iterable[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = dict(zip(_WHO, zip(*whos, strict=True), strict=True))
    owners = zip(fields["recipientAccountId"], found["account_id"], strict=True)
    return {**found, "account_id": [one or own or "" for one, own in owners]}


def _asked(found: Sequence[typed.Asked]) -> dict[str, Sequence[Any]]:
    return {
        "bucket": [one.bucketName for one in found],
        "object_key": [one.key if one.key.__class__ is str else None for one in found],
        "target_role": [one.roleArn for one in found],
    }


def _more(sessions: Sequence[str | None], found: Sequence[typed.More]) -> dict[str, Sequence[Any]]:
    said = [session or one.MFAUsed for session, one in zip(sessions, found, strict=True)]
    known = {one: None if one is None else FLAG[one.lower() in ("true", "yes")] for one in set(said)}
    return {
        "mfa": [known[one] for one in said],
        "bytes_out": [None if one.bytesTransferredOut is None else _whole(one.bytesTransferredOut) for one in found],
    }


def _whole(number: float) -> str:
    if not -_MOST <= number < _MOST:
        raise BadInput("additionalEventData.bytesTransferredOut: too large")
    return str(int(number))


def _issued(one: typed.Answered) -> str | None:
    return one.credentials.accessKeyId or one.accessKey.accessKeyId


def _other(found: tuple[Raw, ...]) -> Raw | bytes:
    if found == _NO_OTHERS:
        return typed.NULL
    there = (pair for pair in zip(typed.OTHERS, found, strict=True) if pair[1] != typed.ABSENT)
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), bytes(value)) for name, value in there) + b"}"


def _clean(parts: Parts, *, spaced: bool) -> Parts:
    """The parts minified and without secrets; most are so already."""
    if spaced:
        return [_again(one) for one in parts]
    text = b"\n".join(parts)
    if b'"sessionToken"' in text:
        text = _TOKEN.sub(_NO_TOKEN, text)
        if len(shorter := text.split(b"\n")) != len(parts):
            return [_again(one) for one in parts]  # there is space between tokens after all
        parts = shorter
    return parts if _is_clean(text) else [one if _is_clean(bytes(one)) else _again(one) for one in parts]


def _is_clean(text: bytes) -> bool:
    # A key may be written with escapes, and other alphabets have letters whose small one is a Latin letter.
    escaped = b"\\" in text and b"\\u" in text  # one character is found twenty times as quickly as two
    return text.isascii() and not escaped and not _SECRET.search(text.lower())


def _again(part: Raw | bytes) -> bytes:
    return msgspec.json.encode(redact(msgspec.json.decode(part)))
