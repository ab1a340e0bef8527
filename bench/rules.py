"""Sigma's rules over logs: how often each fires, and one reading of the trail beside a loop in Python.

    .venv/bin/python bench/rules.py RULES LOGS [--times N]

RULES: a folder of Sigma's rules; LOGS: a folder of CloudTrail files, such as `stanch lab traffic` writes. The loop asks
every decoded record every rule's first condition on `eventName` and `eventSource` only, which is less than the rules
ask; both begin with logs that are read and decoded.
"""

import json
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
import yaml

from stanch.trail import Trail
from stanch.trail.sigma import load, signals

ALWAYS = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def main(rules: Path, logs: Path, times: int = 5) -> None:
    """Print a Markdown table of the rules that fire, and both times."""
    trail = Trail.load(logs)
    converted, refused = load(rules)
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        found = signals(trail, converted, *ALWAYS)
        spent.append(time.perf_counter() - began)
    events = trail.events
    print(f"{events} events; {len(converted)} rules converted, {len(refused)} not\n")
    print("| rule | level | events | of 1,000 |\n|---|---|---|---|")
    for one in found:
        print(f"| {one.rule.title} | {one.rule.level} | {one.count} | {1000 * one.count / max(events, 1):.2f} |")
    fired = sum(one.count for one in found)
    print(f"\n{len(found)} rules fire, {1000 * fired / max(events, 1):.2f} signals of 1,000 events; ", end="")
    columns = trail.query("SELECT event_name, event_source, user_identity, request_parameters FROM events")
    records = [{**one, "who": json.loads(str(one["user_identity"] or "{}"))} for one in columns]
    wanted = [pair for path in sorted(rules.rglob("*.yml")) if (pair := selection(path))]
    looped = []
    for _ in range(times):
        began = time.perf_counter()
        loop(records, wanted)
        looped.append(time.perf_counter() - began)
    print(f"stanch {statistics.median(spent) * 1000:.0f} ms, a Python loop {statistics.median(looped) * 1000:.0f} ms")


def selection(path: Path) -> tuple[frozenset[str], frozenset[str]] | None:
    """The names and sources that a rule's first selection asks for."""
    first = next(iter(yaml.safe_load(path.read_text("utf-8"))["detection"].values()))
    if not isinstance(first, dict):
        return None
    return many(first.get("eventName")), many(first.get("eventSource"))


def many(value: Any) -> frozenset[str]:
    """One text or several, in lower case."""
    texts = value if isinstance(value, list) else [] if value is None else [value]
    return frozenset(str(one).lower() for one in texts)


def loop(records: list[dict[str, Any]], wanted: list[tuple[frozenset[str], frozenset[str]]]) -> int:
    """How many pairs of a record and a rule agree."""
    fired = 0
    for one in records:
        name, source = str(one["event_name"]).lower(), str(one["event_source"]).lower()
        for names, sources in wanted:
            fired += (not names or name in names) and (not sources or source in sources)
    return fired


if __name__ == "__main__":
    typer.run(main)
