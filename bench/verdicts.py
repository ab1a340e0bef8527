"""Seconds from a finding's arrival to its verdict at both depths, over 90 days of a simulated organisation.

    .venv/bin/python bench/verdicts.py make FOLDER [--accounts 34] [--days 90]
    .venv/bin/python bench/verdicts.py ask FOLDER [--findings 28] [--beside 5]

`make` writes the lab's traffic (`stanch lab traffic`) and takes it into a trail, once; `ask` may run as often as like.
Asked are the newest findings of each playbook, one after the other, through the whole walk of a replay with its journal
on the disk: intake, correlation, triage, looking up, enriching, the questions, judging. AWS is not asked, so its time
is not in it. For the depth `critical` every finding takes the way of those that are contained at once, whatever its
type deserves; for `full` its own way. The first finding of each depth opens the trail and is not counted.

Beside it, for some of the findings: one single question ("what did these credentials do?") in a loop of Python over the
raw files of the finding's account, which is what there is without a trail.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from stanch.model.case import Case, Posture
from stanch.model.facts import Fact
from stanch.model.finding import Finding
from stanch.model.walked import Closed, Judged
from stanch.playbooks import Postures, load, postures
from stanch.respond.house import House, WallClock
from stanch.respond.run import once, running
from stanch.settings import load_settings
from stanch.sources import open_source
from stanch.stages.intake import read
from stanch.stages.triage import triage
from stanch.trail import Trail, objects
from stanch.trail.ingest import ingest
from stanch.trail.lake import Lake

app = typer.Typer()
GOALS = {"critical": 5.0, "full": 60.0}
"""Seconds, p95."""
END = "2026-03-20"
Folder = Annotated[Path, typer.Argument(help="Where the simulated world is kept.")]


@dataclass(frozen=True)
class Asked:
    """A finding as the detector wrote it, and where it goes."""

    body: str
    finding: Finding
    playbook: str


@dataclass(frozen=True)
class Told:
    """How long one verdict took."""

    playbook: str
    seconds: float
    cpu: float
    """Of the processor; the trail's threads are in it."""
    outcome: str


class StandingStill:
    """A clock that shows when the finding arrived."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Always the same time, UTC."""
        return self._at


@app.command()
def make(folder: Folder, accounts: int = 34, days: int = 90, seed: int = 7) -> None:
    """Write the world and take it into a trail; what is there already is not made again."""
    out, began = folder / "traffic", time.perf_counter()
    if not out.exists():
        order = ("--accounts", str(accounts), "--days", str(days), "--seed", str(seed), "--end", END)
        run = ("-c", "from stanch.cli import main; main()", "lab", "traffic", str(out), *order)
        subprocess.run([sys.executable, *run], check=True)
    print(f"written after {time.perf_counter() - began:.0f} s", flush=True)
    lake = Lake(folder / "trail", WallClock())
    ingest(objects.folder(out / "logs")[0], lake)
    lake.compact()
    lake.close()
    print(f"taken in after {time.perf_counter() - began:.0f} s", flush=True)
    print(json.dumps(counted(folder)))


def counted(folder: Path) -> dict[str, Any]:
    """What is really there, by the truth and by the trail; counted once."""
    kept = folder / "counts.json"
    if not kept.exists():
        actors = duckdb.execute(
            "SELECT count(DISTINCT actor), count(*) FROM read_json($path, format = 'newline_delimited', "
            "columns = {'event_id': 'VARCHAR', 'actor': 'VARCHAR'})",
            {"path": str(folder / "traffic" / "truth.ndjson")},
        ).fetchall()[0]
        row = Trail.open(folder / "trail").query(
            "SELECT count(*) AS events, count(DISTINCT account_id) AS accounts, count(DISTINCT event_date) AS days, "
            "(SELECT count(*) FROM flows) AS flows FROM events"
        )[0]
        kept.write_text(json.dumps({"actors": actors[0], "written": actors[1], **row}), encoding="utf-8")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


