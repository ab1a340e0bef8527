"""Whose an address is, as far as the operator's file and AWS say."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Self

from stanch.model.context import Context

FOREIGN, PRIVATE, SERVICE, PARTNER, INSTANCE = "foreign", "private", "service", "partner", "instance"

# Not `is_private` of the standard library: that counts documentation ranges and more.
_PRIVATE = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("fc00::/7", "fe80::/10", "::1/128"),
)


@dataclass(frozen=True)
class Label:
    """What is known of one address."""

    ip: str
    label: str
    """See `stanch.playbooks.tables.ADDRESSES`."""
    network: str
    """Its /24, for IPv6 its /48; empty when it is no address."""


@dataclass(frozen=True)
class Ranges:
    """Known ranges with their labels; the first that holds an address names it."""

    known: tuple[tuple[str, int, int, int], ...]
    """Label, IP version, first and last address: numbers, as a trail holds many addresses."""

    @classmethod
    def of(cls, context: Context, egress: Iterable[str]) -> Self:
        """The operator's ranges, then the instance's own ways out, then partners, then private ones."""
        own = [(one.name, getattr(context.networks, one.name)) for one in fields(context.networks)]
        partners = [(PARTNER, partner.networks) for partner in context.partners]
        groups = [*own, (INSTANCE, tuple(egress)), *partners, (PRIVATE, _PRIVATE)]
        networks = [(label, ipaddress.ip_network(one, strict=False)) for label, ranges in groups for one in ranges]
        return cls(
            tuple((label, one.version, int(one.network_address), int(one.broadcast_address)) for label, one in networks)
        )

    def label(self, text: str) -> Label:
        """The label of an address; anything that is no address is a service's name."""
        place = _place(text)
        if place is None:
            return Label(text, SERVICE, "")
        version, number, around = place
        fitting = (label for label, of, first, last in self.known if of == version and first <= number <= last)
        return Label(text, next(fitting, FOREIGN), around)


def labels(texts: Iterable[str], ranges: Ranges) -> tuple[Label, ...]:
    """The label of each different address, in order."""
    return tuple(ranges.label(text) for text in sorted(set(texts)))


@lru_cache(maxsize=1 << 17)
def _place(text: str) -> tuple[int, int, str] | None:
    """IP version, number and surrounding network of an address; None when it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    number, around = int(address), 24 if address.version == 4 else 48  # noqa: PLR2004
    rest = address.max_prefixlen - around
    return address.version, number, f"{type(address)(number >> rest << rest)}/{around}"
