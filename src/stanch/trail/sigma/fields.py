"""Where a field of a CloudTrail record stands in `events`: a column, or a place inside one of its JSON parts."""

import re
from dataclasses import dataclass
from itertools import product

from stanch.model.errors import BadInput
from stanch.trail.event import FIELDS

COLUMNS = {
    "recipientAccountId": "account_id",
    "eventTime": "CAST(event_time AS VARCHAR)",
    "eventID": "event_id",
    "eventSource": "event_source",
    "eventName": "event_name",
    "awsRegion": "region",
    "sourceIPAddress": "source_ip",
    "userAgent": "user_agent",
    "errorCode": "error_code",
    "errorMessage": "error_message",
    "readOnly": "CAST(read_only AS VARCHAR)",
    "managementEvent": "CAST(management_event AS VARCHAR)",
    "eventType": "event_type",
    "eventCategory": "event_category",
    "vpcEndpointId": "vpc_endpoint_id",
    "requestID": "request_id",
    "userIdentity.type": "actor_type",
    "userIdentity.arn": "session_arn",
    "userIdentity.principalId": "principal_id",
    "userIdentity.accessKeyId": "access_key_id",
}
"""Fields that are columns of their own."""
PARTS = {
    "userIdentity": "user_identity",
    "requestParameters": "request_parameters",
    "responseElements": "response_elements",
    "additionalEventData": "additional_event_data",
    "resources": "resources",
    "tlsDetails": "tls_details",
}
"""Fields that are kept as JSON."""
NEVER_LISTS = ("userIdentity", "additionalEventData", "tlsDetails")
"""Parts in which AWS puts no list on the way to a value."""
_NAME = re.compile(r"[A-Za-z0-9_:-]+")
_DEEPEST = 5


@dataclass(frozen=True)
class Place:
    """A field's text in SQL; a way that leads through lists has many."""

    sql: str
    """A VARCHAR, NULL where the record has no such field; a list of them when `many`."""
    many: bool = False

    def holds(self, predicate: str) -> str:
        """SQL that is true or false, never NULL: `predicate`, in which `{x}` stands for the field, holds of a value."""
        if self.many:
            return f"(len(list_filter({self.sql}, lambda x: coalesce({predicate.format(x='x')}, FALSE))) > 0)"
        return f"coalesce({predicate.format(x=self.sql)}, FALSE)"


def place(field: str) -> Place:
    """Where a field stands; BadInput for one that is not kept, or that no record can have."""
    first, *rest = field.split(".")
    if not all(_NAME.fullmatch(part) for part in (first, *rest)):
        raise BadInput(f"field {field!r} is no name of CloudTrail's")
    if field in COLUMNS:
        return Place(COLUMNS[field])
    if first in PARTS:
        return _inside(first, rest) if rest else Place(PARTS[first])
    if first in FIELDS:
        raise BadInput(f"field {field!r} is not kept in the trail")
    return Place(_text("other", _path([first, *rest])))


def _inside(first: str, rest: list[str]) -> Place:
    if len(rest) > _DEEPEST:
        raise BadInput(f"field {'.'.join((first, *rest))!r} lies too deep")
    column = PARTS[first]
    plain = _text(column, _path(rest))
    if first in NEVER_LISTS:
        return Place(plain)
    root = ("", "[*]") if first == "resources" else ("",)
    ways = [
        _text(column, f"$[*]{_path(rest, marks)[1:]}" if start else _path(rest, marks))
        for start in root
        for marks in product(("", "[*]"), repeat=len(rest))
        if start or any(marks)
    ]
    return Place(f"list_concat([{plain}], {', '.join(ways)})", many=True)


def _path(parts: list[str], marks: tuple[str, ...] = ()) -> str:
    each = zip(parts, marks or ("",) * len(parts), strict=True)
    return "$" + "".join(f'."{name}"{mark}' for name, mark in each)


def _text(column: str, path: str) -> str:
    return f"json_extract_string({column}, '{path}')"
