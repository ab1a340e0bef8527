"""Turn a verdict into a Plan: which actions, on which AWS-asserted targets, with which calls and inverses."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from stanch.actions import in_order
from stanch.model.abreast import each
from stanch.model.case import Case, Triage
from stanch.model.change import Action, Change, Plan, Refusal, Target, Terms
from stanch.model.finding import Finding, IdentityKind
from stanch.model.playbook import Playbook
from stanch.model.walked import Resolved
from stanch.stages.plan.aim import aim
from stanch.stages.plan.consider import Expect, consider
from stanch.stages.plan.glance import ReaderOf, glance

__all__ = ["BY_HAND", "Expect", "ReaderOf", "aim", "consider", "glance", "plan"]

BY_HAND = {
    IdentityKind.ROOT: "the root user cannot be denied by an IAM policy: a person must rotate its password and keys",
    IdentityKind.FEDERATED_USER: "a federated session is revoked at its issuing user or broker, by a person",
    IdentityKind.AWS_SERVICE: "AWS services are never contained",
    IdentityKind.UNKNOWN: "the finding names no identity that stanch can contain",
}
"""Identities without an action, and what a person can do."""
Aimed = tuple[str, Target]
"""An action's id and one of its targets."""
Considered = Mapping[Aimed, Change | tuple[Refusal, ...]]


def plan(
    case: Case,
    triage: Triage,
    playbook: Playbook,
    resolved: Resolved,
    catalogue: Mapping[str, Action[Any]],
    terms: Terms,
    reader_of: ReaderOf | None,
    ends: Mapping[str, datetime] = MappingProxyType({}),
    roles: Collection[str] = (),
    expect: Expect | None = None,
) -> Plan:
    """The changes that the playbook's actions give on this case's targets, each with its inverse, and what is refused.

    In the safe order, whatever order the playbook names them in; what does not depend on each other is considered side
    by side. ends: when a change by an action expires, where that is not when the terms say. roles, expect:
    see `consider`.
    """
    finding = next(one for one in case.findings if one.key == triage.lead)
    if resolved.replaced:
        return Plan(refusals=(Refusal("", finding.account, "", "; ".join(resolved.unknown)),))
    names = in_order(playbook.actions, credential_case=finding.identity is not None)
    wanted = [(name, target) for name in names for target in aim(catalogue[name].target, finding, resolved)]

    def one(name: str, target: Target) -> Change | tuple[Refusal, ...]:
        own = replace(terms, expires_at=ends.get(name, terms.expires_at))
        return consider(catalogue[name], target, own, reader_of, roles, expect)

    considered = _considered(catalogue, wanted, one)
    found = [considered[aimed] for aimed in wanted if aimed in considered]
    changes = [planned for planned in found if isinstance(planned, Change)]
    refusals = [refusal for refused in found if not isinstance(refused, Change) for refusal in refused]
    if not changes and not refusals:
        refusals.append(Refusal("", finding.account, "", _no_action(finding)))
    return Plan(tuple(changes), tuple(one for one in refusals if one.action not in _replaced(catalogue, changes)))


def _considered(
    catalogue: Mapping[str, Action[Any]],
    wanted: Sequence[Aimed],
    consider_one: Callable[[str, Target], Change | tuple[Refusal, ...]],
) -> Considered:
    """All at once, but those that a better action may spare: they wait for what became of it."""
    better = {name: catalogue[name].spared_by for name, _ in wanted}
    considered: dict[Aimed, Change | tuple[Refusal, ...]] = {}
    left = list(wanted)
    while left:
        now = [one for one in left if better[one[0]] not in {name for name, _ in left}] or left
        asked = [one for one in now if not _spared(better[one[0]], one[1], considered)]
        considered.update(zip(asked, each([partial(consider_one, *one) for one in asked]), strict=True))
        left = [one for one in left if one not in now]
    return considered


def _spared(better: str, target: Target, considered: Considered) -> bool:
    """Whether the better action is planned on the same principal or resource."""
    return any(
        name == better and isinstance(one, Change) and (at.within or at.arn) == (target.within or target.arn)
        for (name, at), one in considered.items()
    )


def _replaced(catalogue: Mapping[str, Action[Any]], changes: Sequence[Change]) -> frozenset[str]:
    """Ids of better actions that could not be taken and whose substitute is planned: nothing is refused by that."""
    return frozenset(catalogue[one.action].spared_by for one in changes)


def _no_action(finding: Finding) -> str:
    kind = finding.identity.kind if finding.identity else IdentityKind.UNKNOWN
    return BY_HAND.get(kind, f"no action is available for what {finding.type} names: a person must act")
