"""A handful of labelled cases goes through the real investigation, without surroundings; `make eval` measures all."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from stanch.cli import app
from stanch.lab.labelled import catalogue, frozen, tellings, write
from stanch.model.verdict import Outcome
from stanch.respond.evaluation import bundles, evaluate
from stanch.respond.house import House
from stanch.settings import load_settings

SMOKE = ("credential_exfiltration/roaming_range", "crypto_mining/link_preview")


def test_a_handful_is_walked_and_the_plain_ones_are_right(tmp_path: Path) -> None:
    assert all(frozen()[name].part == "development" for name in SMOKE)
    for one in tellings({name: catalogue()[name] for name in SMOKE}, 1):
        write(tmp_path / "cases", one, bare=True)
    house = House.build(load_settings(tmp_path), live=False, durable=False)
    found = {one.bundle.name: one for one in evaluate(house, bundles(tmp_path / "cases"))}
    assert {name: one.outcome for name, one in found.items()} == {
        "credential_exfiltration/roaming_range.0.attack": Outcome.CONTAIN,
        "credential_exfiltration/roaming_range.0.benign": Outcome.ESCALATE,
        "crypto_mining/link_preview.0.benign": Outcome.ESCALATE,
    }
    assert all(one.right and one.cited for one in found.values())


@pytest.mark.parametrize("arguments", [["--part", "nothing"], ["--variants", "0"]])
def test_an_order_that_cannot_be_filled_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    told = CliRunner().invoke(app, ["lab", "cases", str(tmp_path / "out"), *arguments])
    assert told.exit_code != 0
    assert not (tmp_path / "out").exists()


def test_bundles_are_not_mixed_with_others(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    assert CliRunner().invoke(app, ["lab", "cases", str(tmp_path)]).exit_code != 0
