"""What each call of an action makes of a state, and any state that an action may find."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from stanch.actions import catalogue
from stanch.actions._denial import Policy, Principal, Version, canonical
from stanch.actions._examples import TERMS
from stanch.actions._firewall import Firewall
from stanch.actions._home import Home
from stanch.actions._isolation import Attached, Isolation, IsolationGroup
from stanch.actions._repair import Trace
from stanch.actions._scaling import Group, Scaling
from stanch.actions.block_assuming import Trust
from stanch.actions.block_public_access import PublicAccess
from stanch.actions.close_metadata import Metadata
from stanch.actions.deactivate_access_key import Key
from stanch.actions.deny_bucket_access import BucketPolicy
from stanch.actions.deny_stolen_credentials import Resident
from stanch.actions.detach_elastic_ip import Elastic, Reachable
from stanch.actions.leave_load_balancer import Balancing, Registration
from stanch.actions.preserve_evidence import Copy, Disk, Protection
from stanch.actions.stop_function import Concurrency
from stanch.actions.stop_instance import Power
from stanch.model.change import Call

ACTIONS = catalogue()
VPC, MADE = "vpc-1", "sg-isolation"
OTHERS = ("sg-a", "sg-b", "sg-c")
SWITCHES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
DENIES = ("I2", "I3", "I4", "I6", "I7")
INSERTS = ("I5", "S2")


def of_key(state: Key, call: Call) -> Key:
    return Key(str(call.params["Status"]))


def of_principal(state: Principal, call: Call) -> Principal:
    arn = str(call.params.get("PolicyArn", call.resource))
    document = str(call.params.get("PolicyDocument", ""))
    match call.operation:
        case "CreatePolicy":
            made = Policy(arn, (Version("v1", document, default=True),), ())
            return replace(state, policies=(*state.policies, made))
        case "AttachUserPolicy" | "AttachRolePolicy":
            return replace(state, attached=(*state.attached, arn))
        case "DetachUserPolicy" | "DetachRolePolicy":
            return replace(state, attached=tuple(one for one in state.attached if one != arn))
        case "DeletePolicy":
            return replace(state, policies=tuple(one for one in state.policies if one.arn != arn))
        case _:
            return replace(state, policies=tuple(edited(one, arn, call) for one in state.policies))


def edited(policy: Policy, arn: str, call: Call) -> Policy:
    if policy.arn != arn:
        return policy
    if call.operation == "DeletePolicyVersion":
        return replace(policy, versions=tuple(v for v in policy.versions if v.id != call.params["VersionId"]))
    old = tuple(replace(version, default=False) for version in policy.versions)
    return replace(policy, versions=(*old, Version("v2", str(call.params["PolicyDocument"]), default=True)))


def of_firewall(state: Firewall, call: Call) -> Firewall:
    assert call.params["LockToken"] == state.lock_token
    addresses: Any = call.params["Addresses"]
    return replace(state, addresses=tuple(addresses), lock_token=f"{state.lock_token}+")


def of_isolation(state: Isolation, call: Call) -> Isolation:
    groups: Any = call.params.get("Groups", ())
    match call.operation:
        case "CreateSecurityGroup":
            return replace(
                state, group=IsolationGroup(MADE, ours=True, egress=("sgr-1",)), groups=(*state.groups, MADE)
            )
        case "RevokeSecurityGroupIngress":
            return replace(state, group=replace(known(state), ingress=()))
        case "RevokeSecurityGroupEgress":
            return replace(state, group=replace(known(state), egress=()))
        case _:
            assert known(state).empty or groups != [MADE]
            id = call.params["NetworkInterfaceId"]  # noqa: A001
            changed = (replace(one, groups=tuple(groups)) if one.id == id else one for one in state.interfaces)
            return replace(state, interfaces=tuple(changed))


def known(state: Isolation) -> IsolationGroup:
    assert state.group
    return state.group


def of_protection(state: Protection, call: Call) -> Protection:
    params: Any = call.params
    if call.operation == "CreateSnapshots":
        left_out = params["InstanceSpecification"].get("ExcludeDataVolumeIds", ())
        no_root = params["InstanceSpecification"].get("ExcludeBootVolume", False)
        copied = (disk for disk in state.disks if disk.volume not in left_out and not (disk.root and no_root))
        return replace(state, copies=(*state.copies, *(Copy(disk.volume, TERMS.case) for disk in copied)))
    if "DisableApiTermination" in params:
        assert not state.spot
        return replace(state, no_termination=params["DisableApiTermination"]["Value"])
    if "DisableApiStop" in params:
        assert not state.spot
        return replace(state, no_stop=params["DisableApiStop"]["Value"])
    wanted = {row["DeviceName"]: row["Ebs"]["DeleteOnTermination"] for row in params["BlockDeviceMappings"]}
    disks = (replace(disk, dies_with_instance=wanted.get(disk.device, disk.dies_with_instance)) for disk in state.disks)
    return replace(state, disks=tuple(disks))


def of_scaling(state: Scaling, call: Call) -> Scaling:
    assert state.group
    if call.operation == "ExitStandby":
        assert state.group.desired < state.group.maximum
        return replace(state, group=replace(state.group, lifecycle="InService", desired=state.group.desired + 1))
    less = call.params["ShouldDecrementDesiredCapacity"]
    assert not less or state.group.desired > state.group.minimum
    return replace(state, group=replace(state.group, lifecycle="Standby", desired=state.group.desired - bool(less)))


def of_balancing(state: Balancing, call: Call) -> Balancing:
    targets: Any = call.params["Targets"]
    named = {Registration(str(call.params["TargetGroupArn"]), one["Id"], one.get("Port", 0)) for one in targets}
    left = named | {*state.registered} if call.operation == "RegisterTargets" else {*state.registered} - named
    return replace(state, registered=tuple(sorted(left, key=lambda one: (one.group, one.id, one.port))))


def of_metadata(state: Metadata, call: Call) -> Metadata:
    return replace(state, endpoint=str(call.params["HttpEndpoint"]))


def of_power(state: Power, call: Call) -> Power:
    match call.operation:
        case "StopInstances":
            assert not state.no_stop
            return replace(state, state="stopped")
        case "StartInstances":
            return replace(state, state="running")
        case _:
            params: Any = call.params
            return replace(state, no_stop=params["DisableApiStop"]["Value"])


def of_public(state: Reachable, call: Call) -> Reachable:
    if call.operation == "DisassociateAddress":
        gone = next(one for one in state.elastic if one.association == call.params["AssociationId"])
        return replace(
            state, elastic=tuple(one for one in state.elastic if one != gone), free=(*state.free, gone.address)
        )
    number = str(call.params["AllocationId"]).rpartition("-")[2]
    back = elastic(number, association="eipassoc-new")
    assert back.address in state.free
    free = tuple(one for one in state.free if one != back.address)
    return replace(state, elastic=tuple(sorted((*state.elastic, back), key=lambda one: one.allocation)), free=free)


def elastic(number: object, association: str = "") -> Elastic:
    name = f"eipassoc-{number}"
    return Elastic(
        f"eipalloc-{number}", association or name, f"198.51.100.{number}", f"eni-{number}", f"10.0.1.{number}"
    )


def of_document(state: Any, call: Call) -> Any:
    return replace(state, document=str(call.params.get("PolicyDocument", call.params.get("Policy", ""))))


def of_public_access(state: PublicAccess, call: Call) -> PublicAccess:
    if call.operation == "DeletePublicAccessBlock":
        return replace(state, on=None)
    settings: Any = call.params["PublicAccessBlockConfiguration"]
    return replace(state, on=tuple(sorted(name for name, on in settings.items() if on)))


def of_concurrency(state: Concurrency, call: Call) -> Concurrency:
    reserved: Any = call.params.get("ReservedConcurrentExecutions")
    return replace(state, reserved=reserved)


def of_trace(state: Trace, call: Call) -> Trace:
    named = {one for value in call.params.values() for one in (value if isinstance(value, list) else [value])}
    return replace(state, left=tuple(one for one in state.left if one not in named))


AWS: Mapping[str, Callable[[Any, Call], Any]] = {
    "I1": of_key,
    **dict.fromkeys(DENIES, of_principal),
    "N1": of_firewall,
    "E4": of_isolation,
    "E1": of_protection,
    "E2": of_scaling,
    "E3": of_balancing,
    "E5": of_metadata,
    "E6": of_power,
    "E7": of_public,
    **dict.fromkeys(INSERTS, of_document),
    "S1": of_public_access,
    "L1": of_concurrency,
    **dict.fromkeys(("R1", "R2"), of_trace),
}
"""What AWS does to a state when it accepts a call."""


def principals() -> st.SearchStrategy[Principal]:
    arns = st.lists(st.sampled_from([f"arn:aws:iam::aws:policy/p{n}" for n in range(9)]), unique=True)
    return st.builds(Principal, exists=st.just(True), attached=arns.map(tuple))


def firewalls() -> st.SearchStrategy[Firewall]:
    addresses = st.lists(st.integers(0, 255).map(lambda n: f"203.0.113.{n}/32"), unique=True).map(tuple)
    fixed = {name: st.just(name) for name in ("name", "id", "arn", "lock_token")}
    return st.builds(Firewall, **fixed, addresses=addresses, web_acls=st.just(("shop",)))


@st.composite
def isolations(draw: st.DrawFn) -> Isolation:
    own = st.lists(st.sampled_from(OTHERS), min_size=1, unique=True).map(lambda ids: tuple(sorted(ids)))
    count = draw(st.integers(1, 4))
    interfaces = tuple(Attached(f"eni-{n}", VPC, draw(own)) for n in range(count))
    rules = st.sampled_from([(), ("sgr-7",), ("sgr-8", "sgr-9")])
    group = draw(
        st.none() | st.builds(IsolationGroup, id=st.just(MADE), ours=st.just(True), ingress=rules, egress=rules)
    )
    return Isolation("running", VPC, interfaces, group, (*OTHERS, *((MADE,) if group else ())))


@st.composite
def protections(draw: st.DrawFn) -> Protection:
    count = draw(st.integers(0, 4))
    disks = tuple(Disk(f"/dev/{n}", f"vol-{n}", draw(st.booleans()), root=n == 0) for n in range(count))
    copies = (
        draw(st.lists(st.sampled_from([Copy(disk.volume, TERMS.case) for disk in disks]), unique=True)) if disks else []
    )
    spot, ebs = draw(st.booleans()), draw(st.booleans())
    on = st.booleans() if not spot else st.just(value=False)
    return Protection("running", spot, ebs, draw(on), draw(on), disks, tuple(copies))


def residents() -> st.SearchStrategy[Resident]:
    egress = st.lists(st.sampled_from(["198.51.100.1/32", "198.51.100.2/32"]), unique=True).map(tuple)
    homes = st.builds(Home, vpcs=st.just((VPC,)), egress=egress)
    arns = st.lists(st.sampled_from([f"arn:aws:iam::aws:policy/p{n}" for n in range(9)]), unique=True)
    return st.builds(Resident, exists=st.just(True), attached=arns.map(tuple), home=homes)


@st.composite
def scalings(draw: st.DrawFn) -> Scaling:
    """Groups that can do with one less: at the minimum another one is launched, which nothing takes back."""
    minimum = draw(st.integers(0, 3))
    desired = draw(st.integers(minimum + 1, 6))
    lifecycle = draw(st.sampled_from(["InService", "Standby", "EnteringStandby"]))
    group = Group("web", "arn:aws:autoscaling:::web", lifecycle, minimum, draw(st.integers(desired, 8)), desired)
    return Scaling("running", group)


def balancings() -> st.SearchStrategy[Balancing]:
    places = [Registration(group, "i-1", port) for group in OTHERS for port in (80, 443)]
    key = lambda one: (one.group, one.id, one.port)  # noqa: E731  # sorted as a snapshot sorts
    chosen = st.lists(st.sampled_from(places), unique=True).map(lambda found: tuple(sorted(found, key=key)))
    return st.builds(Balancing, state=st.just("running"), registered=chosen, groups=st.just(OTHERS))


def publics() -> st.SearchStrategy[Reachable]:
    places = tuple(f"eni-{n} 10.0.1.{n}" for n in range(4))
    numbers = st.lists(st.integers(0, 3), unique=True).map(sorted)
    free = st.lists(st.sampled_from([f"203.0.113.{n}" for n in range(4)]), unique=True).map(tuple)
    elastics = numbers.map(lambda found: tuple(elastic(n) for n in found))
    return st.builds(Reachable, state=st.just("running"), elastic=elastics, free=free, places=st.just(places))


def documents(kind: Any) -> st.SearchStrategy[Any]:
    statement = st.sampled_from([{"Sid": f"S{n}", "Effect": "Allow", "Action": f"s3:{n}"} for n in range(4)])
    several = st.lists(statement, min_size=1, unique_by=str)
    whole = (several | statement).map(lambda found: canonical({"Version": "2012-10-17", "Statement": found}))
    return st.builds(kind, exists=st.just(True), document=whole if kind is Trust else whole | st.just(""))


def ordered(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


STATES: Mapping[str, st.SearchStrategy[Any]] = {
    "I1": st.sampled_from([Key("Active"), Key("Inactive")]),
    **dict.fromkeys(DENIES, principals()),
    "N1": firewalls(),
    "E4": isolations(),
    "E1": protections(),
    "E2": scalings(),
    "E3": balancings(),
    "E5": st.builds(Metadata, state=st.just("running"), endpoint=st.sampled_from(["enabled", "disabled"])),
    "E6": st.builds(Power, state=st.sampled_from(["running", "stopped"]), no_stop=st.booleans()),
    "E7": publics(),
    "I5": documents(Trust),
    "I7": residents(),
    "L1": st.builds(Concurrency, exists=st.just(True), reserved=st.none() | st.integers(0, 3)),
    "S1": st.builds(PublicAccess, exists=st.just(True), on=st.none() | st.sets(st.sampled_from(SWITCHES)).map(ordered)),
    "S2": documents(BucketPolicy),
    **{
        name: st.sampled_from([state for _, state in (ACTIONS[name].examples[0], ACTIONS[name].examples[-1])])
        for name in ("R1", "R2")
    },
}
