"""The tables that stand beside `events` while a case is investigated, and the parameters of every question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from stanch.playbooks.baselines import BASELINES
from stanch.trail import Cell, Table

_TEXT: Final = "VARCHAR"

CASE_FINDINGS = Table(
    "case_findings",
    (
        ("id", _TEXT),
        ("type", _TEXT),
        ("product", _TEXT),
        ("account_id", _TEXT),
        ("region", _TEXT),
        ("severity", "DOUBLE"),
        ("began", "TIMESTAMP"),
        ("seen", "TIMESTAMP"),
        ("identity_kind", _TEXT),
        ("identity_name", _TEXT),
        ("principal_id", _TEXT),
        ("access_key_id", _TEXT),
        ("instance_id", _TEXT),
        ("instance_arn", _TEXT),
        ("caller_ip", _TEXT),
        ("remote_account", _TEXT),
        ("remote_ip", _TEXT),
        ("direction", _TEXT),
        ("remote_port", "INTEGER"),
        ("blocked", "BOOLEAN"),
        ("is_lead", "BOOLEAN"),
        ("known", "BOOLEAN"),
        ("outsider", "BOOLEAN"),
    ),
)
"""The lead finding, and GuardDuty's others that are neither samples nor archived; NULL where nothing is said.

began, seen: its first and its last sight.
"""

ADDRESSES = Table("addresses", (("ip", _TEXT), ("label", _TEXT), ("network", _TEXT)))
"""Every source address of the events and of the findings.

label: vpn, office, ci, egress (the operator's ranges), instance (the case's instance leaves from it), partner,
private, service (not an address), foreign (none of these). network: its /24, or /48 for IPv6.
"""
CASE_PRINCIPALS = Table("case_principals", (("arn", _TEXT),))
"""ARNs of the case's identities and instances."""
ACCOUNTS = Table("accounts", (("id", _TEXT),))
"""The organisation's accounts."""
ASSETS = Table(
    "assets", (("arn", _TEXT), ("tier", _TEXT), ("stateful", "BOOLEAN"), ("workload", _TEXT), ("data", _TEXT))
)
PIPELINES = Table("pipelines", (("role", _TEXT), ("provider", _TEXT), ("subject", _TEXT), ("networks", _TEXT)))
WINDOWS = Table(
    "windows",
    (("kind", _TEXT), ("principal", _TEXT), ("start_time", "TIMESTAMP"), ("end_time", "TIMESTAMP"), ("ticket", _TEXT)),
)
"""Declared times; kind: change or penetration_test."""
VPC_ENDPOINTS = Table("vpc_endpoints", (("id", _TEXT),))
"""The operator's own VPC endpoints."""

