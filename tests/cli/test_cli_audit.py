"""`stanch audit verify`: whole, or the first row that is not."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from .desk import DANA, Desk, LabCloud

UNLOCK = ("DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete")
ADDED = (
    "INSERT INTO journal SELECT seq + 1, [case], 'forged', time, 'mallory', kind, body, hash, hash FROM journal "
    "ORDER BY seq DESC LIMIT 1"
)


def sql(*statements: str) -> Callable[[Path], None]:
    def edit(state: Path) -> None:
        with closing(connect(state / "stanch.db")) as database:
            for statement in (*UNLOCK, *statements):
                database.execute(statement)
            database.commit()

    return edit


def forge_checkpoint(state: Path) -> None:
    text = (state / "checkpoints.log").read_text(encoding="utf-8")
    (state / "checkpoints.log").write_text(text.replace("2026-11-23T01:44", "2026-11-23T01:45"), encoding="utf-8")


@pytest.fixture
def journal(stanch: Desk, lab: LabCloud) -> Path:
    assert stanch(*lab.command("stolen_instance_credentials", *DANA)).code == 0
    return stanch.folder / ".stanch"


def test_a_journal_verifies_and_every_kind_of_tampering_is_named(stanch: Desk, journal: Path) -> None:
    whole = stanch("audit", "verify")
    assert (whole.code, whole.err) == (0, "")
    assert whole.out.startswith("whole: ")
    (line,) = stanch("audit", "verify", "--json").lines
    rows = line["rows"]
    assert line == {"ok": True, "rows": rows, "checkpoints": line["checkpoints"], "problem": ""}
    assert rows > 10
    attempts: list[tuple[Callable[[Path], None], str]] = [
        *((sql(f"UPDATE journal SET [{name}] = 'x' WHERE seq = 7"), "row 7 ") for name in ("case", "key", "time")),
        *((sql(f"UPDATE journal SET [{name}] = 'x' WHERE seq = 7"), "row 7 ") for name in ("actor", "kind", "body")),
        *((sql(f"UPDATE journal SET [{name}] = 'x' WHERE seq = 7"), "row 7 ") for name in ("prev", "hash")),
        (sql("DELETE FROM journal WHERE seq = 5"), "row 5 is missing"),
        (sql(ADDED), f"row {rows + 1} "),
        (sql(f"DELETE FROM journal WHERE seq > {rows - 1}"), f"row {rows} of the checkpoint signed at"),
        (sql(f"DELETE FROM journal WHERE seq > {rows - 3}"), f"rows {rows - 2} to {rows} of the checkpoint signed at"),
        (forge_checkpoint, "wrong signature"),
        (lambda state: (state / "checkpoints.log").unlink(), "row 1 is under no checkpoint"),
        (lambda state: (state / "checkpoint.key").unlink(), "is gone: nothing can be proved"),
    ]
    safe = stanch.folder / "safe"
    shutil.copytree(journal, safe)
    for edit, says in attempts:
        shutil.rmtree(journal)
        shutil.copytree(safe, journal)
        edit(journal)
        told = stanch("audit", "verify", "--json")
        (line,) = told.lines
        assert (told.code, line["ok"]) == (5, False), says
        assert says in line["problem"]
    person = stanch("audit", "verify")
    assert (person.code, person.out) == (5, "")
    assert person.err.startswith("stanch: the journal is not whole: ")


def test_where_nothing_was_ever_run_there_is_nothing_to_verify(stanch: Desk) -> None:
    told = stanch("audit", "verify")
    assert (told.code, told.out) == (1, "")
    assert "nothing was ever run here, or it is gone" in told.err
    assert stanch.files == set()


def test_commands_that_only_look_leave_a_journal_that_verifies(stanch: Desk) -> None:
    for argv in (("case", "list"), ("playbook", "list"), ("playbook", "promote", "crypto_mining", "--reason", "x")):
        stanch(*argv)
        told = stanch("audit", "verify")
        assert (told.code, told.err) == (0, ""), argv


def test_the_checkpoints_may_lie_outside_the_state_folder(stanch: Desk) -> None:
    elsewhere = stanch.folder.parent / "elsewhere.log"
    (stanch.folder / "stanch.toml").write_text(f'state = "state"\ncheckpoints = "{elsewhere}"\n', encoding="utf-8")
    assert stanch("playbook", "list").code == 0
    assert elsewhere.exists()
    assert {path.name for path in (stanch.folder / "state").iterdir()} >= {"stanch.db", "checkpoint.key"}
    assert stanch("audit", "verify").code == 0
    elsewhere.unlink()
    assert stanch("audit", "verify").code == 5
