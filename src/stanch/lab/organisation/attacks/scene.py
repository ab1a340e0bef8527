"""What an attack is played with: a place in the organisation, a pen, a clock that stealth slows down, and dice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import permutations
from random import Random

from stanch.lab.cloudtrail import Issued, Session, role_session
from stanch.lab.organisation import findings
from stanch.lab.organisation.benign.people import COMMANDS, PAGES
from stanch.lab.organisation.found import CLIS
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.sessions import (
    SDK,
    agent_of,
    function_session,
    instance_session,
    key_session,
    signed_in,
)
from stanch.lab.organisation.traces import Found, Trace
from stanch.lab.organisation.wanted import wanted
from stanch.lab.organisation.world import KeyUser, Organisation, Person, Site, Workload
from stanch.lab.world import Host, Role
from stanch.model.data import JSON, JSONObject


class Stealth(StrEnum):
    """How much an attacker takes care."""

    LOW = "low"
    """Loud: in seconds, from an address on a threat list, through many refusals."""
    MEDIUM = "medium"
    """In minutes, from a hosting address."""
    HIGH = "high"
    """In hours, in working time, with the victim's own agent, from an address that colleagues have used too."""


PAUSE = {Stealth.LOW: (0.4, 6), Stealth.MEDIUM: (15, 150), Stealth.HIGH: (200, 2400)}
"""Seconds between two calls."""
CURIOUS = {Stealth.LOW: 24, Stealth.MEDIUM: 10, Stealth.HIGH: 3}
"""Calls made to look around."""
REFUSED = {Stealth.LOW: 0.35, Stealth.MEDIUM: 0.15, Stealth.HIGH: 0.04}


class Clock:
    """The attack's own time."""

    def __init__(self, start: datetime, dice: Random, stealth: Stealth) -> None:
        self.now = start
        self._dice, self._stealth = dice, stealth

    def tick(self, times: float = 1) -> datetime:
        """The time of the next call, or of one after so many usual pauses."""
        self.now += timedelta(seconds=times * self._dice.uniform(*PAUSE[self._stealth]))
        return self.now

    def wait(self, **span: float) -> datetime:
        """The time after a pause that is not the attacker's choice (`minutes=5`)."""
        self.now += timedelta(**span)
        return self.now


