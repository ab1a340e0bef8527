"""A playbook is refused, with file, line and key, when anything in it is wrong; its version is what it decides by."""

import re
import shutil
from pathlib import Path

import pytest

from stanch.model.errors import BadInput
from stanch.model.governed import Promoted
from stanch.model.playbook import Playbook, Trust
from stanch.playbooks import load
from stanch.playbooks.parse import ACCUSES, EXCUSES
from stanch.respond import archive

YAML = """\
title: A test
matches: ["Test:*"]
priors:
  - {pattern: "Test:*", malicious: 8, benign: 2}
actions: [I1]
critical: [Q1]
questions:
  - id: Q1
    ask: Is it so?
    family: one
    trust: A
    yes: 10
    no: 1/10
    mandatory: true
    when_yes: "So {n} times."
    when_no: Not so.
"""
SQL = (
    "SELECT 'unknown' AS answer, count(*) AS n, CAST([] AS VARCHAR[]) AS events FROM events WHERE event_time < $when\n"
)


def shelf(folder: Path, yaml: str = YAML, sql: str = SQL) -> Path:
    (folder / "test").mkdir(exist_ok=True)
    (folder / "test" / "playbook.yaml").write_text(yaml, encoding="utf-8")
    (folder / "test" / "Q1.sql").write_text(sql, encoding="utf-8")
    return folder


