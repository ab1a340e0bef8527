"""Decision quality is measured as it is defined: shares with exact intervals, pairs, targets, calibration, ablation."""

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from stanch import playbooks
from stanch.cli import app
from stanch.model.case import Tier
from stanch.model.context import Context
from stanch.model.errors import BadInput
from stanch.model.verdict import Outcome
from stanch.respond.evaluation import bundles, evaluate, score
from stanch.respond.evaluation.bundle import Bundle, Expectation
from stanch.respond.evaluation.interval import Share
from stanch.respond.evaluation.plot import reliability
from stanch.respond.evaluation.report import report
from stanch.respond.evaluation.score import Result
from stanch.respond.house import House
from stanch.settings import load_settings

EXAMPLES = Path(playbooks.__file__).parent
ROLE, OTHER = "arn:aws:iam::111122223333:role/orders-api", "arn:aws:iam::111122223333:role/other"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.build(load_settings(tmp_path), live=False, durable=False)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    # R's binom.test(x, n)$conf.int
    [(0, 10, 0.0, 0.3084971), (10, 10, 0.6915029, 1.0), (7, 10, 0.3475471, 0.9332605), (299, 299, 0.9877386, 1.0)],
)
def test_the_interval_is_the_exact_one(right: int, n: int, low: float, high: float) -> None:
    share = Share(right, n)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_of_nothing_everything_is_possible() -> None:
    share = Share(0, 0)
    assert (share.value, share.low, share.high) == (None, 0.0, 1.0)


