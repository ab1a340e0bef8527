"""What the guardrails permit, and that any forbidding circumstance is refused."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stanch.actions._examples import ACCOUNT, TERMS
from stanch.actions._role import possible_calls
from stanch.guardrails import Budget, Circumstances, Fence
from stanch.guardrails.request import SEPARATE
from stanch.model.case import Mode, Tier
from stanch.model.change import Call, Change, Target, TargetKind
from stanch.model.finding import IdentityKind

from .calm import OPEN, flood
from .judging import (
    ACTIONS,
    CALM,
    CHANGES,
    CREDENTIAL_ACTIONS,
    FORWARD,
    GUARDRAILS,
    HALFWAY,
    IDENTITY_ACTIONS,
    INVERSE,
    KEEP,
    REVERT,
    change,
    judge,
    named,
    refusal,
)

# What is permitted -------------------------------------------------------------------------------------------


def test_the_catalogue_and_the_permits_name_the_same_operations() -> None:
    said = {call.name for one in ACTIONS.values() for call in possible_calls(one)}
    switch = {f"scheduler:{one}Schedule" for one in ("Create", "Update", "Delete")}  # made for every action alike
    assert said | switch == GUARDRAILS.operations


@pytest.mark.parametrize(("name", "target", "state", "around"), HALFWAY)
def test_what_the_catalogue_does_is_permitted(name: str, target: Target, state: Any, around: Circumstances) -> None:
    action, untouched = ACTIONS[name], ACTIONS[name].examples[0][1]
    mine = next(before for other, before in action.examples if other == target)  # of a deed there are several kinds
    of = CHANGES[name] if target == CHANGES[name].target else change(action, target, mine)
    calls = {
        "contain": action.forward(target, state, TERMS),
        "keep": action.keep(target, state, TERMS),
        "revert": action.inverse(target, untouched, state, TERMS).calls,
    }
    for purpose, made in calls.items():
        for call in made:
            facts: dict[str, Any] = {"purpose": purpose, "executing": not call.waits_for}
            permit = judge(call, of, replace(around, **facts))
            assert (permit.allowed, permit.errors) == (True, ()), GUARDRAILS.explain(permit)
            assert permit.policies[0].startswith(f"{purpose}-")


@pytest.mark.parametrize("name", ACTIONS)
def test_replay_shows_what_would_be_permitted(name: str) -> None:
    action = ACTIONS[name]
    target = action.examples[0][0]
    one = replace(change(action, target, action.presume(target)), presumed=True)
    planning = replace(CALM, executing=False)
    for call in one.forward:
        assert judge(call, one, planning).allowed, refusal(call, one, planning)


def test_the_separate_roles_are_protected_like_the_responder_itself() -> None:
    assert {f"-{action.role}" if action.role else "" for action in ACTIONS.values()} <= set(SEPARATE)


def test_a_call_is_permitted_only_for_its_purpose() -> None:
    for one in (each for name, each in CHANGES.items() if name != "E1"):  # E1 may find, and put back, either value
        assert not any(judge(call, one, REVERT).allowed for call in one.forward)
        assert not any(judge(call, one, CALM).allowed for call in one.inverse)
        assert not any(judge(call, one, KEEP).allowed for call in one.inverse)


def test_every_policy_has_an_id_and_every_forbid_a_reason() -> None:
    assert not [one.id for one in GUARDRAILS.policies if one.id.startswith("policy")]
    assert not [one.id for one in GUARDRAILS.policies if one.effect == "forbid" and not one.reason]
    assert all(one.operations for one in GUARDRAILS.policies if one.effect == "permit")


# Circumstances -----------------------------------------------------------------------------------------------

FORBIDDING: dict[str, dict[str, Any]] = {
    "case-sample": {"sample": True},
    "case-unconfirmed": {"confirmed": False},
    "case-unknown-type": {"known_type": False},
    "case-outsider": {"outsider": True},
    "case-tier": {"tier": Tier.MEDIUM},
    "case-observing": {"mode": Mode.OBSERVE},
    "target-root": {"identity": IdentityKind.ROOT},
    "target-aws-service": {"identity": IdentityKind.AWS_SERVICE},
    "target-account": {"account": "444455556666"},
    "target-protected": {"protected": (ACCOUNT,)},
    "target-protected-ou": {"fence": replace(OPEN, in_protected_ou="yes")},
    "freeze": {"fence": replace(OPEN, freeze="year end", freezes_all=True)},
    "ring": {"fence": replace(OPEN, environment="sandbox", rings=dict.fromkeys(ACTIONS, ("production",)))},
    "floor": {"fence": replace(OPEN, floor=0.98)},
    "budget-overall": {"fence": replace(OPEN, disrupted=flood(20))},
    "budget-account": {"fence": replace(OPEN, disrupted=flood(10, account=ACCOUNT))},
    "budget-playbook": {
        "playbook": "credential-exfiltration",
        "fence": replace(OPEN, disrupted=flood(10, playbook="credential-exfiltration")),
    },
}
"""Policy -> a fact that must make it forbid any containment."""


@pytest.mark.parametrize("policy", FORBIDDING)
def test_each_fact_forbids_every_containing_call(policy: str) -> None:
    around = replace(CALM, **FORBIDDING[policy])
    for one, call in FORWARD:
        permit = judge(call, one, around)
        if policy.startswith("budget-") and one.target.kind is TargetKind.DEED:
            assert permit.allowed  # a repair disrupts nobody
            continue
        assert not permit.allowed
        assert policy in permit.policies


@pytest.mark.parametrize("name", sorted(name for name, action in ACTIONS.items() if action.approval))
def test_what_needs_a_person_is_not_even_planned_without_one(name: str) -> None:
    alone = replace(CALM, approved_by="")
    one = CHANGES[name]
    assert all("only a person may start this" in refusal(call, one, alone) for call in one.forward)
    assert all("only a person" in refusal(call, one, replace(alone, executing=False)) for call in one.forward)
    assert all(judge(call, one, replace(REVERT, approved_by="")).allowed for call in one.inverse)


def test_stopping_lifts_no_protection_without_approval() -> None:
    target, protected = ACTIONS["E6"].examples[1]
    lifting = change(ACTIONS["E6"], target, protected)
    assert lifting.forward[0].operation == "ModifyInstanceAttribute"
    assert judge(lifting.forward[0], lifting).allowed
    assert "only a person" in refusal(lifting.forward[0], lifting, replace(CALM, approved_by=""))


def test_everything_else_needs_nobody() -> None:
    alone = replace(CALM, approved_by="")
    assert all(judge(call, one, alone).allowed for one, call in FORWARD if not ACTIONS[one.action].approval)


def fence(
    elsewhere: int, here: int, unit: Any, floor: float, freeze: str, freezes_all: bool, rings: tuple[str, ...]
) -> Fence:
    """Any state of the operator's limits; what other playbooks did elsewhere, and what was done in the account."""
    return replace(
        OPEN,
        disrupted=(*flood(elsewhere), *flood(here, account=ACCOUNT)),
        in_protected_ou=unit,
        floor=floor,
        freeze=freeze,
        freezes_all=freezes_all,
        rings=dict.fromkeys(ACTIONS, rings),
    )


