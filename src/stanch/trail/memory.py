"""A trail in memory: the tables of one folder of logs, for as long as the process lives."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.manifest import Taken
from stanch.trail.objects import Object
from stanch.trail.parquet import records
from stanch.trail.schema import EVENTS, FIRST_SEEN, LOGS, ROLLED, SET_ASIDE
from stanch.trail.staging import Staging, append

FIRST = """
SELECT account_id, principal_arn, event_source, event_name,
       min(event_time) AS first_time, max(event_time) AS last_time, count(*) AS calls
FROM {rows} WHERE error_code IS NULL AND principal_arn IS NOT NULL GROUP BY 1, 2, 3, 4
"""
"""The roll-up of `events`-like rows as `first_seen`."""


class Memory:
    """Keeps rows in the tables of a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._digests: set[str] = set()
        for table in (*LOGS, *ROLLED):
            connection.execute(f"CREATE TABLE {table.name} ({table.ddl})")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else can write here."""
        yield

    def stamp(self, key: str) -> str | None:  # noqa: ARG002 - of a Keeper
        """Nothing was read before."""
        return None

    def holds(self, digest: str) -> bool:
        """Whether an object of this content was read before."""
        return digest in self._digests

    def staging(self) -> Staging:
        """An empty staging."""
        return Staging(self._connection)

    def write(self, staging: Staging) -> None:
        """Insert the staged rows; events whose id is there already stay out."""
        for part in staging.parts():
            fresh = " WHERE event_id NOT IN (SELECT event_id FROM events)" if part.table is EVENTS else ""
            self._connection.execute(
                f"INSERT INTO {part.table.name} SELECT * FROM ({part.select}){fresh}",  # noqa: S608 - names of ours
                dict(part.params),
            )

    def commit(self, taken: Sequence[Taken], skips: Sequence[Skip]) -> None:
        """Remember contents and what was set aside."""
        self._digests.update(one.digest for one in taken)
        append(self._connection, SET_ASIDE.name, [aside(one) for one in skips])

    def rows(self, one: Object) -> Iterator[Block | Skip]:
        """The rows of a Parquet object as blocks of CloudTrail records."""
        return records(one)

    def finish(self) -> None:
        """Roll the events up."""
        self._connection.execute(f"INSERT INTO {FIRST_SEEN.name} {FIRST.format(rows='events')}")
        for table in LOGS:
            self._connection.execute(f"DROP TABLE IF EXISTS staged_{table.name}")
        for name in ("raw", "addresses"):
            self._connection.execute(f"DROP TABLE IF EXISTS {name}")


def aside(skip: Skip) -> tuple[str, str, bool]:
    """The row of what was set aside; its reason may quote the record, but not at length."""
    return (skip.record[:1000], skip.reason[:300], skip.malformed)
