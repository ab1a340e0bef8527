"""Every record of the shared corpora is accounted for, by `respond` and by `replay`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .desk import ROOT, Desk, LabCloud, Ran

CORPORA = ROOT.parent / "shared" / "corpora"
FOLDERS = ("guardduty", "asff", "ocsf", "eventbridge")

pytestmark = pytest.mark.corpora


def unwrapped() -> Iterator[Any]:
    for folder in FOLDERS:
        for path in sorted((CORPORA / folder).glob("*.ndjson")):
            for line in path.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)["event"]


def in_it(event: Any) -> list[Any]:
    """The findings of a record, told without the product's own means."""
    if event.get("detail-type") == "GuardDuty Finding":
        return [event["detail"]]
    if "detail-type" in event:
        return list(event["detail"].get("findings", []))
    return [event] if "class_uid" in event or "ProductArn" in event else []


def id_of(finding: Any) -> str:
    """Its detector's own id: Security Hub has the whole ARN of a finding of GuardDuty."""
    text = str(finding.get("Id") or finding.get("id") or finding["finding_info"]["uid"])
    return text.rpartition("/finding/")[2] if ":guardduty:" in text else text


@pytest.fixture
def records(stanch: Desk) -> list[Any]:
    if not CORPORA.is_dir():
        pytest.skip("the shared corpora are not beside the project")
    events = list(unwrapped())
    stanch.write("records.ndjson", *events)
    return events


def check(told: Ran, events: list[Any]) -> None:
    cases, skips = told.of("case"), told.of("skip")
    assert told.code == 3  # some of them are for a person
    assert told.err == ""
    assert len(told.lines) == len(cases) + len(skips) + 1
    findings = [one for event in events for one in in_it(event)]
    assert told.summary == {
        "kind": "summary",
        "records": len(events),
        "findings": len(findings),
        "skips": len(skips),
        "errors": 0,
        "cases": len(cases),
    }
    empty = [f"records.ndjson:{number}" for number, event in enumerate(events, 1) if not in_it(event)]
    assert [one["record"] for one in skips] == empty
    assert all(one["reason"] for one in skips)
    assert {one for case in cases for one in case["findings"]} == {id_of(one) for one in findings}
    assert len({one["case"] for one in cases}) == len(cases)
    assert all(one["outcome"] and one["reasons"] for one in cases)


def test_respond_accounts_for_every_record_of_the_corpora(stanch: Desk, lab: LabCloud, records: list[Any]) -> None:
    check(stanch.shell("respond", "records.ndjson", "--once", "--json"), records)
    assert lab.changes == []


def test_replay_accounts_for_every_record_of_the_corpora(stanch: Desk, records: list[Any]) -> None:
    check(stanch("replay", "records.ndjson", "--json"), records)


def test_a_person_reads_of_every_record_that_holds_no_finding(stanch: Desk, records: list[Any]) -> None:
    without = [one for one in records if not in_it(one)]
    some = [*without, next(one for one in records if in_it(one))]
    told = stanch("replay", stanch.write("some.ndjson", *some))
    assert told.out.splitlines()[-1].startswith(f"{len(some)} records, ")
    for number in range(1, len(without) + 1):
        assert f"no finding: some.ndjson:{number}: " in told.out


def test_the_corpora_are_not_empty(records: list[Any]) -> None:
    assert len(records) >= 80
    assert {folder for folder in FOLDERS if any((CORPORA / folder).iterdir())} == set(FOLDERS)
    assert all(Path(CORPORA / folder).is_dir() for folder in FOLDERS)
