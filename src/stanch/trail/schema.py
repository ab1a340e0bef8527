"""The columns of every table: the contract between the trail and every question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

Cell: TypeAlias = "str | int | float | bool | date | datetime | Sequence[str] | None"
"""What a table cell holds; times are UTC without an offset."""


@dataclass(frozen=True)
class Table:
    """A small table that stands beside the events while one case is investigated."""

    name: str
    columns: tuple[tuple[str, str], ...]
    """Name and DuckDB type, in order. Both are ours, never from a log."""
    rows: Sequence[tuple[Cell, ...]] = ()

    @property
    def ddl(self) -> str:
        """The body of its CREATE TABLE."""
        return ", ".join(f"{name} {kind}" for name, kind in self.columns)


WHEN = (("account_id", "VARCHAR"), ("event_date", "DATE"), ("event_time", "TIMESTAMP"))  # UTC
"""What every log table begins with."""

EVENTS = Table(
    "events",
    (
        *WHEN,  # the account that received the event
        ("event_id", "VARCHAR"),
        ("event_source", "VARCHAR"),
        ("event_name", "VARCHAR"),
        ("region", "VARCHAR"),
        ("source_ip", "VARCHAR"),  # an address, a service's host name, or `AWS Internal`
        ("user_agent", "VARCHAR"),  # class C: written by the caller
        ("error_code", "VARCHAR"),  # NULL when the call succeeded
        ("error_message", "VARCHAR"),  # class C
        ("actor_type", "VARCHAR"),
        ("principal_arn", "VARCHAR"),  # issuer of the session, else the ARN, else the invoking service
        ("session_arn", "VARCHAR"),
        ("principal_id", "VARCHAR"),
        ("access_key_id", "VARCHAR"),
        ("mfa", "BOOLEAN"),
        ("read_only", "BOOLEAN"),
        ("management_event", "BOOLEAN"),
        ("event_type", "VARCHAR"),
        ("event_category", "VARCHAR"),
        ("bytes_out", "BIGINT"),
        ("bucket", "VARCHAR"),
        ("object_key", "VARCHAR"),  # class C
        ("target_role", "VARCHAR"),  # the role that an AssumeRole asks for
        ("issued_key_id", "VARCHAR"),  # the key that the call issued: the edge of a role chain
        ("vpc_endpoint_id", "VARCHAR"),
        ("request_id", "VARCHAR"),
        ("source_object", "VARCHAR"),  # file and place that the record was read from
        ("user_identity", "VARCHAR"),  # from here to `other` JSON, secrets redacted
        ("request_parameters", "VARCHAR"),
        ("response_elements", "VARCHAR"),
        ("additional_event_data", "VARCHAR"),
        ("resources", "VARCHAR"),
        ("tls_details", "VARCHAR"),
        ("other", "VARCHAR"),  # every field that has no column of its own, also those that AWS adds tomorrow
        ("source_ip_hex", "VARCHAR"),  # as in `networks`; NULL for what is no address
    ),
)
"""One row per CloudTrail event."""

FLOWS = Table(
    "flows",
    (
        *WHEN,  # the start of the flow
        ("end_time", "TIMESTAMP"),
        ("flow_version", "BIGINT"),
        ("interface_id", "VARCHAR"),
        ("instance_id", "VARCHAR"),
        ("vpc_id", "VARCHAR"),
        ("subnet_id", "VARCHAR"),
        ("source_ip", "VARCHAR"),
        ("destination_ip", "VARCHAR"),
        ("source_port", "BIGINT"),
        ("destination_port", "BIGINT"),
        ("protocol", "BIGINT"),
        ("packets", "BIGINT"),
        ("bytes", "BIGINT"),
        ("action", "VARCHAR"),
        ("log_status", "VARCHAR"),
        ("tcp_flags", "BIGINT"),
        ("traffic_type", "VARCHAR"),
        ("packet_source_ip", "VARCHAR"),
        ("packet_destination_ip", "VARCHAR"),
        ("region", "VARCHAR"),
        ("az_id", "VARCHAR"),
        ("source_service", "VARCHAR"),
        ("destination_service", "VARCHAR"),
        ("direction", "VARCHAR"),
        ("traffic_path", "BIGINT"),
        ("other", "VARCHAR"),  # JSON: the fields of a custom format that have no column
        ("source_object", "VARCHAR"),
        ("source_ip_hex", "VARCHAR"),
        ("destination_ip_hex", "VARCHAR"),
    ),
)
"""One row per VPC flow record."""

S3_ACCESS = Table(
    "s3_access",
    (
        *WHEN,  # `account_id` is empty: S3 writes the bucket owner's canonical id instead
        ("bucket_owner", "VARCHAR"),
        ("bucket", "VARCHAR"),
        ("source_ip", "VARCHAR"),
        ("requester", "VARCHAR"),
        ("request_id", "VARCHAR"),
        ("operation", "VARCHAR"),
        ("object_key", "VARCHAR"),  # class C, URL-encoded as S3 writes it
        ("request_uri", "VARCHAR"),  # class C
        ("http_status", "BIGINT"),
        ("error_code", "VARCHAR"),
        ("bytes_out", "BIGINT"),
        ("object_size", "BIGINT"),
        ("total_ms", "BIGINT"),
        ("referrer", "VARCHAR"),  # class C
        ("user_agent", "VARCHAR"),  # class C
        ("version_id", "VARCHAR"),
        ("other", "VARCHAR"),  # the fields after the version id, as S3 writes them
        ("source_object", "VARCHAR"),
        ("source_ip_hex", "VARCHAR"),
    ),
)
"""One row per request in an S3 server access log."""

DNS = Table(
    "dns",
    (
        *WHEN,
        ("region", "VARCHAR"),
        ("vpc_id", "VARCHAR"),
        ("query_name", "VARCHAR"),  # class C
        ("query_type", "VARCHAR"),
        ("query_class", "VARCHAR"),
        ("rcode", "VARCHAR"),
        ("answers", "VARCHAR"),  # JSON
        ("source_ip", "VARCHAR"),
        ("source_port", "BIGINT"),
        ("transport", "VARCHAR"),
        ("instance_id", "VARCHAR"),
        ("firewall_rule_action", "VARCHAR"),
        ("other", "VARCHAR"),  # JSON: the whole record
        ("source_object", "VARCHAR"),
        ("source_ip_hex", "VARCHAR"),
    ),
)
"""One row per query in a Route 53 Resolver query log."""

WAF = Table(
    "waf",
    (
        *WHEN,
        ("web_acl", "VARCHAR"),
        ("action", "VARCHAR"),
        ("rule_id", "VARCHAR"),
        ("rule_type", "VARCHAR"),
        ("source_name", "VARCHAR"),
        ("source_id", "VARCHAR"),
        ("source_ip", "VARCHAR"),
        ("country", "VARCHAR"),
        ("method", "VARCHAR"),
        ("uri", "VARCHAR"),  # class C
        ("args", "VARCHAR"),  # class C
        ("request_id", "VARCHAR"),
        ("user_agent", "VARCHAR"),  # class C
        ("headers", "VARCHAR"),  # JSON, class C; cookies and authorisation redacted
        ("labels", "VARCHAR"),  # JSON
        ("source_object", "VARCHAR"),
        ("source_ip_hex", "VARCHAR"),
    ),
)
"""One row per request in an AWS WAF log."""

DB_AUDIT = Table(
    "db_audit",
    (
        *WHEN,  # `account_id` as the object's key says it
        ("engine", "VARCHAR"),  # aurora-mysql, mariadb, postgres or redshift
        ("database_server", "VARCHAR"),
        ("user_name", "VARCHAR"),
        ("source_ip", "VARCHAR"),
        ("connection_id", "VARCHAR"),
        ("operation", "VARCHAR"),
        ("database_name", "VARCHAR"),
        ("statement", "VARCHAR"),  # class C
        ("error_code", "VARCHAR"),  # NULL when it succeeded
        ("source_object", "VARCHAR"),
        ("source_ip_hex", "VARCHAR"),
    ),
)
"""One row per act in a database's audit log."""

