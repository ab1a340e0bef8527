"""The operator's limits in a real night: refused and paged at planning, and again at the moment of sending."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from stanch.aws.validate import permission
from stanch.guardrails import Guardrails
from stanch.lab.world import SANDBOX
from stanch.model.contained import Called, Intended
from stanch.model.context import Freeze, Protected
from stanch.model.errors import BadInput
from stanch.model.governed import PoliciesRead
from stanch.model.verdict import Outcome
from stanch.model.walked import Paged
from stanch.respond.decisions import decisions
from stanch.respond.guards import EVERY, reread

from .night import HOUR, START

USER = "maria.lindqvist"


def refused(night, scenario):
    """The policies that refused; nothing was done and a person is asked."""
    file = night.file(scenario)
    assert (file.outcome, file.containments, night.changes()) == (Outcome.ESCALATE, (), ())
    return {one.policy for one in file.refusals}


def facts(night, **context):
    night.house = replace(night.house, context=replace(night.house.context, **context))


def chosen(night, **settings):
    night.house = replace(night.house, settings=night.house.settings.model_copy(update=settings))
    night.house.check()


def freeze(start=-HOUR, end=HOUR, **more):
    return {"freezes": (Freeze(START + start, START + end, reason="year end", **more),)}


@pytest.mark.parametrize("part", ["arns", "principals", "accounts", "ous"])
def test_what_the_operator_protects_is_refused_and_paged(night, part):
    user = night.world.users[USER]
    named = {"arns": user.arn, "principals": user.arn, "accounts": user.account, "ous": "root"}
    facts(night, protected=Protected(**{part: (named[part],)}))
    accounts = tuple(replace(one, ou="root/workloads") for one in night.house.context.organisation.accounts)
    facts(night, organisation=replace(night.house.context.organisation, accounts=accounts))
    night.walk("leaked_user_key")
    assert refused(night, "leaked_user_key") == {"target-protected-ou" if part == "ous" else "target-protected"}
    assert len([one for one in night.told(Paged) if "must act by hand" in one.text]) == 2


def test_a_unit_that_is_not_known_may_be_a_protected_one(night):
    facts(night, protected=Protected(ous=("root/security",)))
    night.walk("leaked_user_key")
    assert refused(night, "leaked_user_key") == {"target-protected-ou"}


def test_a_freeze_refuses_and_pages_what_is_not_a_credential_cut_at_once(night):
    facts(night, **freeze())
    night.walk("crypto_mining")
    assert refused(night, "crypto_mining") == {"freeze"}
    assert any("nothing is changed during the freeze" in one.text for one in night.told(Paged))


@pytest.mark.parametrize("more", [{"end": -timedelta(minutes=1)}, {"accounts": ("999999999999",)}])
def test_a_freeze_that_is_over_or_elsewhere_stops_nothing(night, more):
    facts(night, **freeze(**more))
    night.walk("crypto_mining")
    assert night.states("crypto_mining") == {"E1": "contained", "E4": "contained"}


def test_a_freeze_that_begins_after_planning_holds_at_the_moment_of_sending(night):
    facts(night, **freeze(start=timedelta(minutes=10)))

    def later(fact):
        if isinstance(fact.body, Intended):
            night.lab.clock.set(START + timedelta(minutes=11))

    night.watch(later)
    night.walk("crypto_mining")
    assert night.states("crypto_mining") == {"E1": "failed", "E4": "failed"}
    assert night.changes() == ()
    assert 'freeze (case.purpose = "contain"' in night.file("crypto_mining").reasons[0]


def test_an_action_acts_only_in_its_ring(night):
    chosen(night, rings={"I2": ("sandbox",), "default": ("sandbox", "non-production", "production")})
    night.walk("leaked_user_key")
    assert night.states("leaked_user_key") == {"I1": "contained"}
    assert [(one.action, one.policy) for one in night.file("leaked_user_key").refusals] == [("I2", "ring")]


def test_what_is_enabled_in_the_sandbox_acts_there(night):
    chosen(night, rings={"default": ("sandbox",)})
    night.walk("crypto_mining")
    host = night.world.hosts["batch-worker"].instance
    assert host.account == SANDBOX.id
    assert night.states("crypto_mining") == {"E1": "contained", "E4": "contained"}


@pytest.mark.parametrize("rings", [{"I99": ("sandbox",)}, {"I2": ("ou-unknown",)}])
def test_a_ring_that_nothing_matches_stops_it_loudly(night, rings):
    with pytest.raises(BadInput, match="setting rings"):
        chosen(night, rings=rings)


def test_a_floor_leaves_what_is_below_it_to_people(night):
    chosen(night, floors={"production": 1.0})
    night.walk("leaked_user_key")
    file = night.file("leaked_user_key")
    assert (file.outcome, night.changes()) == (Outcome.ESCALATE, ())


# What the sessions may do ----------------------------------------------------------------------------------------


def test_each_call_is_sent_under_a_session_policy_of_its_containment(night, monkeypatch):
    send, under = night.house.aws.call, []

    def spied(call, *, policy, **more):
        under.append((call, json.loads(policy)["Statement"]))
        return send(call, policy=policy, **more)

    monkeypatch.setattr(night.house.aws, "call", spied)
    night.walk("leaked_user_key", "crypto_mining")
    assert len(under) == len(night.told(Called)) > 5
    for call, statements in under:
        mine = [one for one in statements if permission(call) in one["Action"]]
        assert mine
        assert all("*" not in name for one in statements for name in one["Action"])
        places = {arn.split(":")[4] for one in statements for arn in one["Resource"]}
        assert places <= {call.resource.split(":")[4], ""}
    assert {one.permit.allowed for one in night.told(Called)} == {True}


# What was decided and why ----------------------------------------------------------------------------------------


def test_every_call_planned_sent_and_refused_shows_its_policies_and_facts(night):
    chosen(night, rings={"I2": (), "default": ("production",)})
    night.walk("leaked_user_key")
    found = decisions(night.house.facts(case=night.file("leaked_user_key").id))
    by = {(one.action, one.decision): one for one in found}
    assert set(by) == {("I1", "permitted"), ("I1", "sent"), ("I2", "refused")}
    assert all(one.policies and one.facts for one in found)
    assert "change.rings = []" in by["I2", "refused"].facts
    assert by["I1", "sent"].policies == ("contain-access-key",)


# Policies while it runs ------------------------------------------------------------------------------------------

FORBID = '@id("never-today") @reason("not today") forbid (principal, action in Action::"iam", resource);'


def written(folder, text, number):
    file = folder / "ours.cedar"
    file.write_text(text, encoding="utf-8")
    os.utime(file, (1_700_000_000 + number, 1_700_000_000 + number))


def test_changed_policies_come_into_force_while_it_runs_and_broken_ones_page(night, tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    written(rules, FORBID.replace("iam", "lambda"), 1)
    night.house = replace(night.house, guardrails=Guardrails(rules))
    reread(night.house)
    written(rules, "forbid (", 2)
    reread(night.house)
    assert night.told(Paged) == ()
    night.lab.clock.set(START + EVERY)
    for _ in range(3):
        reread(night.house)
    (page,) = night.told(Paged)
    assert "those from before stay in force" in page.text
    written(rules, FORBID, 3)
    night.lab.clock.set(START + 2 * EVERY)
    night.walk("leaked_user_key")
    assert refused(night, "leaked_user_key") == {"operator/ours/never-today"}
    read = night.told(PoliciesRead)
    assert [one.policies for one in read] == [("operator/ours/never-today",)] * 2
    assert len({one.digest for one in read}) == 2
