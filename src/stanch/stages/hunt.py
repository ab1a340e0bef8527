"""Hunt: findings made from the trail alone, each from calls that it cites, about whoever AWS says made them."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from stanch.model.data import JSON
from stanch.model.finding import Finding, Form, Identity, IdentityKind, Instance, Resource
from stanch.playbooks import ACTS, Lead
from stanch.trail import Table, Trail

PRODUCT, EVENT = "stanch", "AWS::CloudTrail::Event"
SEVERITY = 7.0
GAP = timedelta(hours=24)
"""Calls of one kind by one credential further apart are two findings."""
CITED = 50
"""Events that a finding names at most, the first ones."""

_FOUND = """
SELECT event_id, event_time, account_id, region, actor_type, principal_arn, coalesce(principal_id, '') AS principal_id,
    coalesce(access_key_id, '') AS access_key_id, source_ip, label, delivered
FROM acts
WHERE event_id IN (SELECT event_id FROM ({lead}) AS lead)
  AND ($habit IS FALSE OR NOT habit) AND ($declared IS FALSE OR NOT declared)
ORDER BY account_id, principal_arn, principal_id, access_key_id, event_time, event_id
"""
_KINDS = {
    "IAMUser": IdentityKind.IAM_USER,
    "AssumedRole": IdentityKind.ASSUMED_ROLE,
    "Root": IdentityKind.ROOT,
    "FederatedUser": IdentityKind.FEDERATED_USER,
}
Row = Mapping[str, JSON]


@dataclass(frozen=True)
class _Trace:
    """Calls of one kind by one credential."""

    lead: Lead
    rows: Sequence[Row]


def hunt(trail: Trail, tables: Sequence[Table], leads: Sequence[Lead]) -> tuple[Finding, ...]:
    """What the leads find between the times in the table `span`, oldest first. Raises BadInput when a lead's SQL fails.

    tables: `stanch.playbooks.LEAD_TABLES`, filled.
    """
    with trail.desk(tables, ACTS) as desk:
        traces = [
            trace
            for lead in leads
            for trace in _traces(
                lead,
                desk.query(_FOUND.format(lead=lead.sql), {"habit": lead.habit, "declared": lead.declared}),
            )
        ]
    found: dict[str, Finding] = {}
    for trace in traces:
        one = _finding(trace)
        found.setdefault(one.key, one)
    return tuple(sorted(found.values(), key=lambda one: (one.updated_at, one.id)))


def _traces(lead: Lead, rows: Sequence[Row]) -> Iterator[_Trace]:
    for _, group in groupby(rows, key=lambda row: tuple(row[name] for name in _CREDENTIAL)):
        part: list[Row] = []
        for row in group:
            if part and _time(row) - _time(part[-1]) > GAP:
                yield _Trace(lead, part)
                part = []
            part.append(row)
        yield _Trace(lead, part)


_CREDENTIAL = ("account_id", "principal_arn", "principal_id", "access_key_id")


def _finding(trace: _Trace) -> Finding:
    rows, first, last = trace.rows, trace.rows[0], trace.rows[-1]
    said = "|".join((trace.lead.type, *(str(first[name]) for name in (*_CREDENTIAL, "event_id"))))
    partition = str(first["principal_arn"]).removeprefix("arn:").partition(":")[0]
    return Finding(
        id=f"stanch-{sha256(said.encode()).hexdigest()[:32]}",
        account=str(last["account_id"]),
        region=str(last["region"] or "us-east-1"),
        type=trace.lead.type,
        severity=SEVERITY,
        updated_at=_time(last),
        form=Form.TRAIL,
        product=PRODUCT,
        partition=partition,
        title=trace.lead.says,
        created_at=_time(first),
        first_seen=_time(first),
        last_seen=_time(last),
        count=len(rows),
        identity=_identity(last),
        instance=_instance(last),
        caller_ip=_caller(rows),
        resources=tuple(Resource(EVENT, str(row["event_id"])) for row in rows[:CITED]),
    )


def _identity(row: Row) -> Identity:
    """Who acted: the ARN and the ids are AWS's, a session's name in them is the caller's and names nothing here."""
    arn = str(row["principal_arn"])
    account = arn.partition("::")[2].partition(":")[0]
    kind = _KINDS.get(str(row["actor_type"]), IdentityKind.UNKNOWN)
    return Identity(
        kind=kind,
        account=account or str(row["account_id"]),
        name="root" if kind is IdentityKind.ROOT else arn.rpartition("/")[2],
        principal_id=str(row["principal_id"]),
        access_key=str(row["access_key_id"]),
    )


def _instance(row: Row) -> Instance | None:
    """The instance whose own credentials these are: AWS marks how it delivered them, and names the session after it."""
    session = str(row["principal_id"]).partition(":")[2]
    if not row["delivered"] or not session.startswith("i-"):
        return None
    role = str(row["principal_arn"]).rpartition("/")[2]
    return Instance(session, str(row["account_id"]), str(row["region"] or "us-east-1"), role=role)


def _caller(rows: Sequence[Row]) -> str:
    """The latest address of a stranger, else the latest address at all."""
    seen = [(str(row["source_ip"]), row["label"] == "foreign") for row in rows if _is_address(str(row["source_ip"]))]
    return next((ip for ip, foreign in reversed(seen) if foreign), seen[-1][0] if seen else "")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _time(row: Row) -> datetime:
    return datetime.fromisoformat(str(row["event_time"]))
