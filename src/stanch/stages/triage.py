"""Where a case goes: its tier, its posture and the playbook that decides, by rule and never by severity alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stanch.model.case import Case, Posture, Tier, Triage
from stanch.model.finding import Finding, Form, IdentityKind
from stanch.model.playbook import Playbook
from stanch.playbooks import Postures, matches, specificity

MEDIUM = 4.0
"""From this severity (0..10) a queued finding is of medium tier."""
URGENCY = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
_ACTORS = (IdentityKind.IAM_USER, IdentityKind.ASSUMED_ROLE)


@dataclass(frozen=True)
class _Place:
    """Where one finding alone would go."""

    finding: Finding
    tier: Tier
    posture: Posture
    reason: str
    playbook: str = ""


def triage(case: Case, postures: Postures, playbooks: Mapping[str, Playbook]) -> Triage:
    """The most urgent finding leads: highest tier, then one that a playbook matches, then severity, then the newest."""
    places = [_with_playbook(_place(one, postures), playbooks) for one in case.findings]
    lead = max(
        places,
        key=lambda one: (
            URGENCY.index(one.tier),
            bool(one.playbook),
            one.finding.severity,
            one.finding.updated_at,
            one.finding.key,
        ),
    )
    return Triage(lead.tier, lead.posture, lead.playbook, lead.finding.key, lead.reason)


def _place(finding: Finding, postures: Postures) -> _Place:
    return _aside(finding, postures) or _by_type(finding, postures)


def _aside(finding: Finding, postures: Postures) -> _Place | None:
    """Where a finding goes whatever its type deserves; None when nothing special is about it."""
    if finding.sample:
        return _Place(finding, Tier.LOW, Posture.QUEUE, "a sample finding: it is about nothing real")
    if finding.archived:
        return _queued(finding, "archived: someone has dealt with it already")
    if (
        finding.product != "GuardDuty" and finding.form is not Form.TRAIL
    ):  # whoever may import findings chooses their type freely
        reason = f"{finding.type} of {finding.product or 'an unnamed product'} is a type that nobody has judged yet"
        return _Place(finding, Tier.LOW, Posture.QUEUE, reason)
    if not postures.of(finding).known:
        return _Place(finding, Tier.LOW, Posture.QUEUE, f"{finding.type} is a type that nobody has judged yet")
    if finding.identity is not None and finding.identity.kind is IdentityKind.ROOT:
        return _Place(finding, Tier.HIGH, Posture.ESCALATE, "it is about the root user: only a person can act")
    return None


def _by_type(finding: Finding, postures: Postures) -> _Place:
    match postures.of(finding).posture:
        case Posture.AT_ONCE:
            return _at_once(finding)
        case Posture.INVESTIGATE:
            return _Place(finding, Tier.HIGH, Posture.INVESTIGATE, f"{finding.type} is investigated before anything")
        case Posture.ESCALATE:
            return _Place(finding, Tier.HIGH, Posture.ESCALATE, f"{finding.type} goes to a person")
        case Posture.QUEUE:
            return _queued(finding, f"{finding.type} is enriched and waits for a person")


def _at_once(finding: Finding) -> _Place:
    if _has_subject(finding):
        return _Place(finding, Tier.CRITICAL, Posture.AT_ONCE, f"{finding.type} is contained at once, if confirmed")
    reason = f"{finding.type} would be contained at once, but names no identity or instance to act on"
    return _Place(finding, Tier.HIGH, Posture.INVESTIGATE, reason)


def _queued(finding: Finding, reason: str) -> _Place:
    return _Place(finding, Tier.MEDIUM if finding.severity >= MEDIUM else Tier.LOW, Posture.QUEUE, reason)


def _has_subject(finding: Finding) -> bool:
    who = finding.identity
    return finding.instance is not None or (who is not None and who.kind in _ACTORS and bool(who.name))


def _with_playbook(place: _Place, playbooks: Mapping[str, Playbook]) -> _Place:
    """The playbook with the most exact pattern for the type; the id decides between equals."""
    fitting = [
        (specificity(pattern), one.id)
        for one in playbooks.values()
        for pattern in one.matches
        if matches(pattern, place.finding.type)
    ]
    return replace(place, playbook=max(fitting)[1]) if fitting else place