def test_a_playbook_is_read_as_it_is_written(tmp_path: Path) -> None:
    found = load(shelf(tmp_path))["test"]
    question = found.questions[0]
    assert (found.id, found.title, found.actions, found.critical) == ("test", "A test", ("I1",), ("Q1",))
    assert (found.priors[0].mean, found.observe_days) == (0.8, 30)
    assert (question.yes, question.no, question.trust, question.mandatory) == (10.0, 0.1, Trust.A, True)
    assert question.sql == SQL


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: A test", "title: A test\ncolour: red", "test/playbook.yaml:2: colour: unknown key; there are title"),
        ("title: A test\n", "", "title is missing"),
        ("title: A test", "title: ''", "title: must be a text"),
        ("actions: [I1]", "actions: I1", "actions: must be a list"),
        ("family: one", "family: one\n    mood: bad", r"questions\[0\].mood: unknown key"),
        (
            "mandatory: true",
            "covers: true",
            r"questions\[0\].covers: only what excuses and leaves the case to a person",
        ),
        ("mandatory: true", "unless: Q1", r"questions\[0\].unless: only an excuse can be lost"),
        ("mandatory: true", "unless: Q2", r"questions\[0\].unless: its file Q2.sql cannot be read"),
        ("trust: A", "trust: E", r"questions\[0\].trust: must be A, B, C or D"),
        ("yes: 10", "yes: 7", r"questions\[0\].yes: 7 is not one of"),
        ("yes: 10", "yes: 40", "40 is not one of"),
        ("yes: 10", "yes: 0", "0 is not one of"),
        ("yes: 10", "yes: -2", "-2 is not one of"),
        ("yes: 10", "yes: often", "must be a number or an inverse"),
        ("yes: 10", "yes: 1/0", "must be a number or an inverse"),
        ("yes: 10", "yes: true", "must be a number or an inverse"),
        ("trust: A", "trust: B", r"no: 1/10: an answer of trust class B may not excuse beyond 1/3"),
        ("trust: A", "trust: C", r"yes: 10: an answer of trust class C may not accuse beyond 4"),
        (
            "trust: A\n    yes: 10",
            "trust: C\n    yes: 4",
            "no: 1/10: an answer of trust class C may not excuse beyond 1",
        ),
        ("critical: [Q1]", "critical: [Q2]", r"critical\[0\]: no question has this id"),
        ("critical: [Q1]", "critical: []", "critical: must name at least one question"),
        ("mandatory: true", "needs: [cloudtrail]", r"critical\[0\]: a critical question is answered from the finding"),
        ("mandatory: true", "needs: [dreams]", r"needs\[0\]: must be one of cloudtrail, baseline"),
        ("mandatory: true", "mandatory: 1", "mandatory: must be true or false"),
        ("So {n} times.", "So {events}.", r"when_yes: only \{n\} can be filled in"),
        ("So {n} times.", "So {n.real}.", r"when_yes: only \{n\} can be filled in"),
        ("So {n} times.", "So {.", "when_yes"),
        ("id: Q1", "id: Q9", r"questions\[0\].id: its file Q9.sql cannot be read"),
        ("malicious: 8", "malicious: 0", r"priors\[0\].malicious: must be a number above zero"),
        ('pattern: "Test:*"', 'pattern: "Else:*"', r"priors: no prior for Test:\*"),
        ("critical: [Q1]", "critical: [Q1]\ncommon: [C1]", r"common\[0\]: no common question has this id"),
        ("title: A test", "title: A test\ntitle: Twice", "title: given twice"),
        ("critical: [Q1]", "critical: [Q1]\nexplains: [Q2]", r"explains\[0\]: no question has this id"),
        ("actions: [I1]", "actions: [I1]\nexplains: Q1", "explains: must be a list"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in YAML
    with pytest.raises(BadInput, match=said) as caught:
        load(shelf(tmp_path, YAML.replace(old, new)))
    assert re.match(r"test/playbook.yaml:\d+: ", str(caught.value))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DROP TABLE events", "test/Q1.sql: only a single SELECT"),
        ("SELECT 1; SELECT 2", "test/Q1.sql: only a single SELECT"),
        ("SELEC 1", "test/Q1.sql:1: not SQL"),
        (SQL.replace("events WHERE", "nothing WHERE"), "cannot be traced: Column"),
        (SQL.replace("$when", "$now"), r"playbook test, question Q1: the query has no value for \$now"),
        ("SELECT 'yes' AS answer", "one row with answer, n and events"),
        ("SELECT 'no' AS answer, 0 AS n, [] AS events FROM events", "one row with answer, n and events"),
        ("SELECT 'maybe' AS answer, 0 AS n, [] AS events", "must be yes, no or unknown, not 'maybe'"),
        ("SELECT NULL AS answer, 0 AS n, [] AS events", "must be yes, no or unknown, not None"),
        ("SELECT 'unknown' AS answer, 'x' AS n, [] AS events", "n must be a count"),
        ("SELECT 'unknown' AS answer, 0 AS n, 'x' AS events", "events a list of ids"),
        ("SELECT 'no' AS answer, 0 AS n, [] AS events", "it answers no without any data"),
        ("SELECT 'yes' AS answer, 0 AS n, [] AS events", "it answers yes without any data"),
    ],
)
def test_sql_that_cannot_be_asked_is_named(tmp_path: Path, sql: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load(shelf(tmp_path, sql=sql))


def test_the_line_is_that_of_what_is_wrong(tmp_path: Path) -> None:
    for old, line in (("yes: 10", 12), ("malicious: 8", 4), ("critical: [Q1]", 6), ("when_no: Not so.", 16)):
        number = YAML.splitlines().index(next(one for one in YAML.splitlines() if old in one)) + 1
        assert number == line
        with pytest.raises(BadInput, match=rf"^test/playbook.yaml:{line}: "):
            load(shelf(tmp_path, YAML.replace(old, re.sub(r":.*", ": []", old))))


def test_own_playbooks_stand_beside_the_shelf_and_ask_its_common_questions(tmp_path: Path) -> None:
    shipped, own = shelf(tmp_path), tmp_path / "own"
    with_common(shipped)
    shutil.copytree(shipped / "test", own / "mine")
    (own / "mine" / "playbook.yaml").write_text(YAML.replace("critical: [Q1]", "critical: [Q1]\ncommon: [K1]"), "utf-8")
    found = load(shipped, own)
    assert list(found) == ["test", "mine"]
    assert [one.id for one in found["mine"].questions] == ["Q1", "K1"]
    assert found["mine"].observe_days == 30
    files = archive.keep(tmp_path / "state", shipped, found["mine"], own)
    promoted = Promoted("mine", found["mine"].version, "robin", "reviewed", "", "", files)
    assert archive.kept(tmp_path / "state", promoted) == found["mine"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test", "there is a shipped playbook test already"),
        ("I1", "letters a-z, digits and _"),
        ("my-own", "letters a-z, digits and _"),
        ("common", "own playbooks ask the shipped common questions"),
    ],
)
def test_an_own_playbook_is_no_other_s_name_and_no_action_s(tmp_path: Path, name: str, said: str) -> None:
    shutil.copytree(shelf(tmp_path) / "test", tmp_path / "own" / name)
    with pytest.raises(BadInput, match=said):
        load(tmp_path, tmp_path / "own")


def test_an_own_folder_without_playbooks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere: holds no playbook"):
        load(shelf(tmp_path), tmp_path / "nowhere")


def with_common(folder: Path) -> None:
    (folder / "common").mkdir()
    entry = YAML[YAML.index("  - id: Q1") :].replace("id: Q1", "id: K1")
    (folder / "common" / "questions.yaml").write_text(entry, encoding="utf-8")
    (folder / "common" / "K1.sql").write_text(SQL, encoding="utf-8")


def test_a_shelf_without_playbooks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no playbook"):
        load(tmp_path)


