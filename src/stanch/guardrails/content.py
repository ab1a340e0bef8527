"""What Cedar cannot take apart by itself: policy documents, tags, address ranges, read strictly from the parameters."""

import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from stanch.model.change import Call
from stanch.model.data import JSON, JSONObject

UNREADABLE = "unreadable"
"""The effect of a statement that is not one, so that no document passes by being odd."""


def content(call: Call, expires_at: datetime) -> JSONObject:
    """The schema's `Content` of a call; empty sets where the call has nothing of the kind."""
    statements = _statements(call.params["PolicyDocument"]) if "PolicyDocument" in call.params else ()
    addresses = [one for one in _list(call.params.get("Addresses")) if isinstance(one, str)]
    return {
        "effects": sorted({_effect(one) for one in statements}),
        "expires": bool(statements) and all(_expires(one, expires_at) for one in statements),
        "tag_keys": sorted({*_tag_keys(call.params)}),
        "single_addresses": all(_single(one) for one in addresses),
        "delete_on_termination": sorted({*_found(call.params, "DeleteOnTermination")}, key=str),
    }


def _statements(document: JSON) -> tuple[JSON, ...]:
    """Statements of a policy document; one unreadable statement when it is none."""
    try:
        parsed = json.loads(document, object_pairs_hook=_no_duplicates) if isinstance(document, str) else None
    except (ValueError, RecursionError):
        parsed = None
    found = parsed.get("Statement") if isinstance(parsed, dict) else None
    return tuple(found if isinstance(found, list) and found else [found])


def _no_duplicates(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    # Which of two equal keys counts is the reader's choice; AWS's need not be ours.
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


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
