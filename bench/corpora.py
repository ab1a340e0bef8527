"""What stanch sees in real attack records, and how often it cries over the deployments around them.

    .venv/bin/python bench/corpora.py [--corpora DIR] [--json]

Fed are CloudTrail records alone, one run at a time, without context and without history: the attack records of each
technique of Stratus Red Team and of each run of the Invictus data set, and of the latter also the records of each
deployment before an attack, by the same user with the same key from the same address.

Seen: a case that ends in contain or escalate cites an attack record. False alarm: the same on a deployment's records.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

BESIDE = Path(__file__).resolve().parents[1].parent / "shared" / "corpora"
SETS = ("stratus-red-team", "invictus-aws_dataset")
ALARM = (Outcome.CONTAIN, Outcome.ESCALATE)
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
            if meta["group"] != "background" and (label == "attack" or label.startswith("warmup")):
                grouped[name, meta["group"], label == "attack"].append(record["event"])
    return [Run(*key, tuple(events)) for key, events in sorted(grouped.items())]


def cries(run: Run) -> list[str]:
    """Types of the cases that end in contain or escalate and cite a record of the run."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        logs = place / "logs"
        logs.mkdir()
        (logs / "records.json").write_text(json.dumps({"Records": run.events}), encoding="utf-8")
        last = max(datetime.fromisoformat(one["eventTime"]) for one in run.events)
        built = House.build(
            load_settings(place), clock=StandingStill(last.astimezone(UTC)), logs=logs, live=False, durable=False
        )
        with running(built) as engine:
            once(built, engine, (), hunt=Hunt())
        ours = {one["eventID"] for one in run.events}
        cried = [file for file in built.files() if file.outcome in ALARM]
        return [
            f"{finding.type.rpartition('.')[2]}:{file.outcome}"
            for file in cried
            for finding in file.findings
            if ours & {one.id for one in finding.resources if one.type == EVENT}
        ]


def measured(found: Sequence[Run]) -> Mapping[str, Any]:
    """Each run with what was cried over it, and the sums."""
    rows = [{"set": one.set, "run": one.name, "attack": one.attack, "cries": cries(one)} for one in found]
    sums = {
        f"{name}, {'attacks seen' if attack else 'deployments cried over'}": [
            sum(bool(row["cries"]) for row in rows if (row["set"], row["attack"]) == (name, attack)),
            sum((row["set"], row["attack"]) == (name, attack) for row in rows),
        ]
        for name in SETS
        for attack in (True, False)
        if any((row["set"], row["attack"]) == (name, attack) for row in rows)
    }
    return {"runs": rows, "sums": sums}


def main(
    corpora: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder of corpora.")] = BESIDE,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure, and print a table."""
    result = measured(runs(corpora))
    if as_json:
        print(json.dumps(result))
        return
    print("| set | run | truth | cases |\n|---|---|---|---|")
    for row in result["runs"]:
        truth = "attack" if row["attack"] else "deployment"
        print(f"| {row['set']} | {row['run']} | {truth} | {', '.join(dict.fromkeys(row['cries'])) or '-'} |")
    for name, (yes, of) in result["sums"].items():
        print(f"\n{name}: {yes} of {of}")


if __name__ == "__main__":
    typer.run(main)
