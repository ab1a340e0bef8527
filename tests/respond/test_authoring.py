"""Who writes a playbook begins with one that works, and is told of every example that does not end as it says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stanch import playbooks
from stanch.actions import catalogue
from stanch.cli import app, author
from stanch.model.case import Mode, Tier
from stanch.model.errors import BadInput
from stanch.model.verdict import Outcome
from stanch.playbooks.lint import problems
from stanch.respond import house as houses
from stanch.respond.authoring.examples import Trial, examples, lacking, trials, unusable
from stanch.respond.authoring.skeleton import SCHEMA, begin, said
from stanch.respond.house import House
from stanch.settings import load_settings

NAME = "kali_machine"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with one playbook of its own in it."""
    place = tmp_path_factory.mktemp("work")
    begin(NAME, place / "playbooks", catalogue())
    (place / "stanch.toml").write_text('playbooks = "playbooks"\n', encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def house(folder: Path) -> House:
    return House.build(load_settings(folder), live=False, durable=False)


@pytest.fixture(scope="module")
def results(house: House) -> tuple[Trial, ...]:
    return tuple(trials(house, NAME))


@pytest.fixture
def walked(results: tuple[Trial, ...]) -> dict[str, Trial]:
    return {one.result.bundle.name: one for one in results}


@pytest.fixture
def at_the_desk(folder: Path, house: House, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line in that folder; the shelf is read once."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(houses, "load", lambda **_: house.playbooks)
    return CliRunner()


def test_the_skeleton_has_no_problem_and_all_its_examples_end_as_they_say(
    folder: Path, house: House, walked: dict[str, Trial]
) -> None:
    assert problems(folder / "playbooks", catalogue()) == ()
    assert {name: one.misses for name, one in walked.items()} == {"attack": (), "look_alike": (), "no_logs": ()}
    assert walked["attack"].got.startswith("contain, tier high, p 0.9")
    assert list(lacking(examples(house, NAME))) == []


def test_the_look_alike_differs_from_the_attack_in_the_operator_s_facts_alone(folder: Path) -> None:
    attack, twin = (folder / "playbooks" / NAME / "examples" / name for name in ("attack", "look_alike"))
    for name in ("findings.ndjson", "logs/cloudtrail.json"):
        assert (attack / name).read_bytes() == (twin / name).read_bytes()
    first, second = ((one / "context.yaml").read_text("utf-8").splitlines() for one in (attack, twin))
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 1


def test_an_own_playbook_observes_like_every_other_and_takes_only_actions_that_exist(house: House) -> None:
    house.begin()
    assert list(house.playbooks) == [*shipped(), NAME]
    assert house.mode(house.playbooks[NAME])[0] is Mode.OBSERVE
    wrong = replace(house.playbooks[NAME], actions=("I99",))
    with pytest.raises(BadInput, match="playbook kali_machine: no action has the id 'I99'; there are E1"):
        replace(house, playbooks={NAME: wrong}).check()


def shipped() -> list[str]:
    return sorted(one.parent.name for one in playbooks.SHELF.glob("*/playbook.yaml"))


def test_a_case_of_a_playbook_whose_folder_is_gone_is_an_error_that_says_so(house: House) -> None:
    without = {name: one for name, one in house.playbooks.items() if name != NAME}
    with pytest.raises(BadInput, match="no playbook kali_machine; put its folder back"):
        replace(house, playbooks=without).playbook(NAME, "")


def test_a_miss_says_in_what(walked: dict[str, Trial]) -> None:
    def but(trial: Trial, **other: object) -> tuple[str, ...]:
        result, bundle = trial.result, trial.result.bundle
        expect = replace(bundle.expect, **other)  # type: ignore[arg-type]
        return replace(trial, result=replace(result, bundle=replace(bundle, expect=expect))).misses

    attack = walked["attack"]
    assert but(attack, outcomes=(Outcome.ESCALATE,)) == ("the outcome is contain",)
    assert but(attack, targets=()) == (
        "it would contain arn:aws:iam::111122223333:user/ana, which targets does not name",
    )
    assert but(attack, tier=Tier.CRITICAL) == ("the tier is high",)
    assert replace(attack, playbook="other").misses[0].startswith("kali_machine decided")
    assert replace(attack, result=replace(attack.result, weighed=None)).misses[0].startswith("no playbook weighed it")


def test_an_example_that_cannot_be_used_is_named_by_file_and_line(tmp_path: Path) -> None:
    begin("mine", tmp_path, catalogue())
    place = tmp_path / "mine" / "examples"
    assert list(unusable(tmp_path / "mine")) == []
    for name, old, new in (
        ("attack", "truth: attack", "truth: maybe"),
        ("look_alike", "twin_of: attack", "twin_of: nobody"),
        ("no_logs", "family: mine", "family: yours"),
    ):
        file = place / name / "expect.yaml"
        file.write_text(file.read_text("utf-8").replace(old, new), encoding="utf-8")
    (place / "empty").mkdir()
    attack, empty, twin, family = unusable(tmp_path / "mine")
    assert attack == "mine/examples/attack/expect.yaml:1: truth: must be attack or benign"
    assert f"{place / 'empty'}: no case bundle here" in empty
    assert twin.endswith("look_alike/expect.yaml: twin_of: there is no example nobody beside it")
    assert family.endswith("no_logs/expect.yaml: family: must be mine, the playbook's id")


def test_a_playbook_owes_an_attack_a_look_alike_and_a_case_without_data(house: House) -> None:
    attack, look_alike, no_logs = examples(house, NAME)
    assert [one.split(":")[0] for one in lacking(())] == ["no attack", "no look-alike", "no case without enough data"]
    assert [one.split(":")[0] for one in lacking((look_alike, no_logs))] == ["no attack", "no look-alike"]
    assert [one.split(":")[0] for one in lacking((attack, look_alike))] == ["no case without enough data"]


@pytest.mark.parametrize("name", ["crypto_mining", "I1", "../mine", "Mine", "", NAME])
def test_nothing_is_overwritten_and_no_name_is_taken_twice(folder: Path, name: str) -> None:
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(BadInput, match=r"already|letters a-z"):
        begin(name, folder / "playbooks", catalogue())
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_new_writes_into_the_setting_s_folder_with_the_schema_that_its_first_line_names(
    at_the_desk: CliRunner, tmp_path: Path
) -> None:
    told = at_the_desk.invoke(app, ["playbook", "new", "mine", "--into", str(tmp_path)])
    assert told.exit_code == 0
    assert {Path(line) for line in told.stdout.split()} == {one for one in tmp_path.rglob("*") if one.is_file()}
    first = (tmp_path / "mine" / "playbook.yaml").read_text("utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (tmp_path / "mine" / named).resolve() == tmp_path.resolve() / SCHEMA
    assert (tmp_path / SCHEMA).read_text("utf-8") == said(catalogue())
    assert at_the_desk.invoke(app, ["playbook", "schema"]).stdout == said(catalogue())


def test_lint_prints_every_problem_and_exits_1(at_the_desk: CliRunner, tmp_path: Path) -> None:
    begin("mine", tmp_path, catalogue())
    file = tmp_path / "mine" / "playbook.yaml"
    assert at_the_desk.invoke(app, ["playbook", "lint", str(tmp_path)]).exit_code == 0
    text = file.read_text("utf-8").replace("yes: 20", "yes: 21").replace("[I1, I2]", "[I1, I0]")
    file.write_text(text, encoding="utf-8")
    told = at_the_desk.invoke(app, ["playbook", "lint", str(tmp_path), "--json"])
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    numbers = [number for number, line in enumerate(text.splitlines(), 1) if "I0" in line or "yes: 21" in line]
    assert told.exit_code == 1
    assert [(line["file"], line["line"]) for line in lines] == [("mine/playbook.yaml", one) for one in numbers]
    told = at_the_desk.invoke(app, ["playbook", "lint", str(tmp_path / "mine")])
    assert (told.exit_code, len(told.stdout.splitlines())) == (1, 2)


def test_test_prints_expected_and_got_and_exits_1_on_a_miss(
    at_the_desk: CliRunner, walked: dict[str, Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(author, "trials", lambda _, name: [one for one in walked.values() if one.playbook == name])
    told = at_the_desk.invoke(app, ["playbook", "test", NAME])
    assert told.exit_code == 0
    assert told.stdout.count("ok    kali_machine/") == 3
    assert "expected contain, tier high; got contain, tier high, p 0.9" in told.stdout
    assert "takes PenTest:IAMUser/KaliLinux from general" in told.stdout
    bundle = walked["no_logs"].result.bundle
    other = replace(bundle, expect=replace(bundle.expect, outcomes=(Outcome.CONTAIN,)))
    walked["no_logs"] = replace(walked["no_logs"], result=replace(walked["no_logs"].result, bundle=other))
    told = at_the_desk.invoke(app, ["playbook", "test", f"playbooks/{NAME}", "--json"])
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    (missed,) = [line for line in lines if line.get("right") is False]
    assert told.exit_code == 1
    assert (missed["example"], missed["misses"]) == ("kali_machine/no_logs", ["the outcome is escalate"])
    assert any(answer.startswith("Q2 unknown") for answer in missed["answers"])
    told = at_the_desk.invoke(app, ["playbook", "test", "nothing"])
    assert isinstance(told.exception, BadInput)
    assert "there is no playbook 'nothing'" in str(told.exception)
