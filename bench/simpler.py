"""The questions of `trail.py` put the simple ways: to SQLite without an index, and to a list in loops of Python."""

import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

COLUMNS = (
    "event_time, event_source, event_name, principal_arn, read_only, access_key_id, issued_key_id, bucket, bytes_out"
)
"""What the rows hold, in order."""


def asked(who: str, end: datetime) -> dict[str, str]:
    """The principal and the times of the questions."""
    minutes = {"since": -1440, "until": 0, "near": -30, "far": 30}
    return {"who": who, **{name: (end + timedelta(minutes=one)).isoformat() for name, one in minutes.items()}}


def database(rows: Sequence[tuple[Any, ...]]) -> sqlite3.Connection:
    """The rows in SQLite."""
    made = sqlite3.connect(":memory:")
    made.execute(f"CREATE TABLE events ({COLUMNS})")
    made.executemany(f"INSERT INTO events VALUES ({','.join('?' * 9)})", rows)  # noqa: S608 - our own text
    return made


SQLITE = {
    "one actor, 24 h": """
        SELECT event_time, event_name FROM events
        WHERE event_time BETWEEN :since AND :until AND principal_arn = :who ORDER BY 1""",
    "calls that one principal never made before": """
        SELECT DISTINCT event_source, event_name FROM events
        WHERE event_time BETWEEN :since AND :until AND principal_arn = :who AND (event_source, event_name) NOT IN (
            SELECT event_source, event_name FROM events WHERE principal_arn = :who AND event_time < :since)""",
    "role chain, recursive": """
        WITH RECURSIVE roles AS MATERIALIZED (
            SELECT access_key_id, issued_key_id, principal_arn FROM events
            WHERE event_time BETWEEN :since AND :until AND event_name = 'AssumeRole'
        ), chain(key_id, depth) AS (
            SELECT issued_key_id, 1 FROM roles WHERE principal_arn = :who
            UNION ALL
            SELECT r.issued_key_id, c.depth + 1 FROM chain c JOIN roles r ON r.access_key_id = c.key_id
            WHERE c.depth < 5
        ) SELECT * FROM chain""",
    "IAM changes within an hour": """
        SELECT event_time, principal_arn, event_name FROM events
        WHERE event_time BETWEEN :near AND :far AND event_source = 'iam.amazonaws.com' AND NOT read_only ORDER BY 1""",
    "hourly bytes against all, all buckets": """
        WITH h AS (
            SELECT bucket, substr(event_time, 1, 13) AS hour, sum(bytes_out) AS bytes FROM events
            WHERE bytes_out IS NOT NULL GROUP BY 1, 2
        ), b AS (
            SELECT bucket, avg(bytes) AS mean, avg(1.0 * bytes * bytes) - avg(bytes) * avg(bytes) AS variance
            FROM h GROUP BY 1
        )
        SELECT h.bucket, hour, (bytes - mean) / sqrt(variance) AS z FROM h JOIN b USING (bucket)
        WHERE hour >= substr(:since, 1, 13) AND variance > 0 ORDER BY 3 DESC LIMIT 20""",
}
"""The questions in its SQL."""


def one_actor(rows: list[Any], given: Mapping[str, str]) -> list[Any]:
    """A day of a principal."""
    since, until, who = given["since"], given["until"], given["who"]
    return sorted((one[0], one[2]) for one in rows if one[3] == who and since <= one[0] <= until)


def never_before(rows: list[Any], given: Mapping[str, str]) -> set[Any]:
    """Its calls of a day that it never made before."""
    since, until, who = given["since"], given["until"], given["who"]
    own = [one for one in rows if one[3] == who]
    before = {(one[1], one[2]) for one in own if one[0] < since}
    return {(one[1], one[2]) for one in own if since <= one[0] <= until} - before


def chain(rows: list[Any], given: Mapping[str, str]) -> list[Any]:
    """Sessions that came of its sessions."""
    since, until, who = given["since"], given["until"], given["who"]
    roles = [one for one in rows if one[2] == "AssumeRole" and since <= one[0] <= until]
    by_key = defaultdict(list)
    for one in roles:
        by_key[one[5]].append(one[6])
    found = level = [one[6] for one in roles if one[3] == who]
    for _ in range(4):
        level = [issued for key in level for issued in by_key[key]]
        found = found + level
    return found


def changes(rows: list[Any], given: Mapping[str, str]) -> list[Any]:
    """Changes in IAM within an hour."""
    near, far = given["near"], given["far"]
    iam = "iam.amazonaws.com"
    return sorted((one[0], one[3], one[2]) for one in rows if one[1] == iam and not one[4] and near <= one[0] <= far)


def hourly(rows: list[Any], given: Mapping[str, str]) -> list[Any]:
    """Hours in which a bucket gave more than it does."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in rows:
        if one[8] is not None:
            sums[one[7], one[0][:13]] += one[8]
    buckets = defaultdict(list)
    for (bucket, _), sent in sums.items():
        buckets[bucket].append(sent)
    usual = {bucket: (statistics.fmean(each), statistics.pstdev(each)) for bucket, each in buckets.items()}
    since = given["since"][:13]
    marked = [
        ((sent - usual[bucket][0]) / usual[bucket][1], bucket, hour)
        for (bucket, hour), sent in sums.items()
        if hour >= since and usual[bucket][1]
    ]
    return sorted(marked, reverse=True)[:20]


PYTHON = {
    "one actor, 24 h": one_actor,
    "calls that one principal never made before": never_before,
    "role chain, recursive": chain,
    "IAM changes within an hour": changes,
    "hourly bytes against all, all buckets": hourly,
}
"""The questions as functions of rows and values."""
