"""N1: block one address in stanch's own WAF IP set."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from stanch.actions import _undo_settings
from stanch.actions._examples import ACCOUNT, ADDRESS, REGION
from stanch.actions._firewall import SCOPE, Firewall, read_firewall
from stanch.actions._place import partition
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject
from stanch.model.ports import Reader

_CAPACITY = 10_000  # addresses in one IP set, https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
# Nobody lives there, so that examples and rehearsals may block them.
_DOCUMENTATION = tuple(map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")))


def _snapshot(reader: Reader, target: Target) -> Firewall:
    return read_firewall(reader, target, _set_name(target))


def _presume(target: Target) -> Firewall:
    name = _set_name(target)
    return Firewall(
        name=name,
        id=f"<id of {name}>",
        arn=f"<ARN of {name}>",
        lock_token="<lock token>",  # noqa: S106  # a placeholder, and no secret at that
        web_acls=("<web ACL in front of the instance>",),
    )


def _objections(target: Target, state: Firewall) -> tuple[str, ...]:
    address = _address(target.name)
    if address is None:
        return (f"{target.name!r} is not a single address",)
    if not _may_be_blocked(address):
        return (f"{address} is not a public address of a single host: it is never blocked",)
    if not state.id:
        return (f"no IP set {state.name} in {target.region}: `stanch` blocks only in a set that is its own",)
    if not state.web_acls:
        return (f"no effect: no web ACL in front of {target.within or 'the target'} blocks by IP set {state.name}",)
    if len(state.addresses) >= _CAPACITY and not _holds(state, target):
        return (f"IP set {state.name} is full ({_CAPACITY} addresses)",)
    return ()


def _forward(target: Target, state: Firewall, _terms: Terms) -> tuple[Call, ...]:
    if not state.id:
        unmade = Firewall(state.name, f"<id of {state.name}>", f"<ARN of {state.name}>", "<lock token>")
        return (_update(target, unmade, (_cidr(target),), f"IP set {state.name} to exist"),)
    return () if _holds(state, target) else (_update(target, state, (*state.addresses, _cidr(target))),)


def _inverse(target: Target, before: Firewall, now: Firewall | None, _terms: Terms) -> Undo:
    if _holds(before, target):
        return Undo()  # it was blocked before: not ours to lift
    if now is None:
        return Undo((_update(target, before, before.addresses),))
    others = tuple(address for address in now.addresses if not _same(address, target))
    return Undo((_update(target, now, others),) if len(others) < len(now.addresses) else ())


def _keep(_target: Target, _state: Firewall, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, state: Firewall) -> str:
    acls = ", ".join(state.web_acls) or "no web ACL"
    return f"address {target.name}, for web requests to what {acls} guards in {target.region} of {target.account}"


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(name)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return None if address.scope_id else address.ipv4_mapped or address


def _may_be_blocked(address: IPv4Address | IPv6Address) -> bool:
    example = any(address in network for network in _DOCUMENTATION)
    return (address.is_global or example) and not address.is_multicast


def _set_name(target: Target) -> str:
    return f"stanch-blocked-ipv{6 if isinstance(_address(target.name), IPv6Address) else 4}"


def _cidr(target: Target) -> str:
    address = _address(target.name)
    return str(ip_network(address)) if address else f"<{target.name} is not an address>"


def _same(cidr: str, target: Target) -> bool:
    address = _address(target.name)
    try:
        return address is not None and ip_network(cidr, strict=False) == ip_network(address)
    except ValueError:
        return False


def _holds(state: Firewall, target: Target) -> bool:
    return any(_same(cidr, target) for cidr in state.addresses)


def _update(target: Target, state: Firewall, addresses: tuple[str, ...], waits_for: str = "") -> Call:
    # UpdateIPSet replaces everything, so what is there already goes along, and the lock token makes it compare-and-set.
    params: JSONObject = {
        "Name": state.name,
        "Scope": SCOPE,
        "Id": state.id,
        "Addresses": list(addresses),
        "LockToken": state.lock_token,
        **({"Description": state.description} if state.description else {}),
    }
    here = f"arn:{partition(target)}:wafv2:{target.region}:{target.account}"
    return Call("wafv2", "UpdateIPSet", params, f"{here}:regional/ipset/{state.name}/{state.id}", waits_for)


_EMPTY = Firewall(
    name="stanch-blocked-ipv4",
    id="00000000-0000-4000-8000-000000000000",
    arn=f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/ipset/stanch-blocked-ipv4/00000000-0000-4000-8000-000000000000",
    lock_token="00000000-0000-4000-8000-000000000001",  # noqa: S106  # WAF's name for a version, not a secret
    web_acls=("shop",),
)
_BLOCKING = Firewall(_EMPTY.name, _EMPTY.id, _EMPTY.arn, _EMPTY.lock_token, "", ("203.0.113.7/32",), _EMPTY.web_acls)

ACTION = Action(
    id="N1",
    title="Block address in WAF",
    target=TargetKind.ADDRESS,
    state=Firewall,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_settings.ADDRESS,
    cut="soft: only web requests from this address are blocked, minutes after the call; anything else passes",
    breaks="Web requests of everyone behind this address.",
    price="the address gets through again",
    permissions=(
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "wafv2:GetIPSet",
        "wafv2:GetWebACLForResource",
        "wafv2:ListIPSets",
    ),
    examples=((ADDRESS, _EMPTY), (ADDRESS, _BLOCKING)),
)
"""The set is made once by a person and used by their web ACL in a rule that blocks; rule groups are not followed."""
