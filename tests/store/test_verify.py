"""Whatever is done to the journal behind stanch's back, verification fails and names the row."""

import sqlite3
from datetime import UTC, datetime

import pytest

from stanch.model.errors import BadInput
from stanch.model.walked import Paged
from stanch.store import checkpoint, journal
from stanch.store.database import open_database
from stanch.store.verify import Verification, verify

NOW = datetime(2026, 11, 23, 1, 43, tzinfo=UTC)
ROWS = 6
COLUMNS = ("seq", "case", "key", "time", "actor", "kind", "body", "prev", "hash")


class Store:
    """A journal of six rows with checkpoints after rows 3 and 6, and a way around its triggers."""

    def __init__(self, folder):
        self.path, self.notes = folder / "stanch.db", folder / "checkpoints.log"
        self.key = checkpoint.load_key(folder / "checkpoint.key")
        engine = open_database(self.path)
        for number in range(1, ROWS + 1):
            with engine.begin() as connection:
                journal.append(connection, Paged(f"page {number}"), case="C-1", key=f"k{number}", time=NOW)
                if number % 3 == 0:
                    size, root = journal.head(connection)
                    checkpoint.write(self.notes, self.key, size=size, root=root, time=NOW)
        engine.dispose()

    def tamper(self, *statements):
        connection = sqlite3.connect(self.path)
        connection.execute("DROP TRIGGER journal_no_update")
        connection.execute("DROP TRIGGER journal_no_delete")
        for statement, parameters in statements:
            connection.execute(statement, parameters)
        connection.commit()
        connection.close()

    def rehash(self, start):
        """What an intruder who read our code would do: recompute every hash from a row on."""
        connection = sqlite3.connect(self.path)
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM journal ORDER BY seq")]
        for index in range(start - 1, len(rows)):
            rows[index]["prev"] = rows[index - 1]["hash"] if index else journal.GENESIS
            rows[index]["hash"] = journal.digest(rows[index])
            connection.execute(
                "UPDATE journal SET prev = ?, hash = ? WHERE seq = ?",
                (rows[index]["prev"], rows[index]["hash"], rows[index]["seq"]),
            )
        connection.commit()
        connection.close()

    def verify(self) -> Verification:
        engine = open_database(self.path)
        with engine.begin() as connection:
            result = verify(connection, checkpoint.read(self.notes, self.key.public_key()))
        engine.dispose()
        return result


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_an_untouched_journal_passes(store):
    assert store.verify() == Verification(ROWS, 2)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", range(1, ROWS + 1))
def test_any_field_of_any_row(store, row, column):
    value = 99 if column == "seq" else "tampered"
    store.tamper((f'UPDATE journal SET "{column}" = ? WHERE seq = ?', (value, row)))
    problem = store.verify().problem
    assert f"row {row}" in problem or f"rows {row}" in problem


@pytest.mark.parametrize("row", range(1, ROWS))
def test_a_row_is_removed(store, row):
    store.tamper(("DELETE FROM journal WHERE seq = ?", (row,)))
    assert f"row {row} is missing" in store.verify().problem


@pytest.mark.parametrize("keep", range(ROWS))
def test_the_tail_is_cut(store, keep):
    store.tamper(("DELETE FROM journal WHERE seq > ?", (keep,)))
    gone = f"row {ROWS}" if keep == ROWS - 1 else f"rows {keep + 1}"
    if keep < 3:
        gone = f"rows {keep + 1}" if keep < 2 else "row 3"
    assert gone in store.verify().problem
    assert "gone" in store.verify().problem


def test_a_row_is_added_at_the_end_with_a_right_hash(store):
    copy = 'INSERT INTO journal SELECT 7, "case", ?, time, actor, kind, body, prev, hash FROM journal WHERE seq = 6'
    store.tamper((copy, ("forged",)))
    store.rehash(7)
    assert "row 7 is under no checkpoint" in store.verify().problem


@pytest.mark.parametrize("row", range(1, ROWS + 1))
def test_a_rewritten_history_is_caught_by_the_checkpoint(store, row):
    store.tamper(("UPDATE journal SET actor = 'nobody' WHERE seq = ?", (row,)))
    store.rehash(row)
    first, last = (1, 3) if row <= 3 else (4, 6)
    assert f"a row between {first} and {last} was rewritten" in store.verify().problem


@pytest.mark.parametrize(("line", "replacement"), [(1, "5"), (2, "AAAA" * 10 + "AAA="), (3, "later"), (5, "— x y")])
def test_a_forged_checkpoint_is_named(store, line, replacement):
    lines = store.notes.read_text().splitlines()
    lines[6 + line] = replacement
    store.notes.write_text("\n".join(lines) + "\n")
    with pytest.raises(BadInput, match="line 7"):
        store.verify()


def test_without_checkpoints_nothing_is_proved(store):
    store.notes.unlink()
    assert "row 1 is under no checkpoint" in store.verify().problem
