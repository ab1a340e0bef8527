"""Everything back at once: by two people, listed first, each by its own revert, and never what is still attacked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stanch.lab.world import SANDBOX
from stanch.model.casefile import State
from stanch.model.contained import Effective, Persisted, Returned, Tampered
from stanch.model.errors import BadInput
from stanch.model.governed import RevertedAll, Stopped
from stanch.model.walked import Paged
from stanch.respond.release import revert_all, standing

from .night import HOUR

MINING, STOLEN, LEAKED = "crypto_mining", "stolen_instance_credentials", "leaked_user_key"
ALL = (MINING, STOLEN, LEAKED)
WHO = {"by": "dana", "second": "robin", "reason": "a bad release"}
PIPELINE = "arn:aws:iam::111122223333:role/deploy"


def hostile(night, body, action="I7", case=STOLEN):
    """The watch saw something of what that action contained."""
    one = night.one(case, action)
    night.house.write(body(one.id), key=f"seen/{len(night.house.facts())}", case=one.case)
    return one


def denied(one):
    return Effective(one, "3 calls were denied", ("e1",))


def test_everything_that_stands_is_listed_with_its_price_and_nothing_is_done(night):
    night.walk(*ALL)
    before, count = night.changes(), len(night.house.facts())
    found = standing(night.house)
    assert {(each.one.change.action, each.skip) for each in found} == {(a, "") for a in ("E1", "E4", "I7", "I1", "I2")}
    prices = {each.one.change.action: each.price for each in found}
    assert prices["E4"] == "the host is back on the network"
    assert "nothing back" in prices["E1"]
    assert (night.changes(), len(night.house.facts())) == (before, count)


def test_everything_goes_back_under_both_names_confirmed_or_not(night):
    own = night.eyes.own_groups("batch-worker")
    night.walk(*ALL)
    night.confirm(MINING, "E4")
    done, left = revert_all(night.house, **WHO)
    assert left == ()
    assert {one.problem for one in done} == {""}
    for name in ALL:
        assert set(night.states(name).values()) == {"reverted"}
    assert night.eyes.groups("batch-worker") == own
    assert night.eyes.denies() == {}
    (fact,) = night.told(RevertedAll)
    assert (fact.by, fact.second, fact.reason, fact.skipped) == ("dana", "robin", "a bad release", ())
    assert set(fact.containments) == {each.one.id for each in done}
    assert "dana and robin take everything back (a bad release): 5 containments, 0 left in place" in [
        one.text for one in night.told(Paged)
    ]
    assert night.one(MINING, "E4").reason == "everything taken back by dana and robin: a bad release"
    assert night.file(STOLEN).label is None  # it says nothing about any one case
    assert revert_all(night.house, **WHO) == ((), ())


@pytest.mark.parametrize(
    "wrong",
    [{"second": "dana"}, {"second": " Dana "}, {"second": ""}, {"by": ""}, {"reason": " "}],
)
def test_nobody_frees_everything_alone_or_without_a_reason(night, wrong):
    night.walk(STOLEN)
    with pytest.raises(BadInput):
        revert_all(night.house, **{**WHO, **wrong})
    assert night.states(STOLEN) == {"I7": "contained"}
    assert night.told(RevertedAll) == ()


@pytest.mark.parametrize(
    "body",
    [
        denied,
        lambda one: Persisted(one, ("e1",), ()),
        lambda one: Tampered(one, "arn:aws:iam::111122223333:user/mallory", "iam:DetachRolePolicy", (), own=False),
        lambda one: Returned(1, one, ("e1",)),
    ],
    ids=["denied", "persisted", "tampered", "returned"],
)
def test_a_principal_that_was_active_in_the_last_hour_stays_contained_unless_named(night, body):
    night.walk(*ALL)
    one = hostile(night, body)
    night.lab.clock.advance(HOUR - timedelta(seconds=1))
    done, left = revert_all(night.house, **WHO)
    assert [each.one.id for each in left] == [one.id]
    assert "active within the last hour" in left[0].skip
    assert len(done) == 4
    assert night.one(STOLEN, "I7").state is State.CONTAINED
    assert night.told(RevertedAll)[0].skipped == (f"{one.id}: {left[0].skip}",)
    for name in (one.id, one.case):
        assert [each.skip for each in standing(night.house, [name])] == [""]
    done, left = revert_all(night.house, **WHO, include=[one.id])
    assert ([each.problem for each in done], left) == ([""], ())


@pytest.mark.parametrize(
    ("body", "after"),
    [
        (denied, HOUR),
        (lambda one: Effective(one, "a minute passed", ()), timedelta()),
        (lambda one: Tampered(one, PIPELINE, "iam:DetachRolePolicy", (), own=True), timedelta()),
    ],
    ids=["an hour ago", "silence", "the operator's own"],
)
def test_who_is_silent_or_ones_own_is_not_active(night, body, after):
    night.walk(STOLEN)
    hostile(night, body)
    night.lab.clock.advance(after)
    assert [each.skip for each in standing(night.house)] == [""]


def test_the_host_of_an_active_case_is_left_too(night):
    night.walk(MINING)
    hostile(night, denied, "E4", MINING)
    assert all(each.skip for each in standing(night.house))


def test_an_id_that_is_none_is_an_error(night):
    night.walk(STOLEN)
    with pytest.raises(BadInput, match="neither a case nor a containment"):
        standing(night.house, ["C-ffffffff"])


def test_the_kill_switch_does_not_stop_it(night):
    night.walk(STOLEN)
    night.house.pull(Stopped("dana", "a bad release"))
    done, _ = revert_all(night.house, **WHO)
    assert [each.problem for each in done] == [""]
    assert night.eyes.denies() == {}


def test_what_somebody_changed_meanwhile_is_left_alone_and_named_and_the_rest_goes_on(night):
    night.walk(*ALL)
    own = night.eyes.own_groups("batch-worker")
    first, second = sorted(own)
    night.eyes.set_groups(first, *own[second], account=SANDBOX.id)
    done, _ = revert_all(night.house, **WHO)
    problems = {each.one.change.action: each.problem for each in done}
    assert f"someone gave interface {first}" in problems.pop("E4")
    assert set(problems.values()) == {""}


def test_every_contact_is_told(night):
    settings = night.house.settings.model_copy(update={"contacts": ("first", "second")})
    night.house = replace(night.house, settings=settings)
    night.walk(STOLEN)
    revert_all(night.house, **WHO)
    assert next(one.whom for one in night.told(Paged) if "take everything back" in one.text) == ("first", "second")
