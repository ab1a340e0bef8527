"""A change with any refused call leaves the plan, with the call, the policy and the reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stanch.guardrails import Budget, Circumstances, Disruption, Fence, Guardrails
from stanch.model.case import Mode, Tier
from stanch.model.change import Call, Change, Plan, Refusal, RevertsBy, Target, TargetKind, Terms
from stanch.model.finding import IdentityKind
from stanch.stages.guard import guard

ACCOUNT = "111122223333"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = Terms("C-00000000", 1, NOW, NOW + timedelta(hours=4))
GUARDRAILS = Guardrails()
OPEN = Fence(
    budget=Budget(20, 10, 10, 5),
    disrupted=(),
    privileged=(),
    environment="production",
    ou="",
    in_protected_ou="no",
    floor=0.0,
    freeze="",
    freezes_all=False,
    rings={"I1": ("production",)},
)
CALM = Circumstances(
    playbook="credential-exfiltration",
    tier=Tier.CRITICAL,
    mode=Mode.OBSERVE,
    executing=False,
    purpose="contain",
    confidence=0.97,
    account=ACCOUNT,
    identity=IdentityKind.IAM_USER,
    sample=False,
    known_type=True,
    outsider=False,
    confirmed=True,
    actors=1,
    at_once=True,
    fence=OPEN,
    protected=(),
    own_role="stanch-responder",
    stopped=False,
)


def deactivate(user: str) -> Change:
    """Deactivate a user's key."""
    arn, key = f"arn:aws:iam::{ACCOUNT}:user/{user}", f"AKIA{user.upper()}"
    off, on = (
        Call("iam", "UpdateAccessKey", {"UserName": user, "AccessKeyId": key, "Status": status}, arn)
        for status in ("Inactive", "Active")
    )
    target = Target(TargetKind.ACCESS_KEY, ACCOUNT, "eu-west-1", key, arn, user)
    return Change("I1", "Deactivate access key", target, {}, (off,), (on,), "", "", "", RevertsBy.STANCH, TERMS)


ERIN, FRANK = deactivate("erin"), deactivate("frank")


def test_what_is_permitted_stays_and_every_call_has_its_decision() -> None:
    plan, permits = guard(Plan((ERIN, FRANK)), CALM, GUARDRAILS)
    assert plan == Plan((ERIN, FRANK))
    assert [permit.policies for permit in permits] == [("contain-access-key",), ("revert-access-key",)] * 2


LOOKED = ('case.purpose = "contain" != "revert"', "target.protected = true")


def test_a_refused_change_leaves_and_the_others_stay() -> None:
    earlier = Refusal("I2", FRANK.target.arn, "", "no room for the deny")
    around = replace(CALM, protected=(ERIN.target.arn,))
    plan, permits = guard(Plan((ERIN, FRANK), (earlier,)), around, GUARDRAILS)
    reason = "the operator's file protects this target (break-glass or protected)"
    assert plan == Plan(
        (FRANK,), (earlier, Refusal("I1", ERIN.target.arn, "iam:UpdateAccessKey", reason, "target-protected", LOOKED))
    )
    assert [permit.allowed for permit in permits] == [False, True, True, True]


def test_what_could_not_be_taken_back_is_not_begun() -> None:
    forced = Call("iam", "DeleteAccessKey", ERIN.inverse[0].params, ERIN.target.arn)
    plan, _ = guard(Plan((replace(ERIN, inverse=(forced,)),)), CALM, GUARDRAILS)
    (refusal,) = plan.refusals
    assert plan.changes == ()
    assert refusal.call == "iam:DeleteAccessKey"
    assert "nothing is ever deleted" in refusal.reason


@pytest.mark.parametrize("purpose", ["contain", "revert", "keep"])
def test_forward_is_judged_as_containing_whatever_the_caller_says(purpose: str) -> None:
    around = replace(CALM, sample=True, purpose=purpose)  # type: ignore[arg-type]  # one of the three, parametrised
    plan, _ = guard(Plan((ERIN,)), around, GUARDRAILS)
    assert [refusal.reason for refusal in plan.refusals] == ["the finding is a sample"]


def test_an_empty_plan_stays_empty() -> None:
    assert guard(Plan(), CALM, GUARDRAILS) == (Plan(), ())


def test_what_lacks_nothing_but_an_approval_is_proposed_and_neither_planned_nor_refused() -> None:
    wanting = replace(ERIN, approval="it stops the service")
    plan, permits = guard(Plan((wanting, FRANK)), CALM, GUARDRAILS)
    assert plan == Plan((FRANK,), (), (wanting,))
    assert len(permits) == 4


def test_a_refusal_outweighs_the_missing_approval() -> None:
    wanting = replace(ERIN, approval="it stops the service")
    plan, _ = guard(Plan((wanting,)), replace(CALM, protected=(ERIN.target.arn,)), GUARDRAILS)
    assert (plan.changes, plan.proposals) == ((), ())
    assert [one.policy for one in plan.refusals] == ["case-approval, target-protected"]


def test_what_a_named_person_approved_is_planned() -> None:
    wanting = replace(ERIN, approval="it stops the service")
    plan, _ = guard(Plan((wanting,)), replace(CALM, approved_by="dana"), GUARDRAILS)
    assert (plan.changes, plan.proposals) == ((wanting,), ())


def spent(number: int) -> Circumstances:
    done = tuple(Disruption("444455556666", f"arn:aws:iam::444455556666:user/u{n}", "p") for n in range(number))
    return replace(CALM, fence=replace(OPEN, disrupted=done))


def test_what_a_plan_disrupts_first_counts_against_what_comes_after_it() -> None:
    plan, _ = guard(Plan((ERIN, FRANK)), spent(19), GUARDRAILS)
    assert plan.changes == (ERIN,)
    assert [(one.target, one.policy) for one in plan.refusals] == [(FRANK.target.arn, "budget-overall")]


def test_one_more_change_on_whom_the_plan_cuts_already_spends_nothing() -> None:
    again = replace(ERIN, target=replace(ERIN.target, name="AKIAERIN"))
    plan, _ = guard(Plan((ERIN, again)), spent(19), GUARDRAILS)
    assert plan.changes == (ERIN, again)


def test_an_administrator_is_known_by_the_policies_that_the_plan_read() -> None:
    admin = {"attached": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    user = replace(ERIN, target=replace(ERIN.target, kind=TargetKind.USER), before=admin)
    plan, _ = guard(Plan((ERIN, FRANK)), spent(20), GUARDRAILS)
    assert plan.changes == ()
    plan, _ = guard(Plan((ERIN, user, FRANK)), spent(20), GUARDRAILS)
    assert plan.changes == (ERIN,)
