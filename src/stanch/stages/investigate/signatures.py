"""What the operator's signature rules say of a case's time, as rows beside it: one family, however many hit."""

from collections.abc import Sequence
from datetime import datetime

from stanch.trail import Cell, Trail
from stanch.trail.sigma import Rule, signals

COUNT = ("high", "critical")
"""Levels that count. Rules below describe daily work, too: `AWS STS AssumeRole Misuse` (low) fires on most events."""


def hits(trail: Trail, rules: Sequence[Rule], since: datetime, until: datetime) -> list[tuple[Cell, ...]]:
    """Rule, level and event id of each hit between these times (UTC)."""
    found = signals(trail, [one for one in rules if one.level in COUNT], since, until)
    return [(one.rule.title, one.rule.level, event) for one in found for event in one.events]