def circumstances(facts: dict[str, Any]) -> Circumstances:
    return replace(CALM, **facts)


ANY = st.fixed_dictionaries(
    {},
    optional={
        "playbook": st.text(max_size=20),
        "tier": st.sampled_from(Tier),
        "mode": st.sampled_from(Mode),
        "confidence": st.floats(0, 1),
        "identity": st.none() | st.sampled_from(IdentityKind),
        "sample": st.booleans(),
        "known_type": st.booleans(),
        "outsider": st.booleans(),
        "confirmed": st.booleans(),
        "actors": st.integers(0, 400),
        "at_once": st.booleans(),
        "fence": st.builds(
            fence,
            st.integers(0, 30),
            st.integers(0, 15),
            st.sampled_from(("no", "yes", "unknown")),
            st.sampled_from((0.0, 0.5, 1.0)),
            st.sampled_from(("", "year end")),
            st.booleans(),
            st.sampled_from((("production",), ("sandbox",), ())),
        ),
        "protected": st.tuples(st.text("abc:/", max_size=20)),
    },
).map(circumstances)


@given(around=ANY, fact=st.sampled_from(sorted(FORBIDDING)), pair=st.sampled_from(FORWARD))
def test_no_circumstances_outweigh_a_forbidding_fact(
    around: Circumstances, fact: str, pair: tuple[Change, Call]
) -> None:
    assume(not (fact.startswith("budget-") and pair[0].target.kind is TargetKind.DEED))  # a repair disrupts nobody
    assert not judge(pair[1], pair[0], replace(around, **FORBIDDING[fact])).allowed


