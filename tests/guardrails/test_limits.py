"""The operator's limits: budgets, floors, freezes, rings, protected units; and that each policy and fact is needed."""

import copy
from dataclasses import MISSING, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.actions import catalogue
from stanch.actions._examples import ACCOUNT, TERMS
from stanch.guardrails import Budget, Circumstances, Disruption, Fence, Guardrails, administrators
from stanch.guardrails.policies import policy_set
from stanch.guardrails.request import question
from stanch.model.change import Call, Change, Permit
from stanch.respond.expectations import answers, expectations

from .calm import OTHER, flood
from .test_guardrails import CALM, CHANGES, CREDENTIAL_ACTIONS, FORBIDDING, KEEP

GUARDRAILS = Guardrails()
I2, E4 = CHANGES["I2"], CHANGES["E4"]
CUT, ISOLATE = I2.forward[1], E4.forward[0]


def judge(call: Call, of: Change, around: Circumstances = CALM, **fence: Any) -> Permit:
    return GUARDRAILS.judge(call, of, replace(around, fence=replace(around.fence, **fence)))


# Budgets -----------------------------------------------------------------------------------------------------------

SCOPES = [
    ("budget-overall", {}, Budget(3, 99, 99, 2)),
    ("budget-account", {"account": ACCOUNT}, Budget(99, 3, 99, 2)),
    ("budget-playbook", {"playbook": "credential-exfiltration"}, Budget(99, 99, 3, 2)),
]


@pytest.mark.parametrize(("policy", "where", "budget"), SCOPES)
def test_the_last_of_a_budget_is_spent_and_no_more(policy: str, where: dict[str, str], budget: Budget) -> None:
    assert judge(CUT, I2, budget=budget, disrupted=flood(2, **where)).allowed
    full = judge(CUT, I2, budget=budget, disrupted=flood(3, **where))
    assert (full.allowed, full.policies) == (False, (policy,))


@pytest.mark.parametrize(("policy", "where", "budget"), SCOPES)
def test_the_reserve_is_for_at_once_credential_cuts_on_privileged_principals(
    policy: str, where: dict[str, str], budget: Budget
) -> None:
    spent: dict[str, Any] = {"budget": budget, "disrupted": flood(3, **where)}
    admin = {**spent, "privileged": (I2.target.arn,)}
    assert judge(CUT, I2, **admin).allowed
    assert judge(CUT, I2, replace(CALM, at_once=False), **admin).policies == (policy,)
    assert judge(CUT, I2, **{**admin, "disrupted": flood(5, **where)}).policies == (policy,)
    host = {**spent, "privileged": (E4.target.arn,)}
    assert judge(ISOLATE, E4, **host).policies == (policy,)


def test_one_more_call_on_whom_this_hour_cut_already_spends_nothing() -> None:
    mine = Disruption(ACCOUNT, I2.target.arn, "another")
    assert judge(CUT, I2, disrupted=(*flood(30), mine)).allowed
    elsewhere = Disruption(OTHER, I2.target.arn, "another")
    assert not judge(CUT, I2, disrupted=(*flood(30), elsewhere)).allowed


def test_many_cuts_of_one_principal_count_once() -> None:
    again = tuple(replace(flood(1)[0], playbook=f"p{n}") for n in range(30))
    assert judge(CUT, I2, disrupted=again).allowed


def test_a_budget_of_nothing_contains_nothing() -> None:
    assert not judge(CUT, I2, budget=Budget(0, 10, 10, 0)).allowed


@pytest.mark.parametrize("name", ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"])
def test_an_administrator_is_known_by_awss_own_policies(name: str) -> None:
    strong = replace(I2, before={"attached": [f"arn:aws:iam::aws:policy/{name}"]})
    assert administrators((strong, E4)) == (I2.target.arn,)


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"]
)
def test_another_policy_makes_no_administrator(arn: str) -> None:
    assert administrators((replace(I2, before={"attached": [arn]}),)) == ()


# Freezes, rings, floors, units -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CHANGES))
@pytest.mark.parametrize("at_once", [True, False])
def test_a_freeze_stops_all_but_at_once_credential_cuts(name: str, at_once: bool) -> None:
    one = CHANGES[name]
    for call in (call for call in one.forward if not call.waits_for):
        permit = judge(call, one, replace(CALM, at_once=at_once), freeze="year end")
        assert permit.allowed is (at_once and name in CREDENTIAL_ACTIONS)
        assert not judge(call, one, freeze="year end", freezes_all=True).allowed


@pytest.mark.parametrize(
    ("rings", "environment", "ou", "allowed"),
    [
        (("production",), "production", "", True),
        (("sandbox", "non-production"), "production", "", False),
        (("sandbox",), "non-production", "", False),
        (("ou-1",), "production", "ou-1", True),
        (("ou-1",), "production", "ou-2", False),
        (("",), "production", "", False),
        ((), "sandbox", "ou-1", False),
    ],
)
def test_an_action_acts_only_in_its_rings(rings: Any, environment: Any, ou: str, allowed: bool) -> None:
    permit = judge(CUT, I2, rings={"I2": rings}, environment=environment, ou=ou)
    assert permit.allowed is allowed
    assert allowed or permit.policies == ("ring",)


