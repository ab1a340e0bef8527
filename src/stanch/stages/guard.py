"""Put every call of a plan to the guardrails; what they refuse leaves the plan, with the reason."""

from dataclasses import replace

from stanch.guardrails import Circumstances, Guardrails
from stanch.model.change import Change, Permit, Plan, Refusal


def guard(plan: Plan, circumstances: Circumstances, guardrails: Guardrails) -> tuple[Plan, tuple[Permit, ...]]:
    """The plan without the changes of which any call is refused, and the decision on every call.

    Forward calls are judged as containing, inverse calls as reverting: what could not be taken back is not begun.
    """
    changes: list[Change] = []
    refusals = list(plan.refusals)
    decisions: list[Permit] = []
    for change in plan.changes:
        permits = _judge(change, circumstances, guardrails)
        decisions += permits
        refused = next((one for one in permits if not one.allowed), None)
        if refused is None:
            changes.append(change)
        else:
            refusals.append(_refusal(change, refused, guardrails))
    return Plan(tuple(changes), tuple(refusals)), tuple(decisions)


def _judge(change: Change, circumstances: Circumstances, guardrails: Guardrails) -> tuple[Permit, ...]:
    contain = replace(circumstances, purpose="contain")
    revert = replace(circumstances, purpose="revert")
    return (
        *(guardrails.judge(call, change, contain) for call in change.forward),
        *(guardrails.judge(call, change, revert) for call in change.inverse),
    )


def _refusal(change: Change, permit: Permit, guardrails: Guardrails) -> Refusal:
    reason = guardrails.explain(permit)
    return Refusal(change.action, change.target.arn, permit.call, reason, ", ".join(permit.policies))
