"""What the attackers of the scenes do next, once they are contained: requests that are judged, carried out, recorded.

What flow logs say of the mining host is the scene's script: nothing flows in the lab, so that nothing is cut there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from stanch.lab import flowlog
from stanch.lab.caller import Caller
from stanch.lab.clock import LabClock
from stanch.lab.cloudtrail import Issued, Pen, Session, role_session, user_session
from stanch.lab.dice import dice
from stanch.lab.flowlog import Flow
from stanch.lab.scenarios import crypto_mining, leaked_user_key, stolen_instance_credentials
from stanch.lab.scene import Act
from stanch.lab.traffic import CLI, SDK
from stanch.lab.world import World
from stanch.model.data import JSON

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Attempt:
    """A request and what became of it."""

    who: str
    call: str
    error: str
    """Error code, empty when it was let through."""


def sequel(world: World, clock: LabClock, acts: Mapping[str, Act]) -> Iterator[Attempt]:
    """The next calls of the thief, of the robbed instance itself, and of whoever has the leaked key."""
    host = world.hosts["payments-api"]
    (key,) = (one for one in acts[stolen_instance_credentials.ID].targets if one.startswith("ASIA"))
    issued = Issued(host.instance.id, key, clock.now() - timedelta(hours=3))
    away = role_session(host.role, issued, stolen_instance_credentials.ADDRESS, CLI)
    home = role_session(host.role, issued, host.public, SDK)
    for session in (away, home):
        caller = Caller(session, clock, _pen(session), issued.at, host.instance.arn)
        yield _try(f"the credentials of {host.name}, from {session.address}", caller, "s3", "ListBuckets")
    session = user_session(world.users["maria.lindqvist"], leaked_user_key.ADDRESS, SDK)
    wanted = {"UserName": "backdoor"}
    yield _try(f"the leaked key, from {session.address}", _caller(session, clock), "iam", "CreateUser", **wanted)


def knocks(world: World, since: datetime) -> None:
    """Let flow logs say of the minute from `since` that the miner knocks at its pool and is not let through."""
    front, back = world.hosts["batch-worker"].instance.interfaces
    account, end = world.hosts["batch-worker"].instance.account, since + MINUTE
    source, pool = front.private_ip, crypto_mining.POOL
    refused = Flow(account, front.id, since, end, source, pool, (49712, 3333), packets=3, bytes=180)
    flowlog.deliver(refused, Flow(account, back.id, since, end))


def _try(who: str, caller: Caller, service: str, operation: str, **params: JSON) -> Attempt:
    return Attempt(who, f"{service}:{operation}", caller.call(service, operation, **params))


def _caller(session: Session, clock: LabClock) -> Caller:
    return Caller(session, clock, _pen(session))


def _pen(session: Session) -> Pen:
    return Pen(dice(0, session.actor), "attack")
