"""Who touched what, in three columns: whence, who, what; at most six nodes, so that a person sees it at a glance."""

from collections.abc import Iterator

from stanch.model.casefile import CaseFile, State
from stanch.model.finding import Direction, Finding
from stanch.model.summary import Edge, Mood, Node

MOST = 2
"""Nodes of one column."""
HELD = (State.CONTAINED, State.CONFIRMING, State.CONFIRMED)


def draw(file: CaseFile, lead: Finding) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Nodes and edges: every source reaches the middle, the middle reaches every resource."""
    held = {one.change.target.name for one in file.containments if one.state in HELD}
    left, middle, right = list(_sources(file))[:MOST], _who(lead, held), list(_touched(file, lead, held))[:MOST]
    nodes = (*left, middle, *right)
    at = len(left)
    bad = Mood.BAD if held or file.would else Mood.PLAIN
    edges = [Edge(number, at, bad) for number in range(at)]
    edges += [Edge(at, number, one.mood) for number, one in enumerate(nodes) if number > at]
    return nodes, tuple(edges)


def _sources(file: CaseFile) -> Iterator[Node]:
    seen = dict.fromkeys(
        (peer, note)
        for one in file.findings
        for peer, note in (
            (one.caller_ip, "caller"),
            (one.connection.remote_ip if one.connection else "", _direction(one)),
        )
        if peer
    )
    for peer, note in seen:
        yield Node(peer, note, 0, Mood.BAD)


def _direction(one: Finding) -> str:
    known = one.connection.direction if one.connection else Direction.UNKNOWN
    return {Direction.INBOUND: "connected in", Direction.OUTBOUND: "connected to"}.get(known, "network peer")


def _who(lead: Finding, held: set[str]) -> Node:
    who = lead.identity
    if who is not None and who.name:
        mood = Mood.HELD if {who.name, who.access_key} & held else Mood.PLAIN
        return Node(who.name, _kind(who.principal_id), 1, mood)
    if lead.instance is not None:
        return Node(lead.instance.id, "instance", 1, Mood.HELD if lead.instance.id in held else Mood.PLAIN)
    return Node(lead.account, "account", 1)


def _kind(principal: str) -> str:
    return "role session" if principal.startswith("AROA") else "user"


def _touched(file: CaseFile, lead: Finding, held: set[str]) -> Iterator[Node]:
    if lead.instance is not None and lead.identity is not None:
        yield Node(lead.instance.id, "instance", 2, Mood.HELD if lead.instance.id in held else Mood.PLAIN)
    own = (lead.instance.id if lead.instance else "", lead.identity.name if lead.identity else "")
    named = {lead.account, *own}
    for one in dict.fromkeys(resource for finding in file.findings for resource in finding.resources):
        short = one.id.rpartition("/")[2].rpartition(":")[2]
        if short and short not in named and one.type != "AccessKey":
            named.add(short)
            yield Node(short, one.type, 2, Mood.HELD if short in held else Mood.PLAIN)
