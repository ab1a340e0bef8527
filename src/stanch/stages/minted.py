"""Which credentials a credential was used to mint, as STS's own answers assert (class A): never by a name he chose."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stanch.model.change import Target, TargetKind
from stanch.model.deed import at
from stanch.probes.activity import Act

ASSUMING = "sts:AssumeRole"
"""How the calls begin that mint a session of a role."""
OF_THE_SAME = frozenset({"sts:GetSessionToken", "sts:GetFederationToken"})
"""Calls that mint a session of the calling user: what denies him denies it."""
_KEY = re.compile(r"ASIA[A-Z0-9]{12,124}")
_ASSUMED = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[\w+=,.@-]{1,64})/.+", re.ASCII
)
_ROLE = re.compile(
    r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/(?:[\x21-\x7e]{0,510}/)?(?P<role>[\w+=,.@-]{1,64})", re.ASCII
)


@dataclass(frozen=True)
class Minted:
    """One session that was issued to a credential."""

    event: str
    """CloudTrail's event id."""
    key: str
    """`ASIA…`"""
    session: Target | None
    """The session of a role; None for one of the calling user's own."""


def minted(acts: Iterable[Act]) -> tuple[tuple[Act, Minted], ...]:
    """What these acts minted, in their order; what STS refused or did not answer in full is none."""
    found = ((act, _minted(act)) for act in acts if not act.error)
    return tuple((act, one) for act, one in found if one is not None)


def _minted(act: Act) -> Minted | None:
    key = at(act.answer, "credentials", "accessKeyId")
    if not (isinstance(key, str) and _KEY.fullmatch(key)):
        return None
    if act.call in OF_THE_SAME:
        return Minted(act.event_id, key, None)
    session = _session(act) if act.call.startswith(ASSUMING) else None
    return Minted(act.event_id, key, session) if session else None


def _session(act: Act) -> Target | None:
    """The session: its id and account from STS's answer; the role's path from the request, if it is the same role."""
    id, arn = at(act.answer, "assumedRoleUser", "assumedRoleId"), at(act.answer, "assumedRoleUser", "arn")  # noqa: A001
    match = _ASSUMED.fullmatch(arn) if isinstance(arn, str) else None
    if match is None or not isinstance(id, str):
        return None
    plain = f"arn:{match['partition']}:iam::{match['account']}:role/{match['role']}"
    asked = at(act.params, "roleArn")
    same = _ROLE.fullmatch(asked) if isinstance(asked, str) else None
    whole = same is not None and (same["account"], same["role"]) == (match["account"], match["role"])
    role = str(asked) if whole else plain
    return Target(TargetKind.ROLE_SESSION, match["account"], act.region, match["role"], role, within=id)
