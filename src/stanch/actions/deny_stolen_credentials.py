"""I7: deny an instance's credentials wherever they are used but in its own network, with a policy that ends itself."""

from dataclasses import dataclass, field, replace
from functools import partial

from stanch.actions import _home
from stanch.actions._denial import READS as ROLE_READS
from stanch.actions._denial import Principal, PrincipalKind, read_principal
from stanch.actions._deny import Condition, Deny
from stanch.actions._examples import CREDENTIALS, TERMS
from stanch.actions._home import Home, read_home
from stanch.actions._place import instance_id
from stanch.actions.deny_instance_credentials import ACTION as DENY_INSTANCE
from stanch.model.abreast import together
from stanch.model.change import Action, Call, Lasting, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.ports import Reader

_ROLE: PrincipalKind = "Role"


@dataclass(frozen=True)
class Resident(Principal):
    """A role, and the network of the instance whose credentials it gave."""

    home: Home = field(default_factory=Home)


def _deny(home: Home) -> Deny:
    """The deny for one network. Each line only narrows it: a request is denied when all of them hold.

    Through a VPC endpoint AWS shows the VPC and no source address, over the internet the address and no VPC; a
    missing key must not let the thief through, hence IfExists. What an AWS service does on the instance's behalf comes
    from the service's own network, hence ViaAWSService.
    """
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    addresses = {"NotIpAddressIfExists": {"aws:SourceIp": list(home.egress)}} if home.egress else {}

    def condition(target: Target, _terms: Terms) -> Condition:
        return {
            "ArnEquals": {"ec2:SourceInstanceARN": target.within},
            "Bool": {"aws:ViaAWSService": "false"},
            "Null": {"ec2:SourceInstanceARN": "false"},
            "StringNotEqualsIfExists": {"aws:SourceVpc": list(home.vpcs)},
            **addresses,
        }

    return Deny("I7", _ROLE, "StanchDenyStolenCredentials", condition, lambda target: instance_id(target.within))


def _snapshot(reader: Reader, target: Target) -> Resident:
    instance = instance_id(target.within)
    home, role = together(
        partial(_home_of, reader, instance), partial(read_principal, reader, target, _ROLE, f"-I7-{instance}")
    )
    return Resident(role.exists, role.path, role.attached, role.quota, role.policies, role.id, home)


def _home_of(reader: Reader, instance: str) -> Home:
    return read_home(reader, instance) if instance else Home(unknown=("the instance is not known",))


def _presume(target: Target) -> Resident:
    told = target.instance.interfaces if target.instance else ()
    vpcs = tuple(sorted({one.vpc for one in told if one.vpc})) or (f"<vpc of {instance_id(target.within)}>",)
    known = DENY_INSTANCE.presume(target)
    return Resident(known.exists, known.path, home=Home(vpcs, (f"<egress of {vpcs[0]}>",)))


def _objections(target: Target, state: Resident) -> tuple[str, ...]:
    why = "; ".join(state.home.unknown)
    unknown = (f"where the instance's own calls come from is not known: {why}",) if why else ()
    return (*DENY_INSTANCE.objections(target, state), *unknown)


def _forward(target: Target, state: Resident, terms: Terms) -> tuple[Call, ...]:
    return _once_known(state, _deny(state.home).forward(target, state, terms))


def _keep(target: Target, state: Resident, terms: Terms) -> tuple[Call, ...]:
    return _once_known(state, _deny(state.home).keep(target, state, terms))


def _once_known(state: Resident, calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The calls, held back while the deny could cut ways out that are not known."""
    return tuple(replace(one, waits_for="its network to be known") for one in calls) if state.home.unknown else calls


def _inverse(target: Target, before: Resident, now: Resident | None, terms: Terms) -> Undo:
    """The deny names the network as it was when it was made, which is as planned or, rarely, as it is now."""
    planned = _deny(before.home)
    policy = now.policy(planned.arn(target, terms)) if now else None
    known = now is None or policy is None or planned.wrote(policy.in_force, target, terms)
    return (planned if known or now is None else _deny(now.home)).inverse(target, before, now, terms)


def _blast_radius(target: Target, state: Resident) -> str:
    home = ", ".join((*state.home.vpcs, *state.home.egress)) or "an unknown network"
    return f"{DENY_INSTANCE.blast_radius(target, state)}, used elsewhere than in {home}"


_HOME = Home(("vpc-0aaaaaaaaaaaaaaaa",), ("198.51.100.20/32", "198.51.100.21/32"))

ACTION = Action(
    id="I7",
    title="Deny stolen credentials outside their network",
    target=TargetKind.INSTANCE_CREDENTIALS,
    state=Resident,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard for a thief outside the instance's network; soft for one inside it, and roles assumed with them live on",
    breaks="Calls of this instance that reach AWS by a way stanch cannot see: endpoints in another VPC, a proxy, an "
    "address that it is given later. Its calls through its own VPC's endpoints, NAT gateways and addresses work on.",
    price="the stolen session works again while it lives",
    lasting=Lasting.DECAY,
    next_rungs=("I6",),
    permissions=tuple(sorted({*ROLE_READS["Role"], *_home.READS})),
    examples=tuple(
        (target, Resident(one.exists, one.path, one.attached, one.quota, one.policies, one.id, _HOME))
        for target, one in _deny(_HOME).examples(CREDENTIALS, TERMS)
    ),
)
"""The narrow cut: the thief is out, the service lives. Only credentials of the instance profile carry the key."""
