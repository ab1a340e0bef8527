"""Sigma's rules over logs: how often each fires, and one reading of the trail beside a loop in Python.

    .venv/bin/python bench/rules.py RULES LOGS [--times N]

RULES: a folder of Sigma's rules; LOGS: a folder of CloudTrail files, such as `stanch lab traffic` writes. Both begin
with logs that are read and decoded: the trail with its tables, the loop with each record as a dictionary. The loop asks
every record every rule, whole, as functions that were compiled once; both must find the same events. Times are CPU
time and the machine's, each the median.
"""

import ipaddress
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fnmatch import translate
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias

import typer
import yaml
from sigma.conditions import ConditionAND, ConditionNOT, ConditionOR
from sigma.rule import SigmaRule
from sigma.types import SigmaCIDRExpression, SigmaExists, SigmaNull, SigmaRegularExpression, SigmaString, SpecialChars

from stanch.trail import Trail
from stanch.trail.sigma import load, signals

ALWAYS = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
Record: TypeAlias = dict[str, Any]
Test: TypeAlias = Callable[[Record], bool]
PARTS = ("user_identity", "request_parameters", "response_elements", "additional_event_data", "resources")
TEXTS = {
    "event_source": "eventSource",
    "event_name": "eventName",
    "user_agent": "userAgent",
    "source_ip": "sourceIPAddress",
    "error_code": "errorCode",
    "error_message": "errorMessage",
    "event_type": "eventType",
    "region": "awsRegion",
}


def main(rules: Path, logs: Path, times: int = 5, *, brief: bool = False) -> None:
    """Print a Markdown table of the rules that fire, and both times."""
    trail = Trail.load(logs)
    converted, refused = load(rules)
    found, asked = timed(lambda: signals(trail, converted, *ALWAYS), times)
    events = trail.events
    print(f"{events} events; {len(converted)} rules converted, {len(refused)} not\n")
    print("| rule | level | events | of 1,000 |\n|---|---|---|---|")
    for one in found[: 0 if brief else None]:
        print(f"| {one.rule.title} | {one.rule.level} | {one.count} | {1000 * one.count / max(events, 1):.2f} |")
    fired = sum(one.count for one in found)
    print(f"\n{len(found)} rules fire, {1000 * fired / max(events, 1):.2f} signals of 1,000 events")
    records, tests = list(decoded(trail)), {one.file: compiled(rules / one.file) for one in converted}
    looped, spent = timed(lambda: loop(records, tests), times)
    same = {one.rule.file: one.count for one in found} == {file: n for file, n in looped.items() if n}
    print(f"the loop in Python finds {'the same' if same else 'OTHER'} events\n")
    print("| | CPU, ms | wall clock, ms |\n|---|---|---|")
    for name, (cpu, wall) in (("stanch", asked), ("Python loop", spent)):
        print(f"| {name} | {cpu:.0f} | {wall:.0f} |")
    print(f"| ratio | {spent[0] / asked[0]:.1f} | {spent[1] / asked[1]:.1f} |")


def timed(do: Callable[[], Any], times: int) -> tuple[Any, tuple[float, float]]:
    """What it answers, and median milliseconds of the processor and of the clock, after one that does not count."""
    found, cpu, wall = do(), [], []
    for _ in range(times):
        began = time.process_time(), time.perf_counter()
        do()
        cpu.append((time.process_time() - began[0]) * 1000)
        wall.append((time.perf_counter() - began[1]) * 1000)
    return found, (statistics.median(cpu), statistics.median(wall))


def decoded(trail: Trail) -> Iterator[Record]:
    """The records as dictionaries."""
    for row in trail.query(f"SELECT {', '.join((*TEXTS, *PARTS))}, other FROM events"):  # noqa: S608 - our own names
        made: Record = {TEXTS[name]: row[name] for name in TEXTS}
        made |= json.loads(str(row["other"] or "{}"))
        for name in PARTS:
            first, *rest = name.split("_")
            made[first + "".join(one.title() for one in rest)] = row[name] and json.loads(str(row[name]))
        yield made


