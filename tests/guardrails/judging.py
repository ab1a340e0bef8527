"""One change of every action, calm circumstances, and the question whether a call of it may be made."""

from dataclasses import replace
from typing import Any

from stanch.actions import catalogue
from stanch.actions._examples import ACCOUNT, TERMS
from stanch.guardrails import Circumstances, Guardrails
from stanch.model.case import Mode, Tier
from stanch.model.change import Action, Call, Change, Permit, Target
from stanch.model.finding import IdentityKind
from stanch.store.codec import plain

from .calm import OPEN

GUARDRAILS = Guardrails()
ACTIONS = catalogue()
IDENTITY_ACTIONS = {"I1", "I2", "I3", "I4", "I5", "I6", "I7", "S2"}
CREDENTIAL_ACTIONS = IDENTITY_ACTIONS - {"S2"}

CALM = Circumstances(
    playbook="credential-exfiltration",
    tier=Tier.CRITICAL,
    mode=Mode.ACT,
    executing=True,
    purpose="contain",
    confidence=0.97,
    account=ACCOUNT,
    identity=IdentityKind.ASSUMED_ROLE,
    sample=False,
    known_type=True,
    outsider=False,
    confirmed=True,
    actors=1,
    at_once=True,
    fence=OPEN,
    protected=(f"arn:aws:iam::{ACCOUNT}:user/break-glass",),
    own_role="stanch-responder",
    stopped=False,
    approved_by="Grace",
)
"""Nothing speaks against containing."""
REVERT = replace(CALM, purpose="revert")
KEEP = replace(CALM, purpose="keep")


def change(action: Action[Any], target: Target, before: object) -> Change:
    """The change that planning would give on this state."""
    return Change(
        action.id,
        action.title,
        target,
        plain(before),
        action.forward(target, before, TERMS),
        action.inverse(target, before, None, TERMS).calls,
        action.blast_radius(target, before),
        action.cut,
        action.breaks,
        action.reverts_by,
        TERMS,
        no_inverse=action.no_inverse,
    )


CHANGES = {name: change(one, *one.examples[0]) for name, one in ACTIONS.items()}
"""One change for each action, of its first example."""
HALFWAY = [
    (name, target, state, replace(CALM, state=plain(state)))
    for name, one in ACTIONS.items()
    for target, state in one.examples
]
"""Every example: a state that a containment passes through, known because it was just read."""
FORWARD = [(one, call) for one in CHANGES.values() for call in one.forward if not call.waits_for]
INVERSE = [(one, call) for one in CHANGES.values() for call in one.inverse]


def named(pair: tuple[Change, Call]) -> str:
    return f"{pair[0].action}-{pair[1].operation}"


def judge(call: Call, of: Change, around: Circumstances = CALM) -> Permit:
    return GUARDRAILS.judge(call, of, around)


def refusal(call: Call, of: Change, around: Circumstances = CALM) -> str:
    """Asserts that it is refused; returns why."""
    permit = judge(call, of, around)
    assert not permit.allowed
    return GUARDRAILS.explain(permit)
