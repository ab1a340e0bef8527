"""`stanch playbook`: what may act, since when, and on whose word."""

from contextlib import closing
from datetime import timedelta
from sqlite3 import connect

from .desk import Desk, LabCloud

MINING = "crypto_mining"
PROMOTE = ("playbook", "promote", MINING, "--by", "dana", "--reason", "reviewed")


def promotions(stanch: Desk) -> list[tuple[str, str]]:
    """Actor and body of each promotion in the journal."""
    with closing(connect(stanch.folder / ".stanch" / "stanch.db")) as database:
        return database.execute("SELECT actor, body FROM journal WHERE kind = 'Promoted'").fetchall()


def test_playbooks_are_listed_in_observation_with_what_they_ask_and_do(stanch: Desk) -> None:
    listed = stanch("playbook", "list", "--json")
    assert listed.code == 0
    assert [one["playbook"] for one in listed.lines] == ["credential_exfiltration", MINING, "malicious_ip"]
    assert {one["mode"] for one in listed.lines} == {"observe"}
    assert {one["days_left"] for one in listed.lines} == {30}
    assert "in observation since" in stanch("playbook", "list").out
    (one,) = stanch("playbook", "show", MINING, "--json").lines
    assert one == listed.lines[1]
    told = stanch("playbook", "show", MINING).out
    assert "CryptoCurrency:EC2/BitcoinTool.B" in told
    assert "E4 Isolate instance" in told
    for question in one["questions"]:
        assert f"  {question}  " in told


def test_a_playbook_that_there_is_not_is_one_sentence_that_names_those_there_are(stanch: Desk) -> None:
    for argv in (("playbook", "show", "mining"), ("playbook", "promote", "mining", "--reason", "x")):
        told = stanch(*argv)
        assert (told.code, told.out) == (1, "")
        assert told.err.startswith("stanch: there is no playbook 'mining'")
        assert MINING in told.err


def test_a_promotion_before_its_time_is_refused_and_changes_nothing(stanch: Desk, lab: LabCloud) -> None:
    told = stanch(*PROMOTE)
    assert told.code == 4
    assert "observed for 0 of 30 days" in told.out
    assert f"{MINING} has 30 days of observation left" in told.err
    assert "--override" in told.err
    assert promotions(stanch) == []
    seen = stanch(*lab.command("crypto_mining"))
    assert (seen.case["mode"], seen.case["outcome"], lab.changes) == ("observe", "contain", [])


def test_an_overriding_promotion_acts_from_then_on_under_the_name_of_who_gave_it(stanch: Desk, lab: LabCloud) -> None:
    told = stanch(*PROMOTE, "--override", "--json")
    (line,) = told.lines
    assert (told.code, line["mode"]) == (0, "act")
    assert line["why"].startswith("promoted by dana")
    ((actor, body),) = promotions(stanch)
    assert actor == "dana"
    assert "reviewed (overriding 30 days of observation)" in body
    assert "observed for 0 of 30 days" in body
    done = stanch(*lab.command("crypto_mining"))
    assert (done.case["mode"], done.case["verified"], done.code) == ("act", True, 0)
    # Only that one: another playbook still looks on.
    count = len(lab.changes)
    other = stanch(*lab.command("stolen_instance_credentials"))
    assert (other.case["mode"], other.case["outcome"]) == ("observe", "contain")
    assert len(lab.changes) == count
    assert stanch("audit", "verify").code == 0


def test_after_thirty_days_of_observation_no_override_is_needed(stanch: Desk, lab: LabCloud) -> None:
    assert stanch(*lab.command("crypto_mining")).case["mode"] == "observe"
    lab.later(timedelta(days=29))
    assert stanch(*PROMOTE).code == 4
    lab.later(timedelta(days=1))
    told = stanch(*PROMOTE)
    assert told.code == 0
    assert "observed for 30 of 30 days: 1 cases, would have contained in 1" in told.out
    ((_, body),) = promotions(stanch)
    assert "overriding" not in body


def test_a_promotion_needs_a_reason(stanch: Desk) -> None:
    told = stanch("playbook", "promote", MINING, "--override")
    assert told.code == 2
    assert "--reason" in told.err
