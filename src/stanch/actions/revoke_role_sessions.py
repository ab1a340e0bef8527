"""I3: revoke the sessions of a role that were issued until now, with a policy that ends by itself."""

from datetime import timedelta

from stanch.actions._denial import READS, Principal
from stanch.actions._deny import Condition, Deny, iam_time, role_objections
from stanch.actions._examples import ROLE, TERMS
from stanch.model.change import Action, Lasting, RevertsBy, Target, TargetKind, Terms

PROPAGATION = timedelta(seconds=60)
"""Sessions minted while IAM still propagates the deny must die too."""


def _issued_before(_target: Target, terms: Terms) -> Condition:
    return {"DateLessThan": {"aws:TokenIssueTime": iam_time(terms.issued_at + PROPAGATION)}}


def _objections(target: Target, state: Principal) -> tuple[str, ...]:
    return (*role_objections(target, state), *_DENY.objections(target, state))


_DENY = Deny("I3", "Role", "StanchRevokeSessions", _issued_before)

ACTION = Action(
    id="I3",
    title="Revoke role sessions",
    target=TargetKind.ROLE,
    state=Principal,
    snapshot=_DENY.snapshot,
    presume=_DENY.presume,
    objections=_objections,
    forward=_DENY.forward,
    inverse=_DENY.inverse,
    keep=_DENY.keep,
    blast_radius=_DENY.blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard for sessions issued until now; soft if the thief still holds what mints them: new sessions work",
    breaks="Every session of this role issued until now; an instance on it is denied until its credentials rotate, "
    "up to 6 hours. Sessions of other roles reached from it live on.",
    price="stolen sessions that are still alive work again",
    lasting=Lasting.DECAY,
    next_rungs=("I5",),
    permissions=READS["Role"],
    runbook="AWSSupport-ContainIAMPrincipal",
    examples=_DENY.examples(ROLE, TERMS),
)
"""The cut is at the time of the containment plus a minute, never at the finding's last-seen time."""
