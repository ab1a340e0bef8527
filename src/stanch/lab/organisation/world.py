"""The organisation as nouns: sites (accounts and what is in them), people, pipelines, partners, their addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from stanch.lab.world import Host, Role, User
from stanch.model.context import Account


@dataclass(frozen=True)
class Changing:
    """A value that changes now and then: (first day of it, value), in order; the first day is 0."""

    values: tuple[tuple[int, str], ...]

    def on(self, day: int) -> str:
        """The value on the n-th day."""
        return next(value for since, value in reversed(self.values) if since <= max(day, 0))


@dataclass(frozen=True)
class Network:
    """A VPC with two subnets, a NAT gateway and, in most, an endpoint for AWS's services."""

    vpc: str
    cidr: str
    """First two octets."""
    subnets: tuple[str, str]
    egress: Changing
    """Public address of the NAT gateway; it changes when a gateway is replaced."""
    endpoint: str
    """`vpce-…`, empty without one."""


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket."""

    name: str
    data: str
    """What is in it."""
    sensitive: bool
    access_logged: bool


@dataclass(frozen=True)
class Workload:
    """A program: hosts in a group, or a function, with one role."""

    name: str
    role: Role
    network: Network
    hosts: tuple[Host, ...]
    """None for a function."""
    buckets: tuple[Bucket, ...]
    secrets: tuple[str, ...]
    port: int
    since: int
    """Day on which it was deployed first."""
    calls: int
    """Calls to AWS on an ordinary weekday, per host or function."""


@dataclass(frozen=True)
class KeyUser:
    """A program outside AWS with an IAM user's long-lived key."""

    user: User
    address: Changing
    agent: str
    job: str
    hours: tuple[int, ...]
    """UTC hours at which it runs."""


@dataclass(frozen=True)
class Site:
    """One account and everything in it."""

    account: Account
    region: str
    networks: tuple[Network, ...]
    workloads: tuple[Workload, ...]
    buckets: tuple[Bucket, ...]
    users: tuple[KeyUser, ...]
    break_glass: User
    roles: Mapping[str, Role]
    """Roles of people (`AWSReservedSSO_…`), partners and AWS's own (`AWSServiceRoleFor…`), by name."""
    detector: str

    @property
    def id(self) -> str:
        """The account's number."""
        return self.account.id

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All of its instances."""
        return tuple(host for one in self.workloads for host in one.hosts)


@dataclass(frozen=True)
class Trip:
    """Days on which someone works from elsewhere."""

    first: int
    last: int
    address: str


@dataclass(frozen=True)
class Person:
    """Someone who signs in through single sign-on."""

    name: str
    team: str
    roles: tuple[Role, ...]
    office: str
    vpn: str
    home: Changing
    trips: tuple[Trip, ...]
    zone: int
    """Hours from UTC."""
    browser: str
    cli: str
    active: float
    """Share of weekdays with work in AWS."""
    since: int
    """First day at the company."""


@dataclass(frozen=True)
class Pipeline:
    """A repository whose pipeline changes one site with Terraform."""

    name: str
    site: Site
    role: Role
    user: User | None
    """The old way: a key instead of a web identity."""
    subject: str
    old: bool
    """An old Terraform provider, which reads more and asks IAM who it is."""
    modules: tuple[str, ...]
    """Modules in its state, see `benign.terraform`."""
    agent: str


@dataclass(frozen=True)
class Vendor:
    """A partner that sweeps our accounts with a role of ours."""

    name: str
    account: str
    addresses: tuple[str, ...]
    role: str
    """Name of the role, the same in each site."""
    sites: tuple[str, ...]
    hour: int


@dataclass(frozen=True)
class Declared:
    """A penetration test that the operator has declared."""

    role: Role
    address: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Organisation:
    """Everything that exists; the same seed and size give the same."""

    seed: int
    first: date
    """Day 0."""
    days: int
    region: str
    sites: tuple[Site, ...]
    people: tuple[Person, ...]
    pipelines: tuple[Pipeline, ...]
    vendors: tuple[Vendor, ...]
    tests: tuple[Declared, ...]
    strangers: tuple[str, ...] = field(repr=False)
    """Addresses of everybody's homes, hotels, hosting and mobile networks: also those that attackers use."""

    def midnight(self, day: int) -> datetime:
        """The start of the n-th day, UTC."""
        return datetime.combine(self.first, time(), UTC) + timedelta(days=day)

    def site(self, account: str) -> Site:
        """The site of that account."""
        return next(one for one in self.sites if one.id == account)
