"""Logs of one line a row: the lines laid out as a table, and what does not fit set aside."""

from collections.abc import Iterator, Sequence

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.staging import Staging

_LINES = """
CREATE OR REPLACE TEMP TABLE rec AS
SELECT block * 4294967296 + n AS seq, name || ':' || (first + n) AS place, name, line
FROM (SELECT block, name, first, trim(unnest(l), chr(13)) AS line, generate_subscripts(l, 1) AS n
      FROM (SELECT block, name, first, string_split(doc, chr(10)) AS l FROM raw))
WHERE trim(line, ' ' || chr(9)) <> ''
"""


def lay_out(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """The lines as table `rec(seq, place, name, line)`; a block that is not UTF-8 keeps its readable characters."""
    texts = [
        (staging.number(one) >> 32, one.name, one.first, one.data.replace(b"\0", b"").decode("utf-8", "replace"))
        for one in blocks
    ]
    staging.fill(texts)
    staging.connection.execute(_LINES)
    yield from ()


def insert(staging: Staging, table: str, select: str, reason: str) -> Iterator[Skip]:
    """Stage what `select` makes of `rec`; lines of which it makes nothing, or nothing with a time, are set aside.

    select: its columns are `seq` and the table's, and `event_time` is NULL where a line does not fit.
    """
    run = staging.connection.execute
    staged = staging.table(table)
    run(f"INSERT INTO {staged} {select}")
    aside = run(
        f"SELECT place FROM rec WHERE seq NOT IN (SELECT seq FROM {staged} WHERE event_time IS NOT NULL) "  # noqa: S608 - a name of ours
        "ORDER BY seq"
    ).fetchall()
    run(f"DELETE FROM {staged} WHERE event_time IS NULL")  # noqa: S608 - a name of ours
    run("DROP TABLE rec")
    yield from (Skip(str(row[0]), reason, malformed=True) for row in aside)
