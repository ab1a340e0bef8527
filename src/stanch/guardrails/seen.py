"""What a state that was read from AWS mentions, whatever its shape."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stanch.model.change import Change, TargetKind
from stanch.model.data import JSON

_PRINCIPALS = frozenset({TargetKind.USER, TargetKind.ROLE, TargetKind.ROLE_SESSION, TargetKind.INSTANCE_CREDENTIALS})
_ADMINISTRATOR = re.compile(r"arn:[^:]+:iam::aws:policy/(AdministratorAccess|IAMFullAccess|PowerUserAccess)")


def administrators(changes: Iterable[Change]) -> tuple[str, ...]:
    """ARNs of the principals to which one of AWS's own administrator policies was seen to be attached."""
    mine = (one for one in changes if one.target.kind in _PRINCIPALS)
    return tuple(dict.fromkeys(one.target.arn for one in mine if _is_administrator(one.before)))


def _is_administrator(state: JSON) -> bool:
    attached = state.get("attached") if isinstance(state, Mapping) else None
    return any(isinstance(one, str) and _ADMINISTRATOR.fullmatch(one) is not None for one in _children(attached))


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


def document(state: JSON) -> str | None:
    """The policy document that the state is about, empty when there is none; None when it is about none."""
    found = state.get("document") if isinstance(state, Mapping) else None
    return found if isinstance(found, str) else None


def nothing_was_set(state: JSON) -> bool:
    """Whether a bucket had no block of public access, or a function no reservation: what is there now is ours."""
    return isinstance(state, Mapping) and any(name in state and state[name] is None for name in ("on", "reserved"))


def arns(state: JSON, service: str) -> frozenset[str]:
    """Every ARN of a service, however deep."""
    return frozenset(text for text in _texts(state) if re.match(f"arn:[^:]+:{service}:", text))


def registrations(state: JSON) -> frozenset[tuple[str, str, int]]:
    """(target group, id, port) of every registration in a state; port 0 where none is known."""
    listed = state.get("registered") if isinstance(state, Mapping) else None
    rows = (row for row in _children(listed) if isinstance(row, Mapping))
    return frozenset((str(row.get("group")), str(row.get("id")), _port(row.get("port"))) for row in rows)


def targets_of(params: JSON) -> frozenset[tuple[str, str, int]]:
    """(target group, id, port) of every target that a call to a load balancer names."""
    if not isinstance(params, Mapping):
        return frozenset()
    rows = (row for row in _children(params.get("Targets")) if isinstance(row, Mapping))
    return frozenset((str(params.get("TargetGroupArn")), str(row.get("Id")), _port(row.get("Port"))) for row in rows)


def _port(value: JSON) -> int:
    return value if isinstance(value, int) else 0


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
