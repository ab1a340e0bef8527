"""`stanch case`: look at cases, keep what was contained, or take it back."""

from typing import Annotated

import typer

from stanch.cli import screen, story
from stanch.cli.common import ATTENTION, By, Json, Reason, find, house, person, settings
from stanch.model.casefile import CaseFile, Containment, State
from stanch.respond import containments
from stanch.respond.house import House
from stanch.respond.report import case_line
from stanch.store.codec import plain

app = typer.Typer(help="Cases: list, show, confirm, revert.", no_args_is_help=True)
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Case id, or how it starts.")]
Only = Annotated[str, typer.Option("--only", metavar="ACTION", help="Only the containments by this action, as I2.")]


@app.command("list")
def list_(*, json: Json = False) -> None:
    """All cases, oldest first."""
    for file in house(settings(), live=False).files():
        screen.emit(case_line(file)) if json else story.head(file)


@app.command()
def show(case: CaseId, *, json: Json = False) -> None:
    """One case: findings, evidence with its weights, calls and inverses, refusals, state."""
    built = house(settings(), live=False)
    file = find(built, case)
    if json:
        screen.emit({**case_line(file), "file": plain(file)})
    else:
        story.tell(file)


@app.command()
def confirm(case: CaseId, *, by: By = "", reason: Reason = "", only: Only = "", json: Json = False) -> None:
    """Keep what was contained: nothing ends by itself any more."""
    built = house(settings())
    wanted = frozenset({State.CONTAINED, State.CONFIRMING})
    for one in _chosen(find(built, case), only, wanted):
        containments.confirm(built, one.case, one.id, by=person(by), reason=reason or "confirmed")
    _end(built, case, only, State.CONFIRMED, json=json)


@app.command()
def revert(case: CaseId, *, by: By = "", reason: Reason = "", only: Only = "", json: Json = False) -> None:
    """Take back what was contained; what someone else changed meanwhile is left alone and named."""
    built = house(settings())
    wanted = frozenset({State.CONTAINED, State.CONFIRMED, State.REVERTING})
    for one in reversed(_chosen(find(built, case), only, wanted)):
        containments.revert(built, one.case, one.id, by=person(by), reason=reason or "reverted")
    _end(built, case, only, State.REVERTED, json=json)


def _chosen(file: CaseFile, only: str, states: frozenset[State]) -> tuple[Containment, ...]:
    chosen = tuple(one for one in file.containments if one.state in states and only in ("", one.change.action))
    if not chosen:
        now = ", ".join(f"{one.change.action} is {one.state}" for one in file.containments) or "nothing was contained"
        screen.complain(f"case {file.id}: nothing to do: {now}")
        raise typer.Exit(1)
    return chosen


def _end(built: House, case: str, only: str, wanted: State, *, json: bool) -> None:
    file = find(built, case)
    if json:
        screen.emit(case_line(file))
    else:
        story.tell(file)
    mine = [one for one in file.containments if only in ("", one.change.action) and one.state is not State.FAILED]
    unclean = any(one.state is not wanted or one.left for one in mine)
    raise typer.Exit(ATTENTION if unclean else 0)