@app.command()
def ask(folder: Folder, findings: int = 28, beside: int = 5, *, each: bool = False) -> None:
    """Print a Markdown table. `--each` prints every finding, too."""
    there = counted(folder)
    print(
        f"{there['actors']} actors, {there['accounts']} accounts, {there['days']} days, {there['events']:,} events, "
        f"{there['flows']:,} flow records; load {os.getloadavg()[0]:.1f}\n"
    )
    chosen = choose(folder, findings)
    print("| depth | n | playbooks | median, s | p95, s | most, s | goal, p95, s | CPU, median, s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    medians: dict[str, float] = {}
    for depth, goal in GOALS.items():
        told = list(verdicts(folder, chosen, depth))
        spent = sorted(one.seconds for one in told)
        medians[depth] = statistics.median(spent)
        playbooks, cpu = len({one.playbook for one in told}), statistics.median(one.cpu for one in told)
        print(
            f"| {depth} | {len(told)} | {playbooks} | {medians[depth]:.2f} | {p95(spent):.2f} | {spent[-1]:.2f} "
            f"| {goal:.0f} | {cpu:.2f} |",
            flush=True,
        )
        if each:
            for one in told:
                print(f"    {one.playbook} {one.seconds:.2f} s, CPU {one.cpu:.2f} s, {one.outcome}", file=sys.stderr)
    raw = [scanned(folder, one.finding) for one in chosen[:: max(1, len(chosen) // beside)][:beside]]
    middle = statistics.median(seconds for _, seconds in raw)
    events = statistics.median(count for count, _ in raw)
    print(
        f"\nOne question by a loop of Python over the raw files of the finding's account alone ({events:,.0f} events, "
        f"median of {len(raw)}): {middle:.1f} s, {middle / medians['critical']:.0f} times the verdict at depth critical"
        f", {middle / medians['full']:.1f} times the full one; load {os.getloadavg()[0]:.1f}"
    )


def choose(folder: Path, count: int) -> list[Asked]:
    """The newest findings that are investigated, of each playbook as many; oldest first."""
    table, shelf = postures(), load()
    by_playbook: dict[str, list[Asked]] = defaultdict(list)
    for body in reversed((folder / "traffic" / "findings.ndjson").read_text(encoding="utf-8").splitlines()):
        finding = next(iter(read("finding", json.loads(body), vouched=True)))
        if not isinstance(finding, Finding):
            continue
        where = triage(Case("", 0, (), (finding,), finding.updated_at), table, shelf)
        known = {one.finding.id for one in by_playbook[where.playbook]}
        if where.playbook and where.posture in (Posture.AT_ONCE, Posture.INVESTIGATE) and finding.id not in known:
            by_playbook[where.playbook].append(Asked(body, finding, where.playbook))
    by_playbook = {name: found for name, found in by_playbook.items() if found}
    taken: list[Asked] = []
    for turn in range(count):
        taken += [found[turn] for found in by_playbook.values() if turn < len(found)]
    return sorted(taken[:count], key=lambda one: one.finding.updated_at)


def built(folder: Path, state: Path) -> House:
    """A house that asks AWS nothing, over the world's trail; its journal is in `state`."""
    settings = load_settings(state, state=state, context=folder / "traffic" / "context.yaml", profile="article")
    return replace(House.build(settings, live=False), trail=Trail.open(folder / "trail"))


def verdicts(folder: Path, chosen: Sequence[Asked], depth: str) -> Iterator[Told]:
    """Each finding by itself, in the order in which they came, as the worker would get them."""
    with tempfile.TemporaryDirectory() as place:
        state = Path(place)
        house = built(folder, state)
        if depth == "critical":
            house = replace(house, postures=_at_once(house.postures))
        for number, one in enumerate((chosen[0], *chosen)):
            source = state / f"{number}.ndjson"
            source.write_text(one.body, encoding="utf-8")
            told = _verdict(house, source, one, depth)
            if number and told:
                yield told


def _verdict(house: House, source: Path, one: Asked, depth: str) -> Told | None:
    """From the finding's arrival to the fact `Judged`; None where it does not come to that."""
    done: list[tuple[float, float]] = []
    ends: list[str] = []

    def watch(fact: Fact) -> None:
        if isinstance(fact.body, Judged) and fact.body.depth == depth:
            done.append((time.perf_counter(), time.process_time()))
        if isinstance(fact.body, Closed):
            ends.append(str(fact.body.outcome))

    here = replace(house.at(StandingStill(one.finding.updated_at + timedelta(minutes=5))), watch=watch)
    with running(here) as engine:
        began, worked = time.perf_counter(), time.process_time()
        once(here, engine, (open_source(str(source)),))
    return Told(one.playbook, done[0][0] - began, done[0][1] - worked, ", ".join(ends)) if done else None


def _at_once(postures: Postures) -> Postures:
    """Every type on the way of those that are contained at once."""
    stances = (replace(one, stance=replace(one.stance, posture=Posture.AT_ONCE)) for one in postures.entries)
    return replace(postures, entries=tuple(stances))


def scanned(folder: Path, finding: Finding) -> tuple[int, float]:
    """How many events a loop looks at to find what the finding's credentials did, and the seconds."""
    began, count, found = time.perf_counter(), 0, []
    who, host = finding.identity, finding.instance
    for event in _events((folder / "traffic" / "logs" / "AWSLogs" / finding.account).rglob("*.json.gz")):
        count += 1
        by = event["userIdentity"]
        session = by.get("principalId", "").partition(":")[2]
        if (who and who.access_key and by.get("accessKeyId") == who.access_key) or (host and session == host.id):
            found.append(event)
    return count, time.perf_counter() - began


def _events(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        yield from json.loads(gzip.decompress(path.read_bytes()))["Records"]


def p95(spent: Sequence[float]) -> float:
    """The 95th percentile of sorted seconds."""
    return spent[-(-len(spent) * 95 // 100) - 1]


if __name__ == "__main__":
    app()