FIRST_SEEN = Table(
    "first_seen",
    (
        ("account_id", "VARCHAR"),
        ("principal_arn", "VARCHAR"),
        ("event_source", "VARCHAR"),
        ("event_name", "VARCHAR"),
        ("first_time", "TIMESTAMP"),
        ("last_time", "TIMESTAMP"),
        ("calls", "BIGINT"),
    ),
)
"""When a principal first and last made a call with success, and how often; it outlives the events."""

SET_ASIDE = Table(
    "set_aside",
    (("source_object", "VARCHAR"), ("reason", "VARCHAR"), ("malformed", "BOOLEAN")),
)
"""What was not stored and why; never what it said."""

NETWORKS = Table(
    "networks",
    (
        ("cidr", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("label", "VARCHAR"),
        ("source", "VARCHAR"),
        ("first_hex", "VARCHAR"),  # 8 hex digits for IPv4, 32 for IPv6: text that sorts as the addresses do
        ("last_hex", "VARCHAR"),
    ),
)
"""Known address ranges; join by `length(first_hex) = length(x) AND x BETWEEN first_hex AND last_hex`."""

LOGS = (EVENTS, FLOWS, S3_ACCESS, DNS, WAF, DB_AUDIT)
"""Tables whose rows were read from logs, one folder a day."""
ROLLED = (FIRST_SEEN, SET_ASIDE, NETWORKS)
"""Tables that belong to no day."""
ORDER = {"events": "principal_arn, event_time, event_id", "flows": "interface_id, event_time"}
"""How a day's rows are sorted; by `event_time` where nothing is said."""
HEX = {"source_ip_hex": "source_ip", "destination_ip_hex": "destination_ip"}
"""Columns that are computed from an address."""
