"""Everything that is wrong with a folder of playbooks is named at once, each by file, line and remedy."""

from pathlib import Path

import pytest

from stanch.model.errors import BadInput
from stanch.playbooks import load
from stanch.playbooks.lint import overlaps, problems

QUESTION = """\
  - id: {id}
    ask: Is it so?
    family: one
    trust: A
    yes: {yes}
    no: 1/10
    when_yes: So.
    when_no: Not so.
"""
HEAD = """\
title: A test
matches: ["{matches}"]
priors:
  - {{pattern: "*", malicious: 8, benign: {benign}}}
actions: [{actions}]
critical: [Q1]
questions:
"""
SQL = "SELECT 'unknown' AS answer, count(*) AS n, CAST([] AS VARCHAR[]) AS events FROM events WHERE event_time < $when"
ACTIONS = ("I1", "I2")


def write(
    folder: Path, *, matches: str = "Test:*", benign: object = 2, actions: str = "I1", yes: object = 10, sql: str = SQL
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    questions = QUESTION.format(id="Q1", yes=10) + QUESTION.format(id="Q2", yes=yes)
    text = HEAD.format(matches=matches, benign=benign, actions=actions) + questions
    (folder / "playbook.yaml").write_text(text, encoding="utf-8")
    for name, one in (("Q1", SQL), ("Q2", sql)):
        (folder / f"{name}.sql").write_text(one, encoding="utf-8")
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return write(tmp_path / "shelf" / "shipped").parent


def test_what_can_be_loaded_has_no_problem(shelf: Path) -> None:
    own = write(shelf.parent / "own" / "mine")
    assert (
        problems(shelf, ACTIONS, shelf) == problems(own, ACTIONS, shelf) == problems(own.parent, ACTIONS, shelf) == ()
    )


def test_all_problems_of_all_playbooks_are_named_with_their_lines(shelf: Path) -> None:
    own = shelf.parent / "own"
    write(own / "one", benign=0, actions="I1, I9", yes=7, sql="SELEC 1")
    write(own / "two", sql="SELECT 'no' AS answer, 0 AS n, [] AS events")
    (own / "two" / "Q3.sql").write_text(SQL, encoding="utf-8")
    (write(own / "three") / "playbook.yaml").write_text("title: A\ntitle: B\n", encoding="utf-8")
    found = problems(own, ACTIONS, shelf)
    said = [problem.split(": ")[0:2] for problem in found]
    assert said == [
        ["one/playbook.yaml:4", "priors[0].benign"],
        ["one/playbook.yaml:5", "actions[1]"],
        ["one/playbook.yaml:20", "questions[1].yes"],
        ["three/playbook.yaml:2", "cannot be read"],
        ["two/Q3.sql", "no question asks it"],
        ["two/Q2.sql", "it answers no without any data; absence of data is never an answer that weighs"],
    ]
    assert "there are I1, I2" in found[1]


def test_a_key_that_is_not_known_hides_nothing_else(shelf: Path) -> None:
    file = write(shelf.parent / "own" / "mine", benign=0) / "playbook.yaml"
    file.write_text(f"colour: red\n{file.read_text('utf-8')}", encoding="utf-8")
    first, second = problems(file.parent, ACTIONS, shelf)
    assert first.startswith("mine/playbook.yaml:1: colour: unknown key; there are title")
    assert second.startswith("mine/playbook.yaml:5: priors[0].benign")


def test_a_problem_is_one_line_whatever_sql_says(shelf: Path) -> None:
    (found,) = problems(write(shelf.parent / "own" / "mine", sql="SELECT\n1 +"), ACTIONS, shelf)
    assert found.startswith("mine/Q2.sql:2: not SQL")
    assert "\n" not in found


def test_names_and_own_common_questions_are_refused_as_at_the_start(shelf: Path) -> None:
    own = shelf.parent / "own"
    write(own / "shipped")
    (own / "common").mkdir()
    found = problems(own, ACTIONS, shelf)
    assert ["own playbooks ask" in found[0], "there is a shipped playbook" in found[1]] == [True, True]
    with pytest.raises(BadInput):
        load(shelf, own)


def test_a_folder_without_playbooks_is_an_error(shelf: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no playbook; .*`stanch playbook new`"):
        problems(shelf.parent, ACTIONS, shelf)


def test_what_an_own_playbook_takes_from_another_is_said(shelf: Path) -> None:
    write(shelf.parent / "own" / "exact", matches="Test:One")
    write(shelf.parent / "own" / "wide", matches="T*")
    found = load(shelf, shelf.parent / "own")
    others = (found["shipped"], found["exact"])
    assert list(overlaps(found["exact"], others)) == ["exact takes Test:One from shipped"]
    assert list(overlaps(found["wide"], others)) == []
