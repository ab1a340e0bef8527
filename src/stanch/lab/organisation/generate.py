"""The whole: founds the organisation, weaves attacks into its days and streams them to files."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from stanch.lab.organisation import benign
from stanch.lab.organisation.attacks import Woven, weave
from stanch.lab.organisation.day import Day
from stanch.lab.organisation.delivery import Courier, Tally
from stanch.lab.organisation.facts import context
from stanch.lab.organisation.found import found
from stanch.lab.organisation.record import Event
from stanch.lab.organisation.traces import Access, Flow, Found, Trace
from stanch.lab.organisation.world import Organisation, Site


@dataclass(frozen=True)
class Order:
    """What to generate."""

    accounts: int
    days: int
    seed: int
    attacks: int = -1
    """How many; -1 for one a week and ten accounts, at least one of each family."""
    stealth: str = "mixed"
    """`low`, `medium`, `high` or `mixed`."""


@dataclass(frozen=True)
class Written:
    """What was generated."""

    folder: Path
    organisation: Organisation
    attacks: tuple[Woven, ...]
    tally: Tally


def generate(folder: Path, order: Order, now: datetime) -> Written:
    """Write the organisation's traffic of the days before `now`; equal orders and days give equal bytes.

    `logs/` is in AWS's layouts; beside it `findings.ndjson` (EventBridge), `context.yaml`, `truth.ndjson` (one row an
    event), `truth_findings.ndjson` and `attacks.ndjson`. Raises BadInput for an order that cannot be filled.
    """
    organisation = found(order.seed, order.accounts, order.days, now)
    attacks = weave(organisation, order.attacks, order.stealth)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "context.yaml").write_text(context(organisation), encoding="utf-8")
    (folder / "attacks.ndjson").write_text("".join(f"{json.dumps(one.row())}\n" for one in attacks), encoding="utf-8")
    with (
        (folder / "truth.ndjson").open("w", encoding="utf-8") as truth,
        (folder / "findings.ndjson").open("w", encoding="utf-8") as sent,
        (folder / "truth_findings.ndjson").open("w", encoding="utf-8") as known,
    ):
        courier = Courier(folder / "logs", truth, order.seed)
        _days(organisation, attacks, courier, (sent, known))
    return Written(folder, organisation, attacks, courier.tally)


def _days(
    organisation: Organisation, attacks: tuple[Woven, ...], courier: Courier, desks: tuple[IO[str], IO[str]]
) -> None:
    waiting = _Waiting(organisation)
    for attack in attacks:
        waiting.add(attack.traces)
    for number in range(organisation.days):
        day = Day(organisation, number)
        waiting.add(benign.of_day(day))
        for site in organisation.sites:
            waiting.add(benign.of_site_day(day, site))
            _site(day, site, waiting.due(number, site.id), courier)
        _findings(waiting.findings(number), courier.tally, *desks)


class _Waiting:
    """Traces until the day on which they are delivered, by account."""

    def __init__(self, organisation: Organisation) -> None:
        self._first = organisation.first.toordinal()
        self._logs: dict[tuple[int, str], list[Event | Flow | Access]] = defaultdict(list)
        self._findings: dict[int, list[Found]] = defaultdict(list)

    def add(self, traces: Iterable[Trace]) -> None:
        first = self._first
        for one in traces:
            day = one.time.toordinal() - first
            if isinstance(one, Found):
                self._findings[day].append(one)
            else:
                self._logs[day, one.account].append(one)

    def due(self, day: int, account: str) -> list[Event | Flow | Access]:
        return self._logs.pop((day, account), [])

    def findings(self, day: int) -> list[Found]:
        return sorted(self._findings.pop(day, []), key=lambda one: (one.time, str(one.body["id"])))


def _site(day: Day, site: Site, traces: list[Event | Flow | Access], courier: Courier) -> None:
    thrown = day.dice("delivery", site.id)
    courier.trail([one for one in traces if type(one) is Event], thrown)
    courier.flows([one for one in traces if type(one) is Flow], thrown)
    courier.accesses([one for one in traces if type(one) is Access], thrown)


def _findings(found_today: list[Found], tally: Tally, sent: IO[str], known: IO[str]) -> None:
    for one in found_today:
        detail = one.body["detail"]
        assert isinstance(detail, dict)  # noqa: S101 -- written by the lab
        sent.write(f"{json.dumps(one.body, separators=(',', ':'))}\n")
        row = {
            "finding_id": detail["id"],
            "updated_at": detail["updatedAt"],
            "intent": one.intent,
            "scenario": one.scenario,
            "targets": list(one.targets),
        }
        known.write(f"{json.dumps(row, separators=(',', ':'))}\n")
        tally.findings += 1
