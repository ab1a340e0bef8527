"""What CloudTrail says of a contained principal and of what stanch put in place: pure questions to a list of acts."""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stanch.model.casefile import Containment, State
from stanch.model.change import TargetKind
from stanch.model.context import Context
from stanch.model.finding import Finding
from stanch.probes.activity import Act

PROPAGATION = timedelta(seconds=60)
"""IAM may take this long until a change bites everywhere; a success within it proves nothing."""
UNDENIABLE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken", "sts:GetAccessKeyInfo"})
"""Calls that need no permission, so that no policy can deny them."""
DENIALS = ("AccessDenied", "UnauthorizedOperation", "InvalidClientTokenId", "AuthFailure")
STANDING = frozenset({State.CONTAINED, State.CONFIRMING, State.CONFIRMED})
"""States in which a containment is in place."""
CREDENTIALS = frozenset(
    {
        TargetKind.ACCESS_KEY,
        TargetKind.USER,
        TargetKind.ROLE,
        TargetKind.ROLE_SESSION,
        TargetKind.INSTANCE_CREDENTIALS,
    }
)
"""Kinds of target that act by themselves, so that CloudTrail shows whether they are stopped."""


@dataclass(frozen=True)
class Suspect:
    """Whose acts count: exactly the credential that the finding names, as AWS asserts it (class A)."""

    access_key: str
    principal_id: str
    """`AIDA…`, or `AROA…:session`."""

    def did(self, act: Act) -> bool:
        """Whether the act was done with this credential."""
        by_key = bool(self.access_key) and act.access_key == self.access_key
        return by_key or (bool(self.principal_id) and act.principal_id == self.principal_id)


def suspect(finding: Finding) -> Suspect | None:
    """The credential that the finding names; None when it names none."""
    who = finding.identity
    if who is None or not (who.access_key or who.principal_id):
        return None
    return Suspect(who.access_key, who.principal_id)


def denied(acts: Iterable[Act], since: datetime) -> tuple[Act, ...]:
    """The acts that were refused after `since`: the proof that a cut bites."""
    return tuple(one for one in acts if one.at >= since and any(word in one.error for word in DENIALS))


def succeeded(acts: Iterable[Act], since: datetime, own: Sequence[str] = ()) -> tuple[Act, ...]:
    """The acts that succeeded after `since`, but for those that nothing can deny and those from the `own` networks."""
    return tuple(
        one
        for one in acts
        if one.at >= since and not one.error and one.call not in UNDENIABLE and not _within(one.address, own)
    )


def spared(one: Containment, context: Context, egress: Sequence[str]) -> tuple[str, ...]:
    """Networks from which the contained credential may go on: only where the cut itself leaves them open (I7)."""
    if one.change.action != "I7":
        return ()
    return (*egress, *own_networks(context))


def own_networks(context: Context) -> tuple[str, ...]:
    """All of the operator's own address ranges."""
    nets = context.networks
    return (*nets.vpn, *nets.office, *nets.ci, *nets.egress)


def _within(address: str, ranges: Sequence[str]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
        return any(ip in ipaddress.ip_network(one, strict=False) for one in ranges)
    except ValueError:  # an AWS service's name stands there, or nothing: it is in no range
        return False
