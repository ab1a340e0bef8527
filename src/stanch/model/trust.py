"""Who had a say in a value, as a type: what an attacker wrote can neither aim an action nor excuse him."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from stanch.model.change import Target, TargetKind
from stanch.model.finding import Connection, Finding, Identity, Instance, Resource
from stanch.model.playbook import Trust

T_co = TypeVar("T_co", covariant=True)

PROOF = (Trust.A, Trust.D)
"""Whose word may explain a finding and forbid to contain: AWS's, and the operator's. What the actor chooses or writes
proves nothing."""


@dataclass(frozen=True)
class Asserted(Generic[T_co]):
    """Class A: AWS says so, and the actor could not choose it."""

    value: T_co


@dataclass(frozen=True)
class Choosable(Generic[T_co]):
    """Class B: AWS says so, but the actor could choose it."""

    value: T_co


@dataclass(frozen=True)
class Written(Generic[T_co]):
    """Class C: the actor's own words. For people to read, and for nothing else."""

    value: T_co


@dataclass(frozen=True)
class Owned(Generic[T_co]):
    """Class D: the operator's own word."""

    value: T_co


@dataclass(frozen=True)
class Peer:
    """The layer-4 peer of a connection: choosable, but the only address that anything may be aimed at."""

    value: Connection


Aimable: TypeAlias = Asserted[str] | Peer
"""What an action may be aimed at."""
Excusing: TypeAlias = Asserted[float] | Choosable[float] | Owned[float]
"""Weights that may lower the odds of an attack."""
Weighed: TypeAlias = Excusing | Written[float]
"""Any weight."""


@dataclass(frozen=True)
class Assertions:
    """What AWS asserts in a finding: all that an aim is taken from. It holds no words."""

    account: Asserted[str]
    region: Asserted[str]
    partition: Asserted[str]
    identity: Asserted[Identity] | None
    instance: Asserted[Instance] | None
    resources: tuple[Asserted[Resource], ...]
    peer: Peer | None


def assertions(finding: Finding) -> Assertions:
    """The AWS-asserted part of a finding."""
    return Assertions(
        account=Asserted(finding.account),
        region=Asserted(finding.region),
        partition=Asserted(finding.partition),
        identity=Asserted(finding.identity) if finding.identity else None,
        instance=Asserted(finding.instance) if finding.instance else None,
        resources=tuple(Asserted(one) for one in finding.resources),
        peer=Peer(finding.connection) if finding.connection else None,
    )


def words(finding: Finding) -> Written[tuple[str, str]]:
    """Title and description."""
    return Written((finding.title, finding.description))


def target(
    kind: TargetKind,
    account: Asserted[str],
    region: Asserted[str],
    name: Aimable,
    arn: Aimable,
    within: Asserted[str] = Asserted(""),
    instance: Asserted[Instance] | None = None,
) -> Target:
    """A target; only from what AWS asserts, or the peer of a connection."""
    at = instance.value if instance else None
    return Target(kind, account.value, region.value, _text(name), _text(arn), within.value, at)


def _text(aimed: Aimable) -> str:
    return aimed.value.remote_ip if isinstance(aimed, Peer) else aimed.value


def weighed(trust: Trust, ln: float) -> Weighed:
    """A weight as the kind that its class makes it."""
    match trust:
        case Trust.A:
            return Asserted(ln)
        case Trust.B:
            return Choosable(ln)
        case Trust.C:
            return Written(ln)
        case Trust.D:
            return Owned(ln)


def excuse(weight: Excusing) -> float:
    """A weight that is allowed to be negative; the actor's own words are no such weight, which mypy enforces."""
    return weight.value
