"""Records in, cases out: read what a source gives, journal every finding and every skip, say which walks are due."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from stanch.model.case import Case
from stanch.model.casefile import CaseFile
from stanch.model.facts import Fact
from stanch.model.finding import Finding, Skip
from stanch.model.playbook import Playbook
from stanch.model.walked import FindingReceived, RecordSkipped
from stanch.respond.house import House
from stanch.sources import Record, Source
from stanch.stages.intake import correlate, read
from stanch.stages.triage import triage
from stanch.store import journal


@dataclass(frozen=True)
class Taken:
    """What came out of a batch of records."""

    records: int = 0
    findings: int = 0
    skips: tuple[Skip, ...] = ()
    cases: tuple[str, ...] = field(default=())
    """Cases that the batch's findings belong to, also where nothing in them is new."""


def take_in(house: House, source: Source) -> Taken:
    """Read, correlate and journal what a source holds now; acknowledge only what is on the disk."""
    names, findings, skips = list[str](), list[Finding](), list[Skip]()
    for record in source.records():
        names.append(record.record if isinstance(record, Skip) else record.name)
        parts = _parts(record, vouched=source.vouched)
        findings += [part for part in parts if isinstance(part, Finding)]
        skips += [part for part in parts if isinstance(part, Skip)]
    for skip in skips:
        house.write(RecordSkipped(skip.record, skip.reason, skip.malformed), key=f"skip/{skip.record}/{skip.reason}")
    cases = journal_findings(house, findings)
    for name in names:
        source.ack(name)
    return Taken(len(names), len(findings), tuple(skips), cases)


def _parts(record: Record | Skip, *, vouched: bool) -> tuple[Finding | Skip, ...]:
    return (record,) if isinstance(record, Skip) else read(record.name, record.body, vouched=vouched)


def unfinished(house: House) -> tuple[CaseFile, ...]:
    """Cases whose newest round has not ended: new ones, and those that a dead process left."""
    with house.database.begin() as connection:
        waiting = journal.unfinished(connection)
    return tuple(house.file(case) for case in waiting)


def journal_findings(house: House, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Group findings into cases, one lane for each playbook, and write those that are new."""
    received = house.facts(kinds=(FindingReceived,))
    known = {f.body.finding.revision: f.case for f in received if isinstance(f.body, FindingReceived)}
    taken = {fact.case for fact in received}
    touched: dict[str, None] = {}
    acting = house.acting
    lanes: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.revision in known:
            touched[known[finding.revision]] = None
        else:
            lanes.setdefault(_lane(house, acting, finding), []).append(finding)
    for lane, members in lanes.items():
        for group in correlate(members, _open_cases(house, received, lane), taken):
            subjects = tuple(f"{lane}|{subject}" for subject in group.subjects)
            number = house.file(group.case_id).round + 1 if group.case_id in taken else 1
            for finding in group.findings:
                body = FindingReceived(finding, number, subjects)
                house.write(body, key=f"{group.case_id}/finding/{finding.revision}", case=group.case_id)
            taken.add(group.case_id)
            touched[group.case_id] = None
    return tuple(touched)


def _lane(house: House, acting: Mapping[str, Playbook], finding: Finding) -> str:
    """Id of the playbook that will decide: findings that different playbooks decide are different cases."""
    alone = Case("", 0, (), (finding,), finding.updated_at)
    return triage(alone, house.postures, acting).playbook


def _open_cases(house: House, received: Iterable[Fact], lane: str) -> Mapping[str, str]:
    """Subject -> the newest case about it in this lane that is not done."""
    newest: dict[str, str] = {}
    for fact in received:
        for name, _, subject in (one.partition("|") for one in getattr(fact.body, "subjects", ())):
            if name == lane:
                newest[subject] = fact.case
    done = {case for case in set(newest.values()) if house.file(case).done}
    return {subject: case for subject, case in newest.items() if case not in done}


def add(one: Taken, other: Taken) -> Taken:
    """Two batches as one."""
    return replace(
        one,
        records=one.records + other.records,
        findings=one.findings + other.findings,
        skips=(*one.skips, *other.skips),
        cases=tuple(dict.fromkeys((*one.cases, *other.cases))),
    )
