"""What the guardrails decided about a case: every call planned, refused or sent, by which policies, on which facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stanch.model.change import Change, Permit, Refusal
from stanch.model.contained import Called, Intended
from stanch.model.facts import Fact
from stanch.model.walked import Planned, Refused


@dataclass(frozen=True)
class Decision:
    """One decision on one call."""

    decision: str
    """`permitted` when it was planned, `sent`, `failed` where AWS did not do it, or `refused`."""
    call: str
    why: str
    policies: tuple[str, ...]
    facts: tuple[str, ...]
    """What those policies looked at; values that came with a finding are the attacker's words, shown escaped."""
    action: str = ""
    target: str = ""


def decisions(facts: Iterable[Fact]) -> tuple[Decision, ...]:
    """All decisions that the journal holds of a case, in order."""
    return tuple(one for fact in facts for one in _of(fact))


def _of(fact: Fact) -> Iterator[Decision]:
    match fact.body:
        case Planned(plan=plan, permits=permits):
            yield from _planned((*plan.changes, *plan.proposals), permits)
        case Intended(change=change, permits=permits) if permits:
            yield from _planned((change,), permits)
        case Refused(refusal=refusal):
            yield _refused(refusal)
        case Called(containment=containment, receipt=receipt, permit=permit):
            word = "sent" if receipt.ok else "failed"
            policies, looked = (permit.policies, permit.facts) if permit else ((), ())
            action, target = containment.split("/", 2)[1:]
            why = f"on {receipt.call.resource}{f': {receipt.error}' if receipt.error else ''}"
            yield Decision(word, receipt.call.name, why, policies, looked, action, target)


def _planned(changes: Iterable[Change], permits: Iterable[Permit]) -> Iterator[Decision]:
    """The permits of the calls that are planned; what was refused has a fact of its own."""
    calls = {call.name: (change, call) for change in changes for call in (*change.forward, *change.inverse)}
    for permit in permits:
        if permit.allowed and permit.call in calls:
            change, call = calls[permit.call]
            yield Decision(
                decision="permitted",
                call=permit.call,
                why=f"on {call.resource}",
                policies=permit.policies,
                facts=permit.facts,
                action=change.action,
                target=change.target.arn,
            )


def _refused(refusal: Refusal) -> Decision:
    policies = tuple(one for one in refusal.policy.split(", ") if one)
    call = refusal.call or refusal.action or "the case"
    why = f"{refusal.reason} ({refusal.policy or 'no policy'})"
    return Decision("refused", call, why, policies, refusal.facts, refusal.action, refusal.target)
