"""Old accounts have IAM users who still sign in with a password, mistype it, and look at what their program does."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.lab.cloudtrail import Issued, user_session
from stanch.lab.dice import session_key
from stanch.lab.organisation.benign.people import PAGES
from stanch.lab.organisation.day import OFFICE, Day
from stanch.lab.organisation.found import BROWSERS
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Site
from stanch.model.data import JSON

CHANCE = 0.25
"""A weekday and account."""


def of_site_day(day: Day, site: Site) -> Iterator[Trace]:
    """Someone who looks after a key signs in with its user, from the office or from home."""
    thrown = day.dice("console", site.id)
    if not day.working or thrown.random() >= CHANCE:
        return
    pen, at = Pen(thrown), day.times(thrown, 1, OFFICE, 1)[0]
    user = thrown.choice(site.users)
    home = thrown.choice(day.organisation.people[:20]).home.on(day.number)
    address, agent = thrown.choice((user.address.on(day.number), home)), thrown.choice(BROWSERS)
    for _ in range(thrown.choice((0, 0, 0, 1, 1, 2, 6))):
        unknown = Caller.of(user_session(user.user, address, agent), site.region)
        extra: dict[str, JSON] = {"errorMessage": "Failed authentication", "additionalEventData": _data("No")}
        yield pen.write(unknown, at, "signin:ConsoleLogin", response={"ConsoleLogin": "Failure"}, extra=extra)
        at += timedelta(seconds=thrown.uniform(6, 40))
    issued = Issued("console", session_key(thrown), at, mfa=thrown.random() < 0.6)
    caller = Caller.of(user_session(user.user, address, agent, issued), site.region)
    extra = {"additionalEventData": _data("Yes" if issued.mfa else "No")}
    yield pen.write(caller, at, "signin:ConsoleLogin", response={"ConsoleLogin": "Success"}, extra=extra)
    for page in thrown.sample(PAGES, thrown.randint(1, 4)):
        at += timedelta(seconds=thrown.uniform(15, 200))
        for call in page:
            at += timedelta(seconds=thrown.expovariate(1 / 0.22))
            error = "AccessDenied" if thrown.random() < (0.5 if call.endswith("!") else 0.03) else ""
            yield pen.write(caller, at, call.rstrip("!"), error=error)


def _data(mfa: str) -> JSON:
    return {"MFAUsed": mfa, "MobileVersion": "No"}
