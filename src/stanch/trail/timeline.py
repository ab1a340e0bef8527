"""What one principal, resource or address did and what was done to it, in the order of time."""

from collections.abc import Mapping
from datetime import datetime

from stanch.model.data import JSON
from stanch.trail import Budget, Params, Trail

_EVENTS = """
SELECT event_time, 'events' AS log, account_id, coalesce(principal_arn, actor_type, '?') AS who,
       event_source || ':' || event_name AS what, coalesce(error_code, 'ok') AS result, source_ip AS ip, event_id AS id
FROM events
WHERE event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until
  AND (principal_arn = $who OR session_arn = $who OR principal_id = $who OR access_key_id = $who OR source_ip = $who
       OR bucket = $who OR target_role = $who OR issued_key_id = $who
       OR contains(resources, $quoted) OR contains(request_parameters, $quoted))
"""
_FLOWS = """
SELECT event_time, 'flows', account_id, source_ip || ':' || CAST(source_port AS VARCHAR),
       'to ' || destination_ip || ':' || CAST(destination_port AS VARCHAR) || ', '
       || CAST(coalesce(bytes, 0) AS VARCHAR) || ' bytes', coalesce(action, log_status), source_ip, interface_id
FROM flows
WHERE event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until
  AND (source_ip = $who OR destination_ip = $who OR instance_id = $who OR interface_id = $who)
"""
_ACCESS = """
SELECT event_time, 's3_access', account_id, coalesce(requester, 'anonymous'),
       operation || ' ' || coalesce(bucket, '') || '/' || coalesce(object_key, ''),
       coalesce(error_code, CAST(http_status AS VARCHAR)), source_ip, request_id
FROM s3_access
WHERE event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until
  AND (requester = $who OR source_ip = $who OR bucket = $who)
"""
_WAF = """
SELECT event_time, 'waf', account_id, source_ip, coalesce(method, '') || ' ' || coalesce(uri, ''), action, source_ip,
       request_id
FROM waf
WHERE event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until
  AND (source_ip = $who OR source_id = $who)
"""
_DNS = """
SELECT event_time, 'dns', account_id, coalesce(instance_id, source_ip), 'asked for ' || query_name, rcode, source_ip,
       query_type
FROM dns
WHERE event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until
  AND (source_ip = $who OR instance_id = $who OR query_name = $who)
"""
_DATABASE = """
SELECT event_time, 'db_audit', account_id, coalesce(user_name, '?'), coalesce(operation, '') || ' '
       || coalesce(statement, ''), coalesce(error_code, 'ok'), source_ip, connection_id
FROM db_audit
WHERE event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE) AND event_time BETWEEN $since AND $until
  AND (source_ip = $who OR user_name = $who)
"""
_LOGS = (_EVENTS, _FLOWS, _ACCESS, _WAF, _DNS, _DATABASE)
_ALL = f"{' UNION ALL '.join(_LOGS)} ORDER BY 1, 2, 8 LIMIT $most"


def timeline(trail: Trail, who: str, since: datetime, until: datetime, *, most: int) -> list[Mapping[str, JSON]]:
    """At most `most` acts between these times, oldest first, over all logs."""
    params: Params = {"who": who, "quoted": f'"{who}"', "since": since, "until": until, "most": most}
    return trail.query(_ALL, params, Budget(rows=most))