def test_an_action_of_which_no_ring_is_known_acts_nowhere() -> None:
    assert judge(CUT, I2, rings={"I1": ("production",)}).policies == ("ring",)


@pytest.mark.parametrize(("p", "floor", "allowed"), [(0.97, 0.97, True), (0.9699, 0.97, False), (0.9999, 1.0, False)])
def test_a_floor_is_not_rounded_away(p: float, floor: float, allowed: bool) -> None:
    assert judge(CUT, I2, replace(CALM, confidence=p), floor=floor).allowed is allowed


@pytest.mark.parametrize("unit", ["yes", "unknown"])
def test_a_protected_unit_and_one_that_is_not_known_are_left_alone_and_paged(unit: Any) -> None:
    for around in (CALM, KEEP):
        assert not judge(CUT, I2, around, in_protected_ou=unit).allowed
    assert judge(CUT, I2, in_protected_ou=unit).policies == ("target-protected-ou",)
    assert GUARDRAILS.page("target-protected-ou")


def test_whom_the_policies_protect_and_what_is_frozen_pages_and_nothing_else() -> None:
    paging = {one.id for one in GUARDRAILS.policies if one.page}
    assert paging == {"target-protected", "target-protected-ou", "freeze"}
    assert GUARDRAILS.page("case-sample, freeze") == GUARDRAILS.page("freeze")
    assert GUARDRAILS.page("case-sample") == GUARDRAILS.page("") == ""


# Every policy and every fact is needed -----------------------------------------------------------------------------


def without(policy: str) -> Guardrails:
    """The guardrails, one policy forgotten."""
    less = copy.copy(GUARDRAILS)
    kept = {one.id: one for one in less.policies if one.id != policy}
    less._rules = replace(less._rules, policies=kept, parsed=policy_set(kept.values()))
    return less


@pytest.mark.parametrize("policy", FORBIDDING)
def test_a_forgotten_policy_would_be_noticed(policy: str) -> None:
    around = replace(CALM, **FORBIDDING[policy])
    assert policy in GUARDRAILS.judge(CUT, I2, around).policies
    assert policy not in without(policy).judge(CUT, I2, around).policies


EXPECTED = {one.by for one in expectations(GUARDRAILS) if one.by}


@pytest.mark.parametrize("policy", sorted(EXPECTED))
def test_guard_test_notices_a_forgotten_policy(policy: str) -> None:
    less = without(policy)
    assert any(one.problem for one in answers(less, catalogue(), TERMS, expectations(less)))


def test_the_shipped_policies_answer_as_expected() -> None:
    found = tuple(answers(GUARDRAILS, catalogue(), TERMS, expectations(GUARDRAILS)))
    assert len(found) >= 25
    assert [one.problem for one in found if one.problem] == []


SEEN: Any = question(CUT, I2, CALM, GUARDRAILS.operations)
FACTS = [(part, name) for part, inner in SEEN.request["context"].items() for name in inner]


@pytest.mark.parametrize(("part", "name"), FACTS)
@pytest.mark.parametrize("purpose", ["contain", "revert", "keep"])
def test_a_missing_fact_refuses(part: str, name: str, purpose: Any) -> None:
    call = {"contain": CUT, "revert": I2.inverse[0], "keep": CUT}[purpose]
    asked: Any = question(call, I2, replace(CALM, purpose=purpose), GUARDRAILS.operations)
    assert GUARDRAILS.answer(call, asked).allowed
    if name not in asked.request["context"][part]:
        return
    context = {key: dict(inner) for key, inner in asked.request["context"].items()}
    del context[part][name]
    permit = GUARDRAILS.answer(call, replace(asked, request={**asked.request, "context": context}))
    assert not permit.allowed
    assert permit.errors


@pytest.mark.parametrize("kind", [Circumstances, Fence, Budget])
def test_no_deciding_fact_has_a_value_of_its_own(kind: Any) -> None:
    free = {one.name for one in fields(kind) if one.default is not MISSING}
    assert free <= {"approved_by", "state"}


# What an explanation shows ---------------------------------------------------------------------------------------


def test_a_refusal_shows_what_its_policy_looked_at() -> None:
    permit = judge(CUT, I2, disrupted=flood(10, account=ACCOUNT))
    assert permit.policies == ("budget-account",)
    assert "case.contained_account = 10 >= case.budget_account = 10" in permit.facts
    assert "target.counted = false" in permit.facts
    assert 'case.tier = "critical"' not in permit.facts


def test_a_permit_shows_what_its_policies_looked_at() -> None:
    permit = judge(CUT, I2)
    assert permit.facts == ('case.purpose = "contain" == "contain"', 'target.kind = "user" == "user"')


@given(st.text())
def test_words_of_an_attacker_are_shown_escaped_and_short(words: str) -> None:
    permit = judge(CUT, I2, freeze=f"x{words}", freezes_all=True)
    shown = [one for one in permit.facts if one.startswith("case.freeze = ")]
    assert shown
    assert all(one.isascii() and one.isprintable() and len(one) < 200 for one in shown)
