"""Whose an address is, as far as the operator's file and AWS say."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Self, TypeAlias

from stanch.model.context import Context

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

FOREIGN, PRIVATE, SERVICE, PARTNER, INSTANCE = "foreign", "private", "service", "partner", "instance"

# Not `is_private` of the standard library: that counts documentation ranges and more.
_PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
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

    known: tuple[tuple[str, Network], ...]

    @classmethod
    def of(cls, context: Context, egress: Iterable[str]) -> Self:
        """The operator's ranges, then the instance's own ways out, then partners, then private ones."""
        own = [(one.name, getattr(context.networks, one.name)) for one in fields(context.networks)]
        partners = [(PARTNER, partner.networks) for partner in context.partners]
        groups = [*own, (INSTANCE, tuple(egress)), *partners]
        known = [(label, ipaddress.ip_network(one, strict=False)) for label, ranges in groups for one in ranges]
        return cls((*known, *((PRIVATE, one) for one in _PRIVATE)))

    def label(self, text: str) -> Label:
        """The label of an address; anything that is no address is a service's name."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return Label(text, SERVICE, "")
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        label = next((label for label, network in self.known if address in network), FOREIGN)
        around = ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False)  # noqa: PLR2004
        return Label(text, label, str(around))


def labels(texts: Iterable[str], ranges: Ranges) -> Mapping[str, Label]:
    """The label of each different address, in order."""
    return {text: ranges.label(text) for text in sorted(set(texts))}
