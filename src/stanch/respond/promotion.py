"""The record of a playbook version in observation: what a person is shown before letting it act."""

from dataclasses import dataclass
from datetime import datetime

from stanch.model.facts import Triaged, WouldContain
from stanch.model.playbook import Playbook
from stanch.respond.house import House


@dataclass(frozen=True)
class Track:
    """What a playbook version has shown so far."""

    since: datetime
    days_left: int
    """Days of observation still to come, 0 when they are over."""
    cases: int
    would_contain: int
    sentence: str


def track(house: House, playbook: Playbook) -> Track:
    """The record of this version in this installation; cases of other versions do not count."""
    since = house.observed_since(playbook)
    days = (house.now() - since).days
    facts = [fact for fact in house.facts(kinds=(Triaged, WouldContain)) if fact.time >= since]
    mine = {f.case for f in facts if isinstance(f.body, Triaged) and f.body.triage.playbook == playbook.id}
    would = {f.case for f in facts if isinstance(f.body, WouldContain) and f.case in mine}
    left = max(0, playbook.observe_days - days)
    sentence = (
        f"observed for {days} of {playbook.observe_days} days: {len(mine)} cases, "
        f"would have contained in {len(would)}; no person has judged any of them yet"
    )
    return Track(since, left, len(mine), len(would), sentence)
