"""Addresses for documentation and benchmarks, dealt out: ours, and one pool for all strangers, good and bad alike."""

from ipaddress import ip_network
from itertools import chain
from random import Random

OFFICE, VPN, CI, EGRESS = "192.0.2.0/26", "192.0.2.64/26", "192.0.2.128/26", "198.18.0.0/15"
NETWORKS = {"vpn": (VPN,), "office": (OFFICE,), "ci": (CI,), "egress": (EGRESS,)}
"""The operator's own ranges; gateways and public hosts lie in `egress`."""
STRANGE = ("198.51.100.0/24", "203.0.113.0/24")


def pool(*ranges: str) -> tuple[str, ...]:
    """All host addresses of the ranges, in order."""
    return tuple(chain.from_iterable(map(str, ip_network(one).hosts()) for one in ranges))


def strangers(thrown: Random) -> tuple[str, ...]:
    """Everybody else's addresses in a thrown order."""
    found = list(pool(*STRANGE))
    thrown.shuffle(found)
    return tuple(found)


def egress(number: int) -> str:
    """The n-th public address of the organisation."""
    return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
