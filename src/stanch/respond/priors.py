"""How probable an attack is before any evidence: authored for a kind of finding, then learned from what people said."""

from dataclasses import dataclass

from stanch.model.casefile import CaseFile
from stanch.model.playbook import Playbook, Prior
from stanch.playbooks import matches
from stanch.respond.house import House
from stanch.store import journal

UNNAMED = Prior("*", 1, 9)
"""For a type that a playbook matches without naming a prior for it."""
LOOK_BACK, LEARNED = 500, 100
"""Newest findings of the type that are looked at, and cases with a label that are learned from at most: what is asked
before containing at once must not grow with the journal."""


@dataclass(frozen=True)
class Learned:
    """A Beta distribution of authored pseudo-cases and of cases that people judged."""

    authored: Prior
    attacks: int = 0
    others: int = 0

    @property
    def mean(self) -> float:
        """Probability of malice, 0..1."""
        weight = self.authored.malicious + self.authored.benign
        return (self.authored.malicious + self.attacks) / (weight + self.n)

    @property
    def n(self) -> int:
        """Judged cases in it."""
        return self.attacks + self.others

    @property
    def sentence(self) -> str:
        """As a person is shown it."""
        authored = f"authored {self.authored.mean:.0%}"
        told = f"{authored}; {self.attacks} of {self.n} judged cases were attacks" if self.n else authored
        return f"{self.mean:.1%} ({told}, n = {self.n})"


def prior(house: House, playbook: Playbook, kind: str, without: str = "") -> Learned:
    """The prior of a finding type by this playbook, from labels in the journal; one case may be left out.

    A confirm says attack, a revert what its code says; an expiry that nobody answered says nothing.
    """
    authored = next((one for one in playbook.priors if matches(one.pattern, kind)), UNNAMED)
    with house.database.begin() as connection:
        labelled = journal.labelled(connection, kind, limit=LOOK_BACK)
    files = (house.file(case) for case in labelled if case != without)
    judged = [wrong for file in files if (wrong := _wrong(file, kind)) is not None][:LEARNED]
    return Learned(authored, judged.count(False), judged.count(True))


def _wrong(file: CaseFile, kind: str) -> bool | None:
    """Whether a case led by that type was no attack; None where nobody said."""
    lead = next((one for one in file.findings if file.triage and one.key == file.triage.lead), None)
    if lead is None or lead.type != kind or file.label is None or not file.label.judged:
        return None
    return file.label.wrong
