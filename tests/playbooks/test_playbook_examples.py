"""Contract of the shelf: every example of every playbook ends as its `expect.yaml` says."""

import json
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from stanch import playbooks
from stanch.model.case import Case, Posture
from stanch.model.finding import Finding
from stanch.model.verdict import Outcome, Verdict
from stanch.settings.context import load_context
from stanch.stages.intake import read
from stanch.stages.investigate import investigate
from stanch.stages.judge import judge
from stanch.stages.resolve import resolve
from stanch.stages.triage import triage
from stanch.trail import Trail

SHELF = playbooks.load()
POSTURES = playbooks.postures()
EXAMPLES = sorted(Path(playbooks.__file__).parent.glob("*/examples/*"))
KEYS = {"truth", "tier", "outcome", "targets", "family", "why"}
OPTIONAL = {"pair", "twin_of", "fact"}
THRESHOLD = 0.95


def named(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.name}"


def expected(example: Path) -> dict[str, Any]:
    found = yaml.safe_load((example / "expect.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def findings(example: Path) -> tuple[Finding, ...]:
    lines = (example / "findings.ndjson").read_text(encoding="utf-8").splitlines()
    read_in = [one for line in lines for one in read("findings", json.loads(line), vouched=True)]
    found = tuple(one for one in read_in if isinstance(one, Finding))
    assert len(found) == len(read_in)
    return found


def optional(path: Path) -> Path | None:
    return path if path.exists() else None


@cache
def walked(example: Path, depth: str) -> tuple[Case, Posture, str, Verdict]:
    return walk(example, depth)


def walk(example: Path, depth: str) -> tuple[Case, Posture, str, Verdict]:
    context = load_context(optional(example / "context.yaml"))
    case = Case("C-00000000", 1, (), findings(example), datetime(2026, 1, 1, tzinfo=UTC))
    where = triage(case, POSTURES, SHELF)
    playbook = SHELF[where.playbook]
    lead = next(one for one in case.findings if one.key == where.lead)
    trail = Trail.load(optional(example / "logs"))
    assert not trail.skips
    evidence = investigate(case, where, playbook, depth, trail, context, resolve(lead, 1, context, None))
    prior = next(one.mean for one in playbook.priors if fnmatchcase(lead.type, one.pattern))
    verdict = judge(prior, evidence, triage=where, depth=depth, critical=playbook.critical, threshold=THRESHOLD)
    return case, where.posture, where.tier, verdict


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_an_example_ends_as_expected(example: Path) -> None:
    wanted = expected(example)
    outcomes = wanted["outcome"] if isinstance(wanted["outcome"], list) else [wanted["outcome"]]
    _, posture, tier, full = walked(example, "full")
    assert tier == wanted["tier"]
    assert full.outcome in outcomes, full
    if posture is Posture.AT_ONCE:
        assert walked(example, "critical")[3].outcome in outcomes


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_an_example_gives_the_same_verdict_every_time(example: Path) -> None:
    assert walk(example, "full") == walked(example, "full")


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_an_example_says_what_it_expects_and_why(example: Path) -> None:
    wanted = expected(example)
    assert wanted.keys() >= KEYS
    assert wanted.keys() <= KEYS | OPTIONAL
    assert wanted["truth"] in ("attack", "benign")
    assert bool(wanted["targets"]) is (wanted["outcome"] == Outcome.CONTAIN)
    assert wanted["family"] == example.parent.parent.name
    assert wanted["why"].strip()


@pytest.mark.parametrize("playbook", sorted(SHELF))
def test_a_playbook_shows_an_attack_a_look_alike_and_a_case_without_enough_data(playbook: str) -> None:
    mine = [one for one in EXAMPLES if one.parent.parent.name == playbook]
    stories = [expected(one) for one in mine]
    assert any(one["outcome"] == Outcome.CONTAIN for one in stories)
    assert any("twin_of" in one and one["truth"] == "benign" for one in stories)
    unanswered = [walked(one, "full")[3] for one in mine if optional(one / "logs") is None]
    assert any(one.coverage < 0.6 for one in unanswered)


@pytest.mark.parametrize("example", [one for one in EXAMPLES if "twin_of" in expected(one)], ids=named)
def test_a_look_alike_has_its_twin_s_finding_and_another_fact(example: Path) -> None:
    twin = example.parent / expected(example)["twin_of"]
    assert findings(example) == findings(twin)
    assert (example / "context.yaml").read_text(encoding="utf-8") != (twin / "context.yaml").read_text(encoding="utf-8")
    assert expected(example)["fact"]
    assert walked(example, "full")[3].p < walked(twin, "full")[3].p
