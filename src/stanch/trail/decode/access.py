"""S3 server access logs: one line a request; what a caller wrote may hold quotes and moves no other field."""

from collections.abc import Iterator, Sequence

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.decode.plain import insert, lay_out
from stanch.trail.staging import Staging

_LINE = (
    r'^(\S+) (\S+) \[([^\]]*)\] (\S+) (\S+) (\S+) (\S+) (\S+) (?:"(.*?)"|-) (\d{3}|-) (\S+) (\S+) (\S+) (\S+) (\S+) '
    r'(?:"(.*?)"|-) (?:"(.*)"|-) (\S+)((?: \S+){0,12})$'
)
_NAMES = (
    *("owner", "bucket", "time", "ip", "requester", "request", "operation", "key", "uri", "status", "error", "sent"),
    *("size", "total", "turn", "referrer", "agent", "version", "rest"),
)
_NAMED = "[" + ", ".join(f"'{name}'" for name in _NAMES) + "]"
_SELECT = f"""
SELECT seq, '', t::DATE, t, {", ".join(f"nullif(m.{name}, '-')" for name in ("owner", "bucket", "ip"))},
       {", ".join(f"nullif(m.{name}, '-')" for name in ("requester", "request", "operation", "key", "uri"))},
       try_cast(m.status AS BIGINT), nullif(m.error, '-'), try_cast(m.sent AS BIGINT), try_cast(m.size AS BIGINT),
       try_cast(m.total AS BIGINT), nullif(nullif(m.referrer, '-'), ''), nullif(nullif(m.agent, '-'), ''),
       nullif(m.version, '-'),
       nullif(trim(m.rest), ''), place, NULL
FROM (SELECT seq, place, m, try_strptime(m.time, '%d/%b/%Y:%H:%M:%S %z')::TIMESTAMP AS t
      FROM (SELECT seq, place, regexp_extract(line, '{_LINE}', {_NAMED}) AS m FROM rec))
"""  # noqa: S608 - our own text


def decode(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the requests of access logs."""
    yield from lay_out(staging, blocks)
    yield from insert(staging, "s3_access", _SELECT, "not a line of an S3 server access log")
