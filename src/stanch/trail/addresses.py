"""Addresses in one canonical form, and as hex digits that sort as the addresses do, in any SQL."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from functools import lru_cache

_QUAD = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


@lru_cache(maxsize=1 << 16)
def address(text: str | None) -> str | None:
    """The address in its one canonical form; some records pad it with zeros (`075.050.255.67`). Other text stays."""
    found = _parse(text)
    return text if found is None else str(found)


@lru_cache(maxsize=1 << 16)
def hexed(text: str | None) -> str | None:
    """The address as 8 (IPv4) or 32 (IPv6) hex digits; None for what is no address."""
    found = _parse(text)
    return None if found is None else digits(found)


def placed(texts: Sequence[str | None]) -> list[tuple[str | None, str | None]]:
    """Each address in its one form, and its hex digits."""
    return [_placed(text) for text in texts]


def digits(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Fixed-width hex digits of an address."""
    return f"{int(found):0{found.max_prefixlen // 4}x}"


@lru_cache(maxsize=1 << 16)
def _placed(text: str | None) -> tuple[str | None, str | None]:
    try:
        packed = socket.inet_pton(socket.AF_INET, text or "")
    except (OSError, ValueError):
        packed = b""
    if packed and socket.inet_ntop(socket.AF_INET, packed) == text:
        return text, packed.hex()  # nearly all are such, and this is ten times as quick
    return address(text), hexed(text)


def _parse(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if text is None:
        return None
    try:
        plain = ".".join(str(int(part)) for part in text.split(".")) if _QUAD.fullmatch(text) else text
        return ipaddress.ip_address(plain)
    except ValueError:
        return None
