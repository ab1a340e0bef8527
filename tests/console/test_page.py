"""The page of a case: everything on it is a fact, nothing on it runs or loads, and hostile text stays text."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markupsafe import escape

from stanch import playbooks
from stanch.console.page import page
from stanch.console.picture import BOX, HEIGHT, picture
from stanch.model.casefile import CaseFile
from stanch.model.summary import Edge, Node, Summary
from stanch.respond.house import House
from stanch.respond.run import once, running
from stanch.settings import load_settings
from stanch.sources import open_source
from stanch.stages.summary import summarise

EXAMPLES = Path(playbooks.__file__).parent
NOW = datetime(2026, 3, 20, 2, 30, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\u202eevil\x1b[31m"


def replayed(tmp_path: Path, example: Path, *, findings: Path | None = None) -> tuple[House, CaseFile, Summary]:
    context = example / "context.yaml"
    house = House.build(
        load_settings(tmp_path, **({"context": context} if context.exists() else {})),
        logs=example / "logs" if (example / "logs").exists() else None,
        live=False,
        durable=False,
    )
    with running(house) as engine:
        once(house, engine, (open_source(str(findings or example / "findings.ndjson")),))
    (file,) = house.files()
    title = house.playbooks[file.triage.playbook].title if file.triage else ""
    return house, file, summarise(file, house.facts(case=file.id), title, house.context)


@pytest.fixture
def stolen() -> Path:
    return EXAMPLES / "credential_exfiltration" / "examples" / "stolen_and_used"


def test_five_sentences_tell_the_case_from_its_facts(tmp_path: Path, stolen: Path) -> None:
    _, file, told = replayed(tmp_path, stolen)
    assert len(told.sentences) == 5
    reported, accuses, excuses, judged, done = told.sentences
    assert "InstanceCredentialExfiltration.OutsideAWS" in reported
    assert "role orders-api" in reported
    assert file.verdict is not None
    strongest = max(file.verdict.ledger, key=lambda one: one.ln)
    assert strongest.says in accuses
    assert f"{file.verdict.p:.1%}" in judged
    assert "observation" in done
    assert excuses


def test_a_look_alike_says_what_speaks_against_an_attack(tmp_path: Path) -> None:
    _, _, told = replayed(tmp_path, EXAMPLES / "credential_exfiltration" / "examples" / "over_the_vpn")
    assert told.sentences[2].startswith("Against it speaks:")


def test_what_could_not_be_checked_is_said(tmp_path: Path) -> None:
    _, file, told = replayed(tmp_path, EXAMPLES / "malicious_ip" / "examples" / "no_logs")
    assert told.unchecked
    text = page(file, told, simulated=False, now=NOW)
    assert "Not known" in text


def test_the_timeline_is_in_order_and_every_row_names_its_source(tmp_path: Path, stolen: Path) -> None:
    _, _, told = replayed(tmp_path, stolen)
    assert [one.at for one in told.moments] == sorted(one.at for one in told.moments)
    assert {one.source for one in told.moments} == {"GuardDuty", "CloudTrail", "journal"}
    assert any(one.events for one in told.moments if one.source == "CloudTrail")


def test_the_same_facts_give_the_same_page(tmp_path: Path, stolen: Path) -> None:
    pages = {page(file, told, simulated=True, now=NOW) for _, file, told in [replayed(tmp_path, stolen)] * 2}
    assert len(pages) == 1


def test_a_page_runs_nothing_and_loads_nothing(tmp_path: Path, stolen: Path) -> None:
    _, file, told = replayed(tmp_path, stolen)
    text = page(file, told, simulated=False, now=NOW)
    assert "<script" not in text
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?https?:""", text)
    assert "default-src 'none'" in text
    assert "Observation mode" in text


def test_hostile_text_stays_text(tmp_path: Path, stolen: Path) -> None:
    record = (stolen / "findings.ndjson").read_text("utf-8")
    finding = json.loads(record.splitlines()[0])
    detail = finding.get("detail", finding)
    detail["title"] = detail["description"] = HOSTILE
    at = tmp_path / "hostile.ndjson"
    detail["service"]["action"]["awsApiCallAction"] = {
        **detail["service"]["action"].get("awsApiCallAction", {}),
        "api": HOSTILE,
    }
    at.write_text(json.dumps(finding), "utf-8")
    _, file, told = replayed(tmp_path, stolen, findings=at)
    text = page(file, told, simulated=False, now=NOW)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_attacker_written_titles_reach_no_sentence(tmp_path: Path, stolen: Path) -> None:
    finding = json.loads((stolen / "findings.ndjson").read_text("utf-8").splitlines()[0])
    finding.get("detail", finding)["title"] = "all is well, dismiss this"
    at = tmp_path / "calm.ndjson"
    at.write_text(json.dumps(finding), "utf-8")
    _, _, told = replayed(tmp_path, stolen, findings=at)
    assert "all is well" not in " ".join((told.title, *told.sentences))


def test_the_graph_has_at_most_six_nodes_that_do_not_overlap() -> None:
    nodes = [Node(f"n{number}", "", column) for column in range(3) for number in range(2)]
    drawn = picture(nodes, [Edge(0, 2), Edge(2, 5)])
    assert len(drawn.boxes) == 6
    for one in drawn.boxes:
        for other in drawn.boxes:
            apart = abs(one.x - other.x) >= BOX or abs(one.y - other.y) >= HEIGHT
            assert one is other or apart
        assert 0 <= one.y <= drawn.height - HEIGHT


@pytest.mark.parametrize(
    "example", sorted(EXAMPLES.glob("*/examples/*")), ids=lambda one: f"{one.parts[-3]}/{one.name}"
)
def test_every_example_has_a_page_whose_pictures_are_well_formed(tmp_path: Path, example: Path) -> None:
    house, file, told = replayed(tmp_path, example)
    text = page(file, told, simulated=False, now=house.now() + timedelta(hours=1))
    for picture_ in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(picture_)
    assert 1 <= len(told.nodes) <= 6
    assert told.title in text or "&" in told.title


def test_what_would_change_it_is_shown_with_the_probability_that_it_gives(tmp_path: Path, stolen: Path) -> None:
    _, file, told = replayed(tmp_path, stolen)
    assert file.verdict is not None
    flip = file.verdict.flips[0]
    text = re.sub(r"\s+", " ", page(file, told, simulated=True, now=NOW))
    assert f"{file.verdict.p * 100:.0f} % &rarr; {flip.p * 100:.0f} %" in text
    assert "would not be contained" in text
    for one in flip.answers:
        assert f"{one.question}: {escape(one.ask)} <em>{one.answer}</em> instead of {one.was}" in text
