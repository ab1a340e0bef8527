"""One question put to the desk, and its rehearsal on empty tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stanch.model.errors import BadInput
from stanch.model.playbook import Playbook, Question
from stanch.model.verdict import Answer
from stanch.playbooks.tables import CASE_TABLES, DERIVED
from stanch.trail import Desk, Params, Trail

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
NOTHING: Params = {
    "account": "",
    "region": "",
    "since": _ANY_TIME,
    "when": _ANY_TIME,
    "until": _ANY_TIME,
    "baseline": _ANY_TIME,
}
"""The parameters that every question gets (see the package), for a rehearsal."""

_REHEARSED: set[Question] = set()
"""Those of this process: without data the same question always answers the same."""


@dataclass(frozen=True)
class Row:
    """What a question's SQL says."""

    answer: Answer
    n: int
    """How many events (or findings) bear on it."""
    events: tuple[str, ...]
    """Ids of events that show it."""


def ask(desk: Desk, playbook: Playbook, question: Question, params: Params) -> Row:
    """The question's one row; BadInput naming playbook and question when its SQL gives anything else."""
    with _named(playbook, question):
        row = _row(desk.query(question.sql, params))
        lost = question.unless and row.answer is Answer.YES and _row(desk.query(question.unless, params))
        return replace(row, answer=Answer.NO, events=lost.events) if lost and lost.answer is Answer.YES else row


def rehearse(playbooks: Iterable[Playbook]) -> None:
    """Ask everything of empty tables: all SQL runs, and knowing nothing it says nothing that weighs.

    Raises BadInput naming playbook and question.
    """
    fresh = [(one, question) for one in playbooks for question in one.questions if question not in _REHEARSED]
    if not fresh:
        return
    with Trail.load(None).desk(CASE_TABLES, DERIVED) as desk:
        for playbook, question in fresh:
            if question not in _REHEARSED:  # playbooks share questions
                with _named(playbook, question):
                    rehearsed(desk, question)
            _REHEARSED.add(question)


def rehearsed(desk: Desk, question: Question) -> None:
    """Ask one question of a desk without data; BadInput where its SQL does not run or says what weighs."""
    answer = _row(desk.query(question.sql, NOTHING)).answer
    if question.unless:
        try:
            _row(desk.query(question.unless, NOTHING))
        except BadInput as error:
            raise BadInput(f"the SQL that unless names: {error}") from error
    if ratio(question, answer) != 1:
        raise BadInput(
            f"it answers {answer} without any data; absence of data is never an answer that weighs: let its SQL say "
            "unknown where it finds no row"
        )


def ratio(question: Question, answer: Answer) -> float:
    """The authored likelihood ratio of that answer; 1 when it is unknown."""
    return {Answer.YES: question.yes, Answer.NO: question.no, Answer.UNKNOWN: 1.0}[answer]


@contextmanager
def _named(playbook: Playbook, question: Question) -> Iterator[None]:
    """Errors within name playbook and question."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"playbook {playbook.id}, question {question.id}: {error}") from error


def _row(rows: Sequence[Mapping[str, object]]) -> Row:
    if len(rows) != 1 or rows[0].keys() != {"answer", "n", "events"}:
        raise BadInput("its SQL must give one row with answer, n and events")
    answer, n, events = (rows[0][name] for name in ("answer", "n", "events"))
    if answer not in list(Answer):
        raise BadInput(f"its answer must be yes, no or unknown, not {answer!r}")
    if not isinstance(n, int) or not isinstance(events, list | None):
        raise BadInput("its n must be a count and its events a list of ids")
    return Row(Answer(str(answer)), n, tuple(str(one) for one in events or ()))
