"""What each finding type deserves, read from `finding_types.yaml`."""

from dataclasses import dataclass
from pathlib import Path

from stanch.model.case import Posture
from stanch.model.finding import Finding
from stanch.playbooks.patterns import matches, specificity
from stanch.playbooks.strict import Node, read

TABLE = Path(__file__).parent / "finding_types.yaml"
ROLES = ("TARGET", "ACTOR")


@dataclass(frozen=True)
class Stance:
    """What one finding type deserves."""

    posture: Posture
    known: bool
    """The type is in the table."""
    outsider: bool
    """A stranger can cause such a finding without any access: never a reason to contain."""


UNKNOWN = Stance(Posture.QUEUE, known=False, outsider=False)
"""Types that nobody has judged yet are queued in the lowest tier."""


@dataclass(frozen=True)
class Entry:
    """One line of the table."""

    pattern: str
    stance: Stance
    role: str = ""
    """Only for findings in which the resource plays this role, `TARGET` or `ACTOR`; empty for both."""

    def means(self, kind: str, role: str) -> bool:
        """The line speaks of such a finding."""
        return matches(self.pattern, kind) and self.role in ("", role)


@dataclass(frozen=True)
class Postures:
    """The table of finding types; the most exact line that fits decides."""

    entries: tuple[Entry, ...]

    def of(self, finding: Finding) -> Stance:
        """What this finding deserves by its type and by the role of its resource."""
        return self.look_up(finding.type, finding.resource_role)

    def look_up(self, kind: str, role: str = "") -> Stance:
        """What findings of this type deserve; role: `TARGET`, `ACTOR` or empty when not said."""
        fitting = [entry for entry in self.entries if entry.means(kind, role.upper())]
        if not fitting:
            return UNKNOWN
        return max(fitting, key=lambda entry: (specificity(entry.pattern), entry.role)).stance


def postures(table: Path = TABLE) -> Postures:
    """The shipped table; BadInput naming file and key when it cannot be used."""
    sections = read(table, table.name).keys(*(posture.value for posture in Posture))
    entries: dict[tuple[str, str], Entry] = {}
    for posture in Posture:
        for item in sections[posture.value].items():
            entry = _entry(item, posture)
            if (entry.pattern, entry.role) in entries:
                raise item.bad(f"{entry.pattern}: given twice; keep one of them")
            entries[entry.pattern, entry.role] = entry
    return Postures(tuple(entries.values()))


def _entry(item: Node, posture: Posture) -> Entry:
    if isinstance(item.value, str):
        return Entry(item.text(), Stance(posture, known=True, outsider=False))
    keys = item.keys("type", optional=("role", "outsider"))
    role = keys["role"].text() if "role" in keys else ""
    if role and role not in ROLES:
        raise keys["role"].bad("must be TARGET or ACTOR")
    outsider = "outsider" in keys and keys["outsider"].flag()
    return Entry(keys["type"].text(), Stance(posture, known=True, outsider=outsider), role)
