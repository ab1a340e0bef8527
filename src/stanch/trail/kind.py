"""What kind of log an object holds, by how it begins: names lie, first lines rarely do."""

import json
import re
from enum import StrEnum


class Kind(StrEnum):
    """What a block of text holds."""

    RECORDS = "records"
    """One CloudTrail document, `{"Records": […]}`."""
    DOCUMENT = "document"
    """Another JSON document: read record by record."""
    EVENTS = "events"
    """A CloudTrail record, or its EventBridge envelope, on each line."""
    FLOWS = "flows"
    S3_ACCESS = "s3_access"
    DNS = "dns"
    WAF = "waf"
    DB_AUDIT = "db_audit"
    PARQUET = "parquet"
    """Columns of Security Lake; read by the loader itself."""


FLOW_HEADER = re.compile(r"^([a-z0-9-]+ )*(srcaddr|dstaddr|interface-id|pkt-srcaddr|log-status)( [a-z0-9-]+)*\s*$")
FLOW_DEFAULT = re.compile(r"^2 (\d{12}|unknown) \S+( \S+){11}\s*$")
_RECORDS = re.compile(r'^\s*\{\s*"Records"\s*:')
_S3 = re.compile(r"^[0-9a-f]{64} \S+ \[\d\d/")
_DATABASE = (
    re.compile(r"^\S+T\S+Z \d{16},|^\d{16},"),  # Aurora MySQL
    re.compile(r"^(\S+Z )?\d{8} \d\d:\d\d:\d\d,"),  # MariaDB plug-in
    re.compile(r"AUDIT: (SESSION|OBJECT),|^\S+ \S+ UTC:\S*:\S*@\S*:\[\d+\]:"),  # PostgreSQL
    re.compile(r"^[a-z ]+\|\w{3}, ?\d+ \w{3} \d{4}|^'\d{4}-\d\d-\d\dT\S+ UTC \["),  # Redshift
)
_MARKS = (
    ("webaclId", Kind.WAF),
    ("query_name", Kind.DNS),
    ("eventID", Kind.EVENTS),
    ("eventName", Kind.EVENTS),
    ("detail-type", Kind.EVENTS),
)


def kind_of(head: str, suffix: str) -> Kind | None:
    """The kind of an object that begins so and is named so; None for what is no log that stanch reads."""
    if suffix in (".ndjson", ".jsonl"):
        return _json(head) or Kind.EVENTS
    if suffix == ".parquet":
        return Kind.PARQUET
    text = head.lstrip("\ufeff \t\r\n")
    if _RECORDS.match(text):
        return Kind.RECORDS
    if text.startswith("{"):
        return _json(text) or Kind.DOCUMENT
    return _plain(text) or (Kind.DOCUMENT if suffix == ".json" else None)


def _json(text: str) -> Kind | None:
    """The kind of JSON lines; None when the first line is no whole object, or one without a mark."""
    line, more, _ = text.partition("\n")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        # A first line longer than the head: go by the keys that are in sight.
        return None if more else next((kind for mark, kind in _MARKS if f'"{mark}"' in line), None)
    return next((kind for mark, kind in _MARKS if isinstance(first, dict) and mark in first), None)


def _plain(text: str) -> Kind | None:
    line = text.partition("\n")[0]
    if FLOW_HEADER.match(line) or FLOW_DEFAULT.match(line):
        return Kind.FLOWS
    if _S3.match(line):
        return Kind.S3_ACCESS
    return Kind.DB_AUDIT if any(form.search(line) for form in _DATABASE) else None
