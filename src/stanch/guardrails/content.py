"""What Cedar cannot take apart by itself: policy documents, tags, address ranges, read strictly from the parameters."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stanch.guardrails.document import Delta, delta, statements
from stanch.model.change import Call
from stanch.model.data import JSON, JSONObject

UNREADABLE = "unreadable"
"""The effect of a statement that is not one, so that no document passes by being odd."""


EVERYONE = "everyone"
"""Whom a statement denies that does not say it by one exact ARN."""
_WHOLE = {"iam:UpdateAssumeRolePolicy": "PolicyDocument", "s3:PutBucketPolicy": "Policy", "s3:DeleteBucketPolicy": ""}
"""Calls that replace somebody's whole document -> the parameter that holds the new one."""


@dataclass(frozen=True)
class Known:
    """What the change knew and was just read, as far as a document needs it."""

    document: str | None = None
    """The document that the call replaces, as just read; None when nobody read it."""
    sid: str = ""
    """Sid of the one statement in it that is this change's own."""


def content(call: Call, expires_at: datetime, known: Known) -> JSONObject:
    """The schema's `Content` of a call; empty sets where the call has nothing of the kind."""
    changed = _changed(call, known)
    written = changed.added
    addresses = [one for one in _list(call.params.get("Addresses")) if isinstance(one, str)]
    return {
        "effects": sorted({_effect(one) for one in written}),
        "expires": bool(written) and all(_expires(one, expires_at) for one in written),
        "own_statement": changed.readable and all(_sid(one) == known.sid for one in (*changed.added, *changed.removed)),
        "added": len(changed.added),
        "removed": len(changed.removed),
        "denied": sorted({name for one in written for name in _denied(one)}),
        "tag_keys": sorted({*_tag_keys(call.params)}),
        "single_addresses": all(_single(one) for one in addresses),
        "delete_on_termination": sorted({*_found(call.params, "DeleteOnTermination")}, key=str),
    }


def _changed(call: Call, known: Known) -> Delta:
    """The statements that a call writes, and for somebody's document those that it takes out."""
    if call.name in _WHOLE:
        new = call.params.get(_WHOLE[call.name], "")
        return delta(new, known.document) if isinstance(new, str) and known.document is not None else Delta((None,))
    return Delta(statements(call.params["PolicyDocument"]) if "PolicyDocument" in call.params else ())


def _sid(statement: JSON) -> str:
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    return sid if isinstance(sid, str) else ""


def _denied(statement: JSON) -> tuple[str, ...]:
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    equals = condition.get("ArnEquals") if isinstance(condition, Mapping) else None
    arn = equals.get("aws:PrincipalArn") if isinstance(equals, Mapping) else None
    return (arn,) if isinstance(arn, str) else (EVERYONE,)


def _effect(statement: JSON) -> str:
    effect = statement.get("Effect") if isinstance(statement, Mapping) else None
    return effect if isinstance(effect, str) else UNREADABLE


def _expires(statement: JSON, expires_at: datetime) -> bool:
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    before = condition.get("DateLessThan") if isinstance(condition, Mapping) else None
    moment = before.get("aws:CurrentTime") if isinstance(before, Mapping) else None
    try:
        return isinstance(moment, str) and datetime.fromisoformat(moment) <= expires_at
    except (ValueError, TypeError):  # not a time, or one without a zone
        return False


def _tag_keys(value: JSON) -> Iterator[str]:
    for tags in _found(value, "Tags"):
        for tag in _list(tags):
            key = tag.get("Key") if isinstance(tag, Mapping) else None
            yield key if isinstance(key, str) else UNREADABLE


def _found(value: JSON, name: str) -> Iterator[JSON]:
    """Every value under this name, however deep."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == name:
                yield inner
            else:
                yield from _found(inner, name)
    else:
        for inner in _list(value):
            yield from _found(inner, name)


def _single(cidr: str) -> bool:
    try:
        return ipaddress.ip_network(cidr).num_addresses == 1
    except ValueError:
        return False


def _list(value: JSON) -> Sequence[JSON]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
