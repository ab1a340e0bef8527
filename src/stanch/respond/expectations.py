"""What is expected of the guardrails, put to them: the shipped requests, and those of the operator."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import stanch.guardrails
from stanch.guardrails import Budget, Circumstances, Fence, Guardrails
from stanch.model.case import Mode, Tier
from stanch.model.change import Action, Call, Change, Permit, Terms
from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import IdentityKind
from stanch.respond.circumstances import EVERYWHERE
from stanch.settings.place import Place, read_yaml
from stanch.store.codec import plain

SHIPPED = Path(stanch.guardrails.__file__).parent / "expectations"
PURPOSES = ("contain", "revert", "keep")


@dataclass(frozen=True)
class Expectation:
    """One request and the answer that it must get."""

    name: str
    """File and number."""
    call: str
    action: str
    purpose: str
    context: tuple[tuple[str, JSON], ...]
    """Facts that differ from the calm ones, by their path in the context."""
    permit: bool
    by: str
    """The policy that must be among those that decide; empty where any may."""


@dataclass(frozen=True)
class Answer:
    """What became of an expectation."""

    expectation: Expectation
    permit: Permit
    problem: str
    """Why it is not as expected, in a sentence; empty where it is."""


def expectations(guardrails: Guardrails) -> tuple[Expectation, ...]:
    """The shipped ones, then the operator's. Raises BadInput naming file and key."""
    shipped = {str(one): one.read_text(encoding="utf-8") for one in sorted(SHIPPED.glob("*.yaml"))}
    files = {**shipped, **guardrails.expectations}
    return tuple(one for name, text in files.items() for one in _read(name, text))


def answers(
    guardrails: Guardrails, actions: Mapping[str, Action[Any]], terms: Terms, wanted: tuple[Expectation, ...]
) -> Iterator[Answer]:
    """Each expectation with the decision; raises BadInput for an action that does not exist."""
    for one in wanted:
        permit = _ask(guardrails, actions, terms, one)
        yield Answer(one, permit, _problem(one, permit))


def _problem(one: Expectation, permit: Permit) -> str:
    if permit.errors:
        return f"it cannot be judged: {'; '.join(permit.errors)}"
    if permit.allowed is not one.permit:
        word = "permitted" if permit.allowed else "refused"
        return f"it is {word} by {', '.join(permit.policies) or 'no policy'}"
    missing = one.by and one.by not in permit.policies
    return f"it is decided by {', '.join(permit.policies) or 'no policy'}, not by {one.by}" if missing else ""


def _read(name: str, text: str) -> Iterator[Expectation]:
    yield from read_yaml(name, text.encode()).each(_expectation)


def _expectation(place: Place) -> Expectation:
    table = place.table("call action purpose context expect by", need="call action expect")
    facts = table["context"].entries() if "context" in table else {}
    return Expectation(
        name=f"{place.file}{place.path}",
        call=table.text("call"),
        action=table.text("action"),
        purpose=table["purpose"].one_of(PURPOSES) if "purpose" in table else "contain",
        context=tuple((path, one.json()) for path, one in facts.items()),
        permit=table["expect"].one_of(("permit", "refuse")) == "permit",
        by=table.text("by"),
    )


def _ask(guardrails: Guardrails, actions: Mapping[str, Action[Any]], terms: Terms, one: Expectation) -> Permit:
    change = _example(actions, one.action, terms)
    around = replace(_calm(change, actions), purpose=one.purpose)  # type: ignore[arg-type]  # one of the three, as read
    service, _, operation = one.call.partition(":")
    known = next((call for call in (*change.forward, *change.inverse) if call.name == one.call), None)
    call = known or Call(service, operation, {}, change.target.arn)
    return guardrails.rehearse(call, change, around, one.context)


def _example(actions: Mapping[str, Action[Any]], name: str, terms: Terms) -> Change:
    """The change of an action's first example."""
    if name not in actions:
        raise BadInput(f"no action has the id {name!r}")
    action = actions[name]
    target, before = action.examples[0]
    return Change(
        action=action.id,
        title=action.title,
        target=target,
        before=plain(before),
        forward=action.forward(target, before, terms),
        inverse=action.inverse(target, before, None, terms).calls,
        blast_radius=action.blast_radius(target, before),
        cut=action.cut,
        breaks=action.breaks,
        reverts_by=action.reverts_by,
        terms=terms,
        no_inverse=action.no_inverse,
        approval=action.approval,
    )


def _calm(change: Change, actions: Mapping[str, Action[Any]]) -> Circumstances:
    """A critical case in which nothing speaks against containing."""
    return Circumstances(
        playbook="example",
        tier=Tier.CRITICAL,
        mode=Mode.ACT,
        executing=False,
        purpose="contain",
        confidence=0.99,
        account=change.target.account,
        identity=IdentityKind.ASSUMED_ROLE,
        sample=False,
        known_type=True,
        outsider=False,
        confirmed=True,
        actors=1,
        at_once=True,
        fence=Fence(
            budget=Budget(20, 10, 10, 5),
            disrupted=(),
            privileged=(),
            environment="production",
            ou="",
            in_protected_ou="no",
            floor=0.0,
            freeze="",
            freezes_all=False,
            rings=dict.fromkeys(actions, EVERYWHERE),
        ),
        protected=(),
        own_role="stanch-responder",
        stopped=False,
        approved_by="a person",
    )
