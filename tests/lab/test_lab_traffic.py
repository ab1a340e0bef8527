"""The large organisation's files: same bytes, AWS's forms, truth for every event, and nothing that tells."""

import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stanch.lab.guardduty import problems
from stanch.lab.organisation import Order, benign, generate
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.found import found
from stanch.lab.organisation.generate import Written
from stanch.lab.organisation.record import Event
from stanch.lab.organisation.traces import FLOW_FIELDS
from stanch.model.errors import BadInput
from stanch.model.finding import Finding, Skip
from stanch.settings.context import load_context
from stanch.stages.intake import read as intake
from stanch.trail.event import row
from stanch.trail.records import Record, document

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TELLING = ("attack", "malicious", "evil", "hack", "pwn", "exfil", "stratus", "pacu", "kali", "miner", "steal", "stolen")
KEYS = re.compile(r"A(KIA|SIA|ROA|IDA)[A-Z2-7]{16,17}")
"""Letters thrown at random may spell anything."""
SMALL = Order(accounts=3, days=4, seed=11, attacks=12)
ACCESS = re.compile(
    r"^[0-9a-f]{64} \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] \S+ \S+ [0-9A-F]{16} REST\.\S+ \S+ "
    r'"(GET|PUT|DELETE) /\S* HTTP/1\.1" \d{3} \S+ \d+ \d+ \d+ \d+ "-" "[^"]*" - \S+ SigV4 \S+ '
    r"AuthHeader \S+ TLSv1\.3 - -$"
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return generate(tmp_path_factory.mktemp("traffic"), SMALL, NOW)


@pytest.fixture(scope="module")
def records(written: Written) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in trail_files(written):
        for one in document(gzip.decompress(path.read_bytes()), path.name):
            assert isinstance(one, Record), one
            row(one.body, one.place)
            event = str(one.body["eventID"])
            assert event not in found
            found[event] = dict(one.body)
    return found


@pytest.fixture(scope="module")
def truth(written: Written) -> dict[str, dict[str, str]]:
    return {str(one["event_id"]): one for one in lines(written.folder / "truth.ndjson")}


def trail_files(written: Written) -> tuple[Path, ...]:
    return tuple(sorted((written.folder / "logs" / "AWSLogs").rglob("*.json.gz")))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_same_order_writes_the_same_bytes(tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    order = Order(accounts=2, days=2, seed=5, attacks=6)
    for name, now in (("one", NOW), ("two", NOW + timedelta(hours=3))):
        generate(tmp_path / name, order, now)
    generate(tmp_path / "three", Order(accounts=2, days=2, seed=6, attacks=6), NOW)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert content(tmp_path / "one").keys() != content(tmp_path / "three").keys()


def test_files_lie_in_awss_layout_and_hold_records_in_no_order(written: Written) -> None:
    shuffled = 0
    for path in trail_files(written):
        account, _, region, *day = path.parts[-7:-1]
        assert path.name.startswith(f"{account}_CloudTrail_{region}_{''.join(day)}T")
        bodies = json.loads(gzip.decompress(path.read_bytes()))["Records"]
        times = [one["eventTime"] for one in bodies]
        shuffled += times != sorted(times)
        assert {(one["recipientAccountId"], one["awsRegion"]) for one in bodies} == {(account, region)}
        assert max(times)[:10] == "-".join(day)
    assert shuffled > 10


def test_the_truth_covers_every_event_and_no_other(
    written: Written, records: dict[str, dict[str, Any]], truth: dict[str, dict[str, str]]
) -> None:
    assert set(truth) == set(records)
    assert all(list(one) == ["event_id", "actor", "session", "run", "intent", "scenario"] for one in truth.values())
    assert {one["intent"] for one in truth.values()} == {"benign", "attack"}
    told = {one["scenario"] for one in truth.values() if one["intent"] == "attack"}
    woven = {one.scenario for one in written.attacks}
    assert told <= woven
    network = ("on_our_host", "listed_peer", "along_the_network")
    silent = {one.scenario for one in written.attacks if one.attack.id in network}
    assert woven - told <= silent, "only attacks on the network leave no event"
    rows = lines(written.folder / "attacks.ndjson")
    assert {one["scenario"] for one in rows} == woven
    assert len({one["family"] for one in rows}) == 6


def test_benign_traffic_has_the_published_shape(
    records: dict[str, dict[str, Any]], truth: dict[str, dict[str, str]]
) -> None:
    benign = [one for number, one in records.items() if truth[number]["intent"] == "benign"]
    n = len(benign)
    assert len(records) - n < n / 50
    assert 0.75 <= sum(one["readOnly"] for one in benign) / n <= 0.90
    assert 0.03 <= sum("errorCode" in one for one in benign) / n <= 0.10
    by_service = sum(one["sourceIPAddress"].endswith(".amazonaws.com") for one in benign) / n
    assert 0.5 <= by_service <= 0.9
    assert 0.02 < sum(one["eventCategory"] == "Data" for one in benign) / n < 0.4


def test_a_page_of_the_console_is_a_burst(records: dict[str, dict[str, Any]]) -> None:
    sizes = Counter[tuple[str, int]]()
    for one in records.values():
        if "Mozilla" in one["userAgent"] and one["userIdentity"]["type"] == "AssumedRole":
            at = datetime.fromisoformat(one["eventTime"])
            sizes[one["userIdentity"].get("accessKeyId"), int(at.timestamp()) // 10] += 1
    large = [n for n in sizes.values() if n >= 8]
    assert len(large) > 20
    assert sorted(large)[len(large) // 2] <= 20


def test_people_rest_at_weekends() -> None:
    organisation = found(3, 4, 14, datetime(2026, 11, 23, tzinfo=UTC))
    days = Counter[int]()
    for number in range(14):
        day = Day(organisation, number)
        days[day.midnight.isoweekday()] += sum(
            "Mozilla" in one.text for one in benign.of_day(day) if type(one) is Event
        )
    assert days[6] + days[7] < sum(days[n] for n in range(1, 6)) / 8


def test_findings_are_guardduty_s_and_can_be_read(written: Written) -> None:
    sent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for body in lines(written.folder / "findings.ndjson"):
        assert problems(body["detail"]) == ""
        parts = intake("findings", body, vouched=True)
        assert len(parts) == 1
        assert isinstance(parts[0], Finding), parts
        assert not any(isinstance(one, Skip) for one in parts)
        sent[body["detail"]["id"]].append(body["detail"])
    again = [one for one in sent.values() if len(one) > 1]
    assert again
    for one in again:
        versions = [(detail["updatedAt"], detail["service"]["count"]) for detail in one]
        assert versions == sorted(set(versions)), "sent in order, each later and with more"
        assert len({json.dumps(detail["resource"]) for detail in one}) == 1


def test_the_truth_about_findings_names_what_may_be_contained(written: Written) -> None:
    rows = lines(written.folder / "truth_findings.ndjson")
    bodies = [one["detail"] for one in lines(written.folder / "findings.ndjson")]
    assert [(one["finding_id"], one["updated_at"]) for one in rows] == [(one["id"], one["updatedAt"]) for one in bodies]
    assert {one["intent"] for one in rows} == {"benign", "attack"}
    assert all(bool(one["targets"]) == (one["intent"] == "attack") for one in rows)


def test_nothing_in_logs_or_findings_tells(written: Written, records: dict[str, dict[str, Any]]) -> None:
    scenarios = {one.attack.id for one in written.attacks}
    for one in records.values():
        text = KEYS.sub("", json.dumps(one)).lower()
        assert not [word for word in (*TELLING, *scenarios) if word in text], text
    for body in lines(written.folder / "findings.ndjson"):
        detail = {**body["detail"], "type": "", "title": "", "description": ""}
        text = KEYS.sub("", json.dumps(detail)).lower()
        assert not [word for word in TELLING if word in text]


def test_the_operators_facts_are_read(written: Written) -> None:
    context = load_context(written.folder / "context.yaml")
    assert len(context.organisation.accounts) == SMALL.accounts
    assert context.pipelines
    assert context.partners
    assert len(context.break_glass) == SMALL.accounts
    assert context.service_map
    assert context.sources.baseline_days == SMALL.days


def test_flow_logs_have_a_header_and_whole_lines(written: Written) -> None:
    paths = sorted((written.folder / "logs" / "vpcflow").rglob("*.log.gz"))
    assert paths
    actions = Counter[str]()
    for path in paths:
        head, *rows = gzip.decompress(path.read_bytes()).decode().splitlines()
        assert head == FLOW_FIELDS
        for line in rows:
            cells = dict(zip(head.split(), line.split(), strict=True))
            actions[cells["action"]] += 1
            assert int(cells["start"]) < int(cells["end"])
            assert cells["flow-direction"] in ("ingress", "egress")
    assert actions["ACCEPT"] > actions["REJECT"]


def test_access_logs_are_in_s3_s_format(written: Written) -> None:
    paths = [one for one in (written.folder / "logs" / "s3access").rglob("*") if one.is_file()]
    assert paths
    for path in paths:
        assert re.fullmatch(r"\d{4}(-\d\d){5}-[0-9A-F]{16}", path.name)
        for line in path.read_text(encoding="utf-8").splitlines():
            assert ACCESS.match(line), line
            assert line.split()[1] == path.parent.name


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order(1, 3, 1), "2 to 500 accounts"),
        (Order(501, 3, 1), "2 to 500 accounts"),
        (Order(3, 0, 1), "at least a day"),
        (Order(3, 3, 1, stealth="loud"), "'loud' is no degree of stealth"),
    ],
)
def test_an_order_that_cannot_be_filled_is_refused(tmp_path: Path, order: Order, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        generate(tmp_path / "out", order, NOW)
    assert not (tmp_path / "out").exists()


def test_drift_changes_addresses_and_adds_workloads() -> None:
    organisation = found(2, 20, 90, NOW)
    networks = [net for site in organisation.sites for net in site.networks]
    assert any(len(net.egress.values) > 1 for net in networks)
    assert any(one.since > 0 for site in organisation.sites for one in site.workloads)
    changed = next(net.egress for net in networks if len(net.egress.values) > 1)
    day = changed.values[1][0]
    assert changed.on(day - 1) != changed.on(day)
