"""`stanch case`: look at cases, keep what was contained, or take it back."""

from typing import Annotated

import typer

from stanch.cli import screen, story
from stanch.cli.common import ATTENTION, REFUSED, By, Json, Reason, find, house, person, settings
from stanch.model.casefile import CaseFile, Containment, State
from stanch.respond import containments, further
from stanch.respond.house import House
from stanch.respond.report import case_line
from stanch.store.codec import plain

app = typer.Typer(help="Cases: list, show, approve, confirm, extend, revert.", no_args_is_help=True)
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


@app.command()
def approve(case: CaseId, *, by: By = "", reason: Reason = "", only: Only = "", json: Json = False) -> None:
    """Let what waits for approval be done: planned anew on the state of now, judged anew, reverting like all else."""
    built = house(settings())
    file = find(built, case)
    wanted = [one for one in file.proposals if only in ("", one.action)]
    if not wanted:
        screen.complain(f"case {file.id}: nothing waits for approval")
        raise typer.Exit(1)
    done = [
        further.approve(built, further.by_the_sweep, file.id, one.id, by=person(by), reason=reason or "approved")
        for one in wanted
    ]
    fresh = find(built, case)
    if json:
        screen.emit(case_line(fresh))
    else:
        story.tell(fresh)
    held = all(one is not None and one.held for one in map(fresh.containment, done))
    raise typer.Exit(0 if held else REFUSED if not all(done) else ATTENTION)


@app.command()
def extend(case: CaseId, *, by: By = "", reason: Reason = "", only: Only = "", json: Json = False) -> None:
    """Give what was contained four more hours before it reverts by itself."""
    built = house(settings())
    for one in _chosen(find(built, case), only, frozenset({State.CONTAINED})):
        containments.extend(built, one.case, one.id, by=person(by), reason=reason or "extended")
    _end(built, case, only, State.CONTAINED, json=json)


def _chosen(file: CaseFile, only: str, states: frozenset[State]) -> tuple[Containment, ...]:
    mine = (one for one in file.containments if not one.for_good and only in ("", one.change.action))
    chosen = tuple(one for one in mine if one.state in states)
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
    mine = [one for one in file.containments if only in ("", one.change.action) and not one.for_good]
    mine = [one for one in mine if one.state is not State.FAILED]
    unclean = any(one.state is not wanted or one.left for one in mine)
    raise typer.Exit(ATTENTION if unclean else 0)
