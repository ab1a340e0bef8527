"""The columns of `events`: the contract between the trail and every question."""

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


EVENTS = Table(
    "events",
    (
        ("account_id", "VARCHAR"),  # the account that received the event
        ("event_date", "DATE"),
        ("event_time", "TIMESTAMP"),  # UTC
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
        ("user_identity", "VARCHAR"),  # from here on JSON, secrets redacted
        ("request_parameters", "VARCHAR"),
        ("response_elements", "VARCHAR"),
        ("additional_event_data", "VARCHAR"),
        ("resources", "VARCHAR"),
    ),
)
"""One row per CloudTrail event."""
