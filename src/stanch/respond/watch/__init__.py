"""After a containment: whether it is still in place and bites, what else was done, whether the principal returns.

Every look is a fold of what CloudTrail and the live state say now; what follows is keyed in the journal, so that
looking again, or from another process, does nothing twice.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stanch.model.case import Mode
from stanch.model.casefile import CaseFile, State
from stanch.model.contained import Intended
from stanch.model.errors import StanchError
from stanch.model.walked import Paged, WouldContain
from stanch.respond.further import Arm
from stanch.respond.house import House
from stanch.respond.watch.acts import acts_of, in_time
from stanch.respond.watch.cut import severed
from stanch.respond.watch.in_place import guard_own
from stanch.respond.watch.ladder import bites
from stanch.respond.watch.minted import follow
from stanch.respond.watch.repairs import repair
from stanch.respond.watch.returns import AFTERWARDS, returned
from stanch.stages.watch import STANDING, suspect

EVERY = timedelta(minutes=1)
"""How often a case is looked at."""


@dataclass
class Watch:
    """Looks at each case once a minute while this process lives."""

    house: House
    arm: Arm
    looked: dict[str, datetime] = field(default_factory=dict)

    def look(self) -> None:
        """Look at every case whose turn it is. One that cannot be looked at is paged, once an hour, not skipped."""
        now = self.house.now()
        for file in (*self.house.files(with_kind=Intended), *self.house.files(with_kind=WouldContain)):
            if now - self.looked.get(file.id, now - EVERY) < EVERY or not _watched(file, now):
                continue
            self.looked[file.id] = now
            try:
                look(self.house, self.arm, file.id)
            except StanchError as error:
                text = f"what became of case {file.id} could not be looked at: {error}"
                self.house.write(Paged(text), key=f"{file.id}/watch/{now:%Y-%m-%dT%H}", case=file.id)


def look(house: House, arm: Arm, case: str) -> None:
    """Look at one case now; raises FailedResponse or Environment when its account cannot be asked."""
    for one in house.file(case).containments:
        if one.state in STANDING and not one.for_good:
            guard_own(house, one)
    severed(house, arm, house.file(case))
    file = house.file(case)
    lead = next(one for one in file.findings if file.triage and one.key == file.triage.lead)
    who = suspect(lead)
    if who is None:
        return
    acts = acts_of(house, lead, who)
    sessions = follow(house, arm, case, acts)
    repair(house, arm, case, in_time((*acts, *(act for one in sessions for act in one.acts))))
    bites(house, arm, house.file(case), acts, sessions)
    returned(house, house.file(case), acts)


def _watched(file: CaseFile, now: datetime) -> bool:
    """Its walk is over, and something of it stands, or ended less than a day ago; in observation, would have stood."""
    cuts = (one for one in file.containments if not one.for_good)
    recent = (one for one in cuts if one.state in STANDING or one.state is State.REVERTED)
    would = file.mode is Mode.OBSERVE and bool(file.would) and now - file.opened_at < AFTERWARDS
    stood = any(one.state is State.CONTAINED or now - one.at < AFTERWARDS for one in recent)
    return file.outcome is not None and (stood or would)
