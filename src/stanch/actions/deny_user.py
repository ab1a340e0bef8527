"""I2: deny an IAM user everything, with a policy that ends by itself."""

from stanch.actions._denial import READS, Principal
from stanch.actions._deny import Deny
from stanch.actions._examples import TERMS, USER
from stanch.model.change import Action, RevertsBy, TargetKind

_DENY = Deny("I2", "User", "StanchDenyUser", lambda _target, _terms: {})

ACTION = Action(
    id="I2",
    title="Deny IAM user",
    target=TargetKind.USER,
    state=Principal,
    snapshot=_DENY.snapshot,
    presume=_DENY.presume,
    objections=_DENY.objections,
    forward=_DENY.forward,
    inverse=_DENY.inverse,
    keep=_DENY.keep,
    blast_radius=_DENY.blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard: keys, console and federated sessions of the user are denied once IAM has propagated, within seconds",
    breaks="Everything that runs or works as this user; sessions of roles that it assumed before live on.",
    price="the user's stolen credentials work again",
    permissions=READS["User"],
    runbook="AWSSupport-ContainIAMPrincipal",
    examples=_DENY.examples(USER, TERMS),
)
"""Covers the user's keys, console and `GetSessionToken` sessions, for none of them can lift an explicit deny."""
