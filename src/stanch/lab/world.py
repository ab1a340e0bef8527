"""The simulated organisation as nouns: accounts, hosts, people, roles and the web front, with their ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stanch.model.context import Account
from stanch.model.finding import Instance

REGION = "eu-west-1"
SECURITY = Account("444455556666", "security", "security")
PROD = Account("111122223333", "shop-prod", "production")
SANDBOX = Account("777788889999", "shop-sandbox", "sandbox")
ACCOUNTS = (SECURITY, PROD, SANDBOX)
RESPONDER = "stanch-responder"
"""Name of stanch's role in every account."""
WORKER = "stanch-worker"
"""Name of the role that stanch itself runs as, in the security account."""
VENDOR = Account("999900001111", "a monitoring company")
"""Not ours: a partner that may read."""


class Place(StrEnum):
    """Where calls come from: documentation addresses, some ours (the operator's facts), some nobody's."""

    OFFICE = "192.0.2.10"
    VPN = "192.0.2.66"
    CI = "192.0.2.130"
    PROD_EGRESS = "198.51.100.17"
    SANDBOX_EGRESS = "198.51.100.18"
    VENDOR = "203.0.113.200"
    HOME_EAST = "203.0.113.9"
    HOME_WEST = "198.51.100.140"


NETWORKS: Mapping[str, tuple[str, ...]] = {
    "vpn": ("192.0.2.64/28",),
    "office": ("192.0.2.0/27",),
    "ci": ("192.0.2.128/28",),
    "egress": ("198.51.100.16/28",),
}
"""The operator's own ranges; hosts' public addresses lie in `egress`."""


@dataclass(frozen=True)
class Role:
    """An IAM role."""

    account: str
    name: str
    arn: str
    id: str
    """`AROA…`"""


@dataclass(frozen=True)
class User:
    """An IAM user with one access key."""

    account: str
    name: str
    arn: str
    id: str
    """`AIDA…`"""
    key: str
    """`AKIA…`"""


@dataclass(frozen=True)
class Host:
    """An EC2 instance with two interfaces, each in groups of its own, and an instance role."""

    name: str
    instance: Instance
    role: Role
    profile: str
    """ARN of its instance profile."""
    image: str
    kind: str
    """Instance type."""
    public: str
    """Address that its calls come from: its own elastic address, or its NAT gateway's."""
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Front:
    """What stands before the web instance."""

    balancer: str
    """ARN of the load balancer."""
    acl: str
    """ARN of the web ACL; its first rule refers to stanch's own sets."""
    sets: Mapping[str, str]
    """ARNs of stanch's own IP sets by name."""


@dataclass(frozen=True)
class World:
    """Everything that exists before the first event; the same seed gives the same ids."""

    seed: int
    hosts: Mapping[str, Host]
    roles: Mapping[str, Role]
    """By name; names are unique across the organisation but for stanch's own."""
    users: Mapping[str, User]
    detectors: Mapping[str, str]
    """GuardDuty detector by account."""
    buckets: tuple[str, ...]
    front: Front
