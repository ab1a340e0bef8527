"""What a state that was read from AWS mentions, whatever its shape."""

import re
from collections.abc import Iterator, Mapping, Sequence

from stanch.model.data import JSON


def ids(state: JSON, kind: str) -> frozenset[str]:
    """Every EC2 id of a kind (`eni`, `sg`), however deep."""
    return frozenset(text for text in _texts(state) if _is_id(text, kind))


def own_groups(state: JSON) -> frozenset[str]:
    """Ids of the security groups that the state marks as stanch's own."""
    own = frozenset[str]()
    if isinstance(state, Mapping) and state.get("ours") is True:
        own = frozenset(one for one in state.values() if isinstance(one, str) and _is_id(one, "sg"))
    return own.union(*(own_groups(inner) for inner in _children(state)))


def groups_of(state: JSON, interface: JSON) -> frozenset[str]:
    """Ids of the security groups that the state gives for one network interface, by its id."""
    if isinstance(state, Mapping) and interface is not None and state.get("id") == interface:
        return ids(state, "sg")
    return frozenset[str]().union(*(groups_of(inner, interface) for inner in _children(state)))


def _is_id(text: str, kind: str) -> bool:
    return re.fullmatch(f"{kind}-[0-9a-f]+", text) is not None


def _texts(state: JSON) -> Iterator[str]:
    if isinstance(state, str):
        yield state
    for inner in _children(state):
        yield from _texts(inner)


def _children(state: JSON) -> Iterator[JSON]:
    if isinstance(state, Mapping):
        yield from state.values()
    elif isinstance(state, Sequence) and not isinstance(state, str):
        yield from state
