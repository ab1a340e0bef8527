"""`stanch playbook`: what may act, since when, and on whose word."""

from contextlib import closing
from datetime import timedelta
from sqlite3 import connect

from stanch.playbooks import load

from .desk import Desk, LabCloud

MINING = "crypto_mining"
EARLY = ("--early", "a drill")
PROMOTE = ("playbook", "promote", MINING, "--by", "dana", "--reason", "reviewed")


def promotions(stanch: Desk) -> list[tuple[str, str]]:
    """Actor and body of each promotion in the journal."""
    with closing(connect(stanch.folder / ".stanch" / "stanch.db")) as database:
        return database.execute("SELECT actor, body FROM journal WHERE kind = 'Promoted'").fetchall()


def test_playbooks_are_listed_in_observation_with_what_they_ask_and_do(stanch: Desk) -> None:
    listed = stanch("playbook", "list", "--json")
    assert listed.code == 0
    assert [one["playbook"] for one in listed.lines] == sorted(load())
    assert {one["mode"] for one in listed.lines} == {"observe"}
    assert {one["days_left"] for one in listed.lines} == {30}
    assert "in observation since" in stanch("playbook", "list").out
    (one,) = stanch("playbook", "show", MINING, "--json").lines
    assert one in listed.lines
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
    assert f"{MINING} may not act yet: 30 days of observation are left; 0 of at least 50" in told.err
    assert "--by NAME --early" in told.err
    assert promotions(stanch) == []
    seen = stanch(*lab.command("crypto_mining"))
    assert (seen.case["mode"], seen.case["outcome"], lab.changes) == ("observe", "contain", [])


def test_an_early_promotion_acts_from_then_on_under_the_name_of_who_gave_it(stanch: Desk, lab: LabCloud) -> None:
    told = stanch(*PROMOTE, *EARLY, "--json")
    (line,) = told.lines
    assert (told.code, line["mode"]) == (0, "act")
    assert line["why"].startswith("promoted by dana")
    ((actor, body),) = promotions(stanch)
    assert actor == "dana"
    assert '"early":"a drill"' in body
    assert "observed for 0 of 30 days" in body
    shown = stanch("playbook", "show", MINING).out
    assert "by dana on " in shown
    assert "reviewed, early: a drill" in shown
    assert "may act already: promoted by dana" in stanch(*PROMOTE).out
    done = stanch(*lab.command("crypto_mining"))
    assert (done.case["mode"], done.case["verified"], done.code) == ("act", True, 0)
    # Only that one: another playbook still looks on.
    count = len(lab.changes)
    other = stanch(*lab.command("stolen_instance_credentials"))
    assert (other.case["mode"], other.case["outcome"]) == ("observe", "contain")
    assert lab.changes[count:] == []
    assert stanch("audit", "verify").code == 0


def test_thirty_days_alone_are_not_enough_without_a_record_that_people_judged(stanch: Desk, lab: LabCloud) -> None:
    seen = stanch(*lab.command("crypto_mining")).case
    assert seen["mode"] == "observe"
    judged = stanch(
        "case", "judge", seen["case"][:6], "true_positive", "--by", "robin", "--reason", "a miner", "--json"
    )
    assert (judged.code, judged.lines[0]["label"]) == (0, "true_positive")
    lab.later(timedelta(days=30))
    told = stanch(*PROMOTE)
    assert told.code == 4
    assert (
        "observed for 30 of 30 days: 1 cases, would have contained in 1, contained in 0; 1 judged, 1 right" in told.out
    )
    assert "may not act yet: 1 of at least 50 containments were judged" in told.err
    assert "days of observation" not in told.err
    (line,) = stanch("playbook", "show", MINING, "--json").lines
    assert (line["judged"], line["right"], line["days_left"], line["precision_low"]) == (1, 1, 0, 0.05)


def test_an_early_promotion_needs_a_name_and_every_promotion_a_reason(stanch: Desk) -> None:
    nameless = stanch("playbook", "promote", MINING, "--reason", "x", *EARLY)
    assert nameless.code == 1
    assert "--by NAME" in nameless.err
    told = stanch("playbook", "promote", MINING, *EARLY)
    assert told.code == 2
    assert "--reason" in told.err
    machine = stanch("playbook", "promote", MINING, "--reason", "x", "--by", "Timer", *EARLY)
    assert machine.err.startswith("stanch: 'Timer' is no person")
    assert promotions(stanch) == []


def test_a_wrong_containment_demotes_there_until_a_named_person_lifts_it(stanch: Desk, lab: LabCloud) -> None:
    stanch(*PROMOTE, *EARLY)
    done = stanch(*lab.command("crypto_mining")).case
    wrong = ("--reason-code", "benign", "--by", "dana", "--reason", "our batch job")
    told = stanch("case", "revert", done["case"], *wrong, "--json")
    assert (told.code, told.lines[0]["label"]) == (0, "benign")
    assert f"{MINING} observes again for CryptoCurrency:EC2/BitcoinTool.B" in told.err
    (line,) = stanch("playbook", "show", MINING, "--json").lines
    (one,) = line["demotions"]
    assert (one["by"], one["reason"].endswith("dana says benign: our batch job")) == ("stanch", True)
    assert "demoted for" in stanch("playbook", "list").out
    lifted = stanch("playbook", "reinstate", MINING, "--by", "dana", "--reason", "declared it")
    assert (lifted.code, f"{MINING} is reinstated for" in lifted.out) == (0, True)
    nothing = stanch("playbook", "reinstate", MINING, "--by", "dana", "--reason", "again")
    assert (nothing.code, "is not demoted for" in nothing.err) == (1, True)
    by_hand = stanch("playbook", "demote", MINING, "--by", "dana", "--reason", "no", "--group", "production", "--json")
    assert [(two["group"], two["by"]) for two in by_hand.lines[0]["demotions"]] == [("production", "dana")]
