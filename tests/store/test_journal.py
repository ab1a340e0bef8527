"""The journal: written once per key, chained, append-only, and equal to the byte for equal input."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from stanch.model.errors import Environment
from stanch.model.walked import Paged, RecordSkipped
from stanch.store import journal
from stanch.store.database import open_database

NOW = datetime(2026, 11, 23, 1, 43, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    engine = open_database(tmp_path / "state" / "stanch.db")
    yield engine
    engine.dispose()


def write(database: Engine, key: str, words: str = "look") -> bool:
    with database.begin() as connection:
        return journal.append(connection, Paged(words), case="C-1", key=key, time=NOW)[1]


def test_a_key_is_written_once_and_the_first_wins(database):
    assert write(database, "a", "first")
    assert not write(database, "a", "second")
    with database.begin() as connection:
        (fact,) = journal.facts(connection, case="C-1")
    assert fact.body == Paged("first")


def test_the_same_input_gives_the_same_bytes(tmp_path):
    hashes = []
    for name in ("one", "two"):
        engine = open_database(tmp_path / name / "stanch.db")
        for key in ("a", "b", "c"):
            write(engine, key)
        with engine.begin() as connection:
            hashes.append(journal.head(connection))
        engine.dispose()
    assert hashes[0] == hashes[1]
    assert hashes[0][0] == 3


@pytest.mark.parametrize("statement", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal"])
def test_rows_can_be_neither_changed_nor_removed(database, statement):
    write(database, "a")
    with pytest.raises((IntegrityError, OperationalError), match="append-only"), database.begin() as connection:
        connection.execute(text(statement))


def test_facts_are_filtered_by_case_and_kind(database):
    write(database, "a")
    with database.begin() as connection:
        journal.append(connection, RecordSkipped("f:1", "no finding", False), key="s", time=NOW)
        assert [fact.case for fact in journal.facts(connection)] == ["C-1", ""]
        assert len(journal.facts(connection, kinds=(RecordSkipped,))) == 1
        assert journal.cases(connection) == ("C-1",)


def test_a_database_of_another_version_is_refused(tmp_path):
    engine = open_database(tmp_path / "stanch.db")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA user_version = 99"))
    engine.dispose()
    with pytest.raises(Environment, match="schema 99"):
        open_database(tmp_path / "stanch.db")


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "stanch.db").write_text("this is not a database, it only sits where one should be\n" * 100)
    with pytest.raises(Environment, match=r"stanch\.db"):
        open_database(tmp_path / "stanch.db")
