"""`stanch trail`: logs in, answers out, each object once; the worker asks the same store."""

import json
from pathlib import Path
from typing import Any

import pytest

from .desk import Desk, LabCloud

LIST = "203.0.113.0/24\n"


def event(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "eventID": f"event-{number}",
        "eventTime": f"2026-03-01T12:00:{number:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "recipientAccountId": "111122223333",
        "sourceIPAddress": "203.0.113.9",
        "userIdentity": {"arn": "arn:aws:iam::111122223333:user/ana"},
        "userAgent": "\x1b[31mred",
        **fields,
    }


@pytest.fixture
def logs(stanch: Desk) -> Path:
    folder = stanch.folder / "logs"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps({"Records": [event(1), event(2), {"eventID": "x"}]}))
    return folder


def test_logs_are_taken_in_once_and_asked(stanch: Desk, logs: Path) -> None:
    first = stanch("trail", "ingest", str(logs), "--json")
    assert (first.code, first.lines[0]["objects"], first.lines[0]["malformed"]) == (3, 1, 1)
    assert "a.json#Records[2]: eventTime: missing" in first.err
    again = stanch("trail", "ingest", str(logs))
    assert (again.code, again.out) == (0, "0 objects read, 1 known already, 0 set aside\n")
    sql = "SELECT event_id, user_agent FROM events WHERE source_ip = $ip ORDER BY event_id"
    asked = stanch("trail", "query", sql, "--param", "ip=203.0.113.9", "--json")
    assert [one["event_id"] for one in asked.lines] == ["event-1", "event-2"]
    shown = stanch("trail", "query", sql, "--param", "ip=203.0.113.9")
    assert shown.out.splitlines()[0] == "event_id=event-1  user_agent=[31mred"
    status = stanch("trail", "status", "--json").lines[0]
    assert status["objects"] == 1
    assert status["set_aside"] == [{"reason": "eventTime: missing", "malformed": True, "n": 1}]
    assert {one["table"]: one["rows"] for one in status["tables"]}["events"] == 2
    assert "2 rows" in stanch("trail", "status").out


def test_logs_can_be_asked_without_a_trail(stanch: Desk, logs: Path) -> None:
    asked = stanch("trail", "query", "SELECT count(*) AS n FROM events", "--logs", str(logs), "--json")
    assert asked.lines == [{"n": 2}]


def test_a_timeline_shows_acts_of_and_on_one_thing(stanch: Desk, logs: Path) -> None:
    on = event(3, requestParameters={"userName": "ana", "policyArn": "arn:x"}, userIdentity={"arn": "arn:other"})
    (logs / "b.json").write_text(json.dumps({"Records": [on]}))
    (logs / "flow.log").write_text(
        "2 111122223333 eni-0a 203.0.113.9 10.0.0.5 1 22 6 1 60 1772366405 1772366465 REJECT OK"
    )
    stanch("trail", "ingest", str(logs))
    window = ("--from", "2026-03-01", "--to", "2026-03-02T00:00:00+00:00", "--json")
    whose = stanch("trail", "timeline", "203.0.113.9", *window).lines
    assert [one["log"] for one in whose] == ["events", "events", "events", "flows"]
    assert [one["id"] for one in stanch("trail", "timeline", "arn:x", *window).lines] == ["event-3"]
    said = stanch("trail", "timeline", "arn:aws:iam::111122223333:user/ana", *window[:-1])
    assert "s3.amazonaws.com:GetObject" in said.out
    assert "2 acts from" in said.err
    assert stanch("trail", "timeline", "nobody", "--json").lines == []


def test_small_files_are_merged_and_old_days_let_go(stanch: Desk, logs: Path) -> None:
    stanch("trail", "ingest", str(logs))
    (logs / "b.json").write_text(json.dumps({"Records": [event(3)]}))
    stanch("trail", "ingest", str(logs))
    assert stanch("trail", "compact", "--json").lines[0]["merged"] == 4  # two of events, two of the roll-up
    assert stanch("trail", "query", "SELECT count(*) AS n FROM events", "--json").lines == [{"n": 3}]
    assert stanch("trail", "compact", "--keep-days", "1", "--json").lines[0]["dropped"] == 1
    assert stanch("trail", "query", "SELECT count(*) AS n FROM events", "--json").lines == [{"n": 0}]