def loop(records: list[Record], tests: dict[str, Test]) -> dict[str, int]:
    """How many records each rule finds."""
    return {file: sum(map(test, records)) for file, test in tests.items()}


def compiled(path: Path) -> Test:
    """A rule as a function."""
    (document,) = yaml.safe_load_all(path.read_text("utf-8"))
    conditions = [node(one.parsed) for one in SigmaRule.from_dict(document).detection.parsed_condition]
    return reduce(either, conditions)


def node(one: Any) -> Test:
    """A condition as a function; the cheap parts are asked first."""
    if isinstance(one, ConditionNOT):
        inner = node(one.args[0])
        return lambda record: not inner(record)
    if isinstance(one, ConditionAND):
        tests = [node(arg) for arg in sorted(one.args, key=lambda arg: "." in str(getattr(arg, "field", ".")))]
        return reduce(both, tests)
    if isinstance(one, ConditionOR):
        if names := same_field(one):
            return equals(*names)
        tests = [node(arg) for arg in one.args]
        return reduce(either, tests)
    return leaf(one.field, one.value)


def both(one: Test, other: Test) -> Test:
    """Both hold."""
    return lambda record: one(record) and other(record)


def either(one: Test, other: Test) -> Test:
    """One of them holds."""
    return lambda record: one(record) or other(record)


def same_field(one: Any) -> tuple[str, frozenset[str]] | None:
    """The field and the plain texts, where a list of alternatives is only that: one look-up in a set."""
    fields = {getattr(arg, "field", "") for arg in one.args}
    plain = (
        all(isinstance(arg.value, SigmaString) and not arg.value.contains_special() for arg in one.args)
        if (len(fields) == 1 and all(hasattr(arg, "value") for arg in one.args))
        else False
    )
    return (fields.pop(), frozenset(str(arg.value).lower() for arg in one.args)) if plain else None


def equals(field: str, texts: frozenset[str]) -> Test:
    """Whether a field is one of these texts, without regard to case."""
    path = field.split(".")
    if len(path) == 1:
        return lambda record: str(record.get(field)).lower() in texts
    return lambda record: any(text(one) in texts for one in at(record, path))


def leaf(field: str, value: Any) -> Test:
    """`field: value` as a function."""
    path = field.split(".")
    if isinstance(value, SigmaNull | SigmaExists):
        there = isinstance(value, SigmaExists) and bool(value.exists)
        return lambda record: any(True for _ in at(record, path)) is there
    if isinstance(value, SigmaCIDRExpression):
        return lambda record: any(ipaddress.ip_address(one) in value.network for one in at(record, path))
    if isinstance(value, SigmaRegularExpression):
        search = re.compile(str(value.regexp)).search
        return lambda record: any(search(str(one)) is not None for one in at(record, path))
    if isinstance(value, SigmaString) and value.contains_special():
        wild = {SpecialChars.WILDCARD_MULTI: "*", SpecialChars.WILDCARD_SINGLE: "?"}
        pattern = "".join(
            wild[p] if isinstance(p, SpecialChars) else str(p).lower().replace("[", "[[]") for p in value.s
        )
        match = re.compile(translate(pattern)).match
        return lambda record: any(match(text(one)) is not None for one in at(record, path))
    return equals(field, frozenset((text(getattr(value, "boolean", getattr(value, "number", value))),)))


def at(record: Record, path: list[str]) -> Iterator[Any]:
    """Every value at a path, also through lists; a whole part is its text."""
    here: list[Any] = [record]
    for name in path:
        spread = [item for one in here for item in (one if isinstance(one, list) else (one,))]
        here = [one[name] for one in spread if isinstance(one, dict) and one.get(name) is not None]
    for one in here:
        if len(path) == 1 and isinstance(one, dict | list):
            yield json.dumps(one, ensure_ascii=False, separators=(",", ":"))
        else:
            yield from one if isinstance(one, list) else (one,)


def text(value: Any) -> str:
    """A value as rules compare it."""
    return str(value).lower()


if __name__ == "__main__":
    typer.run(main)
