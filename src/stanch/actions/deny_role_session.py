"""I4: deny one session of a role everything, with a policy that ends by itself."""

import hashlib
import re

from stanch.actions._denial import READS, Principal
from stanch.actions._deny import Condition, Deny, role_objections
from stanch.actions._examples import SESSION, TERMS
from stanch.model.change import Action, Lasting, RevertsBy, Target, TargetKind, Terms

# No character of a session name is special in a condition: `*`, `?` and `$` cannot stand in one.
_SESSION = re.compile(r"AROA[A-Z0-9]{12,124}:[A-Za-z0-9_+=,.@-]{2,64}")


def _of_session(target: Target, _terms: Terms) -> Condition:
    return {"StringEquals": {"aws:userid": target.within}}


def _subject(target: Target) -> str:
    """The role and a digest: the session's name is its author's choice, so it stands in no name of ours."""
    return f"{target.name}-{hashlib.sha256(target.within.encode()).hexdigest()[:16]}"


def _objections(target: Target, state: Principal) -> tuple[str, ...]:
    if not _SESSION.fullmatch(target.within):
        return (f"the session of role {target.name} is not known as its id and name",)
    if state.id and not target.within.startswith(f"{state.id}:"):
        return (f"role {target.name} is another one by now ({state.id}): the session was not of this one",)
    return (*role_objections(target, state), *_DENY.objections(target, state))


def _blast_radius(target: Target, _state: Principal) -> str:
    return f"session {target.within} of role {target.name} in account {target.account}"


_DENY = Deny("I4", "Role", "StanchDenySession", _of_session, _subject)

ACTION = Action(
    id="I4",
    title="Deny one role session",
    target=TargetKind.ROLE_SESSION,
    state=Principal,
    snapshot=_DENY.snapshot,
    presume=_DENY.presume,
    objections=_objections,
    forward=_DENY.forward,
    inverse=_DENY.inverse,
    keep=_DENY.keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard for sessions of this name, now and later; soft if the thief can name a new one, so it goes with I3",
    breaks="Whatever works under this session name of the role; its other sessions work on.",
    price="the stolen session works again while it lives",
    lasting=Lasting.DECAY,
    next_rungs=("I3",),
    permissions=READS["Role"],
    examples=_DENY.examples(SESSION, TERMS),
)
"""The narrowest identity cut. Sessions of other roles reached from it live on, each to be denied in its own account."""
