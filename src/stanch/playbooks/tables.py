"""The tables that stand beside `events` while a case is investigated, and the parameters of every question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from stanch.playbooks.baselines import BASELINES, COLUMNS
from stanch.trail import EVENTS, Cell, Table

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
        ("holder", _TEXT),  # what the target is: user, role, group, policy, or the kind of resource
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
"""Five-minute averages of an instance's metrics as CloudWatch names them; empty in a replay."""

CASE_TABLES = (
    *(CASE_FINDINGS, ADDRESSES, CASE_PRINCIPALS, ACCOUNTS, ASSETS, PIPELINES, WINDOWS, VPC_ENDPOINTS),
    *(PRIVESC_PATHS, GRANTS),
    *(PERIOD, SUSPECT_TIMES, CASE_RESOURCES, HOSTS, SERVICE_MAP, PARTNER_ACCOUNTS, SIGNALS, METRICS),
)
"""All of them, without rows."""

_OWN: Final = """e.access_key_id IN (SELECT access_key_id FROM case_findings WHERE access_key_id IS NOT NULL)
            OR e.principal_id IN (SELECT principal_id FROM case_findings WHERE principal_id IS NOT NULL)"""
"""By a key or a principal that the findings name."""

DERIVED: Mapping[str, str] = {
    "case_addresses": """
        SELECT a.ip, a.label, a.network
        FROM addresses a
        WHERE a.ip IN (SELECT f.caller_ip FROM case_findings f) OR a.ip IN (SELECT f.remote_ip FROM case_findings f)
    """,
    "actor_principals": """
        SELECT a.principal_arn, min(a.event_time) AS first_time, max(a.event_time) AS last_time
        FROM (
            SELECT e.principal_arn, e.event_time FROM events e
            WHERE e.access_key_id IN (SELECT access_key_id FROM case_findings WHERE access_key_id IS NOT NULL)
            UNION ALL
            SELECT e.principal_arn, e.event_time FROM events e
            WHERE e.principal_id IN (SELECT principal_id FROM case_findings WHERE principal_id IS NOT NULL)
            UNION ALL
            SELECT e.principal_arn, e.event_time FROM events e
            JOIN case_findings f ON f.instance_id = split_part(e.principal_id, ':', 2)
                AND f.account_id = split_part(e.principal_arn, ':', 5)
        ) a
        GROUP BY a.principal_arn
    """,
    "actor_events": f"""
        SELECT {COLUMNS}, 'credential' AS scope
        FROM events e JOIN actor_principals p
          ON p.principal_arn = e.principal_arn AND e.event_time BETWEEN p.first_time AND p.last_time
        WHERE {_OWN}
            OR (json_extract_string(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
            AND split_part(e.principal_id, ':', 2) || ' ' || split_part(e.principal_arn, ':', 5) IN (
                SELECT instance_id || ' ' || account_id FROM case_findings WHERE instance_id IS NOT NULL))
        UNION ALL
        SELECT {COLUMNS}, 'credential' AS scope FROM events e
        WHERE e.principal_arn IS NULL AND ({_OWN})
        UNION ALL
        SELECT {COLUMNS}, 'address' AS scope FROM events e
        JOIN (
            SELECT ip FROM case_addresses
            WHERE label = 'foreign' AND NOT EXISTS (SELECT 1 FROM case_findings WHERE identity_name IS NOT NULL)
        ) a ON e.source_ip = a.ip
    """,  # noqa: S608 - our own text
    "principal_events": f"""
        SELECT {COLUMNS} FROM events e
        WHERE e.principal_arn IN (
            SELECT arn FROM case_principals
            UNION SELECT principal_arn FROM actor_events WHERE scope = 'credential')
    """,  # noqa: S608 - our own text
    "chain_events": f"""
        SELECT {COLUMNS} FROM actor_events e WHERE e.scope = 'credential'
        UNION ALL
        SELECT {COLUMNS} FROM events e CROSS JOIN period p
        WHERE e.access_key_id IN (
            SELECT issued_key_id FROM actor_events WHERE scope = 'credential' AND issued_key_id IS NOT NULL)
          AND e.event_time >= p.since - INTERVAL 1 HOUR AND e.event_time <= p.until + INTERVAL 1 HOUR
          AND e.event_id NOT IN (SELECT event_id FROM actor_events WHERE scope = 'credential')
    """,  # noqa: S608 - our own text
    **BASELINES,
    "declared_calls": """
        WITH calls AS (
            SELECT DISTINCT
                e.event_id, e.event_time, CAST(extract(hour FROM e.event_time) AS VARCHAR) AS hour,
                coalesce(a.label IN ('vpn', 'office', 'ci', 'egress', 'instance'), FALSE) OR v.id IS NOT NULL AS own
            FROM actor_events e CROSS JOIN period p
            LEFT JOIN addresses a ON a.ip = e.source_ip
            LEFT JOIN vpc_endpoints v ON v.id = e.vpc_endpoint_id
            WHERE e.scope = 'credential' AND e.event_source = 's3.amazonaws.com'
              AND e.event_time BETWEEN p.since AND p.until
        )
        SELECT
            c.event_id, c.event_time,
            c.own AND c.hour IN (SELECT value FROM habits WHERE kind = 'hour' AND settled)
                AND EXISTS (
                    SELECT 1 FROM assets
                    WHERE workload IN ('backup', 'etl', 'analytics') AND arn IN (SELECT arn FROM case_principals)
                ) AS declared
        FROM calls c
    """,
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

case_addresses: callers and peers of the findings. actor_principals: whose the case's own credentials are, and from
when to when they were used: the trail is sorted by both. actor_events: what the case's own credentials did (an
instance's are told by AWS's delivery mark, as anyone may call a session `i-…`), and, where no finding names an
identity, what its foreign addresses did; `scope` says which, an event may be in both. principal_events: everything by
the same users and roles, whichever session: the baseline. chain_events: what the case's own credentials did, and around
the case the credentials that they issued. pipeline_proofs: what proves that a declared pipeline did it, of four kinds:
the registry names the role, its issuer named the subject (AWS writes what it checked into the principal's id,
`ISSUER:AUDIENCE:SUBJECT`), the network fits, the window fits. declared_calls: the case's calls to S3, and whether they
are a role's that is declared for backup, loading or analysis, at its usual hour and from the operator's addresses. The
rest: see `stanch.playbooks.baselines`.
"""
_NAMES: Final = re.compile(r"\b[a-z_]+\b")
_COMMENT: Final = re.compile(r"--[^\n]*")


def needed(queries: Iterable[str]) -> Mapping[str, str]:
    """Those of DERIVED that these queries read, and what they are made from, in order.

    Of whole events only the columns are kept that some reader of them names.
    """
    texts = list(queries)
    wanted: dict[str, str] = {}
    for name, sql in reversed(tuple(DERIVED.items())):
        readers = [words for words in map(_names, texts) if name in words]
        if readers:
            wanted[name] = _narrowed(sql, frozenset().union(*readers))
            texts.append(wanted[name])
    return dict(reversed(wanted.items()))


@cache
def _names(sql: str) -> frozenset[str]:
    return frozenset(_NAMES.findall(_COMMENT.sub("", sql).lower()))


def _narrowed(sql: str, used: frozenset[str]) -> str:
    """The SELECT without those columns of events that nobody names; each event keeps its id."""
    columns = [f"e.{name}" for name, _ in EVENTS.columns if name in used or name == "event_id"]
    return sql.replace(COLUMNS, ", ".join(columns))


def filled(table: Table, rows: Sequence[tuple[Cell, ...]]) -> Table:
    """The table with these rows."""
    return replace(table, rows=tuple(rows))
