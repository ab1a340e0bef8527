"""What a person wants to see first: what the same identity did around the finding, and what happened before."""

from datetime import timedelta

from stanch.model.data import JSONObject
from stanch.model.finding import Finding
from stanch.model.walked import Enriched, RelatedEvent
from stanch.trail import Trail

AROUND = timedelta(hours=24)
"""How far before and after the finding."""
RELATED = """
SELECT event_time, event_id, event_source || ':' || event_name AS name,
       coalesce(source_ip, '') AS source, coalesce(error_code, '') AS error
FROM events
WHERE account_id = $account
  AND event_time BETWEEN $since AND $until
  AND ((access_key_id = $key AND $key <> '')
    OR (principal_id = $principal AND $principal <> '')
    OR (session_arn LIKE '%/' || $instance AND $instance <> ''))
ORDER BY read_only, event_time DESC, event_id
LIMIT 20
"""
"""By the key or principal that the detector asserts, or the instance's own session; changes before reads."""


def enrich(finding: Finding, round: int, trail: Trail, history: tuple[str, ...]) -> Enriched:
    """Up to 20 CloudTrail events near the finding, and the history as given. Reads the trail only."""
    at = finding.last_seen or finding.updated_at
    who = finding.identity
    found = trail.query(
        RELATED,
        {
            "account": finding.account,
            "since": at - AROUND,
            "until": at + AROUND,
            "key": who.access_key if who else "",
            "principal": who.principal_id if who else "",
            "instance": finding.instance.id if finding.instance else "",
        },
    )
    return Enriched(round, tuple(_event(row) for row in found), history)


def _event(row: JSONObject) -> RelatedEvent:
    time, event_id, name, source, error = (
        str(row[key]) for key in ("event_time", "event_id", "name", "source", "error")
    )
    return RelatedEvent(time, event_id, name, source, error)
