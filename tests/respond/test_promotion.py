"""A playbook version acts after its days and its record; a changed one observes beside the version that acts."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from stanch import playbooks
from stanch.model.case import Mode
from stanch.model.errors import BadInput
from stanch.model.governed import Promoted, Shadowed
from stanch.model.verdict import Conclusion, Outcome
from stanch.model.walked import Triaged
from stanch.playbooks import SHELF
from stanch.respond import archive, labels
from stanch.respond.promotion import promote, track

from .night import HOUR
from .people import MINING, RIGHT, WRONG, made_up, record

DAY = timedelta(days=1)


@pytest.fixture
def observed(night):
    """A night of observation."""
    night.house = replace(night.house, override=None)
    night.house.begin()
    return night


def mine(night):
    return night.house.playbooks[MINING]


def change(night, folder, old="yes: 6", new="yes: 8"):
    """Someone edits the playbook on the shelf."""
    shelf = folder / "shelf"
    shutil.copytree(SHELF, shelf, ignore=shutil.ignore_patterns("__pycache__", "examples"))
    file = shelf / MINING / "playbook.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    night.house = replace(night.house, shelf=shelf, playbooks=playbooks.load(shelf))
    night.house.begin()


def early(night):
    promote(night.house, mine(night), by="robin", reason="reviewed", early="a drill")


# The record -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong", "days", "wants"),
    [
        (59, 0, 30, []),
        (59, 0, 29, ["1 days of observation are left"]),
        (58, 0, 30, ["precision is at least 94.97% at 95 % confidence, not 95%"]),
        (49, 0, 30, ["49 of at least 50 containments were judged", "precision is at least 94.07%"]),
        (91, 1, 30, ["precision is at least 94.95%"]),
        (92, 1, 30, []),
        (0, 0, 0, ["30 days", "0 of at least 50", "at least 0.00%"]),
    ],
)
def test_a_promotion_wants_its_days_fifty_judged_and_a_bound_of_95_percent(observed, right, wrong, days, wants):
    record(observed.house, right, wrong)
    observed.lab.clock.advance(days * DAY)
    found = track(observed.house, mine(observed)).missing
    assert len(found) == len(wants)
    assert all(want in said for want, said in zip(wants, found, strict=True))
    if wants:
        with pytest.raises(BadInput, match="may not act yet"):
            promote(observed.house, mine(observed), by="robin", reason="reviewed")
    else:
        assert promote(observed.house, mine(observed), by="robin", reason="reviewed")
    assert bool(observed.told(Promoted)) is not bool(wants)


def test_an_early_promotion_is_journalled_with_its_reason_and_a_late_one_needs_none(observed):
    early(observed)
    (fact,) = observed.told(Promoted)
    assert (fact.by, fact.reason, fact.early) == ("robin", "reviewed", "a drill")
    assert "observed for 0 of 30 days" in fact.record
    early(observed)  # once is enough
    assert len(observed.told(Promoted)) == 1


def test_an_early_reason_is_not_kept_where_nothing_was_overridden(observed):
    record(observed.house, 59)
    observed.lab.clock.advance(30 * DAY)
    early(observed)
    assert observed.told(Promoted)[0].early == ""


def test_only_this_versions_judged_containments_count(observed):
    house = observed.house
    made_up(house, 1, RIGHT)
    made_up(house, 2, WRONG, contained=True)
    made_up(house, 3, None)
    made_up(house, 4, None, contained=True)
    made_up(house, 5, Conclusion.INSUFFICIENT)
    made_up(house, 6, RIGHT, price="")  # evidence alone keeps nobody from anything
    made_up(house, 7, RIGHT, version="another")
    found = track(house, mine(observed))
    assert (found.cases, found.would, found.contained, found.judged, found.right) == (6, 3, 2, 2, 1)


# The version that acts ------------------------------------------------------------------------------------------------


def test_a_promoted_version_keeps_acting_while_a_changed_one_observes_beside_it(observed, tmp_path):
    early(observed)
    old = mine(observed)
    change(observed, tmp_path)
    new = mine(observed)
    assert new.version != old.version
    assert observed.house.acting[MINING].version == old.version
    observed.walk(MINING)
    assert observed.states(MINING) == {"E1": "contained", "E4": "contained"}
    (begun,) = observed.told(Triaged)
    assert (begun.version, begun.mode) == (old.version, Mode.ACT)
    (beside,) = observed.told(Shadowed)
    assert (beside.playbook, beside.version, beside.problem) == (MINING, new.version, "")
    assert beside.verdict.outcome is Outcome.CONTAIN
    assert beside.would_contain
    assert observed.file(MINING).would == ()
    assert observed.house.mode(new)[0] is Mode.OBSERVE


def test_what_the_changed_version_makes_of_it_is_its_own(observed, tmp_path):
    early(observed)
    change(observed, tmp_path, "actions: [E1, E2, E3, E4]", "actions: [E1]")
    observed.walk(MINING)
    assert observed.states(MINING) == {"E1": "contained", "E4": "contained"}
    (beside,) = observed.told(Shadowed)
    assert not beside.would_contain  # evidence alone is no containment
    labels.judge(observed.house, observed.file(MINING).id, RIGHT, by="dana", reason="a miner")
    assert track(observed.house, observed.house.acting[MINING]).right == 1
    assert track(observed.house, mine(observed)).judged == 0


def test_the_changed_version_is_judged_by_the_same_word_and_acts_once_it_is_promoted(observed, tmp_path):
    early(observed)
    change(observed, tmp_path)
    observed.walk(MINING)
    labels.judge(observed.house, observed.file(MINING).id, RIGHT, by="dana", reason="a miner")
    found = track(observed.house, mine(observed))
    assert (found.cases, found.would, found.contained, found.judged, found.right) == (1, 1, 0, 1, 1)
    early(observed)
    assert observed.house.acting[MINING] == mine(observed)
    observed.take(observed.later(MINING, HOUR))
    assert observed.told(Triaged)[-1].version == mine(observed).version
    assert len(observed.told(Shadowed)) == 1


def test_priors_of_the_shelf_are_learned_by_the_version_that_acts(observed, tmp_path):
    early(observed)
    change(observed, tmp_path)
    acting, loaded = observed.house.acting[MINING], mine(observed)
    assert acting.priors[: len(loaded.priors)] == loaded.priors


def test_a_copy_that_someone_edited_does_not_act(observed, tmp_path):
    early(observed)
    change(observed, tmp_path)
    (promoted,) = observed.told(Promoted)
    file = observed.house.settings.state / archive.FOLDER / promoted.version / MINING / "playbook.yaml"
    file.write_text(file.read_text("utf-8") + "# more\n", encoding="utf-8")
    assert observed.house.acting[MINING] == mine(observed)
    observed.walk(MINING)
    assert observed.changes() == ()


def test_files_that_were_changed_while_the_record_was_looked_at_are_not_promoted(observed, tmp_path):
    shown = mine(observed)
    change(observed, tmp_path)
    with pytest.raises(BadInput, match="were changed a moment ago"):
        promote(observed.house, shown, by="robin", reason="reviewed", early="a drill")
    assert observed.told(Promoted) == ()
