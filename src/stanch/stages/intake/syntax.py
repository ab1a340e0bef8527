"""What ids and addresses look like; anything else counts as not there, so that it is never sent to AWS."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

PLACE = r"[^\s/:]{1,64}"
"""An account or region as a finding must have it; accounts and regions that do not exist are read all the same."""
GUARDDUTY_FINDING = re.compile(r"arn:[^:]+:guardduty:[^:]*:[^:]*:detector/([^/]+)/finding/([^/]+)")
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
OCTETS = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})")

REGION = re.compile(r"[a-z0-9-]{1,64}")
ACCOUNT = re.compile(r"[0-9]{12}")
ACCESS_KEY = re.compile(r"A[KS]IA[A-Z0-9]{4,124}")
INSTANCE = re.compile(r"i-[0-9a-f]{1,32}")
INTERFACE = re.compile(r"eni-[0-9a-z]{1,32}")
GROUP = re.compile(r"sg-[0-9a-z]{1,32}")
SUBNET = re.compile(r"subnet-[0-9a-z]{1,32}")
VPC = re.compile(r"vpc-[0-9a-z]{1,32}")
NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")
"""A user's or role's name."""
PRINCIPAL = re.compile(r"[A-Z0-9]{4,128}(:[A-Za-z0-9_+=,.@:-]{1,256})?")
"""`AIDA…`, `AROA…:session`, an account id."""
DETECTOR = re.compile(r"[A-Za-z0-9]{1,300}")
PARTITION = re.compile(r"aws(-[a-z]+)*")


def valid(pattern: re.Pattern[str], text: str) -> str:
    """The text if it matches, else empty."""
    return text if pattern.fullmatch(text) else ""


def address(text: str) -> str:
    """An IP address in its usual form, else empty; octets may be padded with zeros, as detectors write them."""
    return str(_parsed(text) or "")


def is_private(text: str) -> bool:
    """An address out of the ranges that a VPC's inside is made of."""
    parsed = _parsed(text)
    return parsed is not None and any(parsed in network for network in PRIVATE)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    match = OCTETS.fullmatch(text)
    plain = ".".join(str(int(octet)) for octet in match.groups()) if match else text
    try:
        # A zone (`fe80::1%eth0`) is a place on one machine, not a peer.
        parsed = ip_address("" if "%" in plain else plain)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


@dataclass(frozen=True)
class Arn:
    """An Amazon Resource Name, taken apart."""

    partition: str
    region: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.resource.rpartition("/")[2]


def arn(text: str) -> Arn | None:
    """The parts of an ARN, or None for any other text."""
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not valid(PARTITION, parts[1]):  # noqa: PLR2004 - an ARN has six parts
        return None
    return Arn(parts[1], parts[3], parts[4], parts[5])
