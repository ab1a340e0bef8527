"""The operator's own facts (class D): networks, pipelines, break-glass, assets."""

from dataclasses import dataclass, field
from datetime import datetime

from stanch.model.data import JSON


@dataclass(frozen=True)
class Account:
    """An account of the organisation."""

    id: str
    name: str = ""
    env: str = ""


@dataclass(frozen=True)
class Organisation:
    """The operator's organisation."""

    name: str = ""
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True)
class Networks:
    """The operator's own address ranges, as CIDRs."""

    vpn: tuple[str, ...] = ()
    office: tuple[str, ...] = ()
    ci: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    """A role that is meant to change things by machine."""

    role: str
    provider: str = ""
    subject: str = ""
    networks: str = ""
    """Key of `networks`: where it calls from."""


@dataclass(frozen=True)
class Window:
    """A declared time in which a principal does unusual things (UTC)."""

    principal: str
    start: datetime
    end: datetime
    ticket: str = ""


@dataclass(frozen=True)
class Partner:
    """Another organisation that we work with."""

    name: str
    accounts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """Expected communication between security groups."""

    source: str
    destination: str
    ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class Asset:
    """What the operator says of one resource."""

    arn: str
    tier: str = ""
    stateful: bool = False
    workload: str = ""
    data: str = ""


@dataclass(frozen=True)
class Availability:
    """Which log sources are on; None when not said."""

    cloudtrail_management: bool | None = None
    s3_data_events: bool | None = None
    vpc_flow: bool | None = None
    baseline_days: int | None = None


@dataclass(frozen=True)
class KnownResource:
    """Tags and state of a resource as of the finding, for replay without AWS."""

    arn: str
    tags: tuple[tuple[str, str], ...] = ()
    state: JSON = None


@dataclass(frozen=True)
class Context:
    """All of the operator's facts; every part may be missing."""

    now: datetime | None = None
    organisation: Organisation = field(default_factory=Organisation)
    networks: Networks = field(default_factory=Networks)
    vpc_endpoints: tuple[str, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    change_windows: tuple[Window, ...] = ()
    partners: tuple[Partner, ...] = ()
    break_glass: tuple[str, ...] = ()
    penetration_tests: tuple[Window, ...] = ()
    service_map: tuple[Flow, ...] = ()
    assets: tuple[Asset, ...] = ()
    sources: Availability = field(default_factory=Availability)
    resources: tuple[KnownResource, ...] = ()
    digest: str = ""
    """SHA-256 of the file, kept in every ledger."""
