"""The table of finding types says what each deserves, and nothing for what it does not know."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.case import Posture
from stanch.model.errors import BadInput
from stanch.playbooks import matches, postures, specificity
from stanch.playbooks.postures import UNKNOWN

TABLE = postures()


@pytest.mark.parametrize(
    ("kind", "posture"),
    [
        ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", Posture.AT_ONCE),
        ("CryptoCurrency:EC2/BitcoinTool.B", Posture.AT_ONCE),
        ("AttackSequence:IAM/CompromisedCredentials", Posture.AT_ONCE),
        ("UnauthorizedAccess:IAMUser/MaliciousIPCaller", Posture.INVESTIGATE),
        ("CryptoCurrency:EC2/BitcoinTool.B!DNS", Posture.INVESTIGATE),
        ("Impact:IAMUser/CostHarvesting", Posture.INVESTIGATE),
        ("Recon:EC2/PortProbeUnprotectedPort", Posture.QUEUE),
        ("Discovery:IAMUser/AnomalousBehavior", Posture.QUEUE),
        ("Policy:IAMUser/RootCredentialUsage", Posture.ESCALATE),
    ],
)
def test_a_known_type_has_its_posture(kind: str, posture: Posture) -> None:
    assert TABLE.look_up(kind).posture is posture
    assert TABLE.look_up(kind).known


def test_the_role_of_the_resource_tells_a_victim_from_a_culprit() -> None:
    victim = TABLE.look_up("UnauthorizedAccess:EC2/SSHBruteForce", "TARGET")
    culprit = TABLE.look_up("UnauthorizedAccess:EC2/SSHBruteForce", "ACTOR")
    unsaid = TABLE.look_up("UnauthorizedAccess:EC2/SSHBruteForce")
    assert (victim.posture, victim.outsider) == (Posture.QUEUE, True)
    assert (culprit.posture, culprit.outsider) == (Posture.INVESTIGATE, False)
    assert unsaid == victim


@pytest.mark.parametrize(
    "kind", ["", "New:Thing/NeverSeen", "CryptoCurrency:EC2/BitcoinTool.B ", "AttackSequence:New/One"]
)
def test_an_unknown_type_is_queued_and_says_so(kind: str) -> None:
    assert TABLE.look_up(kind) == UNKNOWN
    assert (UNKNOWN.posture, UNKNOWN.known) == (Posture.QUEUE, False)


def test_what_a_stranger_can_cause_is_never_acted_on_at_once() -> None:
    strangers = [entry for entry in TABLE.entries if entry.stance.outsider]
    assert len(strangers) > 30
    assert all(entry.stance.posture is not Posture.AT_ONCE for entry in strangers)


def test_every_finding_by_names_alone_can_be_caused_by_a_stranger() -> None:
    by_name = [entry for entry in TABLE.entries if entry.pattern.endswith("!DNS") or "DomainRequest" in entry.pattern]
    assert by_name
    assert all(entry.stance.outsider for entry in by_name)


@pytest.mark.corpora
def test_every_real_guardduty_type_is_known() -> None:
    corpora = Path(__file__).parents[2].parent / "shared" / "corpora"
    if not corpora.exists():
        pytest.skip("the shared corpora are not beside this project")
    types = set()
    for folder in ("guardduty", "eventbridge"):
        for path in sorted((corpora / folder).glob("*.ndjson")):
            for line in path.read_text(encoding="utf-8").splitlines():
                event = json.loads(line)["event"]
                if event.get("source") == "aws.guardduty":
                    detail = event["detail"]
                    types.add(detail.get("type") or detail.get("Type"))
    types.discard(None)
    assert types
    assert [kind for kind in sorted(types) if not TABLE.look_up(kind).known] == []


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_pattern_without_stars_means_itself_alone(pattern: str, kind: str) -> None:
    plain = pattern.replace("*", "")
    assert matches(plain, kind) is (plain == kind)


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=8))
def test_stars_mean_any_run_of_characters(pattern: str, kind: str) -> None:
    assert matches(pattern, kind) is bool(re.fullmatch(pattern.replace("*", ".*"), kind))


def test_the_more_exact_pattern_is_the_more_specific() -> None:
    ranked = sorted(["*", "Recon:*", "Recon:EC2/*", "R:E"], key=specificity)
    assert ranked == ["*", "Recon:*", "Recon:EC2/*", "R:E"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at_once: []\ninvestigate: []\nqueue: []\n", "escalate is missing"),
        ("at_once: []\ninvestigate: []\nqueue: []\nescalate: []\nmore: []\n", "more: unknown key"),
        ("at_once: [A]\ninvestigate: [A]\nqueue: []\nescalate: []\n", "A: given twice"),
        ("at_once: [{type: A, role: VICTIM}]\ninvestigate: []\nqueue: []\nescalate: []\n", r"at_once\[0\].role"),
        ("at_once: [{role: ACTOR}]\ninvestigate: []\nqueue: []\nescalate: []\n", "type is missing"),
        ("at_once: [{type: A, outsider: 1}]\ninvestigate: []\nqueue: []\nescalate: []\n", "must be true or false"),
        ("at_once: {}\ninvestigate: []\nqueue: []\nescalate: []\n", "must be a list"),
        ("at_once: []\nat_once: []\n", "at_once: given twice"),
        ("at_once: [", "cannot be read"),
        ("3", "must be an object"),
    ],
)
def test_a_broken_table_is_refused_by_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "types.yaml"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=f"types.yaml.*{said}"):
        postures(table)