@dataclass(frozen=True)
class Scene:
    """One attack's place, time and means."""

    organisation: Organisation
    site: Site
    pen: Pen
    """Writes events as part of the attack; use `everyday` for what its victim does."""
    clock: Clock
    stealth: Stealth
    day: int

    @property
    def dice(self) -> Random:
        """The attack's own dice."""
        return self.pen.dice

    @property
    def everyday(self) -> Pen:
        """Writes the victim's own events around it."""
        return Pen(self.dice)

    def stranger(self) -> str:
        """An address for the attacker, out of everybody's; the careful take one that a colleague has had too."""
        if self.stealth is Stealth.HIGH:
            return self.dice.choice(self.organisation.people).home.on(self.day)
        return self.dice.choice(self.organisation.strangers)

    def agent(self, victims: str) -> str:
        """The agent's name: the careful take the victim's."""
        return victims if self.stealth is Stealth.HIGH else self.dice.choice((*CLIS, SDK))

    def threats(self) -> tuple[str, ...]:
        """Threat lists that the attacker's address stands on."""
        return ("ProofPoint",) if self.stealth is Stealth.LOW else ()

    def foreign_account(self) -> str:
        """An account that is neither ours nor a partner's."""
        known = {one.id for one in self.organisation.sites} | {one.account for one in self.organisation.vendors}
        numbers = ["".join(digit * 4 for digit in three) for three in permutations("123456789", 3)]
        return self.dice.choice([one for one in numbers if one not in known])

    def host(self) -> tuple[Workload, Host]:
        """A host of the site, and what runs on it."""
        pairs = [(one, host) for one in self.site.workloads for host in one.hosts if one.since <= self.day]
        return self.dice.choice(pairs or [(one, host) for one in self.site.workloads for host in one.hosts])

    def user(self) -> KeyUser:
        """A user with a long-lived key."""
        return self.dice.choice(self.site.users)

    def person(self) -> tuple[Person, Role] | None:
        """Someone with a role in this site, if anyone has one."""
        found = [(one, role) for one in self.organisation.people for role in one.roles if role.account == self.site.id]
        return self.dice.choice(found) if found else None

    def from_elsewhere(self, caller: Caller, address: str) -> Caller:
        """The same credentials in the attacker's hands."""
        session = caller.session
        stolen = Session(
            session.actor, session.account, session.identity, address, self.agent(session.agent), session.name
        )
        return Caller.of(stolen, caller.region)

    def instance(self, workload: Workload, host: Host) -> tuple[tuple[Trace, ...], Caller]:
        """A host's session with some of its own calls before and after it was taken."""
        at = self.clock.now - timedelta(minutes=self.dice.randint(40, 200))
        event, outside, _ = instance_session(self.everyday, self.site, workload, host, at, self.day)
        own = [
            self.everyday.write(outside, at + timedelta(minutes=n * 17), "secretsmanager:GetSecretValue",
                                request={"secretId": workload.secrets[0]})
            for n in (1, 2, 3)
        ]  # fmt: skip
        return (event, *own), outside

    def function(self, workload: Workload) -> tuple[tuple[Trace, ...], Caller]:
        """A function's session."""
        at = self.clock.now - timedelta(minutes=self.dice.randint(1, 9))
        event, caller = function_session(self.everyday, self.site, workload, at, self.day)
        return (event,), caller

    def key(self, user: KeyUser, address: str) -> Caller:
        """A user's key in the attacker's hands."""
        return key_session(user, address, self.site.region, self.agent(user.agent))

    def console(self, address: str) -> tuple[tuple[Trace, ...], Caller]:
        """A person's single sign-on in the attacker's hands; a user's key where nobody has a role."""
        who = self.person()
        if who is None:
            return (), self.key(self.user(), address)
        person, role = who
        event, caller = signed_in(
            self.pen, person, role, self.site.region, address, self.agent(person.browser), self.clock.tick()
        )
        return (event,), caller

    def chained(self, role: Role, name: str, address: str, agent: str) -> Caller:
        """A session of a role that the attacker has just assumed (the AssumeRole is his to write)."""
        issued = Issued(
            name, f"ASIA{''.join(self.dice.choices('ABCDEFGHJKMNPQRSTUVWXYZ234567', k=16))}", self.clock.now
        )
        return Caller.of(role_session(role, issued, address, agent), self.site.region)

    def call(
        self, caller: Caller, call: str, *, request: JSONObject | None = None, response: JSONObject | None = None,
        error: str = "",
    ) -> Trace:  # fmt: skip
        """The attacker's next call; it asks for the ordinary thing where nothing else is said."""
        request = request or wanted(call, self.site, self.dice)
        return self.pen.write(caller, self.clock.tick(), call, request=request, response=response, error=error)

    def look_around(self, caller: Caller) -> Iterator[Trace]:
        """Discovery, as loud as the stealth allows; calls are those that people make as well."""
        known = sorted({call.rstrip("!") for page in PAGES for call in page} | set(COMMANDS))
        yield self.call(caller, "sts:GetCallerIdentity")
        for call in self.dice.sample(known, CURIOUS[self.stealth]):
            yield self.call(caller, call, error="AccessDenied" if self.dice.random() < REFUSED[self.stealth] else "")

    def found(
        self, kind: str, severity: float, resource: JSONObject, action: JSONObject, targets: tuple[str, ...], *,
        since: datetime, count: int = 1, role: str = "TARGET", additional: dict[str, JSON] | None = None,
    ) -> Iterator[Found]:  # fmt: skip
        """GuardDuty's finding of it, and its updates while it goes on."""
        seen = findings.Seen(kind, severity, since, self.clock.now, count, role, self.threats(), additional)
        body = findings.finding(self.site, self.dice, seen, resource, action)
        found = Found(findings.published(body), body, "attack", self.pen.scenario, targets)
        yield found
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            found = findings.again(self.dice, found, timedelta(minutes=15), self.dice.randint(1, 9))
            yield found


def anywhere(_site: Site) -> bool:
    """Every account will do."""
    return True


def with_hosts(site: Site) -> bool:
    """An account with at least two hosts."""
    return len(site.hosts) > 1


def with_functions(site: Site) -> bool:
    """An account with a function."""
    return any(not one.hosts for one in site.workloads)


def in_production(site: Site) -> bool:
    """A production account with hosts."""
    return site.account.env == "production" and with_hosts(site)


@dataclass(frozen=True)
class Attack:
    """One row of a family's table."""

    id: str
    """Unique in the catalogue; seen in the truth only."""
    family: str
    """One of the six: the module's name."""
    title: str
    play: Callable[[Scene], Iterator[Trace]]
    suits: Callable[[Site], bool] = anywhere
    """Accounts in which it can happen."""


LAUNCHED = timedelta(days=41)
"""How long hosts have run."""
__all__ = [
    "LAUNCHED",
    "Attack",
    "Clock",
    "Scene",
    "Stealth",
    "agent_of",
    "anywhere",
    "in_production",
    "with_functions",
    "with_hosts",
]