def fences_off(around: Circumstances, *, identity: bool) -> bool:
    """The operator's limits in Python."""
    fence = around.fence
    here = sum(one.account == ACCOUNT for one in fence.disrupted)
    return (
        len(fence.disrupted) >= 20
        or here >= 10
        or fence.in_protected_ou != "no"
        or around.confidence < fence.floor
        or fence.environment not in fence.rings["I2"]
        or (bool(fence.freeze) and not (around.at_once and identity and not fence.freezes_all))
    )


def speaks_against(around: Circumstances, one: Change) -> bool:
    """The same rules in Python, written apart from the policies."""
    identity = one.action in IDENTITY_ACTIONS
    return (
        around.sample
        or around.outsider
        or not (around.confirmed and around.known_type)
        or around.tier not in (Tier.CRITICAL, Tier.HIGH)
        or around.mode is Mode.OBSERVE
        or around.identity in (IdentityKind.ROOT, IdentityKind.AWS_SERVICE)
        or (identity and (around.identity is IdentityKind.UNKNOWN or around.actors > 1))
        or fences_off(around, identity=one.action in CREDENTIAL_ACTIONS)
    )


@given(around=ANY, pair=st.sampled_from(FORWARD))
def test_containing_is_permitted_exactly_where_nothing_speaks_against_it(
    around: Circumstances, pair: tuple[Change, Call]
) -> None:
    assert judge(pair[1], pair[0], around).allowed is not speaks_against(around, pair[0])


@pytest.mark.parametrize("facts", [{"actors": 2}, {"identity": IdentityKind.UNKNOWN}], ids=str)
@pytest.mark.parametrize("pair", FORWARD, ids=named)
def test_an_actor_who_is_not_certain_is_not_cut_but_hosts_and_addresses_are(
    pair: tuple[Change, Call], facts: dict[str, Any]
) -> None:
    allowed = judge(pair[1], pair[0], replace(CALM, **facts)).allowed
    assert allowed is (pair[0].action not in IDENTITY_ACTIONS)


@pytest.mark.parametrize("pair", INVERSE, ids=named)
def test_nothing_of_the_case_keeps_a_revert_from_happening(pair: tuple[Change, Call]) -> None:
    everything = {key: value for facts in FORBIDDING.values() for key, value in facts.items() if key != "account"}
    assert judge(pair[1], pair[0], replace(REVERT, **everything)).allowed


def test_a_persons_confirm_needs_no_budget_but_no_protected_target_is_held() -> None:
    one = CHANGES["I2"]
    call = ACTIONS["I2"].keep(one.target, ACTIONS["I2"].examples[1][1], TERMS)[0]
    assert judge(call, one, replace(KEEP, fence=replace(OPEN, disrupted=flood(99)), confirmed=False)).allowed
    assert not judge(call, one, replace(KEEP, protected=(one.target.arn,))).allowed


def test_observation_plans_and_judges_but_sends_nothing() -> None:
    planned = replace(CALM, mode=Mode.OBSERVE, executing=False)
    assert all(judge(call, one, planned).allowed for one in CHANGES.values() for call in one.forward)
    assert "nothing is sent" in refusal(CHANGES["E4"].forward[0], CHANGES["E4"], replace(planned, executing=True))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"confidence": math.nan}, "not a probability"),
        ({"confidence": 1.5}, "not a probability"),
        ({"fence": replace(OPEN, budget=Budget(20, 10, 10, -1))}, "below zero"),
        ({"fence": replace(OPEN, floor=1.5)}, "not a probability"),
        ({"fence": replace(OPEN, freezes_all="no")}, "cannot be judged"),
        ({"confirmed": "yes"}, "cannot be judged"),
    ],
)
def test_a_fact_that_cannot_be_one_is_refused(facts: dict[str, Any], why: str) -> None:
    assert why in refusal(CHANGES["I2"].forward[0], CHANGES["I2"], replace(CALM, **facts))
