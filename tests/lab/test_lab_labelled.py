"""The labelled set is what was frozen: its split, its bytes, its twins; and no word gives an attack away."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from stanch.lab.labelled import Kind, Part, Side, catalogue, digest, frozen, parts, tellings, telltale, write
from stanch.lab.labelled.frozen import VARIANTS, freeze, notes, seal
from stanch.lab.labelled.measure import absent
from stanch.respond.evaluation import bundles

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"
SAMPLE = "general/old_program"
TWINS = {name: one for name, one in catalogue().items() if one.kind is Kind.PAIR}


def playbook(name: str) -> str:
    return name.partition("/")[0]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pairs once, without what others did around them."""
    out = tmp_path_factory.mktemp("bare")
    for one in tellings(TWINS, 1):
        write(out, one, bare=True)
    return out


def test_each_playbook_has_ten_attacks_ten_look_alikes_and_four_pairs_in_ten() -> None:
    sides = Counter((playbook(name), side) for name, one in catalogue().items() for side in one.sides)
    pairs = Counter(playbook(name) for name in TWINS)
    for name in {playbook(one) for one in catalogue()}:
        assert sides[name, Side.ATTACK] >= 10
        assert sides[name, Side.ATTACK] == sides[name, Side.BENIGN]
        assert pairs[name] >= 0.4 * sides[name, Side.ATTACK]


def test_the_split_is_the_frozen_one_and_holds_a_third_of_each_playbook_back() -> None:
    assert {name: one.part for name, one in frozen().items()} == parts()
    held = Counter(playbook(name) for name, part in parts().items() if part is Part.HELD_BACK)
    whole = Counter(playbook(name) for name in parts())
    assert all(0.3 <= held[name] / whole[name] <= 0.35 for name in whole)


def test_every_side_of_every_variant_is_frozen() -> None:
    named = [name for one in frozen().values() for name in one.digests]
    assert sorted(named) == sorted(one.folder for one in tellings(catalogue(), VARIANTS))


def test_telling_it_again_gives_the_frozen_bytes(tmp_path: Path) -> None:
    """One of them; `make eval` looks at all and refuses to measure others."""
    one = next(tellings({SAMPLE: catalogue()[SAMPLE]}, 1))
    write(tmp_path, one)
    assert digest(tmp_path / one.folder) == frozen()[SAMPLE].digests[one.folder]


def test_twins_differ_in_the_operator_s_file_alone(bare: Path) -> None:
    for name in TWINS:
        attack, benign = (
            {path.relative_to(at): path.read_bytes() for path in at.rglob("*") if path.is_file()}
            for at in (bare / f"{name}.0.attack", bare / f"{name}.0.benign")
        )
        differing = {str(path) for path in attack.keys() | benign.keys() if attack.get(path) != benign.get(path)}
        assert differing == {"context.yaml", "expect.yaml"}


def test_a_bundle_can_be_read_and_names_what_may_be_contained(bare: Path) -> None:
    for side, truth in (("attack", "attack"), ("benign", "benign")):
        (one,) = bundles(bare / f"data_exfiltration/shared_with_a_partner.0.{side}")
        assert (one.expect.truth, bool(one.expect.targets)) == (truth, truth == "attack")
        assert one.findings is not None
        assert one.context.now is not None


def test_words_alone_do_not_tell_an_attack_from_its_twin(bare: Path) -> None:
    """28 pairs: a coin stays within [0.25, 0.75] in 99 of 100 worlds; the page has the number for all variants."""
    found = telltale.pairs(bare, tellings(TWINS, 1))
    assert len(found) == len(TWINS)
    assert 0.25 <= telltale.told_apart(found) <= 0.75


def test_a_word_that_gives_attacks_away_is_found() -> None:
    """Else the number above would say nothing."""
    both = {b"AssumeRole", b"ListBuckets"}
    found = [
        telltale.Pair(str(n), frozenset({*both, b"evil", b"%d" % n}), frozenset({*both, b"%d" % (n + 90)}))
        for n in range(9)
    ]
    assert telltale.told_apart(found) == 1.0


def test_scenarios_without_a_playbook_are_named() -> None:
    assert absent(catalogue(), {playbook(one) for one in catalogue()} - {"general"}) == ("general",)


def test_the_page_is_about_the_frozen_set() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"`{seal()}`" in text
    told = {
        name: part.replace(" ", "_")
        for name, _, part in re.findall(r"^\| (\S+/\S+) \| (\S+) \| ([^|]+) \|", text, re.MULTILINE)
    }
    assert told == {name: str(one.part) for name, one in frozen().items()}
    assert all(one in text for one in notes())


def test_writing_the_set_down_again_keeps_what_was_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = notes()
    known = {name: one for kept in frozen().values() for name, one in kept.digests.items()}
    copy = tmp_path / "frozen.json"
    copy.write_bytes(Path(freeze.__globals__["FROZEN"]).read_bytes())
    monkeypatch.setitem(freeze.__globals__, "FROZEN", copy)
    old = seal()
    freeze(known, "a reason")
    assert (notes(), seal()) == ((*before, "a reason"), old)


def test_a_look_alike_is_expected_not_to_be_contained(bare: Path) -> None:
    for path in bare.rglob("expect.yaml"):
        expected = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert ("contain" in expected["outcome"]) is (expected["truth"] == "attack")
