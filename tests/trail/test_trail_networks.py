"""Whose an address is, from lists that the operator keeps; without them it is unknown."""

import ipaddress
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.errors import BadInput
from stanch.trail import networks
from stanch.trail.addresses import address, digits, hexed

REFERENCE = Path(__file__).parents[2].parent / "shared" / "corpora" / "reference"


@given(st.ip_addresses(), st.ip_addresses())
def test_hex_digits_of_one_length_sort_as_the_addresses_do(
    one: ipaddress.IPv4Address, other: ipaddress.IPv4Address
) -> None:
    if one.version == other.version:
        assert (digits(one) < digits(other)) is (one < other)
    assert hexed(str(one)) == digits(one)
    assert address(str(one)) == str(one)


def test_lists_become_ranges_by_their_names_and_own_ones_are_beside_them(tmp_path: Path) -> None:
    aws = {
        "prefixes": [{"ip_prefix": "3.5.0.0/16", "region": "eu-west-1", "service": "S3"}],
        "ipv6_prefixes": [{"ipv6_prefix": "2600:1f00::/24", "region": "GLOBAL", "service": "AMAZON"}],
    }
    for name, text in {
        "ip-ranges.json": json.dumps(aws),
        "tor/exits.lst": "# exits\n203.0.113.7\nnonsense\n\n",
        "lists/vpn/ipv4.txt": "198.51.100.0/24 some provider\n",
        "ipsum/levels/3.txt": "192.0.2.1\t3\n",
        "what.txt": "192.0.2.2\n",
        "README.md": "x",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    rows, skips = networks.read(tmp_path, {"office": ("10.1.0.0/16",), "ci": ()})
    assert sorted(rows) == [
        ("10.1.0.0/16", "own", "office", "context", "0a010000", "0a01ffff"),
        ("192.0.2.1/32", "bad", "3", "ipsum/levels/3.txt", "c0000201", "c0000201"),
        ("198.51.100.0/24", "vpn", "ipv4", "lists/vpn/ipv4.txt", "c6336400", "c63364ff"),
        ("203.0.113.7/32", "tor", "exits", "tor/exits.lst", "cb007107", "cb007107"),
        (
            "2600:1f00::/24",
            "cloud",
            "aws AMAZON GLOBAL",
            "ip-ranges.json",
            "26001f00" + "0" * 24,
            "26001fff" + "f" * 24,
        ),
        ("3.5.0.0/16", "cloud", "aws S3 eu-west-1", "ip-ranges.json", "03050000", "0305ffff"),
    ]
    assert [(one.record, one.malformed) for one in skips] == [("tor/exits.lst:3", True), ("what.txt", False)]


def test_a_folder_without_lists_is_an_error(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadInput):
            networks.read(folder, {"office": ("10.1.0.0/16",)})


@pytest.mark.corpora
def test_the_public_lists_are_read() -> None:
    if not REFERENCE.exists():
        pytest.skip("the shared corpora are not beside this project")
    rows, skips = networks.read(REFERENCE, {})
    assert {row[1] for row in rows} == {"cloud", "tor", "vpn", "datacenter", "bad"}
    assert len(rows) > 10_000
    assert not [one for one in skips if one.malformed]
