"""Known address ranges from files that the operator keeps fresh: whose an address is, or unknown."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.model.text import shown
from stanch.trail.addresses import digits
from stanch.trail.schema import Cell

KINDS = (
    ("tor", re.compile(r"(^|[^a-z])tor([^a-z]|$)")),
    ("vpn", re.compile(r"(^|[^a-z])vpns?([^a-z]|$)")),
    ("datacenter", re.compile(r"data-?cent(er|re)|hosting")),
    ("bad", re.compile(r"ipsum|(^|[^a-z])(bad|blocklist|threat)s?([^a-z]|$)")),
    ("own", re.compile(r"(^|[^a-z])(own|office|egress)([^a-z]|$)")),
    ("cloud", re.compile(r"cloud|azure|gcp|(^|[^a-z])aws([^a-z]|$)")),
)
"""What a list is of, by the nearest name that says so: the file's, else its folder's."""
Rows = list[tuple[Cell, ...]]


def read(folder: Path, own: Mapping[str, Sequence[str]]) -> tuple[Rows, list[Skip]]:
    """Rows of `networks` from the lists in a folder and the operator's own ranges, by name; and what is set aside.

    Lists: AWS's ip-ranges.json; text with an address or CIDR first on each line (`.txt`, `.lst`, `.csv`, `.netset`).
    Raises BadInput when there is no such folder, or no range in it.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder of address lists")
    rows: Rows = [_row(cidr, "own", name, "context") for name, cidrs in own.items() for cidr in cidrs]
    mine = len(rows)
    skips: list[Skip] = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        for found in _file(path, shown(path.relative_to(folder))):
            if isinstance(found, Skip):
                skips.append(found)
            else:
                rows.append(found)
    if len(rows) == mine:
        raise BadInput(f"{folder}: no address list in it")
    return rows, skips


def _file(path: Path, name: str) -> Iterator[tuple[Cell, ...] | Skip]:
    if path.name == "ip-ranges.json":
        yield from _aws(path, name)
        return
    kind = _kind(name)
    if path.suffix not in (".txt", ".lst", ".csv", ".netset") or path.name == "SOURCE.txt":
        return
    if kind is None:
        yield Skip(name, "neither its name nor its folder's says what it is a list of")
        return
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        text = re.split(r"[\s,;#]", line.strip(), maxsplit=1)[0]
        try:
            if text:
                yield _row(text, kind, path.stem, name)
        except ValueError:
            yield Skip(f"{name}:{number}", "not an address", malformed=True)


def _aws(path: Path, name: str) -> Iterator[tuple[Cell, ...] | Skip]:
    try:
        said = json.loads(path.read_text("utf-8"))
        for key, cidr in (("prefixes", "ip_prefix"), ("ipv6_prefixes", "ipv6_prefix")):
            for one in said[key]:
                yield _row(one[cidr], "cloud", f"aws {one['service']} {one['region']}", name)
    except (ValueError, KeyError, TypeError) as error:
        yield Skip(name, f"not AWS's ip-ranges.json: {error}", malformed=True)


def _kind(name: str) -> str | None:
    for part in reversed(name.lower().split("/")):
        for kind, form in KINDS:
            if form.search(part):
                return kind
    return None


def _row(text: str, kind: str, label: str, source: str) -> tuple[Cell, ...]:
    network = ipaddress.ip_network(text, strict=False)
    return (str(network), kind, label, source, digits(network[0]), digits(network[-1]))
