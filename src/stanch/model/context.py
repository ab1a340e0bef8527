"""The operator's own facts (class D): networks, pipelines, break-glass, assets."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from stanch.model.data import JSON

Ring: TypeAlias = Literal["sandbox", "non-production", "production"]
"""The rings in which acting is enabled."""
_SANDBOX = frozenset({"sandbox", "playground"})
_NON_PRODUCTION = frozenset(
    {"non-production", "nonproduction", "non-prod", "nonprod", "dev", "development", "test", "testing", "qa", "uat"}
    | {"stage", "staging", "pre-production", "preprod"}
)


@dataclass(frozen=True)
class Account:
    """An account of the organisation."""

    id: str
    name: str = ""
    env: str = ""
    ou: str = ""
    """Its organisational unit: an id, or a path such as `root/security`; empty when not said."""

    @property
    def environment(self) -> Ring:
        """Its ring; whatever the operator calls neither a sandbox nor non-production counts as production."""
        word = self.env.strip().lower()
        return "sandbox" if word in _SANDBOX else "non-production" if word in _NON_PRODUCTION else "production"


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
class Protected:
    """What the operator puts out of stanch's reach, besides break-glass; never read from tags."""

    arns: tuple[str, ...] = ()
    """ARNs of resources; `*` matches any run of characters."""
    accounts: tuple[str, ...] = ()
    ous: tuple[str, ...] = ()
    """Organisational units as the accounts name theirs; what lies below one is protected as well."""
    principals: tuple[str, ...] = ()
    """ARNs of users and roles."""


@dataclass(frozen=True)
class Freeze:
    """A declared time in which nothing is changed (UTC)."""

    start: datetime
    end: datetime
    accounts: tuple[str, ...] = ()
    """The accounts that it is for; all of them without any."""
    reason: str = ""
    all: bool = False
    """Credential cuts that are made at once are frozen, too."""


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
    protected: Protected = field(default_factory=Protected)
    privileged: tuple[str, ...] = ()
    """ARNs of users and roles that are as strong as an administrator."""
    freezes: tuple[Freeze, ...] = ()
    penetration_tests: tuple[Window, ...] = ()
    service_map: tuple[Flow, ...] = ()
    assets: tuple[Asset, ...] = ()
    sources: Availability = field(default_factory=Availability)
    resources: tuple[KnownResource, ...] = ()
    digest: str = ""
    """SHA-256 of the file, kept in every ledger."""

    def account(self, id: str) -> Account:
        """What the operator says of an account; nothing but its id where nothing is said."""
        return next((one for one in self.organisation.accounts if one.id == id), Account(id))

    def in_protected_ou(self, account: str) -> Literal["yes", "no", "unknown"]:
        """Whether the account lies in a protected unit; unknown where units are protected and its own is not said."""
        mine = self.account(account).ou
        if not self.protected.ous:
            return "no"
        if not mine:
            return "unknown"
        return "yes" if any(mine == one or mine.startswith(f"{one}/") for one in self.protected.ous) else "no"

    def freeze(self, account: str, now: datetime) -> Freeze | None:
        """The freeze that is in force for an account, the strictest where there are several."""
        mine = (one for one in self.freezes if not one.accounts or account in one.accounts)
        return max((one for one in mine if one.start <= now < one.end), key=lambda one: one.all, default=None)
