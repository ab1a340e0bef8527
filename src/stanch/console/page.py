"""One case as one self-contained page: no script, nothing loaded from anywhere, everything escaped."""

import json
import math
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from stanch.console.picture import picture
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Call, Change
from stanch.model.data import JSON
from stanch.model.summary import Moment, Mood, Summary
from stanch.model.text import clean
from stanch.respond.report import case_line
from stanch.store.codec import plain

QUIET = 3600.0
"""Seconds between two moments from which on the gap is said instead of shown."""


@dataclass(frozen=True)
class Row:
    """One change as it is shown: what was or would be called, and what takes it back."""

    change: Change
    state: str
    forward: tuple[Call, ...]
    inverse: tuple[Call, ...]
    mood: Mood


@dataclass(frozen=True)
class Step:
    """One moment, with what passed since the one before."""

    moment: Moment
    gap: str


def page(file: CaseFile, told: Summary, *, simulated: bool, now: datetime) -> str:
    """The page of a case as of `now`; `simulated` says on the page that its AWS was not the real one."""
    ends = [one for one in file.containments if one.state is State.CONTAINED]
    first = min(ends, key=lambda one: one.expires_at) if ends else None
    return _template().render(
        file=file,
        told=told,
        simulated=simulated,
        now=now,
        rows=_rows(file),
        steps=_steps(told.moments),
        drawn=picture(told.nodes, told.edges),
        left=_left(first.expires_at, now) if first else "",
        share=_share(first, now) if first else 0,
        first=first,
        prior=_log_odds(file.verdict.prior) if file.verdict else None,
        raw=json.dumps(_clean(case_line(file)), indent=1, ensure_ascii=False, sort_keys=True),
        evidence={one.question: one for one in file.evidence},
    )


@cache
def _template() -> Template:
    found = Environment(
        loader=PackageLoader("stanch.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    found.finalize = _shown
    found.filters["params"] = _params
    return found.get_template("case.html")


def _shown(value: object) -> object:
    """Whatever is written by anyone is shown without what moves cursors or turns the reading direction."""
    return clean(value) if type(value) is str else value


def _params(call: Call) -> str:
    return json.dumps(plain(call.params), ensure_ascii=False, indent=1, sort_keys=True)


def _clean(value: JSON) -> JSON:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _clean(one) for key, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value


def _rows(file: CaseFile) -> tuple[Row, ...]:
    done = tuple(
        Row(one.change, str(one.state), one.change.forward, one.change.inverse, _mood(one)) for one in file.containments
    )
    would = tuple(Row(one, "would do", one.forward, one.inverse, Mood.ASKED) for one in file.would)
    waits = tuple(Row(one, "waits for approval", one.forward, one.inverse, Mood.ASKED) for one in file.proposals)
    return (*done, *would, *waits)


def _mood(one: Containment) -> Mood:
    held = (State.CONTAINED, State.CONFIRMING, State.CONFIRMED)
    return Mood.HELD if one.state in held else Mood.BAD if one.state is State.FAILED else Mood.PLAIN


def _steps(moments: tuple[Moment, ...]) -> tuple[Step, ...]:
    found = []
    for number, one in enumerate(moments):
        before = moments[number - 1] if number else one
        passed = (one.at - (before.until or before.at)).total_seconds()
        found.append(Step(one, _gap(passed) if passed >= QUIET else ""))
    return tuple(found)


def _gap(seconds: float) -> str:
    hours, minutes = divmod(int(seconds // 60), 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} m" if minutes and not days else ""]
    return f"{' '.join(part for part in parts if part)} with nothing to tell"


def _left(until: datetime, now: datetime) -> str:
    seconds = max(0, int((until - now).total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _share(one: Containment, now: datetime) -> float:
    """How much of the waiting time is left, 0..1."""
    whole = (one.expires_at - one.change.terms.issued_at).total_seconds()
    return max(0.0, min(1.0, (one.expires_at - now).total_seconds() / whole)) if whole > 0 else 0.0


def _log_odds(p: float) -> float:
    return math.log(p / (1 - p))
