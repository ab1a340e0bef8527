"""Turn a verdict into a Plan: which actions, on which AWS-asserted targets, with which calls and inverses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from stanch.actions import in_order
from stanch.model.case import Case, Triage
from stanch.model.change import Action, Change, Plan, Refusal, Terms
from stanch.model.facts import Resolved
from stanch.model.finding import Finding, IdentityKind
from stanch.model.playbook import Playbook
from stanch.stages.plan.aim import aim
from stanch.stages.plan.consider import ReaderOf, consider

__all__ = ["BY_HAND", "ReaderOf", "aim", "consider", "plan"]

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
    ends: Mapping[str, datetime] = MappingProxyType({}),
    roles: Collection[str] = (),
) -> Plan:
    """The changes that the playbook's actions give on this case's targets, each with its inverse, and what is refused.

    In the safe order, whatever order the playbook names them in. ends: when a change by an action expires, where that
    is not when the terms say. roles: see `consider`.
    """
    finding = next(one for one in case.findings if one.key == triage.lead)
    if resolved.replaced:
        return Plan(refusals=(Refusal("", finding.account, "", "; ".join(resolved.unknown)),))
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for name in in_order(playbook.actions, credential_case=finding.identity is not None):
        action = catalogue[name]
        spared = {one.target.within or one.target.arn for one in changes if one.action == action.spared_by}
        for target in aim(action.target, finding, resolved):
            if (target.within or target.arn) in spared:
                continue
            own = replace(terms, expires_at=ends.get(name, terms.expires_at))
            planned = consider(action, target, own, reader_of, roles)
            if isinstance(planned, Change):
                changes.append(planned)
            else:
                refusals.extend(planned)
    if not changes and not refusals:
        refusals.append(Refusal("", finding.account, "", _no_action(finding)))
    return Plan(tuple(changes), tuple(one for one in refusals if one.action not in _replaced(catalogue, changes)))


def _replaced(catalogue: Mapping[str, Action[Any]], changes: Sequence[Change]) -> frozenset[str]:
    """Ids of better actions that could not be taken and whose substitute is planned: nothing is refused by that."""
    return frozenset(catalogue[one.action].spared_by for one in changes)


def _no_action(finding: Finding) -> str:
    kind = finding.identity.kind if finding.identity else IdentityKind.UNKNOWN
    return BY_HAND.get(kind, f"no action is available for what {finding.type} names: a person must act")
