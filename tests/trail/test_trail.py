"""Folders of logs become one table that answers one SELECT at a time, and nothing is lost silently."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from stanch.model.errors import BadInput
from stanch.trail import Table, Trail, parameters


def event(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "eventID": f"event-{number}",
        "eventTime": f"2026-03-{number:02}T12:00:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity",
        "recipientAccountId": "111122223333",
        **fields,
    }


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def records(*events: Any) -> str:
    return json.dumps({"Records": list(events)})


def test_every_form_of_file_is_read_and_each_event_kept_once(tmp_path: Path) -> None:
    write(tmp_path / "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/a.json.gz", records(event(1), event(2)))
    write(tmp_path / "b.json", records(event(2), event(3)))
    write(tmp_path / "c.ndjson", f"{json.dumps(event(4))}\n\n{json.dumps(event(1))}\n")
    write(tmp_path / "d.jsonl.gz", json.dumps(event(5)))
    told: list[tuple[int, int]] = []
    trail = Trail.load(tmp_path, progress=lambda done, of: told.append((done, of)))
    found = trail.query("SELECT event_id, source_object FROM events ORDER BY event_id")
    assert [row["event_id"] for row in found] == [f"event-{number}" for number in range(1, 6)]
    assert (trail.events, trail.skips, told) == (5, (), [(1, 4), (2, 4), (3, 4), (4, 4)])
    assert found[3]["source_object"] == "c.ndjson:1"


def test_what_cannot_be_read_is_set_aside_with_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "a.json", records(event(1), {"eventID": "x"}, "text", event(2)))
    write(tmp_path / "b.json", '{"Records": [')
    write(tmp_path / "c.json", '{"other": 1}')
    write(tmp_path / "d.ndjson", f'{json.dumps(event(3))}\n{{"eventID": NaN}}\n[1]\n{json.dumps(event(4))}\n')
    (tmp_path / "e.json.gz").write_bytes(gzip.compress(records(event(5)).encode())[:-9])
    (tmp_path / "f.json.gz").write_bytes(b"not gzip")
    write(tmp_path / "g.json", b"\xff\xfe")
    write(tmp_path / "h.json", "[" * 100_000)
    trail = Trail.load(tmp_path)
    malformed = {skip.record: skip.reason for skip in trail.skips if skip.malformed}
    assert trail.events == 4
    assert malformed.keys() == {
        "a.json#Records[1]",
        "a.json#Records[2]",
        "b.json",
        "c.json",
        "d.ndjson:2",
        "d.ndjson:3",
        "e.json.gz",
        "f.json.gz",
        "g.json",
        "h.json",
    }
    assert malformed["a.json#Records[1]"] == "eventTime: missing"
    assert malformed["d.ndjson:2"] == "cannot be read: NaN is not JSON"
    assert malformed["h.json"] == "cannot be read: nested too deeply"


def test_a_deeply_nested_part_spoils_only_its_own_record(tmp_path: Path) -> None:
    deep = "1"
    for _ in range(700):
        deep = f'{{"a":{deep}}}'
    bad = json.dumps(event(1, requestParameters="DEEP")).replace('"DEEP"', deep)
    write(tmp_path / "a.ndjson", f"{bad}\n{json.dumps(event(2))}\n")
    trail = Trail.load(tmp_path)
    assert trail.events + len(trail.skips) == 2
    assert trail.query("SELECT event_id FROM events WHERE event_id = 'event-2'")


def test_what_is_no_log_is_said_once_and_is_no_error(tmp_path: Path) -> None:
    write(tmp_path / "vpcflow/a.log.gz", "neither a flow nor its header")
    write(tmp_path / "empty.log", "")
    write(tmp_path / "CloudTrail-Digest/a.json.gz", "{}")
    write(tmp_path / "CloudTrail-Digest/b.json.gz", "{}")
    write(tmp_path / "notes.md", "x")
    assert [(skip.record, skip.reason, skip.malformed) for skip in Trail.load(tmp_path).skips] == [
        ("CloudTrail-Digest", "a digest file, not events", False),
        ("notes.md", "not a log file", False),
        ("empty.log", "empty", False),
        ("vpcflow/a.log.gz", "not a log file", False),
    ]


def test_a_single_file_is_enough_and_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.json", records(event(1)))
    assert Trail.load(tmp_path / "a.json").events == 1
    with pytest.raises(BadInput, match="no such folder"):
        Trail.load(tmp_path / "nowhere")


def test_no_logs_at_all_is_legal_and_knows_nothing() -> None:
    trail = Trail.load(None)
    now = datetime(2026, 3, 20, tzinfo=UTC)
    assert (trail.events, trail.skips) == (0, ())
    assert trail.days(now, "111122223333") == 0
    assert not trail.covers(datetime(2000, 1, 1, tzinfo=UTC), now, "111122223333")


def test_days_and_cover_count_management_events_of_the_account_alone(tmp_path: Path) -> None:
    other = event(1, recipientAccountId="444455556666")
    data = event(2, eventCategory="Data")
    write(tmp_path / "a.json", records(other, data, event(3), event(10)))
    trail = Trail.load(tmp_path)
    assert trail.days(datetime(2026, 3, 20, 12, tzinfo=UTC), "111122223333") == 17
    assert trail.covers(datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC), "111122223333")
    assert not trail.covers(datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), "111122223333")


def test_values_reach_sql_as_parameters_only(tmp_path: Path) -> None:
    nasty = "'; DROP TABLE events; --"
    write(tmp_path / "a.json", records(event(1, userAgent=nasty)))
    trail = Trail.load(tmp_path)
    found = trail.query("SELECT user_agent FROM events WHERE user_agent = $agent", {"agent": nasty, "unused": 1})
    assert found == [{"user_agent": nasty}]


def test_answers_are_json_and_times_are_utc(tmp_path: Path) -> None:
    write(tmp_path / "a.json", records(event(1)))
    trail = Trail.load(tmp_path)
    found = trail.query(
        "SELECT event_time, event_date, list(event_id) AS ids, sum(1) AS n, 0.5 AS half, {'a': NULL} AS part "
        "FROM events WHERE event_time = $at GROUP BY 1, 2",
        {"at": datetime.fromisoformat("2026-03-01T13:00:00+01:00")},
    )
    assert json.loads(json.dumps(found)) == [
        {
            "event_time": "2026-03-01T12:00:00+00:00",
            "event_date": "2026-03-01",
            "ids": ["event-1"],
            "n": 1,
            "half": 0.5,
            "part": {"a": None},
        }
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE events",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE events",
        "INSERT INTO events SELECT * FROM events",
        "WITH a AS (SELECT 1) INSERT INTO events SELECT * FROM events",
        "COPY events TO 'x.csv'",
        "ATTACH 'x.db'",
        "PRAGMA version",
        "SET threads = 1",
        "FROM events",
        "DESCRIBE events",
        "EXPLAIN SELECT 1",
        "CALL duckdb_settings()",
        "",
        "not sql",
    ],
)
def test_anything_but_one_select_is_refused(sql: str) -> None:
    with pytest.raises(BadInput):
        parameters(sql)
    with pytest.raises(BadInput):
        Trail.load(None).query(sql)


@pytest.mark.parametrize("sql", ["SELECT $a", "-- why\nWITH x AS (SELECT $a) SELECT * FROM x", "/* why */ select $a"])
def test_one_select_names_its_parameters(sql: str) -> None:
    assert parameters(sql) == {"a"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM sql",
    ],
)
def test_sql_reaches_neither_files_nor_variables(sql: str) -> None:
    with pytest.raises(BadInput, match="the query fails"):
        Trail.load(None).query(sql)


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(BadInput, match=r"\$since"):
        Trail.load(None).query("SELECT $since", {"until": 1})


def test_the_tables_of_one_desk_are_unseen_at_another() -> None:
    trail = Trail.load(None)
    table = Table("things", (("name", "VARCHAR"), ("seen", "TIMESTAMP")), (("it's", datetime(2026, 3, 1)),))  # noqa: DTZ001
    with trail.desk([table], {"many": "SELECT name FROM things UNION ALL SELECT name FROM things"}) as desk:
        assert desk.query("SELECT count(*) AS n FROM many WHERE name = $name", {"name": "it's"}) == [{"n": 2}]
        with pytest.raises(BadInput, match="things"):
            trail.query("SELECT * FROM things")
    with trail.desk([table]) as again:
        assert again.query("SELECT count(*) AS n FROM things") == [{"n": 1}]


def test_a_desk_of_some_days_sees_no_event_of_others(tmp_path: Path) -> None:
    write(tmp_path / "a.json", records(*map(event, range(1, 10))))
    trail, many = Trail.load(tmp_path), {"many": "SELECT count(*) AS n FROM events"}
    with trail.desk((), many, (date(2026, 3, 3), date(2026, 3, 5))) as desk:
        assert desk.query("SELECT n FROM many") == [{"n": 3}]
        seen = desk.query("SELECT event_id FROM events ORDER BY event_id")
        assert [row["event_id"] for row in seen] == ["event-3", "event-4", "event-5"]
    with trail.desk((), many) as desk:
        assert desk.query("SELECT n FROM many") == [{"n": 9}]


@pytest.mark.corpora
def test_every_real_record_is_a_row_or_a_reason(tmp_path: Path) -> None:
    corpora = Path(__file__).parents[2].parent / "shared" / "corpora" / "cloudtrail"
    if not corpora.exists():
        pytest.skip("the shared corpora are not beside this project")
    told = ids = 0
    seen = set()
    for path in sorted(corpora.glob("*.ndjson")):
        events = [json.loads(line)["event"] for line in path.read_text(encoding="utf-8").splitlines()]
        write(tmp_path / path.name, "".join(json.dumps(one) + "\n" for one in events))
        told += len(events)
        good = [one["eventID"] for one in events if "eventTime" in one]
        ids += len(good)
        seen.update(good)
    trail = Trail.load(tmp_path)
    assert trail.events == len(seen)
    assert len(trail.skips) == told - ids
    assert {skip.reason for skip in trail.skips} == {"eventTime: missing"}
    secrets = trail.query("SELECT count(*) AS n FROM events WHERE regexp_matches(response_elements, 'FwoG|IQoJ')")
    assert secrets == [{"n": 0}]
