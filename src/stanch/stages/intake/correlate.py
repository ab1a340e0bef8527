"""Which findings are one case: those about the same identity, instance or resource, as AWS asserts it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count

from stanch.model.finding import Finding, Form

PREFERRED = (Form.GUARDDUTY, Form.ASFF, Form.OCSF, Form.TRAIL)
"""Of the same finding in the same state, the form that tells most."""


@dataclass(frozen=True)
class Group:
    """New findings of one case, open or about to be opened."""

    case_id: str
    findings: tuple[Finding, ...]
    """Newest revision of each, by arrival."""
    subjects: tuple[str, ...]
    """What they are about; a later finding about any of it joins the case."""


def correlate(
    findings: Sequence[Finding], open_cases: Mapping[str, str], taken: Collection[str] = ()
) -> tuple[Group, ...]:
    """Group findings by what they are about, in the order in which the groups first appear.

    `open_cases`: subject -> id of the open case about it; `taken`: ids of all other cases there ever were.
    """
    groups = _grouped([(one, subjects(one)) for one in _newest(findings)])
    used = {*open_cases.values(), *taken}
    by_case: dict[str, Group] = {}
    for members in groups:
        about = tuple(dict.fromkeys(subject for _, theirs in members for subject in theirs))
        case = next((open_cases[subject] for subject in about if subject in open_cases), "")
        case = case or _new_id(members[0][0].key, used)
        used.add(case)
        by_case[case] = _joined(by_case.get(case), Group(case, tuple(one for one, _ in members), about))
    return tuple(by_case.values())


def subjects(finding: Finding) -> tuple[str, ...]:
    """What a finding is about, from AWS-asserted fields only: never an address, a title or a tag."""
    found = []
    if who := finding.identity:
        found.append(f"{who.account}/{who.kind}/{who.name}")
    if host := finding.instance:
        found.append(f"{host.account}/{host.region}/{host.id}")
    if not found:
        thing = finding.resources[0].id if finding.resources else finding.id
        found.append(f"{finding.account}/{finding.region}/{thing}")
    return tuple(found)


def _newest(findings: Sequence[Finding]) -> list[Finding]:
    kept: dict[str, Finding] = {}
    for one in findings:
        kept[one.key] = _newer(kept[one.key], one) if one.key in kept else one
    return list(kept.values())


def _newer(one: Finding, other: Finding) -> Finding:
    if one.revision != other.revision:
        return max(one, other, key=lambda finding: (finding.updated_at, finding.count))
    best = min(one, other, key=lambda finding: PREFERRED.index(finding.form))
    return replace(best, requested_by=one.requested_by or other.requested_by)


def _grouped(found: list[tuple[Finding, tuple[str, ...]]]) -> list[list[tuple[Finding, tuple[str, ...]]]]:
    """Join whatever shares a subject, also by way of others."""
    parent: dict[str, str] = {}

    def root(subject: str) -> str:
        while parent.setdefault(subject, subject) != subject:
            parent[subject] = subject = parent[parent[subject]]
        return subject

    for _, about in found:
        for subject in about:
            parent[root(subject)] = root(about[0])
    groups: dict[str, list[tuple[Finding, tuple[str, ...]]]] = {}
    for member in found:
        groups.setdefault(root(member[1][0]), []).append(member)
    return list(groups.values())


def _new_id(key: str, used: Collection[str]) -> str:
    names = (key if number == 1 else f"{key}#{number}" for number in count(1))
    ids = (f"C-{sha256(name.encode()).hexdigest()[:8]}" for name in names)
    return next(one for one in ids if one not in used)


def _joined(earlier: Group | None, group: Group) -> Group:
    if earlier is None:
        return group
    about = tuple(dict.fromkeys((*earlier.subjects, *group.subjects)))
    return Group(group.case_id, (*earlier.findings, *group.findings), about)
