"""Put a playbook's questions to the trail, the finding and the operator's facts: the answers are the Evidence."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Self

from stanch.model.case import Case, Triage
from stanch.model.context import Context
from stanch.model.errors import BadInput
from stanch.model.finding import Finding
from stanch.model.playbook import Playbook, Question
from stanch.model.verdict import Answer, Evidence
from stanch.model.walked import Measured, Resolved
from stanch.playbooks import Postures, ask, needed, postures, ratio
from stanch.stages.investigate.rows import case_tables
from stanch.stages.investigate.signatures import hits
from stanch.stages.investigate.silence import off, silenced
from stanch.stages.investigate.sources import missing
from stanch.trail import Desk, Params, Trail
from stanch.trail.sigma import Rule

BASELINE = timedelta(days=90)
SHOWN = 20
"""Event ids that one answer cites at most."""


@dataclass(frozen=True)
class Period:
    """The times that questions speak of, all relative to the lead finding (UTC)."""

    since: datetime
    when: datetime
    until: datetime

    @property
    def baseline(self) -> datetime:
        """Since when what is usual is looked at."""
        return self.since - BASELINE

    def days(self, *, history: bool) -> tuple[date, date]:
        """The first and the last day of all that a question may see, UTC."""
        first = self.baseline if history else self.since
        return first.astimezone(UTC).date(), self.until.astimezone(UTC).date()

    @classmethod
    def of(cls, lead: Finding) -> Self:
        """From a day before the first sight (at most seven days back) to an hour after the last."""
        when = lead.last_seen or lead.updated_at
        first = min(lead.first_seen or lead.created_at or when, when)
        since = max(first - timedelta(days=1), when - timedelta(days=7))
        return cls(since, when, when + timedelta(hours=1))


def investigate(
    case: Case,
    triage: Triage,
    playbook: Playbook,
    depth: str,
    trail: Trail,
    context: Context,
    resolved: Resolved,
    suspected: Sequence[tuple[datetime, datetime]] = (),
    rules: Sequence[Rule] = (),
    measured: Measured | None = None,
) -> tuple[Evidence, ...]:
    """Answer the playbook's questions, in its order: `critical` asks only its critical ones, `full` all of them.

    Before containing at once also those are asked that leave the case to a person by the operator's word alone.
    suspected: times of other cases about the same principals, whose days are no part of what is usual. rules: the
    operator's signatures. measured: what CloudWatch says; None where nobody asked. What cannot be known is answered
    `unknown`. Raises BadInput naming playbook and question when its SQL fails.
    """
    lead = next(one for one in case.findings if one.key == triage.lead)
    period = Period.of(lead)
    asked, params = _asked(playbook, depth), _params(lead, period)
    needs = frozenset(one for question in asked for one in question.needs)
    logs = bool(needs)  # before containing at once no log is looked through
    absent = missing(needs, lead.account, period.since, period.until, trail, context, measured) if logs else {}
    signals = hits(trail, rules, period.since, period.until) if logs and rules else ()
    around = (period.since, period.until) if logs else None
    beside = case_tables(
        case, triage, trail, context, resolved, _shipped(), params, around, suspected, signals, measured
    )
    texts = [sql for one in asked for sql in (one.sql, one.unless)]
    made = needed(texts)
    history = logs or any("baseline" in sql for sql in (*texts, *made.values()))
    with trail.desk(beside, made, period.days(history=history)) as desk:
        gone = silenced(desk, params) if logs else frozenset()
        return tuple(_answer(desk, playbook, one, params, absent, gone) for one in asked)


@cache
def _shipped() -> Postures:
    """The table of finding types, read once: every investigation needs it."""
    return postures()


def _asked(playbook: Playbook, depth: str) -> tuple[Question, ...]:
    if depth == "full":
        return playbook.questions
    if depth == "critical":
        return tuple(one for one in playbook.questions if one.id in playbook.critical or (one.vetoes and not one.needs))
    raise BadInput(f"an investigation is `critical` or `full`, not {depth!r}")


def _params(lead: Finding, period: Period) -> Params:
    return {
        "account": lead.account,
        "region": lead.region,
        "since": period.since,
        "when": period.when,
        "until": period.until,
        "baseline": period.baseline,
    }


def _answer(
    desk: Desk,
    playbook: Playbook,
    question: Question,
    params: Params,
    absent: dict[str, str],
    gone: frozenset[str],
) -> Evidence:
    hidden = off(question.needs, gone)
    why = next((absent[one] for one in question.needs if one in absent), "")
    if why:
        return _evidence(playbook, question, Answer.UNKNOWN, f"Not known: {why}.", silenced=hidden)
    row = ask(desk, playbook, question, params)
    if hidden and ratio(question, row.answer) < 1:  # half a log excuses nobody
        text = "Not known: its source was switched off meanwhile."
        return _evidence(playbook, question, Answer.UNKNOWN, text, silenced=True)
    told = _says(question, row.answer, row.n), row.n, row.events[:SHOWN]
    return _evidence(playbook, question, row.answer, *told, silenced=hidden)


def _says(question: Question, answer: Answer, n: int) -> str:
    if answer is Answer.UNKNOWN:
        return "Not known: the finding, the logs and the operator's file do not tell."
    return (question.when_yes if answer is Answer.YES else question.when_no).format(n=n)


def _evidence(
    playbook: Playbook,
    question: Question,
    answer: Answer,
    says: str,
    n: int = 0,
    events: tuple[str, ...] = (),
    *,
    silenced: bool,
) -> Evidence:
    return Evidence(
        question=question.id,
        ask=question.ask,
        family=question.family,
        trust=question.trust,
        answer=answer,
        likelihood_ratio=ratio(question, answer),
        mandatory=question.mandatory,
        says=says,
        n=n,
        events=events,
        query=hashlib.sha256(question.sql.encode()).hexdigest()[:12],
        yes=question.yes,
        no=question.no,
        vetoes=question.vetoes,
        silenced=silenced,
        explains=question.id in playbook.explains,
        covers=question.covers,
    )
