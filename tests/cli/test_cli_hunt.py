"""`stanch hunt` opens cases from logs alone, asks AWS nothing and says what it would have done."""

import json
from pathlib import Path
from typing import Any

from .desk import Desk

USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLEANA",
    "arn": "arn:aws:iam::111122223333:user/ana",
    "accountId": "111122223333",
    "accessKeyId": "AKIAEXAMPLEANA00001",
}
STOP: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": USER,
    "eventTime": "2026-03-20T02:00:00Z",
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "StopLogging",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "198.51.100.77",
    "requestParameters": {"name": "main"},
    "eventID": "5d72170c-12ea-4f9f-8d2a-46c2f36507ec",
    "managementEvent": True,
    "recipientAccountId": "111122223333",
}


def logs(folder: Path) -> str:
    (folder / "logs").mkdir()
    (folder / "logs" / "one.json").write_text(json.dumps({"Records": [STOP]}), encoding="utf-8")
    return str(folder / "logs")


def test_a_hunt_opens_a_case_without_a_finding(stanch: Desk) -> None:
    told = stanch("hunt", "--logs", logs(stanch.folder), "--json")
    assert (told.code, told.case["tier"], told.case["outcome"]) == (3, "high", "escalate")
    assert told.case["mode"] == "observe"
    assert told.summary == {"kind": "summary", "records": 1, "findings": 1, "skips": 0, "errors": 0, "cases": 1}


def test_a_replay_of_logs_alone_is_a_hunt(stanch: Desk) -> None:
    place = logs(stanch.folder)
    assert stanch("replay", "--logs", place, "--json").out == stanch("hunt", "--logs", place, "--json").out


def test_only_the_times_asked_for_are_hunted_in(stanch: Desk) -> None:
    told = stanch("hunt", "--logs", logs(stanch.folder), "--since", "2026-03-21", "--json")
    assert (told.code, told.summary["cases"]) == (0, 0)


def test_a_hunt_needs_logs_and_times_that_are_times(stanch: Desk) -> None:
    assert stanch("hunt").code == 1
    told = stanch("hunt", "--logs", logs(stanch.folder), "--since", "yesterday")
    assert told.code == 1
    assert "--since" in told.err
