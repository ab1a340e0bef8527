"""Each kind of log to staged rows; what cannot be read is a Skip with its place and reason, and the rest goes on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

import duckdb

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.decode import access, cloudtrail, database, flow, json_lines
from stanch.trail.kind import Kind
from stanch.trail.staging import Staging

_DECODERS: Mapping[Kind, Callable[[Staging, Sequence[Block]], Iterator[Skip]]] = {
    Kind.RECORDS: cloudtrail.decode,
    Kind.EVENTS: cloudtrail.decode,
    Kind.DOCUMENT: lambda staging, blocks: (skip for one in blocks for skip in cloudtrail.slow(staging, one)),
    Kind.FLOWS: flow.decode,
    Kind.S3_ACCESS: access.decode,
    Kind.DNS: json_lines.dns,
    Kind.WAF: json_lines.waf,
    Kind.DB_AUDIT: database.decode,
}
TABLES: Mapping[Kind, str] = {
    Kind.RECORDS: "events",
    Kind.EVENTS: "events",
    Kind.DOCUMENT: "events",
    Kind.PARQUET: "events",
    Kind.FLOWS: "flows",
    Kind.S3_ACCESS: "s3_access",
    Kind.DNS: "dns",
    Kind.WAF: "waf",
    Kind.DB_AUDIT: "db_audit",
}
"""The table that a kind of log goes to."""


def decode(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage blocks of any kinds, in their order."""
    for (kind, _), group in groupby(blocks, lambda one: (one.kind, one.fields)):
        yield from _decode(staging, kind, tuple(group))


def _decode(staging: Staging, kind: Kind, blocks: Sequence[Block]) -> list[Skip]:
    """Stage blocks of one kind; one that the database chokes on is set aside alone."""
    try:
        return list(_DECODERS[kind](staging, blocks))
    except duckdb.Error as error:
        staging.forget(TABLES[kind], blocks)
        if len(blocks) > 1:
            return [skip for one in blocks for skip in _decode(staging, kind, (one,))]
        return [Skip(blocks[0].name, f"cannot be read: {str(error).splitlines()[0]}", malformed=True)]
