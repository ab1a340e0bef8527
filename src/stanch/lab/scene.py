"""What a scenario is: events and findings woven into the world, and what a right answer to them would be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from stanch.lab.cloudtrail import Event
from stanch.lab.processor import Load
from stanch.lab.world import World
from stanch.model.data import JSONObject
from stanch.model.verdict import Outcome


@dataclass(frozen=True)
class Act:
    """What one scenario adds to the logs and to GuardDuty."""

    findings: tuple[JSONObject, ...]
    """EventBridge envelopes."""
    events: tuple[Event, ...] = ()
    targets: tuple[str, ...] = ()
    """The only identities and resources that may be contained: ARNs, key ids, addresses."""
    loads: tuple[Load, ...] = ()
    """What CloudWatch has measured."""


@dataclass(frozen=True)
class Scenario:
    """One member of `lab/scenarios`."""

    id: str
    """The name of its module."""
    title: str
    intent: str
    """`attack` or `benign`."""
    outcomes: tuple[Outcome, ...]
    """Acceptable outcomes."""
    play: Callable[[World, datetime, Random], Act]
    """(world, now, dice) -> act; everything it writes lies before now."""