PRIVESC_PATHS = Table(
    "privesc_paths", (("path", _TEXT), ("steps", "INTEGER"), ("event_source", _TEXT), ("event_name", _TEXT))
)
"""Known ways to more rights: one row per call of each, with how many different calls the way takes."""
GRANTS = Table(
    "grants",
    (
        ("event_id", _TEXT),
        ("kind", _TEXT),  # rights, policy, credential, group, trust, resource, pass
        ("holder", _TEXT),  # what the target is: user, role, group, policy, bucket, function
        ("target", _TEXT),
        ("own", "BOOLEAN"),  # the caller gave it to itself
        ("admin", "BOOLEAN"),
        ("iam", "BOOLEAN"),
        ("wildcard", "BOOLEAN"),
        ("readable", "BOOLEAN"),
        ("outsider", "BOOLEAN"),  # a trust or resource policy names an account that nobody declared, or anyone
    ),
)
"""What calls gave to whom, around the case: read from their parameters by `stanch.playbooks.grants` (class B)."""
PERIOD = Table(
    "period", (("baseline", "TIMESTAMP"), ("since", "TIMESTAMP"), ("seen", "TIMESTAMP"), ("until", "TIMESTAMP"))
)
"""One row: the times that questions get as `$baseline`, `$since`, `$when` and `$until`, for tables made from others."""
SUSPECT_TIMES = Table("suspect_times", (("start_time", "TIMESTAMP"), ("end_time", "TIMESTAMP"), ("why", _TEXT)))
"""Whole days in which the case's principals were themselves in question: what they did then is no habit."""
CASE_RESOURCES = Table("case_resources", (("kind", _TEXT), ("id", _TEXT)))
"""What the lead finding names; `kind` is the detector's word."""
HOSTS = Table(
    "hosts",
    (("ip", _TEXT), ("interface_id", _TEXT), ("instance_id", _TEXT), ("group_id", _TEXT), ("in_case", "BOOLEAN")),
)
"""Private addresses of instances, one row for each security group, as the detector and the operator's file say."""
SERVICE_MAP = Table("service_map", (("source", _TEXT), ("destination", _TEXT), ("port", "INTEGER")))
"""Expected communication between security groups; no port means any."""
PARTNER_ACCOUNTS = Table("partner_accounts", (("id", _TEXT),))
SIGNALS = Table("signals", (("rule", _TEXT), ("level", _TEXT), ("event_id", _TEXT)))
"""Hits of signature rules on events; level: informational, low, medium, high or critical."""
METRICS = Table("metrics", (("instance_id", _TEXT), ("name", _TEXT), ("time", "TIMESTAMP"), ("value", "DOUBLE")))
"""Five-minute averages of an instance's metrics as CloudWatch names them; nothing fills it yet."""

CASE_TABLES = (
    *(CASE_FINDINGS, ADDRESSES, CASE_PRINCIPALS, ACCOUNTS, ASSETS, PIPELINES, WINDOWS, VPC_ENDPOINTS),
    *(PRIVESC_PATHS, GRANTS),
    *(PERIOD, SUSPECT_TIMES, CASE_RESOURCES, HOSTS, SERVICE_MAP, PARTNER_ACCOUNTS, SIGNALS, METRICS),
)
"""All of them, without rows."""

