"""I5: let nobody assume a role any more, by a deny in its trust policy that ends by itself."""

from dataclasses import dataclass, replace

from stanch.actions._denial import canonical
from stanch.actions._deny import path_of, reserved
from stanch.actions._document import VERSION, Insert
from stanch.actions._examples import ACCOUNT, ROLE, TERMS
from stanch.aws.answer import at, number, text
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

_QUOTA = 2048
"""Characters of a trust policy, AWS's default; IAM counts no white space and we write none."""


@dataclass(frozen=True)
class Trust:
    """Who may assume a role."""

    exists: bool
    path: str = "/"
    document: str = ""
    """The trust policy, canonical JSON."""
    quota: int = _QUOTA


def _snapshot(reader: Reader, target: Target) -> Trust:
    try:
        found = reader.read("iam", "GetRole", RoleName=target.name)
    except NotFound:
        return Trust(exists=False)
    summary = reader.read("iam", "GetAccountSummary")
    return Trust(
        exists=True,
        path=text(found, "Role", "Path"),
        document=canonical(at(found, "Role", "AssumeRolePolicyDocument")),
        quota=number(summary, "SummaryMap", "AssumeRolePolicySizeQuota", default=_QUOTA),
    )


def _presume(target: Target) -> Trust:
    return Trust(exists=True, path=path_of(target.arn), document=canonical({"Version": VERSION, "Statement": []}))


def _assuming(_target: Target) -> JSONObject:
    actions = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    return {"Principal": "*", "Action": actions}


_INSERT = Insert(_assuming)


def _objections(target: Target, state: Trust) -> tuple[str, ...]:
    if not state.exists:
        return (f"role {target.name} does not exist in account {target.account}",)
    size = len(_INSERT.put(state.document, target, TERMS))  # any terms: their text is always as long
    too_long = f"the trust policy of role {target.name} would have {size} characters, and {state.quota} are allowed"
    return (*reserved(target.name, state.path), *((too_long,) if size > state.quota else ()))


def _forward(target: Target, state: Trust, terms: Terms) -> tuple[Call, ...]:
    return _write(target, state, _INSERT.put(state.document, target, terms))


def _keep(target: Target, state: Trust, terms: Terms) -> tuple[Call, ...]:
    return _write(target, state, _INSERT.keep(state.document, target, terms))


def _inverse(target: Target, before: Trust, now: Trust | None, terms: Terms) -> Undo:
    if now is None:
        return Undo((_update(target, before.document),))
    if not now.exists:
        return Undo()
    left = _INSERT.take(now.document, before.document, target, terms)
    if left.conflict or not left.found:
        return Undo((), (f"trust policy of role {target.name}: {left.conflict}",) if left.conflict else ())
    if not left.document:
        reason = f"the trust policy of role {target.name} has no other statement left: AWS would refuse it empty"
        return Undo((), (reason,))
    return Undo((_update(target, left.document),))


def _write(target: Target, state: Trust, document: str) -> tuple[Call, ...]:
    return () if document == state.document else (_update(target, document),)


def _update(target: Target, document: str) -> Call:
    params: JSONObject = {"RoleName": target.name, "PolicyDocument": document}
    return Call("iam", "UpdateAssumeRolePolicy", params, target.arn)


def _blast_radius(target: Target, _state: Trust) -> str:
    return f"role {target.name} in account {target.account}: nobody can assume it"


_TRUST: JSONObject = {
    "Version": VERSION,
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"},
    ],
}
_OPEN = Trust(exists=True, document=canonical(_TRUST))

ACTION = Action(
    id="I5",
    title="Block assuming a role",
    target=TargetKind.ROLE,
    state=Trust,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard for new sessions, whoever asks for them; sessions already issued live on, so it goes with I3",
    breaks="Everything that assumes this role, as soon as it needs a new session: people, pipelines, other accounts, "
    "AWS services, instances.",
    price="the thief can mint new sessions of the role again",
    permissions=("iam:GetAccountSummary", "iam:GetRole"),
    approval="It writes a whole trust policy and stops everyone who uses the role, not only the thief.",
    role="trust",
    examples=(
        (ROLE, _OPEN),
        (ROLE, replace(_OPEN, document=_INSERT.put(_OPEN.document, ROLE, TERMS))),
        (ROLE, replace(_OPEN, document=_INSERT.keep(_OPEN.document, ROLE, TERMS))),
    ),
)
"""The end lies in the statement itself; taking the statement out only tidies up. Nothing else in it is touched."""