def test_a_question_may_be_asked_once_only(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    entry = YAML[YAML.index("  - id: Q1") :]
    (tmp_path / "common" / "questions.yaml").write_text(entry, encoding="utf-8")
    (tmp_path / "common" / "Q1.sql").write_text(SQL, encoding="utf-8")
    shared = YAML.replace("critical: [Q1]", "critical: [Q1]\ncommon: [Q1]")
    with pytest.raises(BadInput, match=r"common\[0\]: asked twice"):
        load(shelf(tmp_path, shared))
    with pytest.raises(BadInput, match="question Q1 is defined twice"):
        load(shelf(tmp_path, YAML + entry))
    alone = shared.replace(entry, "").replace("questions:\n", "questions: []\n")
    assert [one.id for one in load(shelf(tmp_path, alone))["test"].questions] == ["Q1"]


def test_the_version_follows_what_decides_and_nothing_else(tmp_path: Path) -> None:
    def version(yaml: str = YAML, sql: str = SQL) -> str:
        return load(shelf(tmp_path, yaml, sql))["test"].version

    first = version()
    assert len(first) == 12
    assert version() == first
    assert version(YAML.replace("malicious: 8", "malicious: 9")) == first
    assert version(f"# a remark\n{YAML}") == first
    assert version(YAML.replace("yes: 10", "yes: 8")) != first
    assert version(YAML.replace("actions: [I1]", "actions: [I2]")) != first
    assert version(sql=SQL.replace("<", "<=")) != first
    assert version(YAML.replace("critical: [Q1]", "critical: [Q1]\nexplains: []")) == first
    assert version(YAML.replace("critical: [Q1]", "critical: [Q1]\nexplains: [Q1]")) != first


@pytest.mark.parametrize(
    ("trust", "no", "said"),
    [("B", "1/3", "an answer of trust class B explains nothing"), ("A", "1", "it never excuses")],
)
def test_only_an_excuse_by_aws_s_or_the_operator_s_word_explains(
    tmp_path: Path, trust: str, no: str, said: str
) -> None:
    yaml = YAML.replace("critical: [Q1]", "critical: [Q1]\nexplains: [Q1]")
    assert load(shelf(tmp_path, yaml))["test"].explains == ("Q1",)
    with pytest.raises(BadInput, match=rf"explains\[0\]: {said}"):
        load(shelf(tmp_path, yaml.replace("trust: A", f"trust: {trust}").replace("no: 1/10", f"no: {no}")))


def test_no_playbook_of_critical_findings_explains_any() -> None:
    assert {name for name, one in SHIPPED.items() if one.explains} == {
        *("data_exfiltration", "general", "lateral_movement", "malicious_ip", "privilege_escalation")
    }


SHIPPED = load()


@pytest.mark.parametrize("playbook", SHIPPED.values(), ids=SHIPPED)
def test_shipped_ratios_stay_within_their_trust(playbook: Playbook) -> None:
    for question in playbook.questions:
        for ratio in (question.yes, question.no):
            assert float(EXCUSES[question.trust]) <= ratio <= float(ACCUSES[question.trust])


@pytest.mark.parametrize("playbook", SHIPPED.values(), ids=SHIPPED)
def test_two_or_three_questions_are_critical_and_none_of_them_needs_logs(playbook: Playbook) -> None:
    critical = [one for one in playbook.questions if one.id in playbook.critical]
    assert len(critical) == len(playbook.critical)
    assert len(critical) in (2, 3)
    assert all(not one.needs for one in critical)
    assert any(one.mandatory for one in playbook.questions)


@pytest.mark.parametrize("playbook", SHIPPED.values(), ids=SHIPPED)
def test_what_an_attacker_writes_may_only_accuse_a_little(playbook: Playbook) -> None:
    for question in playbook.questions:
        if question.trust is not Trust.C:
            for column in ("user_agent", "error_message", "object_key", "signals"):
                assert column not in question.sql
        else:
            assert not question.mandatory
            assert question.id not in playbook.critical
            assert min(question.yes, question.no) >= 1


def test_every_sql_file_of_the_shelf_is_asked() -> None:
    folder = Path(load.__code__.co_filename).parent
    asked = {(one.id, one.sql) for playbook in SHIPPED.values() for one in playbook.questions}
    taking = {one.unless for playbook in SHIPPED.values() for one in playbook.questions}
    for path in folder.glob("*/*.sql"):
        text = path.read_text(encoding="utf-8")
        assert (path.stem, text) in asked or text in taking, path


def test_the_shelf_can_stand_anywhere(tmp_path: Path) -> None:
    folder = Path(load.__code__.co_filename).parent
    shutil.copytree(folder, tmp_path / "shelf")
    assert load(tmp_path / "shelf") == SHIPPED
