"""Break-glass: about once a quarter someone signs in with the emergency user, with MFA, and repairs something."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.lab.cloudtrail import Issued, user_session
from stanch.lab.dice import session_key
from stanch.lab.organisation import addresses
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.found import BROWSERS
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Site
from stanch.model.data import JSON

REPAIR = (
    *("iam:ListRoles", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:UpdateAssumeRolePolicy"),
    *("iam:PutRolePolicy", "iam:GetRolePolicy", "sts:GetCallerIdentity"),
)
CHANCE = 1 / 180
"""A day and account."""


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """Nothing on most days."""
    thrown = day.dice("emergency", site.id)
    if thrown.random() >= CHANCE:
        return
    pen, at = Pen(thrown), day.midnight + timedelta(minutes=thrown.randint(0, 1380))
    address = thrown.choice(addresses.pool(addresses.VPN))
    session = user_session(site.break_glass, address, BROWSERS[0], Issued("console", session_key(thrown), at, mfa=True))
    caller = Caller.of(session, site.region)
    extra: dict[str, JSON] = {"additionalEventData": {"MFAUsed": "Yes", "MobileVersion": "No"}}
    yield pen.write(caller, at, "signin:ConsoleLogin", response={"ConsoleLogin": "Success"}, extra=extra)
    for call in REPAIR:
        at += timedelta(seconds=thrown.uniform(3, 60))
        yield pen.write(caller, at, call, request={"roleName": "platform-tooling"} if "Role" in call else None)
