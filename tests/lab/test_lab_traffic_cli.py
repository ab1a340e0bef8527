"""`stanch lab traffic`: what it prints, and what it refuses."""

import json
from pathlib import Path

from typer.testing import CliRunner

from stanch.cli import app
from stanch.model.errors import BadInput

SMALL = ("lab", "traffic", "--accounts", "2", "--days", "1", "--seed", "4", "--attacks", "3", "--end", "2026-11-20")


def test_it_says_what_it_wrote_and_that_it_is_simulated(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*SMALL, str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["kind"], told["attacks"]) == ("traffic", 3)
    assert told["events"] == len((tmp_path / "out" / "truth.ndjson").read_text(encoding="utf-8").splitlines())
    assert {one.name for one in (tmp_path / "out").iterdir()} == {
        *("logs", "findings.ndjson", "context.yaml", "truth.ndjson", "truth_findings.ndjson", "attacks.ndjson")
    }
    days = {one.parts[-4:-1] for one in (tmp_path / "out" / "logs" / "AWSLogs").rglob("*.json.gz")}
    assert days == {("2026", "11", "19")}


def test_for_people_it_says_so_in_words(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*SMALL, str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "3 attacks" in done.stdout
    assert "simulated" in done.stderr


def test_it_never_mixes_two_organisations_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    done = CliRunner().invoke(app, [*SMALL, str(tmp_path)])
    assert isinstance(done.exception, BadInput)
    assert "not empty" in str(done.exception)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
