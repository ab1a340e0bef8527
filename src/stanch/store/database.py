"""The SQLite database of a state folder: opened once, WAL, durable on every commit, append-only by trigger."""

import sqlite3
from pathlib import Path

from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from stanch.model.errors import Environment

SCHEMA = 1
"""Version of the tables; a database of another version is refused, never guessed at."""

metadata = MetaData()

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("case", Text, nullable=False, index=True),
    Column("key", Text, nullable=False, unique=True),
    Column("time", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

_APPEND_ONLY = """
CREATE TRIGGER IF NOT EXISTS journal_no_{verb} BEFORE {verb} ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
"""


def open_database(path: Path | None) -> Engine:
    """Open (and on first use make) the database at `path`; None gives one in memory, for replay."""
    if path is None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 30})
    event.listen(engine, "connect", configure)
    event.listen(engine, "connect", _manual)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        _prepare(engine)
    except DatabaseError as error:
        raise Environment(f"{path} is not a database that stanch can use: {error.orig}") from error
    return engine


def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Make every commit durable and every waiting writer patient; also for the engine's own connections."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _manual(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Transactions are opened by us with BEGIN IMMEDIATE: a writer waits at the door instead of failing half-way.
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None


def _prepare(engine: Engine) -> None:
    with engine.begin() as connection:
        version = connection.execute(text("PRAGMA user_version")).scalar_one()
        if version not in (0, SCHEMA):
            raise Environment(
                f"the database has schema {version}, this stanch knows {SCHEMA}: use the matching version"
            )
        metadata.create_all(connection)
        for verb in ("update", "delete"):
            connection.execute(text(_APPEND_ONLY.format(verb=verb)))
        connection.execute(text(f"PRAGMA user_version = {SCHEMA}"))
