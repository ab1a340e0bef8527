"""Lays a simulation out as files: findings, logs in CloudTrail's S3 layout, the operator's facts, and the truth."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import cast

from stanch.lab import guardduty, processor
from stanch.lab.cloudtrail import Event
from stanch.lab.dice import dice
from stanch.lab.operator import context
from stanch.lab.scenarios import catalogue
from stanch.lab.scene import Act
from stanch.lab.traffic import everyday
from stanch.lab.world import World
from stanch.model.data import JSONObject


@dataclass(frozen=True)
class Simulation:
    """What was written."""

    folder: Path
    world: World
    now: datetime
    acts: Mapping[str, Act]
    """By scenario id; `findings/<id>.json` holds its findings."""
    events: tuple[Event, ...]
    """All of them, in order of time."""

    @property
    def findings(self) -> Path:
        """Folder of the findings."""
        return self.folder / "findings"

    @property
    def logs(self) -> Path:
        """Folder of the logs."""
        return self.folder / "logs"

    @property
    def context(self) -> Path:
        """The operator's facts."""
        return self.folder / "context.yaml"

    @property
    def truth(self) -> Path:
        """Who did what with which intent, one event a line."""
        return self.folder / "truth.ndjson"


def write(folder: Path, world: World, now: datetime) -> Simulation:
    """Write the simulation as of `now` and put its findings into the simulated GuardDuty of this process.

    The same world and time give the same bytes. Raises BadInput for a finding that AWS could not have sent.
    """
    acts = {one.id: one.play(world, now, dice(world.seed, one.id)) for one in catalogue().values()}
    woven = [event for act in acts.values() for event in act.events]
    events = tuple(sorted((*everyday(world, now), *woven), key=lambda one: (one.time, one.id)))
    made = Simulation(folder, world, now, acts, events)
    made.findings.mkdir(parents=True, exist_ok=True)
    for name, act in acts.items():
        load(act)
        text = "\n".join(json.dumps(one, indent=1) for one in act.findings)
        (made.findings / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    made.context.write_text(context(world), encoding="utf-8")
    made.truth.write_text("".join(_truth(event, world.seed) for event in events), encoding="utf-8")
    _deliver(made)
    return made


def load(act: Act) -> None:
    """Put an act's findings into the simulated GuardDuty, so that they can be fetched again, and what was measured."""
    processor.publish(*act.loads)
    for one in act.findings:
        guardduty.put(cast("JSONObject", one["detail"]))


def _truth(event: Event, run: int) -> str:
    row = {
        "event_id": event.id,
        "actor": event.actor,
        "session": event.session,
        "run": str(run),
        "intent": event.intent,
        "scenario": event.scenario,
    }
    return f"{json.dumps(row)}\n"


def _deliver(made: Simulation) -> None:
    def place(event: Event) -> tuple[str, str, str]:
        return event.account, event.region, f"{event.time:%Y/%m/%d}"

    for (account, region, day), events in groupby(sorted(made.events, key=place), key=place):
        thrown = dice(made.world.seed, account, region, day)
        rows = list(events)
        thrown.shuffle(rows)  # AWS promises no order within a file
        folder = made.logs / "AWSLogs" / account / "CloudTrail" / region / day
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_{day.replace('/', '')}T2355Z_{thrown.getrandbits(64):016x}"
        (folder / f"{name}.json.gz").write_bytes(_packed(rows))


def _packed(events: Iterable[Event]) -> bytes:
    text = json.dumps({"Records": [event.record for event in events]}, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)
