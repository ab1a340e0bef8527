import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from stanch.model.finding import Finding, Skip
from stanch.sources import Record, open_source
from stanch.stages.intake import read

SHARED = Path(__file__).parents[2].parent / "shared"
FOLDERS = ("guardduty", "asff", "ocsf", "eventbridge")

pytestmark = pytest.mark.corpora


def events() -> Iterator[tuple[str, Any]]:
    if not (SHARED / "corpora").is_dir():
        pytest.skip("the shared corpora are not beside the project")
    for folder in FOLDERS:
        for path in sorted((SHARED / "corpora" / folder).glob("*.ndjson")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                yield f"{folder}/{path.name}:{number}", json.loads(line)["event"]


def count_by_hand(event: Any) -> int:
    """How many findings a record holds, told without the product's own means."""
    if "detail-type" in event:
        if event["detail-type"] == "GuardDuty Finding":
            return 1
        return len(event["detail"].get("findings", []))
    return int("class_uid" in event or "ProductArn" in event)


def test_every_finding_of_every_record_is_a_finding_and_all_else_a_skip_with_a_reason() -> None:
    for name, event in events():
        parts = read(name, event, vouched=True)
        expected = count_by_hand(event)
        assert len([one for one in parts if isinstance(one, Finding)]) == expected, (name, parts)
        skips = [one for one in parts if isinstance(one, Skip)]
        assert len(skips) == (0 if expected else 1), name
        assert all(one.record == name and one.reason and not one.malformed for one in skips), name


def test_what_stands_in_a_record_never_crashes_intake() -> None:
    for name, event in events():
        for broken in _broken(event):
            assert read(name, broken, vouched=False), name


def _broken(value: Any) -> Iterator[Any]:
    """The value with each of its parts, in turn, replaced by something of another type."""
    others: Iterator[Any] = cycle([None, [], {}, 7, "x\x00", True])
    for key, child in list(value.items() if isinstance(value, dict) else enumerate(value[:1])):
        for other in (next(others), *(_broken(child) if isinstance(child, dict | list) else ())):
            copy = dict(value) if isinstance(value, dict) else list(value)
            copy[key] = other
            yield copy


def test_every_example_of_a_format_is_read_through_the_file_source() -> None:
    folder = SHARED / "formats"
    if not folder.is_dir():
        pytest.skip("the shared formats are not beside the project")
    counts: dict[str, int] = {}
    for record in open_source(str(folder)).records():
        assert isinstance(record, Record)
        found = read(record.name, record.body, vouched=True)
        assert all(isinstance(one, Finding) or not one.malformed for one in found)
        name = Path(record.name.rpartition("#")[0] or record.name.rpartition(":")[0]).name
        counts[name] = counts.get(name, 0) + sum(isinstance(one, Finding) for one in found)
    assert {name: number for name, number in counts.items() if number} == {
        "eventbridge_guardduty_attack_sequence.json": 1,
        "eventbridge_guardduty_finding.json": 1,
        "eventbridge_guardduty_finding_update.json": 1,
        "eventbridge_securityhub_asff.json": 1,
        "eventbridge_securityhub_v2_ocsf.json": 1,
        "guardduty_s3_export.jsonl": 2,
    }
