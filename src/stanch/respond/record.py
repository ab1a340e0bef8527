"""The record of one round of a case: each step is done once, journalled, and read back from the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from stanch.model.case import Mode, Triage
from stanch.model.casefile import CaseFile
from stanch.model.change import Plan
from stanch.model.errors import BadInput
from stanch.model.facts import Body
from stanch.model.finding import Finding
from stanch.model.playbook import Playbook
from stanch.model.ports import Durability
from stanch.model.stakes import STAKES
from stanch.model.verdict import Evidence, Verdict
from stanch.model.walked import Investigated, Judged, Measured, Planned, Resolved, Triaged
from stanch.respond.house import House
from stanch.respond.priors import prior

B = TypeVar("B", bound=Body)

FLOOR = 0.95
"""What p must reach for a containment."""
STRICT_FLOOR = 0.99
"""The same on assets that the operator's file calls production or stateful."""


@dataclass(frozen=True)
class Record:
    """One round of one case, as the walk sees it."""

    house: House
    engine: Durability
    case: str
    round: int

    def once(self, name: str, make: Callable[[CaseFile], Body]) -> bool:
        """Do this step unless its fact is in the journal already; the fact is on the disk when this returns.

        Says whether it was done just now, in this process.
        """
        key = f"{self.case}/{self.round}/{name}"
        done: list[str] = []

        def do() -> None:
            if not any(fact.key == key for fact in self.house.facts(case=self.case)):
                self.house.write(make(self.file), key=key, case=self.case)
                done.append(key)

        self.engine.step(name, do)
        return bool(done)

    @property
    def file(self) -> CaseFile:
        """The state of the case now."""
        return self.house.file(self.case)

    def _last(self, kind: type[B], where: Callable[[B], bool] = lambda _: True) -> B | None:
        bodies = [fact.body for fact in self.house.facts(case=self.case)]
        mine = [one for one in bodies if isinstance(one, kind) and getattr(one, "round", 0) == self.round]
        return next((one for one in reversed(mine) if where(one)), None)

    def _need(self, kind: type[B], where: Callable[[B], bool] = lambda _: True) -> B:
        found = self._last(kind, where)
        if found is None:
            raise BadInput(f"case {self.case}: its round {self.round} has no {kind.__name__} yet")
        return found

    @property
    def triage(self) -> Triage:
        """Where the case goes."""
        return self._need(Triaged).triage

    @property
    def mode(self) -> Mode:
        """Whether this walk may act."""
        return self._need(Triaged).mode

    @property
    def playbook(self) -> Playbook:
        """The playbook that decides, in the version that the round began with."""
        return self.house.playbook(self.triage.playbook, self._need(Triaged).version)

    @property
    def resolved(self) -> Resolved:
        """What AWS said of the finding, its identity and resource."""
        return self._need(Resolved)

    @property
    def measured(self) -> Measured | None:
        """What CloudWatch said of the lead's instance; None where nobody asked."""
        return self._last(Measured)

    def evidence(self, depth: str) -> tuple[Evidence, ...]:
        """The answered questions."""
        return self._need(Investigated, lambda one: one.depth == depth).evidence

    def verdict(self, depth: str) -> Verdict:
        """The verdict at that depth."""
        return self._need(Judged, lambda one: one.depth == depth).verdict

    @property
    def plan(self) -> Plan:
        """What the guardrails left of the plan."""
        return self._need(Planned).plan

    def lead(self, file: CaseFile) -> Finding:
        """The finding that set the tier."""
        return next(one for one in file.findings if one.key == self.triage.lead)

    def alone(self, file: CaseFile) -> bool:
        """No finding of another type is in the case: the lead's playbook asks about the lead's type."""
        return {one.type for one in file.findings if not one.sample} == {self.lead(file).type}

    def prior(self, file: CaseFile, playbook: Playbook | None = None) -> float:
        """Probability of malice for the lead finding's type, before evidence; by another playbook where given."""
        return prior(self.house, playbook or self.playbook, self.lead(file).type, without=self.case).mean

    def threshold(self, file: CaseFile) -> float:
        """What p must reach: stricter on what the operator's own file calls production or stateful (never on tags)."""
        finding, context = self.lead(file), self.house.context
        named = {arn for _, arn in self.resolved.arns} | ({finding.instance.arn} if finding.instance else set())
        strict = any(one.arn in named and (one.stateful or _production(one.tier)) for one in context.assets)
        account = next((one for one in context.organisation.accounts if one.id == finding.account), None)
        production = strict or (account is not None and _production(account.env))
        floor = STRICT_FLOOR if production else FLOOR
        pays = self._pays(production=production)
        return max(floor, pays, self.house.settings.floors.get(context.account(finding.account).environment, 0.0))

    def _pays(self, *, production: bool) -> float:
        """From which probability on the dearest of the playbook's actions costs less than calling a person."""
        aims = [self.house.actions[name].target for name in self.playbook.actions]
        return max((STAKES[aim].contain(production=production) for aim in aims), default=0.0)


def _production(word: str) -> bool:
    return word.lower() in ("prod", "production")
