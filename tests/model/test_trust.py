"""The type checker refuses to aim by, or to be excused by, what an attacker wrote."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
GIVEN = """
from stanch.model.change import TargetKind
from stanch.model.finding import Finding
from stanch.model.trust import Asserted, Owned, Peer, Written, assertions, excuse, target, words

def of(finding: Finding) -> None:
    said = assertions(finding)
    place = said.account, said.region
"""
GOOD = """
    target(TargetKind.USER, *place, Asserted("ana"), Asserted("arn"))
    if said.peer:
        target(TargetKind.ADDRESS, *place, said.peer, said.peer)
    excuse(Owned(-1.0))
"""
BAD = {
    "a target named by words": 'target(TargetKind.USER, *place, Written("ana"), Asserted("arn"))',
    "a target by its ARN in words": 'target(TargetKind.USER, *place, Asserted("ana"), Written("arn"))',
    "a target by the title": "target(TargetKind.USER, *place, words(finding), Asserted(''))",
    "a target by bare text": "target(TargetKind.USER, *place, finding.title, finding.description)",
    "words sought among what is asserted": "said.title",
    "words that excuse": "excuse(Written(-1.0))",
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says of each line; one run for all, as starting it is what takes time."""
    file = tmp_path_factory.mktemp("types") / "snippet.py"
    file.write_text(GIVEN + GOOD + "".join(f"    {line}\n" for line in BAD.values()), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", str(file)]
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"MYPYPATH": str(SOURCE)}, cwd=file.parent
    )
    first = (GIVEN + GOOD).count("\n") + 1
    told: dict[str, str] = dict.fromkeys(("good", *BAD), "")
    for line in found.stdout.splitlines():
        number = int(line.split(":")[1])
        told["good" if number < first else list(BAD)[number - first]] += line
    return told


def test_what_aws_asserts_passes(complaints: dict[str, str]) -> None:
    assert complaints["good"] == ""


@pytest.mark.parametrize("line", BAD)
def test_what_an_attacker_wrote_does_not(complaints: dict[str, str], line: str) -> None:
    assert "error:" in complaints[line]
    assert "Written" in complaints[line] or "str" in complaints[line] or "title" in complaints[line]