def test_address_lists_are_joined_in_sql(stanch: Desk, logs: Path) -> None:
    lists = stanch.folder / "lists"
    lists.mkdir()
    (lists / "vpn.txt").write_text(LIST)
    stanch("trail", "ingest", str(logs))
    sql = (
        "SELECT DISTINCT n.kind FROM events e JOIN networks n ON length(n.first_hex) = length(e.source_ip_hex) "
        "AND e.source_ip_hex BETWEEN n.first_hex AND n.last_hex"
    )
    assert stanch("trail", "query", sql, "--json").lines == []
    told = stanch("trail", "context", "refresh", "--from", str(lists), "--json")
    assert told.lines == [{"ranges": 1, "kinds": {"vpn": 1}, "set_aside": 0}]
    stanch("trail", "context", "refresh", "--from", str(lists))
    assert stanch("trail", "query", sql, "--json").lines == [{"kind": "vpn"}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("query", "SELECT 1"), "no trail here yet"),
        (("status",), "no trail here yet"),
        (("compact",), "no trail here yet"),
        (("ingest", "nowhere"), "no such folder"),
        (("timeline", "x", "--from", "yesterday"), "is not a time"),
        (("query", "DROP TABLE events", "--logs", "."), "only a single SELECT"),
        (("query", "SELECT $x AS x", "--logs", ".", "--param", "x"), "NAME=VALUE"),
        (("query", "SELECT unnest(range(20)) AS n", "--logs", ".", "--limit", "10"), "more than 10 rows"),
    ],
)
def test_a_mistake_is_one_sentence(stanch: Desk, words: tuple[str, ...], said: str) -> None:
    ran = stanch("trail", *words)
    assert ran.code == 1
    assert said in ran.err


def test_respond_asks_the_trail_when_no_logs_are_named(stanch: Desk, lab: LabCloud) -> None:
    words = lab.command("stolen_instance_credentials")
    found = {}
    for name, more in {"blind": (), "named": lab.logs, "trail": ()}.items():
        stanch.variables["STANCH_STATE"] = name
        if name == "trail":
            assert stanch("trail", "ingest", lab.logs[1]).code == 0
        found[name] = stanch(*words, *more).case["p"]
    assert found["trail"] == found["named"] != found["blind"]


def test_sigma_s_rules_say_what_fires_and_what_cannot(stanch: Desk, logs: Path) -> None:
    rules = stanch.folder / "rules"
    rules.mkdir()
    head = "level: low\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n"
    (rules / "a.yml").write_text(f"title: Reads\n{head}  one: {{eventName: getobject}}\n  condition: one\n")
    (rules / "b.yml").write_text(f"title: Words\n{head}  one: [x]\n  condition: one\n")
    said = stanch("trail", "sigma", str(rules), "--logs", str(logs), "--json")
    assert said.code == 0
    fired, refused, summary = said.lines
    assert (fired["kind"], fired["title"], fired["level"], fired["count"]) == ("signal", "Reads", "low", 2)
    assert fired["events"] == ["event-1", "event-2"]
    assert (refused["file"], refused["title"]) == ("b.yml", "Words")
    assert summary == {"kind": "summary", "rules": 1, "refused": 1, "fired": 1}
    stanch("trail", "ingest", str(logs))
    nobody = stanch("trail", "sigma", str(rules), "--principal", "arn:nobody")
    assert (nobody.out, "0 fired" in nobody.err) == ("", True)
    assert "Reads  (event-1, event-2)" in stanch("trail", "sigma", str(rules), "--to", "2026-03-02").out


def test_athena_s_tables_and_the_files_to_copy_are_printed(stanch: Desk, logs: Path) -> None:
    stanch("trail", "ingest", str(logs))
    said = stanch("trail", "athena", "s3://example-lake/data")
    assert said.code == 0
    assert "CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`events`" in said.out
    assert "LOCATION 's3://example-lake/data/desks/case_findings/'" in said.out
    files = stanch("trail", "athena", "s3://example-lake/data", "--files").out.split()
    assert [one.split("/")[1] for one in files] == ["events", "first_seen", "set_aside"]
