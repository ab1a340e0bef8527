"""The record of a playbook version, and the promotion that rests on it: a named person lets it act."""

from dataclasses import dataclass
from datetime import datetime

from stanch.model.casefile import CaseFile
from stanch.model.contained import Contained
from stanch.model.errors import BadInput
from stanch.model.governed import Promoted, Shadowed
from stanch.model.playbook import Playbook
from stanch.model.walked import Triaged, WouldContain
from stanch.respond import archive
from stanch.respond.house import House
from stanch.respond.labels import labelled
from stanch.respond.precision import lower_bound

JUDGED, FLOOR = 50, 0.95
"""Containments, made or only written down, that people must have judged, and the lower 95 % bound of the share of right
ones, for a promotion that overrides nothing. A record without any wrong one gets there at 59."""


@dataclass(frozen=True)
class Track:
    """What a playbook version has shown so far in this installation."""

    since: datetime
    days: int
    needed: int
    """Days of observation that it needs."""
    cases: int
    would: int
    """Cases in which it would have contained, and only wrote it down."""
    contained: int
    """Cases in which it did."""
    judged: int
    """Of both: those of which a person said whether it was right. A containment that nobody answered is none."""
    right: int

    @property
    def days_left(self) -> int:
        """Days of observation still to come, 0 when they are over."""
        return max(0, self.needed - self.days)

    @property
    def bound(self) -> float:
        """Exact lower 95 % bound of its precision, 0..1; 0 as long as nothing was judged."""
        return lower_bound(self.right, self.judged)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a promotion still needs, in sentences; empty when nothing."""
        found = (
            (self.days_left > 0, f"{self.days_left} days of observation are left"),
            (self.judged < JUDGED, f"{self.judged} of at least {JUDGED} containments were judged by a person"),
            (self.bound < FLOOR, f"precision is at least {self.bound:.2%} at 95 % confidence, not {FLOOR:.0%}"),
        )
        return tuple(text for wanting, text in found if wanting)

    @property
    def sentence(self) -> str:
        """The record as a person is shown it."""
        shown = (
            f"precision at least {self.bound:.1%} at 95 % confidence (n = {self.judged})"
            if self.judged
            else "no person has judged any of them yet"
        )
        return (
            f"observed for {self.days} of {self.needed} days: {self.cases} cases, would have contained in "
            f"{self.would}, contained in {self.contained}; {self.judged} judged, {self.right} right: {shown}"
        )


def track(house: House, playbook: Playbook) -> Track:
    """The record of this version; cases of other versions do not count."""
    since = house.observed_since(playbook)
    facts = house.facts(kinds=(Triaged, Shadowed, WouldContain, Contained))
    mine = {
        (f.case, f.body.round)
        for f in facts
        if isinstance(f.body, Triaged)
        and f.body.triage.playbook == playbook.id
        and (f.body.version == playbook.version or (not f.body.version and f.time >= since))
    }
    beside = {f.case: f.body for f in facts if isinstance(f.body, Shadowed) and f.body.version == playbook.version}
    would = {
        f.case
        for f in facts
        if isinstance(f.body, WouldContain) and f.body.change.price and (f.case, f.body.round) in mine
    }
    would |= {case for case, one in beside.items() if one.would_contain}
    held = {f.case for f in facts if isinstance(f.body, Contained)} & {case for case, _ in mine}
    contained = {case for case in held if _disrupted(house.file(case), mine)}
    files = labelled(house, would | contained)
    judged = [one for one in map(_right, files.values()) if one is not None]
    days = (house.now() - since).days
    return Track(
        since,
        days,
        playbook.observe_days,
        len({case for case, _ in mine} | set(beside)),
        len(would),
        len(contained),
        len(judged),
        sum(judged),
    )


def promote(house: House, playbook: Playbook, *, by: str, reason: str, early: str = "") -> bool:
    """Let this version act from now on, from a copy of its files; false when it may already.

    Raises BadInput while its record wants something, unless a reason to do so `early` is given.
    """
    if any(one.version == playbook.version for _, one in house.promotions(playbook.id)):
        return False
    record = track(house, playbook)
    if record.missing and not early.strip():
        raise BadInput(f"{playbook.id} may not act yet: {'; '.join(record.missing)}")
    files = archive.keep(house.settings.state, house.shelf, playbook, house.settings.playbooks)
    said = early if record.missing else ""
    body = Promoted(playbook.id, playbook.version, by, reason, record.sentence, said, files)
    house.write(body, key=f"promoted/{playbook.id}/{playbook.version}", actor=by)
    house.seal()
    return True


def _disrupted(file: CaseFile, mine: set[tuple[str, int]]) -> bool:
    """Something that keeps somebody from something was in place in one of these rounds."""
    return any(one.held and one.change.price and (file.id, one.change.terms.round) in mine for one in file.containments)


def _right(file: CaseFile) -> bool | None:
    """Whether containing was right; None where nobody said."""
    return not file.label.wrong if file.label is not None and file.label.judged else None
