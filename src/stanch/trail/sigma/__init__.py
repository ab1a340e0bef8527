"""Sigma's public rules over the trail: what other people would have alerted on, as signals beside our own questions.

The rules come from a folder that the operator names; none is shipped. They are read by pySigma, an extra.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from stanch.model.data import JSON
from stanch.model.errors import BadInput, Environment
from stanch.model.text import shown
from stanch.trail import Budget, Trail
from stanch.trail.schema import Cell

MOST = 100_000
"""Event ids that one signal holds at most."""
_BYTES = 1 << 20
"""A rule file larger than this is none."""


@dataclass(frozen=True)
class Rule:
    """One rule, converted."""

    id: str
    title: str
    level: str
    """informational, low, medium, high or critical; empty when the rule does not say."""
    tags: tuple[str, ...]
    file: str
    condition: str
    """SQL over one row of `events`, true or false."""
    call: str
    """SQL over `event_source` and `event_name`, true wherever `condition` may be."""
    params: Mapping[str, Cell]


@dataclass(frozen=True)
class Refused:
    """A rule that cannot be asked of the trail, and why."""

    file: str
    title: str
    reason: str


@dataclass(frozen=True)
class Signal:
    """A rule that fired."""

    rule: Rule
    count: int
    events: tuple[str, ...]
    """Ids of the events, oldest first."""
    first: str
    last: str


def load(folder: Path) -> tuple[tuple[Rule, ...], tuple[Refused, ...]]:
    """Every rule for CloudTrail in a folder, in the order of its files, and those that cannot be converted.

    Raises Environment when pySigma is not installed, BadInput when there is no rule in the folder.
    """
    try:
        from stanch.trail.sigma import read  # noqa: PLC0415 - pySigma is an extra
    except ModuleNotFoundError as error:
        raise Environment("Sigma's rules need the extra: pip install 'stanch[sigma]'") from error
    files = sorted(one for one in folder.rglob("*") if one.suffix in (".yml", ".yaml") and one.is_file())
    found = [one for path in files for one in _file(path, shown(path.relative_to(folder)), read.rule)]
    if not found:
        raise BadInput(f"{folder}: no Sigma rule in it")
    converted: dict[str, Rule] = {}
    refused: list[Refused] = []
    for number, one in enumerate(found):
        rule = one(f"s{number}_")
        if isinstance(rule, Rule) and rule.id in converted:
            rule = Refused(rule.file, rule.title, f"its id is that of {converted[rule.id].file}")
        if isinstance(rule, Rule):
            converted[rule.id] = rule
        else:
            refused.append(rule)
    return tuple(converted.values()), tuple(refused)


def signals(
    trail: Trail,
    rules: Sequence[Rule],
    since: datetime,
    until: datetime,
    principal: str | None = None,
    budget: Budget | None = None,
) -> tuple[Signal, ...]:
    """The rules that fire between these times, in one reading of the trail, most events first.

    principal: only on what this principal did (`principal_arn`). All of them together are one family of evidence: they
    overlap, and their authors did not weigh them.
    """
    if not rules:
        return ()
    params: dict[str, Cell] = {"since": since, "until": until, "most": MOST}
    for one in rules:
        params |= one.params
    own = ""
    if principal is not None:
        own, params["principal"] = " AND principal_arn = $principal", principal
    window = f"""event_date BETWEEN CAST($since AS DATE) AND CAST($until AS DATE)
        AND event_time BETWEEN $since AND $until{own}"""
    calls = ", ".join(f"CASE WHEN {one.call} THEN {number} END" for number, one in enumerate(rules))
    each = " ".join(f"WHEN {number} THEN {one.condition}" for number, one in enumerate(rules))
    # Names of calls are few: each is asked once which rules it may concern, and its events then only of those.
    sql = f"""
        WITH calls AS (
            SELECT event_source, event_name, unnest([{calls}]) AS rule
            FROM (SELECT DISTINCT event_source, event_name FROM events WHERE {window})
        )
        SELECT rule, count(*) AS n, list(event_id ORDER BY event_time, event_id)[1:$most] AS events,
               min(event_time) AS first, max(event_time) AS last
        FROM (
            SELECT * FROM (SELECT * FROM events WHERE {window}) JOIN calls USING (event_source, event_name)
            WHERE rule IS NOT NULL
        ) WHERE CASE rule {each} ELSE FALSE END GROUP BY rule ORDER BY n DESC, rule
    """  # noqa: S608 - conditions hold no text of a rule: that stands beside the SQL
    return tuple(_signal(rules, row) for row in trail.query(sql, params, budget))


def as_json(signal: Signal, *, most: int) -> dict[str, JSON]:
    """A signal for a machine, with at most so many event ids."""
    return {
        "rule": signal.rule.id,
        "title": signal.rule.title,
        "level": signal.rule.level,
        "tags": list(signal.rule.tags),
        "file": signal.rule.file,
        "count": signal.count,
        "first": signal.first,
        "last": signal.last,
        "events": list(signal.events[:most]),
    }


def _signal(rules: Sequence[Rule], row: Mapping[str, Any]) -> Signal:
    return Signal(rules[row["rule"]], row["n"], tuple(row["events"]), str(row["first"]), str(row["last"]))


def _file(path: Path, name: str, rule: Any) -> Iterator[Any]:
    """For each document of a file that looks like a rule, what converts it."""
    if path.stat().st_size > _BYTES:
        yield lambda _: Refused(name, "", f"cannot be read: larger than {_BYTES} bytes")
        return
    try:
        documents = [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one is not None]
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        yield lambda _: Refused(name, "", f"cannot be read: {reason}")
        return
    for one in documents:
        yield lambda prefix, one=one: rule(one, name, prefix)
