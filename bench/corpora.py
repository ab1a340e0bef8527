"""What stanch sees in real attack records beside Sigma's rules, and how often each cries over deployments.

    .venv/bin/python bench/corpora.py [--corpora DIR] [--rules DIR] [--json]

Fed are CloudTrail records alone, one run at a time, without context and without history: the attack records of each
technique of Stratus Red Team and of each run of the Invictus data set, and of the latter also the records of each
deployment before an attack, by the same user with the same key from the same address.

Seen by stanch: a case that ends in contain or escalate cites an attack record. Seen by Sigma: a rule fires on one,
whatever its level. False alarm: the same on a deployment's records.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stanch.model.verdict import Outcome
from stanch.respond.house import House
from stanch.respond.hunting import Hunt
from stanch.respond.run import once, running
from stanch.settings import load_settings
from stanch.stages.hunt import EVENT
from stanch.store.database import open_database
from stanch.trail import Trail
from stanch.trail.sigma import Rule, load, signals

BESIDE = Path(__file__).resolve().parents[1].parent / "shared" / "corpora"
SETS = ("stratus-red-team", "invictus-aws_dataset")
ALARM = (Outcome.CONTAIN, Outcome.ESCALATE)
ALWAYS = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
OUTSIDE = "background"
"""The group of records that belong to no run."""
Event = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """Records of one technique or run, with one intent."""

    set: str
    name: str
    attack: bool
    events: tuple[Event, ...]


class StandingStill:
    """A clock that shows the time of the records."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Always the same time, UTC."""
        return self._at


def runs(corpora: Path) -> list[Run]:
    """Every attack, and every deployment, by the corpora's labels."""
    grouped: dict[tuple[str, str, bool], list[Event]] = defaultdict(list)
    for name in SETS:
        for line in (corpora / "cloudtrail" / f"{name}.ndjson").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            meta, label = record["meta"], record["meta"]["label"]
            if label.startswith("warmup") or (label == "attack" and meta["group"] != OUTSIDE):
                grouped[name, meta["group"], label == "attack"].append(record["event"])
    return [Run(*key, tuple(events)) for key, events in sorted(grouped.items())]


def kept(run: Run) -> Trail:
    """The run's records as a trail."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "records.json").write_text(json.dumps({"Records": run.events}), encoding="utf-8")
        return Trail.load(Path(folder))


def cries(house: House, run: Run, trail: Trail) -> list[str]:
    """Types of the cases that end in contain or escalate and cite a record of the run."""
    last = max(datetime.fromisoformat(one["eventTime"]) for one in run.events)
    own = replace(house.at(StandingStill(last.astimezone(UTC))), trail=trail, database=open_database(None))
    with running(own) as engine:
        once(own, engine, (), hunt=Hunt())
    ours = {one["eventID"] for one in run.events}
    found = {
        f"{finding.type.rpartition('.')[2]}:{file.outcome}"
        for file in own.files()
        if file.outcome in ALARM
        for finding in file.findings
        if ours & {one.id for one in finding.resources if one.type == EVENT}
    }
    return sorted(found)


def measured(found: Sequence[Run], rules: Sequence[Rule]) -> Mapping[str, Any]:
    """Each run with what was cried over it, and the sums."""
    with tempfile.TemporaryDirectory() as folder:
        house = House.build(load_settings(Path(folder)), live=False, durable=False)
    rows = []
    for run in found:
        trail = kept(run)
        fired = sorted(one.rule.title for one in signals(trail, rules, *ALWAYS))
        row = {"set": run.set, "run": run.name, "attack": run.attack}
        rows.append({**row, "stanch": cries(house, run, trail), "sigma": fired})
    return {"runs": rows, "sums": [summed(rows, name, attack=attack) for name in SETS for attack in (True, False)]}


def summed(rows: Sequence[Mapping[str, Any]], name: str, *, attack: bool) -> Mapping[str, Any]:
    """How many runs of one kind each cried over."""
    mine = [row for row in rows if (row["set"], row["attack"]) == (name, attack)]
    counts = {which: sum(bool(row[which]) for row in mine) for which in ("stanch", "sigma")}
    return {"set": name, "attack": attack, "of": len(mine), **counts}


def main(
    corpora: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder of corpora.")] = BESIDE,
    rules: Annotated[Path | None, typer.Option(exists=True, file_okay=False, help="A folder of Sigma's rules.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure, and print tables."""
    converted, refused = load(rules or corpora / "reference" / "sigma-aws")
    result = measured(runs(corpora), converted)
    if as_json:
        print(json.dumps(result))
        return
    print(f"{len(converted)} of Sigma's rules, {len(refused)} not converted\n")
    print("| set | run | truth | stanch's cases | Sigma's rules |\n|---|---|---|---|---|")
    for row in result["runs"]:
        said = (
            "attack" if row["attack"] else "deployment",
            *(", ".join(row[one]) or "-" for one in ("stanch", "sigma")),
        )
        print(f"| {row['set']} | {row['run']} | {' | '.join(said)} |")
    print("\n| records | runs | stanch | Sigma |\n|---|---|---|---|")
    for one in result["sums"]:
        if one["of"]:
            name = f"{one['set']}, {'attacks seen' if one['attack'] else 'deployments cried over'}"
            print(f"| {name} | {one['of']} | {one['stanch']} | {one['sigma']} |")


if __name__ == "__main__":
    typer.run(main)
