"""Each lead fires on the attack's form of a call and is silent on its everyday form."""

import json
from functools import cache
from pathlib import Path

import pytest

from stanch.model.verdict import Outcome
from stanch.playbooks import leads
from stanch.respond.hunting import Hunt
from stanch.respond.run import once, running
from stanch.stages.hunt import EVENT

from . import hunt_on_assets, hunt_on_rights, test_hunt
from .hunt_forms import HERE
from .hunting import apart, by_account, house, named
from .questioning import STRANGER

STRIDE = 9
"""Every which of the attacks is walked to its end."""
CASES = [*hunt_on_rights.CASES, *hunt_on_assets.CASES]


@cache
def found() -> dict[str, set[str]]:
    return by_account(CASES)


@pytest.mark.parametrize("number", range(len(CASES)), ids=named(CASES))
def test_a_lead_tells_an_attack_s_form_from_the_everyday_one(number: int) -> None:
    kind, _ = CASES[number]
    assert found().get(f"{number:012}", set()) == ({kind} if kind else set())


def test_what_a_lead_opens_ends_before_a_person(tmp_path: Path) -> None:
    attacks = [number for number, (kind, _) in enumerate(CASES) if kind][::STRIDE]
    built = house(tmp_path, *[json.loads(one) for number in attacks for one in apart(number, CASES[number][1])])
    with running(built) as engine:
        once(built, engine, (), hunt=Hunt())
    for file in built.files():
        assert file.outcome in {Outcome.ESCALATE, Outcome.CONTAIN}, file.findings
        assert all(event.type == EVENT for one in file.findings for event in one.resources)
    assert {one.account for file in built.files() for one in file.findings} == {f"{number:012}" for number in attacks}


def test_every_lead_is_tried() -> None:
    tried = {kind for kind, _ in (*CASES, *test_hunt.CASES)}
    assert {one.type.partition("stanch.")[2] for one in leads()} <= tried
    assert len(CASES) < 256  # each has an address of its own
    assert STRANGER != HERE
