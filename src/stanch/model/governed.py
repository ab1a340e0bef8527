"""Facts about no single case: what may act, who overrode, stopped or freed, whose policies are in force."""

from dataclasses import dataclass

from stanch.model.change import Change, Refusal
from stanch.model.verdict import Verdict


@dataclass(frozen=True)
class Observing:
    """A playbook version was first seen: its days in observation mode count from here."""

    playbook: str
    version: str
    days: int


@dataclass(frozen=True)
class Promoted:
    """A named person let a playbook version act."""

    playbook: str
    version: str
    by: str
    reason: str
    record: str
    """What the person was shown: days observed, would-have containments, human verdicts."""
    early: str = ""
    """Why before the days and the record were complete; empty when they were."""
    files: str = ""
    """SHA-256 over the archived files that act from now on, whatever becomes of those on the shelf."""


@dataclass(frozen=True)
class Demoted:
    """A playbook observes again, for one finding type in one account group or altogether."""

    playbook: str
    kind: str
    """Finding type; empty for every type."""
    group: str
    """Account group (env of the operator's file, else the account's id); empty for the whole organisation."""
    by: str
    reason: str


@dataclass(frozen=True)
class Reinstated:
    """A named person lifted a demotion."""

    playbook: str
    kind: str
    group: str
    by: str
    reason: str


@dataclass(frozen=True)
class Shadowed:
    """What a playbook version that is not promoted yet would have done where the promoted one decided."""

    round: int
    playbook: str
    version: str
    verdict: Verdict | None
    """None where it would not have judged the case, or could not."""
    would: tuple[Change, ...]
    already: tuple[str, ...]
    """Ids of containments of the acting version that it would have made, too."""
    refusals: tuple[Refusal, ...]
    problem: str = ""
    """Why it could not be walked to the end."""

    @property
    def would_contain(self) -> bool:
        """It would have kept somebody from something, evidence alone does not."""
        return bool(self.already) or any(change.price for change in self.would)


@dataclass(frozen=True)
class RevertedAll:
    """Two named persons had everything taken back that stood; each revert is a fact of its own."""

    by: str
    second: str
    reason: str
    containments: tuple[str, ...]
    skipped: tuple[str, ...]
    """What was left in place, each with the reason."""


@dataclass(frozen=True)
class Overridden:
    """A named person let playbooks in observation act for one run."""

    by: str
    reason: str
    run: str
    """Eight hex digits, derived from the name, the reason and the time."""


@dataclass(frozen=True)
class Stopped:
    """A named person pulled the kill switch: no forward call is sent any more; reverts and watching go on."""

    by: str
    reason: str


@dataclass(frozen=True)
class Released:
    """A named person let forward calls be sent again."""

    by: str
    reason: str


@dataclass(frozen=True)
class PoliciesRead:
    """The operator's own guardrails came into force."""

    where: str
    digest: str
    """SHA-256 of the files."""
    policies: tuple[str, ...]
    """Ids of the operator's policies."""
