"""The lab's Terraform traffic beside real runs: a classifier barely tells them apart, and the shares are alike."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"

pytestmark = pytest.mark.corpora


@pytest.fixture(scope="module")
def realism() -> ModuleType:
    if not CORPORA.is_dir():
        pytest.skip("the shared corpora are not beside the project")
    spec = spec_from_file_location("realism", ROOT / "bench" / "realism.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules["realism"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_a_classifier_barely_tells_the_lab_s_runs_from_real_ones(realism: ModuleType) -> None:
    real, ours = realism.real_runs(CORPORA), realism.lab_runs(1, accounts=5, days=5)
    assert len(real) >= 10
    assert len(ours) > 50
    assert realism.auc(real, ours, 1, windows=True) < 0.8


def test_the_classifier_does_tell_other_traffic_apart(realism: ModuleType) -> None:
    """Else the number above would say nothing."""
    real = realism.real_runs(CORPORA)
    people = [one for one in realism.whole(1, 3, 5) if "Mozilla" in one["userAgent"]]
    pages = [people[n : n + 25] for n in range(0, len(people) - 25, 25)]
    assert len(pages) > 10
    assert realism.auc(real, pages, 1, windows=True) > 0.95


def test_the_shares_are_within_a_factor_of_two_of_the_real_ones(realism: ModuleType) -> None:
    real = realism.anchors(one for run in realism.real_runs(CORPORA) for one in run)
    ours = realism.anchors(one for run in realism.lab_runs(1, accounts=5, days=5) for one in run)
    for mine, theirs in ((ours.read_only, real.read_only), (ours.errors, real.errors), (ours.bursts, real.bursts)):
        assert theirs / 2 <= mine <= theirs * 2
