"""Private addresses of instances and their security groups, as far as the detector and the operator's file say."""

import re
from collections.abc import Iterable, Iterator

from stanch.model.context import Context
from stanch.model.data import JSON
from stanch.model.finding import Finding
from stanch.trail import Cell

_INSTANCE = re.compile(r"arn:[a-z-]+:ec2:[a-z0-9-]+:[0-9]{12}:instance/(?P<id>i-[0-9a-f]+)")


def hosts(findings: Iterable[Finding], context: Context) -> list[tuple[Cell, ...]]:
    """Rows of `stanch.playbooks.tables.HOSTS`.

    The operator's file may give the state of instances as EC2's DescribeInstances does; other forms say nothing here.
    """
    mine = {one.instance.id: one.instance for one in findings if one.instance}
    rows = [
        (at.private_ip, at.id, one.id, group, True)
        for one in mine.values()
        for at in one.interfaces
        if at.private_ip
        for group in at.groups or (None,)
    ]
    told = {row[1] for row in rows}
    for resource in context.resources:
        if match := _INSTANCE.fullmatch(resource.arn):
            rows += [
                (ip, interface, match["id"], group, match["id"] in mine)
                for ip, interface, group in _interfaces(resource.state)
                if interface not in told
            ]
    return sorted(set(rows), key=str)


def _interfaces(state: JSON) -> Iterator[tuple[str, str, str | None]]:
    """Address, interface and group of each network interface in EC2's form."""
    for one in _each(state, "NetworkInterfaces"):
        ip, interface = _text(one, "PrivateIpAddress"), _text(one, "NetworkInterfaceId")
        if ip and interface:
            for group in [_text(group, "GroupId") or None for group in _each(one, "Groups")] or [None]:
                yield ip, interface, group


def _each(value: JSON, key: str) -> list[JSON]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _text(value: JSON, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
