"""How often each hunted kind of finding cries over everyday traffic, which attacks it sees, and how long it takes.

    .venv/bin/python bench/hunting.py [--accounts N] [--days N] [--seed S] [--attacks N] [--world DIR] [--json]

The simulated organisation's last seven days are hunted in, the days before are history. A finding that cites no
attack's record is a cry; an attack is seen when a finding cites one of its records. All strangers of the simulation
live in three documentation networks, so that none would ever be new: each address counts as a network of its own.
"""

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Annotated, Any

import typer

from stanch.lab.organisation.generate import Order, generate
from stanch.model.finding import Finding
from stanch.playbooks import leads
from stanch.playbooks.tables import ADDRESSES
from stanch.respond.house import House
from stanch.respond.hunting import tables_of
from stanch.settings import load_settings
from stanch.settings.context import load_context
from stanch.stages.hunt import hunt
from stanch.trail import Table, Trail

SPAN = timedelta(days=7)
END = datetime(2026, 3, 30, tzinfo=UTC)
_TIMES = "SELECT max(event_time) AS last FROM events"
_PEOPLE = """
SELECT count(DISTINCT (principal_arn, event_date)) AS n FROM events
WHERE event_time >= $since AND (principal_arn LIKE '%AWSReservedSSO%' OR principal_arn LIKE '%:user/%')
"""


def measured(world: Path) -> Mapping[str, Any]:
    """What the hunt finds in a world that `stanch lab traffic` wrote."""
    truth = _truth(world)
    with tempfile.TemporaryDirectory() as folder:
        built = House.build(load_settings(Path(folder)), live=False, durable=False)
    trail = Trail.load(world / "logs")
    house = replace(built, context=load_context(world / "context.yaml"), trail=trail)
    last = datetime.fromisoformat(str(trail.query(_TIMES)[0]["last"])).replace(tzinfo=UTC)
    since = last - SPAN
    began = process_time()
    found = hunt(trail, [_apart(one) for one in tables_of(house, since, last)], leads())
    seconds = process_time() - began
    played = [json.loads(line) for line in (world / "attacks.ndjson").read_text(encoding="utf-8").splitlines()]
    return {
        "events": trail.query("SELECT count(*) AS n FROM events")[0]["n"],
        "person_days": trail.query(_PEOPLE, {"since": since})[0]["n"],
        "accounts": len(house.context.organisation.accounts),
        "seconds": round(seconds, 2),
        "attacks": _attacks(played, found, truth, since),
        "kinds": _kinds(found, truth),
    }


def _apart(table: Table) -> Table:
    """Each address in a network of its own."""
    if table.name != ADDRESSES.name:
        return table
    return replace(table, rows=[(ip, label, ip) for ip, label, _ in table.rows])


def _truth(world: Path) -> Mapping[str, str]:
    """The scenario of each attack's event."""
    with (world / "truth.ndjson").open(encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines if '"attack"' in line)
        return {row["event_id"]: row["scenario"] for row in rows if row["intent"] == "attack"}


def _kinds(found: Sequence[Finding], truth: Mapping[str, str]) -> Mapping[str, Any]:
    """Of each kind: how many findings on attacks and on everyday traffic, and who the latter were about."""
    rows = {lead.type: {"attack": 0, "benign": 0, "who": Counter[str]()} for lead in leads()}
    for one in found:
        row: dict[str, Any] = rows[one.type]
        attack = any(event.id in truth for event in one.resources)
        row["attack" if attack else "benign"] += 1
        if not attack and one.identity:
            row["who"][one.identity.name] += 1
    return rows


def _attacks(
    played: Sequence[Mapping[str, Any]], found: Sequence[Finding], truth: Mapping[str, str], since: datetime
) -> list[Mapping[str, Any]]:
    """The attacks of the hunted days that left records of their own, and the kinds of findings that saw them."""
    seen: dict[str, set[str]] = defaultdict(set)
    for one in found:
        for event in one.resources:
            if event.id in truth:
                seen[truth[event.id]].add(one.type.rpartition(".")[2])
    recorded = set(truth.values())
    return [
        {**{key: one[key] for key in ("scenario", "stealth")}, "seen": sorted(seen[one["scenario"]])}
        for one in played
        if one["scenario"] in recorded and datetime.fromisoformat(one["from"]) >= since
    ]


def main(
    accounts: Annotated[int, typer.Option(help="Of the organisation.")] = 5,
    days: Annotated[int, typer.Option(help="Of traffic.")] = 30,
    seed: int = 7,
    attacks: Annotated[int, typer.Option(help="In all the days but the first fifteen.")] = 30,
    world: Annotated[Path | None, typer.Option(exists=True, help="A folder that `stanch lab traffic` wrote.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure, and print tables."""
    if world is None:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), Order(accounts, days, seed, attacks), END)
            result = measured(Path(folder))
    else:
        result = measured(world)
    if as_json:
        print(json.dumps(result))
        return
    _print(result)


def _print(result: Mapping[str, Any]) -> None:
    kinds, weeks = result["kinds"], result["accounts"] * SPAN.days / 7
    hunted_in = f"{result['events']} events, {result['person_days']} person-days hunted in"
    print(f"{hunted_in}, {result['seconds']} s of CPU\n")
    print("| kind | on attacks | on everyday traffic | of these an account and week | about |\n|---|---|---|---|---|")
    for name, row in kinds.items():
        if row["attack"] or row["benign"]:
            who = ", ".join(f"{one} {n}" for one, n in row["who"].most_common(3)) or "-"
            rate = f"{row['benign'] / weeks:.1f}"
            print(f"| {name.rpartition('.')[2]} | {row['attack']} | {row['benign']} | {rate} | {who} |")
    cried = sum(row["benign"] for row in kinds.values())
    per = 1000 * cried / max(1, result["person_days"])
    print(f"\n{cried} cries: {cried / weeks:.1f} an account and week, {per:.1f} in 1,000 person-days")
    seen = [one for one in result["attacks"] if one["seen"]]
    print(f"{len(seen)} of {len(result['attacks'])} attacks seen; not seen:")
    for one in result["attacks"]:
        if not one["seen"]:
            print(f"  {one['scenario']} ({one['stealth']})")


if __name__ == "__main__":
    typer.run(main)
