"""Turn a verdict into a Plan: which actions, on which AWS-asserted targets, with which calls and inverses."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stanch.model.case import Case, Triage
from stanch.model.change import Action, Change, Plan, Refusal, Target, TargetKind, Terms
from stanch.model.errors import Environment, FailedResponse
from stanch.model.facts import Resolved
from stanch.model.finding import Direction, Finding, IdentityKind
from stanch.model.playbook import Playbook
from stanch.model.ports import Reader
from stanch.store.codec import plain

ReaderOf = Callable[[str, str], Reader]
"""(account, region) -> Reader."""

BY_HAND = {
    IdentityKind.ROOT: "the root user cannot be denied by an IAM policy: a person must rotate its password and keys",
    IdentityKind.FEDERATED_USER: "a federated session is revoked at its issuing user or broker, by a person",
    IdentityKind.AWS_SERVICE: "AWS services are never contained",
    IdentityKind.UNKNOWN: "the finding names no identity that stanch can contain",
}
"""Identities without an action, and what a person can do."""


def plan(
    case: Case,
    triage: Triage,
    playbook: Playbook,
    resolved: Resolved,
    catalogue: Mapping[str, Action[Any]],
    terms: Terms,
    reader_of: ReaderOf | None,
) -> Plan:
    """The changes that the playbook's actions give on this case's targets, each with its inverse, and what is refused.

    Reads live state through `reader_of`; without it (replay) the state is presumed from the finding.
    """
    finding = next(one for one in case.findings if one.key == triage.lead)
    changes: list[Change] = []
    refusals: list[Refusal] = []
    if resolved.replaced:
        return Plan(refusals=(Refusal("", finding.account, "", "; ".join(resolved.unknown)),))
    for action in (catalogue[name] for name in playbook.actions):
        for target in aim(action.target, finding, resolved):
            planned = _consider(action, target, terms, reader_of)
            if isinstance(planned, Change):
                changes.append(planned)
            else:
                refusals.extend(planned)
    if not changes and not refusals:
        refusals.append(Refusal("", finding.account, "", _no_action(finding)))
    return Plan(tuple(changes), tuple(refusals))


def aim(kind: TargetKind, finding: Finding, resolved: Resolved) -> Iterable[Target]:
    """The targets of that kind which the finding asserts; none where it asserts none."""
    match kind:
        case TargetKind.INSTANCE:
            return _instance(finding)
        case TargetKind.ADDRESS:
            return _address(finding)
        case _:
            return _identity(kind, finding, resolved)


def _identity(kind: TargetKind, finding: Finding, resolved: Resolved) -> Iterable[Target]:
    who = finding.identity
    if who is None or not who.name:
        return
    stolen_from_instance = _instance_session(finding)
    is_user = who.kind is IdentityKind.IAM_USER
    is_role = who.kind is IdentityKind.ASSUMED_ROLE
    word = "user" if is_user else "role"
    arn = dict(resolved.arns).get(who.name, f"arn:{finding.partition}:iam::{who.account}:{word}/{who.name}")
    wanted = {
        TargetKind.USER: is_user,
        TargetKind.ACCESS_KEY: is_user and who.access_key.startswith("AKIA"),
        TargetKind.ROLE: is_role and not stolen_from_instance,
        TargetKind.INSTANCE_CREDENTIALS: is_role and bool(stolen_from_instance),
    }.get(kind, False)  # kinds that no playbook asks for yet are aimed at nothing
    if wanted:
        name = who.access_key if kind is TargetKind.ACCESS_KEY else arn.rpartition("/")[2]
        within = who.name if kind is TargetKind.ACCESS_KEY else stolen_from_instance
        yield Target(kind, who.account, finding.region, name, arn, within)


def _instance_session(finding: Finding) -> str:
    """ARN of the instance whose own credentials the finding is about, empty if they are not an instance's.

    The session name alone proves nothing (its author chooses it): the detector must name the instance as well.
    """
    if finding.identity is None or finding.instance is None:
        return ""
    session = finding.identity.principal_id.partition(":")[2]
    return finding.instance.arn if session == finding.instance.id else ""


def _instance(finding: Finding) -> Iterable[Target]:
    at = finding.instance
    if at is not None:
        yield Target(TargetKind.INSTANCE, at.account, at.region, at.id, at.arn, instance=at)


def _address(finding: Finding) -> Iterable[Target]:
    peer, at = finding.connection, finding.instance
    if peer is not None and at is not None and peer.direction is Direction.INBOUND:
        yield Target(TargetKind.ADDRESS, at.account, at.region, peer.remote_ip, peer.remote_ip, at.arn, at)


def _consider(
    action: Action[Any], target: Target, terms: Terms, reader_of: ReaderOf | None
) -> Change | tuple[Refusal, ...]:
    presumed = reader_of is None
    try:
        before = (
            action.snapshot(reader_of(target.account, target.region), target) if reader_of else action.presume(target)
        )
    except (FailedResponse, Environment) as error:
        call = error.call if isinstance(error, FailedResponse) else ""
        return (Refusal(action.id, target.arn, call, f"the state before cannot be read: {error}"),)
    objections = () if presumed else action.objections(target, before)
    if objections:
        return tuple(Refusal(action.id, target.arn, "", reason) for reason in objections)
    forward = action.forward(target, before, terms)
    if not forward:
        return (Refusal(action.id, target.arn, "", "already so: there is nothing to change"),)
    return Change(
        action=action.id,
        title=action.title,
        target=target,
        before=plain(before),
        forward=forward,
        inverse=action.inverse(target, before, None, terms).calls,
        blast_radius=action.blast_radius(target, before),
        cut=action.cut,
        breaks=action.breaks,
        reverts_by=action.reverts_by,
        terms=terms,
        presumed=presumed,
        no_inverse=action.no_inverse,
        price=action.price,
    )


def _no_action(finding: Finding) -> str:
    kind = finding.identity.kind if finding.identity else IdentityKind.UNKNOWN
    return BY_HAND.get(kind, f"no action is available for what {finding.type} names: a person must act")
