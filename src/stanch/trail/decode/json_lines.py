"""Logs of one JSON object a line, of Route 53 Resolver and AWS WAF."""

from collections.abc import Iterator, Sequence

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.decode.plain import insert, lay_out
from stanch.trail.staging import Staging

_SOURCE = "(SELECT seq, place, CASE WHEN json_valid(line) THEN json(line) END AS r FROM rec)"


def _text(*path: str) -> str:
    return f"json_extract_string(r, '$.{'.'.join(path)}')"


def _header(name: str) -> str:
    return (
        "list_extract(list_filter(from_json(r->'$.httpRequest.headers', "
        f'\'[{{"name":"VARCHAR","value":"VARCHAR"}}]\'), lambda h: lower(h.name) = \'{name}\'), 1).value'
    )


_DNS = f"""
SELECT seq, coalesce({_text("account_id")}, ''), t::DATE, t, {_text("region")}, {_text("vpc_id")},
       {_text("query_name")},
       {_text("query_type")}, {_text("query_class")}, {_text("rcode")}, (r->'$.answers')::VARCHAR, {_text("srcaddr")},
       try_cast({_text("srcport")} AS BIGINT), {_text("transport")}, {_text("srcids", "instance")},
       {_text("firewall_rule_action")}, r::VARCHAR, place, NULL
FROM (SELECT *, try_cast({_text("query_timestamp")} AS TIMESTAMP) AS t FROM {_SOURCE})
"""  # noqa: S608 - our own text
_HIDDEN = '(?i)("name":"(?:cookie|authorization|x-api-key|x-amz-security-token)","value":)"(?:[^"\\\\]|\\\\.)*"'
_WAF = f"""
SELECT seq, coalesce(regexp_extract({_text("webaclId")}, '^arn:[^:]*:wafv2:[^:]*:(\\d{{12}}):', 1), ''), t::DATE, t,
       {_text("webaclId")}, {_text("action")}, {_text("terminatingRuleId")}, {_text("terminatingRuleType")},
       {_text("httpSourceName")}, {_text("httpSourceId")}, {_text("httpRequest", "clientIp")},
       {_text("httpRequest", "country")}, {_text("httpRequest", "httpMethod")}, {_text("httpRequest", "uri")},
       {_text("httpRequest", "args")}, {_text("httpRequest", "requestId")}, {_header("user-agent")},
       regexp_replace((r->'$.httpRequest.headers')::VARCHAR, '{_HIDDEN}', '\\1"[redacted]"', 'g'),
       (r->'$.labels')::VARCHAR, place, NULL
FROM (SELECT *, coalesce(make_timestamp(try_cast({_text("timestamp")} AS BIGINT) * 1000),
                         try_cast({_text("timestamp")} AS TIMESTAMP)) AS t FROM {_SOURCE})
"""  # noqa: S608 - our own text


def dns(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the queries of a Resolver query log."""
    yield from lay_out(staging, blocks)
    yield from insert(staging, "dns", _DNS, "query_timestamp: missing, not a time, or the line is no JSON")


def waf(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the requests of a WAF log."""
    yield from lay_out(staging, blocks)
    yield from insert(staging, "waf", _WAF, "timestamp: missing, not a time, or the line is no JSON")