DERIVED: Mapping[str, str] = {
    "case_addresses": """
        SELECT a.ip, a.label, a.network
        FROM addresses a
        WHERE a.ip IN (SELECT f.caller_ip FROM case_findings f) OR a.ip IN (SELECT f.remote_ip FROM case_findings f)
    """,
    "actor_events": """
        SELECT e.*, 'credential' AS scope FROM events e
        WHERE e.access_key_id IN (SELECT access_key_id FROM case_findings WHERE access_key_id IS NOT NULL)
           OR e.principal_id IN (SELECT principal_id FROM case_findings WHERE principal_id IS NOT NULL)
           OR (json_extract_string(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL AND EXISTS (
                SELECT 1 FROM case_findings f
                WHERE f.instance_id = split_part(e.principal_id, ':', 2)
                  AND f.account_id = split_part(e.principal_arn, ':', 5)))
        UNION ALL
        SELECT e.*, 'address' AS scope FROM events e
        JOIN case_addresses a ON e.source_ip = a.ip AND a.label = 'foreign'
        WHERE NOT EXISTS (SELECT 1 FROM case_findings WHERE identity_name IS NOT NULL)
    """,
    "principal_events": """
        SELECT e.* FROM events e
        WHERE e.principal_arn IN (SELECT arn FROM case_principals)
           OR e.principal_arn IN (SELECT principal_arn FROM actor_events WHERE scope = 'credential')
    """,
    "chain_events": """
        SELECT e.* FROM events e
        WHERE e.event_id IN (SELECT event_id FROM actor_events WHERE scope = 'credential')
           OR e.access_key_id IN (
                SELECT issued_key_id FROM actor_events WHERE scope = 'credential' AND issued_key_id IS NOT NULL)
    """,
    **BASELINES,
    "pipeline_proofs": """
        WITH mine AS (
            SELECT g.role, g.provider, g.subject, g.networks
            FROM pipelines g WHERE g.role IN (SELECT arn FROM case_principals)
        ),
        calls AS (
            SELECT e.principal_arn, e.source_ip, e.access_key_id
            FROM actor_events e JOIN period p ON e.event_time BETWEEN p.since AND p.until
            WHERE e.scope = 'credential'
        ),
        named AS (
            SELECT event_id, event_time, issued_key_id, principal_id,
                json_extract_string(user_identity, '$.identityProvider') AS issuer
            FROM events WHERE event_name = 'AssumeRoleWithWebIdentity' AND error_code IS NULL
        ),
        tokens AS (
            SELECT event_id, event_time, issued_key_id, principal_id, issuer,
                concat(issuer, ':', split_part(substr(principal_id, length(issuer) + 2), ':', 1), ':') AS prefix
            FROM named
        ),
        strangers AS (
            SELECT c.source_ip FROM calls c LEFT JOIN addresses a ON a.ip = c.source_ip
            WHERE coalesce(a.label, 'service') <> 'service' AND a.label NOT IN (SELECT networks FROM mine)
        )
        SELECT 'registry' AS proof, CAST(NULL AS VARCHAR) AS event_id, CAST(NULL AS TIMESTAMP) AS event_time FROM mine
        UNION ALL
        SELECT 'token', t.event_id, t.event_time
        FROM tokens t JOIN calls c ON c.access_key_id = t.issued_key_id
        JOIN mine m ON m.role = c.principal_arn
        WHERE m.provider <> '' AND m.subject <> ''
          AND (t.issuer = m.provider OR split_part(t.issuer, '-provider/', 2) = m.provider)
          AND (t.principal_id = concat(t.prefix, m.subject)
            OR (m.subject LIKE '%*' AND starts_with(t.principal_id, concat(t.prefix, replace(m.subject, '*', '')))))
        UNION ALL
        SELECT 'network', CAST(NULL AS VARCHAR), CAST(NULL AS TIMESTAMP) FROM calls
        WHERE NOT EXISTS (SELECT 1 FROM strangers)
        UNION ALL
        SELECT 'window', CAST(NULL AS VARCHAR), CAST(NULL AS TIMESTAMP)
        FROM windows w JOIN period p ON p.seen BETWEEN w.start_time AND w.end_time
        WHERE w.kind = 'change' AND w.principal IN (SELECT arn FROM case_principals)
    """,
}
"""Tables made from them, in order.

case_addresses: callers and peers of the findings. actor_events: what the case's own credentials did (an instance's are
told by AWS's delivery mark, as anyone may call a session `i-…`), and, where no finding names an identity, what its
foreign addresses did; `scope` says which, an event may be in both. principal_events: everything by the same users and
roles, whichever session: the baseline. chain_events: what the case's own credentials did, and the credentials that
they issued. pipeline_proofs: what proves that a declared pipeline did it, of four kinds: the registry names the role,
its issuer named the subject (AWS writes what it checked into the principal's id, `ISSUER:AUDIENCE:SUBJECT`), the
network fits, the window fits. The rest: see `stanch.playbooks.baselines`.
"""
_NAMES: Final = re.compile(r"\b[a-z_]+\b")


def needed(queries: Iterable[str]) -> Mapping[str, str]:
    """Those of DERIVED that these queries read, and what they are made from, in order."""
    wanted: set[str] = set()
    unseen = list(queries)
    while unseen:
        named = {one for one in _NAMES.findall(unseen.pop()) if one in DERIVED} - wanted
        wanted |= named
        unseen += [DERIVED[name] for name in named]
    return {name: sql for name, sql in DERIVED.items() if name in wanted}


def filled(table: Table, rows: Sequence[tuple[Cell, ...]]) -> Table:
    """The table with these rows."""
    return replace(table, rows=tuple(rows))