@settings(deadline=None)
@given(n=st.integers(1, 200), data=st.data())
def test_an_interval_holds_its_share_and_narrows_with_n(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    share, more = Share(right, n), Share(2 * right, 2 * n)
    assert share.low <= right / n <= share.high
    assert more.high - more.low < share.high - share.low


def result(outcome: Outcome, truth: str = "attack", *, p: float = 0.5, name: str = "one", **more: object) -> Result:
    targets = more.pop("targets", ())
    expect = Expectation(truth, Tier.CRITICAL, (Outcome.CONTAIN,), (ROLE,), "family", **more)  # type: ignore[arg-type]
    return Result(Bundle(name, None, None, Context(), expect), "", p, outcome, targets, 0.0)  # type: ignore[arg-type]


def test_a_containment_of_someone_else_is_no_success() -> None:
    found = score([result(Outcome.CONTAIN, targets=(ROLE,)), result(Outcome.CONTAIN, targets=(ROLE, OTHER))])
    assert (found.precision.right, found.precision.n, found.wrong_targets) == (1, 2, 1)
    assert found.right.right == 1


def test_a_contained_look_alike_counts_against_precision() -> None:
    found = score([result(Outcome.CONTAIN, targets=(ROLE,)), result(Outcome.CONTAIN, "benign", targets=(ROLE,))])
    assert (found.precision.right, found.look_alikes.right, found.look_alikes.n) == (1, 1, 1)


def test_critical_attacks_are_handled_when_contained_or_escalated() -> None:
    found = score([result(Outcome.CONTAIN), result(Outcome.ESCALATE), result(Outcome.QUEUE)])
    assert (found.recall_critical.right, found.handled_critical.right, found.handled_critical.n) == (1, 2, 3)


def test_a_pair_is_right_only_if_both_are() -> None:
    right, wrong = result(Outcome.CONTAIN, name="a/one"), result(Outcome.ESCALATE, name="a/two", twin_of="one")
    also = result(Outcome.CONTAIN, name="b/two", twin_of="one")
    assert (score([right, wrong]).pairs.right, score([right, wrong]).pairs.n) == (0, 1)
    assert (score([right, also, result(Outcome.CONTAIN, name="b/one")]).pairs.right) == 1


def test_perfect_words_are_perfectly_calibrated_and_empty_ones_are_not() -> None:
    perfect = score([result(Outcome.CONTAIN, p=1.0), result(Outcome.ESCALATE, "benign", p=0.0)])
    assert (perfect.ece, perfect.brier) == (0.0, 0.0)
    inverted = score([result(Outcome.CONTAIN, p=0.0), result(Outcome.ESCALATE, "benign", p=1.0)])
    assert (inverted.ece, inverted.brier) == (1.0, 1.0)
    assert score([]).ece is None


def test_with_the_set_s_own_share_of_attacks_only_the_evidence_is_left() -> None:
    """Four to one for the attack and one to four for the look-alike, under a prior of one to four."""
    both = [
        replace(result(Outcome.ESCALATE, p=0.5), prior=0.2),
        replace(result(Outcome.ESCALATE, "benign", p=1 / 17), prior=0.2),
    ]
    found = score(both)
    assert found.ece == pytest.approx((0.5 + 1 / 17) / 2)
    assert [one.said for one in found.levelled] == pytest.approx([0.2, 0.8])
    assert found.ece_levelled == pytest.approx(0.2)
    certain = score([replace(one, p=float(one.attack)) for one in both])
    assert certain.ece_levelled == pytest.approx(0.0, abs=1e-6)
    assert score(both[:1]).ece_levelled is None  # attacks alone have no share
    assert score([result(Outcome.CONTAIN)]).ece_levelled is None


def test_attacks_for_which_nobody_is_called_are_counted() -> None:
    outcomes = (Outcome.CONTAIN, Outcome.ESCALATE, Outcome.QUEUE, Outcome.DISMISS)
    found = score([result(one, truth) for one in outcomes for truth in ("attack", "benign")])
    assert (found.attacks_unseen, found.queued.right, found.escalated.right) == (2, 2, 2)


def test_the_shipped_examples_come_out_right_and_the_ablation_names_what_carries_them(house: House) -> None:
    found = evaluate(house, bundles(EXAMPLES / "credential_exfiltration" / "examples"))
    assert all(one.right for one in found)
    told = json.loads(json.dumps(report(found)))
    assert told["cases"] == len(found) == len(told["per_case"])
    losses = {one["without"]: one["attacks_lost"] for one in told["ablation"]["per_source"]}
    assert losses["cloudtrail"] == 1
    assert losses["baseline"] == 0
    asked = {one["without"]: one["asked"] for one in told["ablation"]["per_question"]}
    assert asked["credential_exfiltration/E1"] == 2


def test_an_evaluation_is_equal_every_time(house: House) -> None:
    found = bundles(EXAMPLES / "crypto_mining" / "examples")

    def said() -> Iterator[object]:
        for one in evaluate(house, found):
            yield (one.outcome, one.p, one.targets, one.verdict)

    assert list(said()) == list(said())


def test_the_plot_is_well_formed_and_says_its_n(house: House) -> None:
    found = score([result(Outcome.CONTAIN, p=0.9), result(Outcome.ESCALATE, "benign", p=0.1)])
    root = ET.fromstring(reliability(found))
    assert "n = 2" in root.attrib["aria-label"]
    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("truth: attack", "truth: maybe", "truth: must be attack or benign"),
        ("outcome: contain", "outcome: shrug", "outcome: must be one of contain, escalate, queue, dismiss"),
        ("truth: attack", "truth: attack\nmood: good", "mood: unknown key"),
        ("tier: critical\n", "", "tier is missing"),
    ],
)
def test_a_bundle_that_cannot_be_used_is_named_with_its_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    at = tmp_path / "bundle"
    shutil.copytree(EXAMPLES / "credential_exfiltration" / "examples" / "stolen_and_used", at)
    file = at / "expect.yaml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(BadInput, match=rf"bundle/expect.yaml:\d+: {message}"):
        bundles(tmp_path)


def test_a_folder_without_bundles_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no case bundle"):
        bundles(tmp_path)


def test_the_command_prints_one_object_writes_the_plot_and_fails_on_a_wrong_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES / "credential_exfiltration" / "examples", tmp_path / "cases")
    said = CliRunner().invoke(app, ["eval", "cases", "--json", "--plot", "plot.svg"])
    assert said.exit_code == 0
    told = json.loads(said.stdout)
    assert {
        "precision",
        "recall_critical",
        "escalation_rate",
        "wrong_targets",
        "ece",
        "brier",
        "per_family",
    } <= told.keys()
    assert {one["case"] for one in told["per_case"]} == {"no_address", "over_the_vpn", "stolen_and_used"}
    assert (tmp_path / "plot.svg").read_text("utf-8").startswith("<svg")
    file = tmp_path / "cases" / "stolen_and_used" / "expect.yaml"
    file.write_text(file.read_text("utf-8").replace("outcome: contain", "outcome: queue"), "utf-8")
    assert CliRunner().invoke(app, ["eval", "cases"]).exit_code == 3
