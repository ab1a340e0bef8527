"""What is usual for the case's principals and hosts, and for their peers, in the 90 days before: tables in SQL.

An attacker may have been there for a while, so the past is read with suspicion. Days in which a principal was itself in
question do not count. A habit is *settled* once it was seen on three different days, the first of them a week or more
before the case; what was seen less often is neither new nor usual, and a question answers `unknown`. Volumes are
compared with medians over days, which a few days cannot move. A principal is *established* with five days of activity,
the first of them two weeks before the case: of any other nothing can be called new.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from stanch.trail import EVENTS

_WHO: Final = (
    "split_part({0}, ':', 5) || ':' || regexp_replace(split_part({0}, ':', 6), '/.*$', '') || ':' || "
    "regexp_replace({0}, '^.*/', '')"
)
"""Account, kind and name of a user or role: the same with and without its path."""
_REQUESTER: Final = (
    "CASE WHEN requester LIKE '%:assumed-role/%' THEN split_part(requester, ':', 5) || ':role:' || "
    f"split_part(requester, '/', 2) ELSE {_WHO.format('requester')} END"
)
COLUMNS: Final = ", ".join(f"e.{name}" for name, _ in EVENTS.columns)
"""Of whole events; those that no reader names are left out where a case is investigated."""
_READ: Final = "event_source = 's3.amazonaws.com' AND event_name = 'GetObject' AND error_code IS NULL"
_FETCHED: Final = "operation = 'REST.GET.OBJECT' AND error_code IS NULL AND requester LIKE 'arn:%'"
"""A data event, and a line of an access log, of an object that was read."""

_SETTLED: Final = """
        SELECT
            a.kind, a.value, count(DISTINCT a.event_date) AS days, min(a.event_time) AS first_time, count(*) AS calls,
            count(DISTINCT a.event_date) >= 3 AND min(a.event_time) < min(p.since) - INTERVAL 7 DAY AS settled
        FROM acts a CROSS JOIN period p
        GROUP BY a.kind, a.value"""
_DEEP: Final = ("one", "two", "three", "four", "five")
_STEP: Final = """
        {to} AS (
            SELECT e.event_id, e.event_time, e.principal_arn, e.target_role, e.issued_key_id
            FROM {of} s JOIN assumed e ON e.access_key_id = s.issued_key_id
        )"""
"""One role further in a chain. Five are written out: engines do not agree on recursion."""

BASELINES: Mapping[str, str] = {
    "clean_events": f"""
        SELECT {COLUMNS} FROM principal_events e CROSS JOIN period p
        WHERE e.event_time >= p.baseline AND e.event_time < p.since
          AND NOT EXISTS (
            SELECT 1 FROM suspect_times s WHERE e.event_time >= s.start_time AND e.event_time < s.end_time)
    """,  # noqa: S608 - our own text
    "profiles": """
        SELECT
            e.principal_arn, count(DISTINCT e.event_date) AS days, min(e.event_time) AS first_time,
            count(DISTINCT e.event_date) >= 5 AND min(e.event_time) < min(p.since) - INTERVAL 14 DAY AS established
        FROM clean_events e CROSS JOIN period p
        GROUP BY e.principal_arn
    """,
    "habits": f"""
        WITH acts AS (
            SELECT event_date, event_time, 'api' AS kind, event_source || ':' || event_name AS value
            FROM clean_events WHERE error_code IS NULL
            UNION ALL
            SELECT event_date, event_time, 'hour', CAST(extract(hour FROM event_time) AS VARCHAR) FROM clean_events
        )
        {_SETTLED}
    """,  # noqa: S608 - our own text
    "places": f"""
        WITH acts AS (
            SELECT e.event_date, e.event_time, 'network' AS kind, a.network AS value
            FROM clean_events e JOIN addresses a ON a.ip = e.source_ip WHERE a.network <> ''
        )
        {_SETTLED}
    """,  # noqa: S608 - our own text
    "choices": f"""
        WITH acts AS (
            SELECT event_date, event_time, 'role' AS kind, target_role AS value FROM clean_events
            WHERE target_role IS NOT NULL AND error_code IS NULL
            UNION ALL
            SELECT event_date, event_time, 'deletes in', bucket FROM clean_events
            WHERE bucket IS NOT NULL AND event_name IN ('DeleteObject', 'DeleteObjects') AND error_code IS NULL
        )
        {_SETTLED}
    """,  # noqa: S608 - our own text
    "peers": """
        WITH own AS (
            SELECT DISTINCT account_id, actor_type, principal_arn LIKE '%/aws-reserved/sso.amazonaws.com/%' AS person
            FROM principal_events WHERE actor_type IN ('IAMUser', 'AssumedRole')
        )
        SELECT e.principal_arn
        FROM events e CROSS JOIN period p
        JOIN own o ON o.account_id = e.account_id AND o.actor_type = e.actor_type
            AND o.person = (e.principal_arn LIKE '%/aws-reserved/sso.amazonaws.com/%')
        WHERE e.event_time >= p.baseline AND e.event_time < p.since
          AND e.principal_arn NOT IN (SELECT principal_arn FROM principal_events WHERE principal_arn IS NOT NULL)
        GROUP BY e.principal_arn
        HAVING count(DISTINCT e.event_date) >= 5 AND min(e.event_time) < min(p.since) - INTERVAL 14 DAY
    """,
    "peer_habits": """
        SELECT
            e.event_source || ':' || e.event_name AS api, count(DISTINCT e.principal_arn) AS peers,
            count(DISTINCT e.event_date) AS days
        FROM events e JOIN peers o ON o.principal_arn = e.principal_arn CROSS JOIN period p
        WHERE e.event_time >= p.baseline AND e.event_time < p.since AND e.error_code IS NULL
        GROUP BY e.event_source || ':' || e.event_name
    """,
    "case_whos": f"""
        SELECT DISTINCT {_WHO.format("principal_arn")} AS who FROM principal_events WHERE principal_arn IS NOT NULL
        UNION SELECT {_WHO.format("arn")} FROM case_principals
    """,  # noqa: S608 - our own text
    "readers": f"""
        SELECT r.principal_arn, r.who, w.who IS NOT NULL AS mine
        FROM (
            SELECT principal_arn, {_WHO.format("principal_arn")} AS who
            FROM (SELECT DISTINCT principal_arn FROM events WHERE {_READ} AND principal_arn IS NOT NULL) d
        ) r LEFT JOIN case_whos w ON w.who = r.who
    """,  # noqa: S608 - our own text
    "case_buckets": f"""
        SELECT bucket FROM events
        WHERE {_READ} AND bucket IS NOT NULL AND principal_arn IN (SELECT principal_arn FROM readers WHERE mine)
        UNION
        SELECT r.bucket FROM (
            SELECT {_REQUESTER} AS who, bucket
            FROM (SELECT DISTINCT requester, bucket FROM s3_access WHERE {_FETCHED}) d
        ) r JOIN case_whos w ON w.who = r.who
    """,  # noqa: S608 - our own text
    "reads": f"""
        SELECT
            r.who, w.who IS NOT NULL AS mine, r.bucket, r.event_date, r.event_time, r.event_id, r.bytes
        FROM (
            SELECT p.who, e.bucket, e.event_date, e.event_time, e.event_id, coalesce(e.bytes_out, 0) AS bytes
            FROM events e JOIN readers p ON p.principal_arn = e.principal_arn
            WHERE {_READ} AND e.bucket IN (SELECT bucket FROM case_buckets)
            UNION ALL
            SELECT {_REQUESTER}, bucket, event_date, event_time, CAST(NULL AS VARCHAR), coalesce(bytes_out, 0)
            FROM s3_access
            WHERE {_FETCHED} AND bucket IN (SELECT bucket FROM case_buckets)
              AND bucket NOT IN (
                SELECT bucket FROM events
                WHERE event_name = 'GetObject' AND bucket IN (SELECT bucket FROM case_buckets))
        ) r LEFT JOIN case_whos w ON w.who = r.who CROSS JOIN period p
        WHERE r.event_time >= p.baseline AND r.event_time <= p.until
    """,  # noqa: S608 - our own text
    "read_days": """
        SELECT r.who, r.mine, r.bucket, r.event_date, count(*) AS objects, sum(r.bytes) AS bytes
        FROM reads r CROSS JOIN period p
        WHERE r.event_time < p.since
          AND NOT (r.mine AND EXISTS (
            SELECT 1 FROM suspect_times s WHERE r.event_time >= s.start_time AND r.event_time < s.end_time))
        GROUP BY r.who, r.mine, r.bucket, r.event_date
    """,
    "read_usual": """
        WITH ranked AS (
            SELECT
                mine, bucket, objects, bytes, count(*) OVER (PARTITION BY mine, bucket) AS of_days,
                row_number() OVER (PARTITION BY mine, bucket ORDER BY objects) AS by_objects,
                row_number() OVER (PARTITION BY mine, bucket ORDER BY bytes) AS by_bytes
            FROM read_days
        )
        SELECT
            mine, bucket, count(*) AS days,
            avg(objects) FILTER (WHERE 2 * by_objects BETWEEN of_days AND of_days + 2) AS objects,
            avg(bytes) FILTER (WHERE 2 * by_bytes BETWEEN of_days AND of_days + 2) AS bytes,
            max(objects) AS most_objects, max(bytes) AS most_bytes,
            min(objects) FILTER (WHERE 10 * by_objects >= 9 * of_days) AS high_objects,
            min(bytes) FILTER (WHERE 10 * by_bytes >= 9 * of_days) AS high_bytes
        FROM ranked GROUP BY mine, bucket
    """,
    "assumed": """
        SELECT e.event_id, e.event_time, e.principal_arn, e.target_role, e.access_key_id, e.issued_key_id
        FROM events e CROSS JOIN period p
        WHERE e.event_name = 'AssumeRole' AND e.issued_key_id IS NOT NULL
          AND e.event_time BETWEEN p.since AND p.until
    """,
    "chain": f"""
        WITH one AS (
            SELECT e.event_id, e.event_time, e.principal_arn, e.target_role, e.issued_key_id
            FROM assumed e
            WHERE e.access_key_id IN (
                SELECT access_key_id FROM actor_events WHERE scope = 'credential' AND access_key_id IS NOT NULL
                UNION SELECT access_key_id FROM case_findings WHERE access_key_id IS NOT NULL)
        ),{",".join(_STEP.format(of=of, to=to) for of, to in pairwise(_DEEP))},
        steps AS ({" UNION ALL ".join(f"SELECT *, {depth} AS depth FROM {of}" for depth, of in enumerate(_DEEP, 1))})
        SELECT
            issued_key_id, min(event_id) AS event_id, min(event_time) AS event_time,
            min(principal_arn) AS principal_arn, min(target_role) AS target_role, max(depth) AS depth
        FROM steps GROUP BY issued_key_id
    """,  # noqa: S608 - our own text
    "case_flows": """
        SELECT DISTINCT
            f.event_time, f.event_date, h.ip AS host, f.source_ip = h.ip AS outgoing, f.source_port,
            f.destination_port, f.action, f.bytes,
            CASE WHEN f.source_ip = h.ip THEN f.destination_ip ELSE f.source_ip END AS peer,
            CASE WHEN f.source_ip = h.ip THEN f.destination_ip_hex ELSE f.source_ip_hex END AS peer_hex,
            f.event_time >= p.since AS recent,
            f.event_time < p.since AND s.start_time IS NULL AS clean
        FROM flows f
        JOIN (SELECT DISTINCT ip, interface_id FROM hosts WHERE in_case) h
          ON f.interface_id = h.interface_id AND (f.source_ip = h.ip OR f.destination_ip = h.ip)
        CROSS JOIN period p
        LEFT JOIN suspect_times s ON f.event_time >= s.start_time AND f.event_time < s.end_time
        WHERE f.event_time >= p.baseline AND f.event_time <= p.until
    """,
    "east_west": """
        SELECT *
        FROM case_flows
        WHERE peer_hex BETWEEN '0a000000' AND '0affffff' AND length(peer_hex) = 8
           OR peer_hex BETWEEN 'ac100000' AND 'ac1fffff' AND length(peer_hex) = 8
           OR peer_hex BETWEEN 'c0a80000' AND 'c0a8ffff' AND length(peer_hex) = 8
           OR peer_hex BETWEEN '64400000' AND '647fffff' AND length(peer_hex) = 8
           OR length(peer_hex) = 32 AND (peer_hex LIKE 'fc%' OR peer_hex LIKE 'fd%')
    """,
    "admin_pairs": """
        WITH opened AS (
            SELECT DISTINCT
                e.host, e.peer, e.destination_port AS port, e.event_date, e.event_time, e.recent, e.clean,
                b.host IS NOT NULL AS answered
            FROM east_west e
            LEFT JOIN east_west b
              ON NOT b.outgoing AND b.host = e.host AND b.peer = e.peer AND b.action = 'ACCEPT' AND b.bytes > 0
                AND b.source_port = e.destination_port AND b.destination_port = e.source_port
            WHERE e.outgoing AND e.action = 'ACCEPT' AND e.bytes > 0
              AND e.destination_port IN (22, 3389, 5985, 5986, 445, 5432, 3306)
        ),
        alike AS (
            SELECT DISTINCT a.ip AS one, b.ip AS other
            FROM hosts a JOIN hosts b ON b.group_id = a.group_id
            UNION
            SELECT DISTINCT peer, peer FROM opened
        )
        SELECT
            n.host, n.peer, n.port, bool_or(n.answered) AS answered, min(n.event_time) AS first_time,
            count(DISTINCT h.event_date) AS days,
            count(DISTINCT h.event_date) >= 3
                AND coalesce(min(h.event_time) < min(p.since) - INTERVAL 7 DAY, FALSE) AS settled,
            bool_or(m.source IS NOT NULL) AS declared
        FROM opened n CROSS JOIN period p
        LEFT JOIN hosts f ON f.ip = n.host AND f.in_case
        LEFT JOIN hosts t ON t.ip = n.peer
        LEFT JOIN service_map m
          ON m.source = f.group_id AND m.destination = t.group_id AND coalesce(m.port, n.port) = n.port
        LEFT JOIN alike s ON s.one = n.peer
        LEFT JOIN opened h ON h.clean AND h.port = n.port AND h.peer = s.other AND h.host = n.host
        WHERE n.recent
        GROUP BY n.host, n.peer, n.port
    """,
}
"""In order.

clean_events: what the case's principals did before the case on days on which nothing is held against them. profiles:
one row a principal. habits: one row for each api and hour; places: for each network, where a caller has a say; choices:
for each role assumed and bucket deleted from, which he names himself. peers: other established principals of the same
account and kind (a person by Identity Center, another role, a user). peer_habits: their APIs. case_whos: the case's
principals without paths. readers: who reads objects at all, with and without path. case_buckets: those that the case's
principals read from. reads: objects that anyone read from these, by data events or, for a bucket without these, by its
access log (whose lines have no event id). read_days: the same a day, before the case. read_usual: what is usual a day
and bucket: medians, the most, and what nine days of ten do not exceed. assumed: roles assumed during the case. chain:
those that the case's credentials assumed, one after the other (each issues the key of the next), at most five deep.
case_flows: flow records of the case's hosts. east_west: those with a private peer. admin_pairs: connections that the
hosts opened during the case to ports of administration and databases, with the days on which the same host and port
were in use with that peer or one in its security group, and whether the service map declares them.
"""
