"""A lake holds every object exactly once, whatever order, name or accident it comes in."""

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stanch.model.errors import BadInput, Environment
from stanch.trail import Budget, Table, Trail, objects
from stanch.trail.ingest import Ingested, ingest
from stanch.trail.lake import Lake

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Clock:
    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def event(number: int, day: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "eventID": f"event-{number}",
        "eventTime": f"2026-03-{day:02}T12:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity",
        "recipientAccountId": "111122223333",
        "userIdentity": {"arn": f"arn:aws:iam::111122223333:user/{'abc'[number % 3]}"},
        **fields,
    }


def write(path: Path, *events: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": events}).encode(), mtime=0))


def pour(lake: Lake, logs: Path) -> Ingested:
    return ingest(objects.folder(logs)[0], lake)


def ids(folder: Path) -> list[str]:
    return [str(one["event_id"]) for one in Trail.open(folder).query("SELECT event_id FROM events ORDER BY ALL")]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    made = Lake(tmp_path / "lake", Clock())
    yield made
    made.close()


def test_objects_are_read_once_late_ones_too(lake: Lake, tmp_path: Path) -> None:
    write(tmp_path / "logs/b.json.gz", event(1, 2), event(2, 2))
    first = pour(lake, tmp_path / "logs")
    write(tmp_path / "logs/a.json.gz", event(0, 1), event(2, 2))  # late, and partly known
    write(tmp_path / "logs/c.json.gz", event(1, 2), event(2, 2))  # the same bytes under another name
    second = pour(lake, tmp_path / "logs")
    third = pour(lake, tmp_path / "logs")
    assert [(one.objects, one.known) for one in (first, second, third)] == [(1, 0), (1, 2), (0, 3)]
    assert ids(lake.folder) == ["event-0", "event-1", "event-2"]
    days = sorted(one.day for one in lake.manifest.files("events"))
    assert days == ["2026-03-01", "2026-03-02"]


def test_what_is_set_aside_is_in_a_table(lake: Lake, tmp_path: Path) -> None:
    write(tmp_path / "logs/a.json.gz", event(0), {"eventID": "x"})
    (tmp_path / "logs/b.json.gz").write_bytes(gzip.compress(json.dumps({"Records": [event(1)]}).encode())[:-9])
    told = pour(lake, tmp_path / "logs")
    found = Trail.open(lake.folder).query("SELECT source_object, reason, malformed FROM set_aside ORDER BY ALL")
    assert [(one["source_object"], one["malformed"]) for one in found] == [
        ("a.json.gz#Records[1]", True),
        ("b.json.gz", True),
    ]
    assert [one.record for one in told.skips] == ["b.json.gz", "a.json.gz#Records[1]"]
    assert ids(lake.folder) == ["event-0"]


def test_an_object_that_grew_gives_its_new_events_and_no_flow_twice(lake: Lake, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    header = "version account-id srcaddr dstaddr start end"
    flow = "2 111122223333 10.0.0.1 10.0.0.2 1772366400 1772366460"
    (logs / "a.ndjson").write_text(json.dumps(event(0)))
    (logs / "b.log").write_text(f"{header}\n{flow}\n")
    pour(lake, logs)
    (logs / "a.ndjson").write_text(f"{json.dumps(event(0))}\n{json.dumps(event(1))}\n")
    (logs / "b.log").write_text(f"{header}\n{flow}\n{flow}\n")
    told = pour(lake, logs)
    assert ids(lake.folder) == ["event-0", "event-1"]
    assert Trail.open(lake.folder).query("SELECT count(*) AS n FROM flows") == [{"n": 1}]
    assert [one.record for one in told.skips] == ["b.log"]
    assert "changed after it was read" in told.skips[0].reason


def test_compaction_and_retention_lose_nothing_that_they_should_keep(tmp_path: Path) -> None:
    clock = Clock()
    lake = Lake(tmp_path / "lake", clock)
    for number in range(6):
        write(tmp_path / f"logs/{number}.json.gz", event(number, 1 + number % 2), {"eventID": "x"})
        pour(lake, tmp_path / "logs")
    trail = Trail.open(lake.folder)
    questions = (
        "SELECT * FROM events ORDER BY event_id",
        "SELECT * FROM first_seen ORDER BY ALL",
        "SELECT * FROM set_aside ORDER BY ALL",
    )
    before = [trail.query(one) for one in questions]
    with trail.desk() as desk:
        assert lake.compact() > 6
        assert len(desk.query(questions[0])) == 6  # a reader that came before is not disturbed
    assert [trail.query(one) for one in questions] == before
    assert len(lake.manifest.files("events")) == 2
    clock.at += timedelta(hours=2)
    assert lake.sweep() > 6
    assert len(list((lake.folder / "data" / "events").rglob("*.parquet"))) == 2
    assert lake.compact() == 0
    clock.at = datetime(2026, 3, 11, 12, tzinfo=UTC)
    assert lake.retain(9) == 1
    assert {one["event_date"] for one in trail.query("SELECT event_date FROM events")} == {"2026-03-02"}
    assert trail.query(questions[1]) == before[1]
    assert pour(lake, tmp_path / "logs").objects == 0
    lake.close()


def test_files_of_a_dead_writer_are_unseen_and_swept(lake: Lake, tmp_path: Path) -> None:
    write(tmp_path / "logs/a.json.gz", event(0))
    pour(lake, tmp_path / "logs")
    stray = lake.folder / "data/events/event_date=2026-03-01/99999999-000001.parquet"
    good = next((lake.folder / "data/events").rglob("*.parquet"))
    stray.write_bytes(good.read_bytes())
    assert ids(lake.folder) == ["event-0"]
    assert lake.sweep() == 1
    assert (stray.exists(), good.exists()) == (False, True)


def test_writers_at_once_store_everything_once(tmp_path: Path) -> None:
    for number in range(12):
        write(tmp_path / f"logs/{number}.json.gz", *(event(number * 10 + one) for one in range(10)))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            mine = Lake(tmp_path / "lake", Clock())
            pour(mine, tmp_path / "logs")
            mine.close()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert ids(tmp_path / "lake") == sorted(f"event-{number}" for number in range(120))


def test_a_turn_asks_the_manifest_on_one_connection_and_leaves_nothing_in_the_database(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **given: opened.append(path) or connect(path, **given))
    for number in range(5):
        write(tmp_path / f"logs/{number}.json.gz", event(number))
    pour(lake, tmp_path / "logs")
    assert len(opened) == 1
    assert lake._connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []
    with lake.turn():
        beside = threading.Thread(target=lambda: opened.append(Path(str(lake.manifest.objects()))))
        beside.start()
        beside.join()
    assert opened[-1] == Path("5")  # another thread has a connection of its own
    assert ids(lake.folder) == [f"event-{number}" for number in range(5)]


def test_the_door_reads_the_lakes_files_and_no_other(lake: Lake, tmp_path: Path) -> None:
    write(tmp_path / "logs/a.json.gz", event(0))
    pour(lake, tmp_path / "logs")
    trail = Trail.open(lake.folder)
    for sql in (
        "SELECT * FROM read_text('/etc/hostname')",
        f"SELECT * FROM read_blob('{lake.folder}/manifest.db')",
        f"SELECT * FROM glob('{lake.folder}/*')",
    ):
        with pytest.raises(BadInput, match="the query fails"):
            trail.query(sql)


def test_a_question_has_a_budget(lake: Lake, tmp_path: Path) -> None:
    write(tmp_path / "logs/a.json.gz", *(event(number, 1 + number % 3) for number in range(30)))
    pour(lake, tmp_path / "logs")
    trail = Trail.open(lake.folder)
    with pytest.raises(BadInput, match="more than 10 rows"):
        trail.query("SELECT event_id FROM events", budget=Budget(rows=10))
    with pytest.raises(BadInput, match="longer than"):
        trail.query(
            "SELECT sum(a.range * b.range) AS n FROM range(10000000) a, range(1000000) b", budget=Budget(seconds=0.2)
        )
    one = max(file.bytes for file in lake.manifest.files("events"))
    day = "SELECT count(*) AS n FROM events WHERE event_date = CAST($day AS DATE)"
    assert trail.query(day, {"day": "2026-03-01"}, Budget(bytes=2 * one)) == [{"n": 10}]
    with pytest.raises(BadInput, match="its budget is"):
        trail.query("SELECT count(user_agent) AS n FROM events", budget=Budget(bytes=2 * one))


def test_a_desk_stands_beside_a_lake(lake: Lake, tmp_path: Path) -> None:
    write(tmp_path / "logs/a.json.gz", event(0), event(1, eventCategory="Data"))
    pour(lake, tmp_path / "logs")
    trail = Trail.open(lake.folder)
    with trail.desk(
        [Table("who", (("name", "VARCHAR"),), (("x",),))], {"n": "SELECT count(*) AS n FROM events"}
    ) as desk:
        assert desk.query("SELECT name, n FROM who, n") == [{"name": "x", "n": 2}]
    assert trail.covers(NOON - timedelta(days=30), NOON, "111122223333")
    assert not trail.covers(NOON - timedelta(days=30), NOON, "444455556666")
    assert trail.days(datetime(2026, 3, 3, 12, tzinfo=UTC), "111122223333") == 2
    assert (trail.events, trail.skips) == (2, ())


def test_a_lake_is_followed_from_its_first_object_on(tmp_path: Path) -> None:
    trail = Trail.follow(tmp_path / "lake")
    assert (trail.events, list(tmp_path.iterdir())) == (0, [])
    write(tmp_path / "logs/a.json.gz", event(0))
    made = Lake(tmp_path / "lake", Clock())
    assert trail.events == 0
    pour(made, tmp_path / "logs")
    assert trail.events == 1
    write(tmp_path / "logs/b.json.gz", event(1))
    pour(made, tmp_path / "logs")
    assert trail.events == 2
    made.close()


def test_a_lake_that_is_not_there_or_of_another_version_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no trail here"):
        Trail.open(tmp_path)
    Lake(tmp_path, Clock()).close()
    assert Trail.open(tmp_path).events == 0
    import sqlite3

    connection = sqlite3.connect(tmp_path / "manifest.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Environment, match="version 99"):
        Trail.open(tmp_path)


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from importlib import import_module
from stanch.trail import objects
module = import_module("stanch.trail.ingest")
from stanch.trail.lake import Lake
class Clock:
    def now(self): return datetime(2026, 3, 20, tzinfo=UTC)
module.TOGETHER = 2
lake = Lake(Path(sys.argv[1]), Clock())
lake.sweep()
module.ingest(objects.folder(Path(sys.argv[2]))[0], lake, lambda done, of: print(done, flush=True))
"""


@pytest.mark.kill
def test_a_killed_ingest_loses_no_event_and_doubles_none(tmp_path: Path) -> None:
    """Killed in the act, after each of a handful of points, then left to finish."""
    dice = Random(7)
    for number in range(20):
        write(
            tmp_path / f"logs/{number:02}.json.gz",
            *(event(number * 50 + one, 1 + (number * 50 + one) % 3) for one in range(60)),
        )
    command = [sys.executable, "-c", KILLED, str(tmp_path / "lake"), str(tmp_path / "logs")]
    for _ in range(6):
        after = dice.randint(1, 8)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _line, _number in zip(process.stdout, range(after), strict=False):
                pass
            os.kill(process.pid, signal.SIGKILL)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert ids(tmp_path / "lake") == sorted(f"event-{number}" for number in range(19 * 50 + 60))
    lake = Lake(tmp_path / "lake", Clock())
    assert lake.manifest.objects() == 20
    assert lake.sweep() == 0
    lake.close()
    calls = Trail.open(tmp_path / "lake").query("SELECT sum(calls)::BIGINT AS n FROM first_seen")
    assert calls == [{"n": 19 * 50 + 60}]
