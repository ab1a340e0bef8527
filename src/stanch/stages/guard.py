"""Put every call of a plan to the guardrails; what they refuse leaves the plan, with the reason.

What lacks nothing but a person's approval is neither planned nor refused: it is proposed.
"""

from dataclasses import replace

from stanch.actions import oversized
from stanch.guardrails import Circumstances, Disruption, Guardrails, administrators
from stanch.model.change import Change, Permit, Plan, Refusal

APPROVAL = "case-approval"
"""Id of the policy that stands before what only a person may start."""


def guard(plan: Plan, circumstances: Circumstances, guardrails: Guardrails) -> tuple[Plan, tuple[Permit, ...]]:
    """The plan without the changes of which any call is refused, and the decision on every call.

    Forward calls are judged as containing, inverse calls as reverting: what could not be taken back is not begun.
    What the plan disrupts first counts against the budgets of what comes after it.
    """
    known = (*circumstances.fence.privileged, *administrators(plan.changes))
    circumstances = replace(circumstances, fence=replace(circumstances.fence, privileged=known))
    changes: list[Change] = []
    refusals = list(plan.refusals)
    proposals: list[Change] = []
    decisions: list[Permit] = []
    for change in plan.changes:
        permits = _judge(change, circumstances, guardrails)
        decisions += permits
        refused = next((one for one in permits if not one.allowed), None)
        if _lacks_approval(change, permits, circumstances):
            proposals.append(change)
        elif refused is None and oversized(change):
            refusals.append(Refusal(change.action, change.target.arn, "", oversized(change)))
        elif refused is None:
            changes.append(change)
            circumstances = _spending(circumstances, change)
        else:
            refusals.append(_refusal(change, refused, guardrails))
    return Plan(tuple(changes), tuple(refusals), tuple(proposals)), tuple(decisions)


def _spending(circumstances: Circumstances, change: Change) -> Circumstances:
    fence = circumstances.fence
    more = Disruption(change.target.account, change.target.arn, circumstances.playbook)
    return replace(circumstances, fence=replace(fence, disrupted=(*fence.disrupted, more)))


def _lacks_approval(change: Change, permits: tuple[Permit, ...], circumstances: Circumstances) -> bool:
    """Nobody approved it, it needs that, and nothing else speaks against it."""
    reasons = {policy for one in permits if not one.allowed for policy in (*one.policies, *one.errors)}
    silent = any(not one.allowed and not one.policies for one in permits)
    wanting = bool(change.approval) or APPROVAL in reasons
    return wanting and not circumstances.approved_by and not silent and reasons <= {APPROVAL}


def _judge(change: Change, circumstances: Circumstances, guardrails: Guardrails) -> tuple[Permit, ...]:
    contain = replace(circumstances, purpose="contain")
    revert = replace(circumstances, purpose="revert")
    return (
        *(guardrails.judge(call, change, contain) for call in change.forward),
        *(guardrails.judge(call, change, revert) for call in change.inverse),
    )


def _refusal(change: Change, permit: Permit, guardrails: Guardrails) -> Refusal:
    reason = guardrails.explain(permit)
    return Refusal(change.action, change.target.arn, permit.call, reason, ", ".join(permit.policies), permit.facts)
