"""The worlds that scenarios play in: drawn by seed, each with its own names, ids, dates, region and address plan."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from stanch.lab.dice import dice
from stanch.lab.organisation import benign
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.found import REGION, found
from stanch.lab.organisation.record import Event
from stanch.lab.organisation.traces import Access, Flow, Found, Trace
from stanch.lab.organisation.world import Organisation, Site

DAYS, ACCOUNTS = 46, 6
REGIONS = ("eu-west-1", "eu-central-1", "us-west-2", "ap-southeast-2", "ca-central-1", "eu-north-1", "us-east-2")
PREFIXES = ("192.0.2.", "198.51.100.", "203.0.113.")
"""The documentation networks; which of them is the operator's and which a stranger's is drawn anew in each world."""
_PREFIX = re.compile("|".join(map(re.escape, PREFIXES)))
FIRST, SPREAD = datetime(2025, 1, 6, tzinfo=UTC), 600
Log = Event | Flow | Access


@dataclass(frozen=True)
class World:
    """An organisation and how its addresses and region are spelt here."""

    organisation: Organisation
    prefixes: Mapping[str, str]
    region: str

    def spell(self, text: str) -> str:
        """The text with this world's networks and region in the place of the founding ones."""
        return _PREFIX.sub(lambda one: self.prefixes[one[0]], text).replace(REGION, self.region)

    def respell(self, log: Log) -> Log:
        """The same for a record of a log."""
        if isinstance(log, Access):
            return log._replace(text=self.spell(log.text))
        return log._replace(text=self.spell(log.text), region=self.spell(log.region))


@lru_cache(maxsize=8)
def world(seed: int, number: int) -> World:
    """The n-th world of a seed."""
    thrown = dice(seed, "world", str(number))
    end = FIRST + timedelta(days=thrown.randint(0, SPREAD))
    organisation = found(thrown.getrandbits(32), ACCOUNTS, DAYS, end)
    mixed = thrown.sample(PREFIXES, len(PREFIXES))
    return World(organisation, dict(zip(PREFIXES, mixed, strict=True)), thrown.choice(REGIONS))


@lru_cache(maxsize=16)
def everyday(seed: int, number: int, account: str) -> tuple[tuple[Log, ...], ...]:
    """All that happens in an account on the world's last two days, as whole sessions: what a case lies among."""
    at = world(seed, number)
    site = at.organisation.site(account)
    sessions: dict[tuple[str, str], list[Log]] = {}
    for n in (DAYS - 2, DAYS - 1):
        day = Day(at.organisation, n)
        for one in (*benign.of_site_day(day, site), *_of_account(benign.of_day(day), account)):
            if not isinstance(one, Found):
                key = (one.actor, one.session) if isinstance(one, Event) else ("log", f"{one.time:%d%H}")
                sessions.setdefault(key, []).append(at.respell(one))
    return tuple(tuple(sessions[key]) for key in sorted(sessions))


def _of_account(traces: Iterable[Trace], account: str) -> Iterable[Trace]:
    return (one for one in traces if not isinstance(one, Found) and one.account == account)


def sites(at: World, suits: Callable[[Site], bool]) -> tuple[Site, ...]:
    """The accounts in which something can play; the security account is nobody's place of work."""
    fitting = tuple(one for one in at.organisation.sites[1:] if suits(one))
    return fitting or at.organisation.sites[1:]
