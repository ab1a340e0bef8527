"""`stanch case`: look at cases, keep what was contained, or take it back."""

from pathlib import Path
from typing import Annotated

import typer

from stanch.cli import dossier, screen, story
from stanch.cli.common import ATTENTION, REFUSED, By, Json, Reason, find, house, person, settings
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.label import Code
from stanch.model.verdict import Conclusion
from stanch.respond import containments, demotion, further, labels, release
from stanch.respond.demotion import Scope
from stanch.respond.house import House
from stanch.respond.report import case_line
from stanch.store.codec import plain

app = typer.Typer(help="Cases: list, show, judge, approve, confirm, extend, revert, revert-all.", no_args_is_help=True)
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Case id, or how it starts.")]
Only = Annotated[str, typer.Option("--only", metavar="ACTION", help="Only the containments by this action, as I2.")]


@app.command("list")
def list_(*, json: Json = False) -> None:
    """All cases, oldest first."""
    for file in house(settings(), live=False).files():
        screen.emit(case_line(file)) if json else story.head(file)


@app.command()
def show(
    case: CaseId,
    *,
    json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", dir_okay=False, help="Write the case there as a page.")] = None,
) -> None:
    """One case: findings, evidence with its weights, calls and inverses, refusals, state."""
    built = house(settings(), live=False)
    file = find(built, case)
    if html:
        html.write_text(dossier.page_of(built, file), encoding="utf-8")
        screen.note(f"written to {html}")
    elif json:
        screen.emit({**case_line(file), "summary": plain(dossier.summary_of(built, file)), "file": plain(file)})
    else:
        for sentence in dossier.summary_of(built, file).sentences:
            screen.say(sentence)
        story.tell(file)


@app.command()
def judge(
    case: CaseId,
    conclusion: Annotated[Conclusion, typer.Argument(help="What the case was.")],
    *,
    by: By = "",
    reason: Annotated[str, typer.Option("--reason", help="Why you think so, for the audit trail.")],
    json: Json = False,
) -> None:
    """Say what a case was, contained or only observed: promotions, demotions and priors rest on it."""
    built = house(settings(), live=False)
    file = find(built, case)
    stands = labels.judge(built, file.id, conclusion, by=person(by), reason=reason)
    demoted = demotion.settle(built)
    built.seal()
    if json:
        screen.emit(case_line(find(built, case)))
    else:
        screen.say(f"case {file.id}: {stands.by} says {stands.conclusion.replace('_', ' ')}: {stands.reason}", "bold")
    _warn(demoted)


@app.command()
def confirm(case: CaseId, *, by: By = "", reason: Reason = "", only: Only = "", json: Json = False) -> None:
    """Keep what was contained: nothing ends by itself any more. It also says that the attack was real."""
    built = house(settings())
    wanted = frozenset({State.CONTAINED, State.CONFIRMING})
    for one in _chosen(find(built, case), only, wanted):
        containments.confirm(built, one.case, one.id, by=person(by), reason=reason or "confirmed")
    _end(built, case, only, State.CONFIRMED, json=json)


@app.command()
def revert(
    case: CaseId,
    *,
    by: By = "",
    reason: Reason = "",
    code: Annotated[Code, typer.Option("--reason-code", help="The reason in a word; the first two label the case.")] = (
        Code.OTHER
    ),
    only: Only = "",
    json: Json = False,
) -> None:
    """Take back what was contained; what someone else changed meanwhile is left alone and named."""
    built = house(settings())
    wanted = frozenset({State.CONTAINED, State.CONFIRMED, State.REVERTING})
    for one in reversed(_chosen(find(built, case), only, wanted)):
        containments.revert(built, one.case, one.id, by=person(by), reason=reason or "reverted", code=code)
    _warn(demotion.settle(built))
    _end(built, case, only, State.REVERTED, json=json)


@app.command("revert-all")
def revert_all(
    *,
    by: By = "",
    second: Annotated[str, typer.Option("--second", help="Another person who answers for it, too.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")],
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="ID", help="A containment or case to free although its principal is active."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it nothing is done and all of it is shown.")
    ] = False,
    json: Json = False,
) -> None:
    """Take everything back, on the word of two people. Shows what that frees first; exit code 3 if anything is left."""
    built = house(settings(), live=yes)
    release.witnessed(person(by), person(second), reason)
    if not yes:
        found = release.standing(built, include or ())
        for each in found:
            _told(each.one, each.skip, f"would free: {each.price}", json=json)
        screen.complain(f"{sum(not each.skip for each in found)} of {len(found)} would be taken back: --yes does it")
        raise typer.Exit(ATTENTION if any(each.skip for each in found) else 0)
    done, left = release.revert_all(built, by=person(by), second=person(second), reason=reason, include=include or ())
    for freed in done:
        _told(freed.one, freed.problem, "freed", json=json)
    for each in left:
        _told(each.one, f"left in place: {each.skip}", "", json=json)
    raise typer.Exit(ATTENTION if left or any(freed.problem for freed in done) else 0)


def _told(one: Containment, problem: str, good: str, *, json: bool) -> None:
    if json:
        screen.emit({"containment": one.id, "state": str(one.state), "price": one.change.price, "problem": problem})
    else:
        text = f"{one.id}  {one.change.title}, {one.change.target.name} ({one.state}): {problem or good}"
        screen.say(text, "bold yellow" if problem else "")


def _warn(demoted: tuple[Scope, ...]) -> None:
    for scope in demoted:
        screen.complain(f"{scope.playbook} observes again for {scope.said}: `stanch playbook reinstate` lifts it")


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
