"""Lays a day of an account out as AWS delivers it: CloudTrail, flow logs, access logs; and the truth beside them."""

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import IO

from stanch.lab.organisation.record import Event
from stanch.lab.organisation.traces import FLOW_FIELDS, Access, Flow

FILE = 1200
"""Events in one file, about as many as AWS puts into one when it is busy."""
LATE = 0.01
"""Share of events that come with the next file."""
LEVEL = 1
"""Of compression: files a third larger than AWS's, in a third of the time."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass
class Tally:
    """How much was written."""

    events: int = 0
    attack_events: int = 0
    flows: int = 0
    accesses: int = 0
    files: int = 0
    bytes: int = 0
    findings: int = 0


@dataclass(frozen=True)
class Courier:
    """Writes into one folder."""

    logs: Path
    truth: IO[str]
    seed: int
    tally: Tally = field(default_factory=Tally)

    def trail(self, events: list[Event], thrown: Random) -> None:
        """One account's events of a day, by region, in files whose records have no order."""
        events.sort(key=_when)
        by_region = defaultdict(list)
        for one in events:
            by_region[one.account, one.region].append(one)
        for (account, region), rows in sorted(by_region.items()):
            for part in _files(rows, thrown):
                self._trail_file(account, region, part, thrown)
        self.tally.events += len(events)
        self.tally.attack_events += sum(one.intent == "attack" for one in events)
        seed = self.seed
        self.truth.write(
            "".join(
                f'{{"event_id":"{one.id}","actor":"{one.actor}","session":"{one.session}","run":"{seed}",'
                f'"intent":"{one.intent}","scenario":"{one.scenario}"}}\n'
                for one in events
            )
        )

    def flows(self, flows: list[Flow], thrown: Random) -> None:
        """One account's flow records of a day."""
        flows.sort(key=lambda one: (one.time, one.text))
        if not flows:
            return
        first = flows[0]
        folder = (
            self.logs / "vpcflow" / "AWSLogs" / first.account / "vpcflowlogs" / first.region / f"{first.time:%Y/%m/%d}"
        )
        name = (
            f"{first.account}_vpcflowlogs_{first.region}_fl-0{thrown.getrandbits(64):016x}_{_minutes(flows[-1].time)}"
        )
        text = f"{FLOW_FIELDS}\n" + "".join(one.text for one in flows)
        self._pack(folder, f"{name}_{thrown.getrandbits(32):08x}.log.gz", text)
        self.tally.flows += len(flows)

    def accesses(self, lines: list[Access], thrown: Random) -> None:
        """One account's access logs of a day, a file a bucket."""
        by_bucket = defaultdict(list)
        for one in sorted(lines):
            by_bucket[one.bucket].append(one)
        for bucket, rows in sorted(by_bucket.items()):
            folder = self.logs / "s3access" / bucket
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{rows[-1].time:%Y-%m-%d-%H-%M-%S}-{thrown.getrandbits(64):016X}"
            self._keep(folder / name, "".join(one.text for one in rows).encode())
        self.tally.accesses += len(lines)

    def _trail_file(self, account: str, region: str, events: Sequence[Event], thrown: Random) -> None:
        last = max(one.time for one in events)
        folder = self.logs / "AWSLogs" / account / "CloudTrail" / region / f"{last:%Y/%m/%d}"
        name = f"{account}_CloudTrail_{region}_{_minutes(last)}_{''.join(thrown.choices(_LETTERS, k=16))}.json.gz"
        self._pack(folder, name, f'{{"Records":[{",".join(one.text for one in events)}]}}')

    def _pack(self, folder: Path, name: str, text: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._keep(folder / name, gzip.compress(text.encode(), LEVEL, mtime=0))

    def _keep(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)
        self.tally.files += 1
        self.tally.bytes += len(data)


def _when(event: Event) -> tuple[datetime, str]:
    return event.time, event.id


def _files(events: Sequence[Event], thrown: Random) -> Iterator[list[Event]]:
    """The events cut into files, each shuffled; a few come late."""
    late: list[Event] = []
    for start in range(0, len(events), FILE):
        part: Iterable[Event] = events[start : start + FILE]
        whole = late
        kept: list[Event] = []
        if start + FILE < len(events):
            late = []
            for one in part:
                (late if thrown.random() < LATE else kept).append(one)
        else:
            kept, late = list(part), []
        kept += whole
        thrown.shuffle(kept)
        if kept:
            yield kept


def _minutes(at: datetime) -> str:
    """The end of the five minutes, still on the same day."""
    end = at.replace(second=0, microsecond=0) + timedelta(minutes=5 - at.minute % 5)
    return f"{end if end.date() == at.date() else at:%Y%m%dT%H%MZ}"
