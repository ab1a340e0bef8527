"""Sources that someone switched off while the case went on: what they do not tell is evasion, not a gap."""

from collections.abc import Iterable

from stanch.trail import Desk, Params

OFF = """
SELECT DISTINCT CASE event_name WHEN 'DeleteFlowLogs' THEN 'vpc_flow' ELSE 'cloudtrail' END AS source
FROM events
WHERE account_id = $account AND event_time BETWEEN $since AND $until
  AND event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE)
  AND error_code IS NULL AND event_name IN ('StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'DeleteFlowLogs')
  AND (principal_arn IS NULL OR principal_arn NOT IN (SELECT role FROM pipelines))
"""
"""By anyone but a pipeline that the operator declared."""


def silenced(desk: Desk, params: Params) -> frozenset[str]:
    """The sources, as questions name them in `needs`; CloudTrail takes its data events with it."""
    found = {str(row["source"]) for row in desk.query(OFF, params)}
    return frozenset(found | ({"s3_data_events"} if "cloudtrail" in found else set()))


def off(needs: Iterable[str], gone: frozenset[str]) -> bool:
    """Whether a question needs one of them; a baseline lies before the case."""
    return bool(gone & set(needs))
