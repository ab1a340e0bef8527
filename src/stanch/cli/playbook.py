"""`stanch playbook`: what each playbook matches, asks and does, and whether it may act yet."""

from datetime import timedelta
from typing import Annotated

import typer

from stanch.cli import screen
from stanch.cli.common import REFUSED, By, Json, house, person, settings
from stanch.model.data import JSONObject
from stanch.model.errors import BadInput
from stanch.model.facts import Promoted
from stanch.model.playbook import Playbook
from stanch.respond.house import House
from stanch.respond.promotion import Track, track

app = typer.Typer(help="Playbooks: list, show, promote.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="Id of the playbook.")]


@app.command("list")
def list_(*, json: Json = False) -> None:
    """All playbooks with their mode and the days left in observation."""
    built = house(settings(), live=False)
    for playbook in built.playbooks.values():
        line = _line(built, playbook)
        screen.emit(line) if json else screen.say(f"{playbook.id:<26} {line['mode']:<8} {line['why']}")


@app.command()
def show(playbook: Name, *, json: Json = False) -> None:
    """One playbook: findings, questions with their weights, actions, and its record in observation."""
    built = house(settings(), live=False)
    one = _find(built, playbook)
    line = _line(built, one)
    if json:
        screen.emit(line)
        return
    screen.say(f"{one.title} ({one.id}, version {one.version})", "bold")
    screen.say(f"  {line['mode']}: {line['why']}")
    screen.say(f"  record: {line['record']}")
    screen.say("  findings: " + ", ".join(one.matches))
    screen.say("  actions: " + ", ".join(f"{name} {built.actions[name].title}" for name in one.actions))
    for question in one.questions:
        at_once = " (before containing at once)" if question.id in one.critical else ""
        screen.say(f"  {question.id}  {question.ask}{at_once}")
        screen.say(
            f"      yes x{question.yes:g}, no x{question.no:.3g}, class {question.trust}, {question.family}", "dim"
        )


@app.command()
def promote(
    playbook: Name,
    *,
    by: By = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it may act now.")],
    override: Annotated[bool, typer.Option(help="Promote before its days of observation are over.")] = False,
    json: Json = False,
) -> None:
    """Let this version of a playbook act. Shows its record first; a named person answers for it."""
    built = house(settings(), live=False)
    one = _find(built, playbook)
    record = track(built, one)
    if not json:
        screen.say(f"{one.id}, version {one.version}: {record.sentence}")
    if record.days_left > 0 and not override:
        screen.complain(
            f"{one.id} has {record.days_left} days of observation left; --override promotes it all the same"
        )
        raise typer.Exit(REFUSED)
    early = f" (overriding {record.days_left} days of observation)" if record.days_left > 0 else ""
    body = Promoted(one.id, one.version, person(by), reason + early, record.sentence)
    built.write(body, key=f"promoted/{one.id}/{one.version}", actor=person(by))
    built.seal()
    if json:
        screen.emit(_line(built, one))
    else:
        screen.say(f"{one.id} may act from now on", "bold green")


def _find(built: House, name: str) -> Playbook:
    if name not in built.playbooks:
        raise BadInput(f"there is no playbook {name!r}; there are {', '.join(built.playbooks)}")
    return built.playbooks[name]


def _line(built: House, playbook: Playbook) -> JSONObject:
    mode, why = built.mode(playbook)
    record: Track = track(built, playbook)
    return {
        "playbook": playbook.id,
        "version": playbook.version,
        "mode": str(mode),
        "why": why,
        "observing_until": (record.since + timedelta(days=playbook.observe_days)).isoformat(),
        "days_left": record.days_left,
        "record": record.sentence,
        "questions": [question.id for question in playbook.questions],
        "critical": list(playbook.critical),
        "actions": list(playbook.actions),
        "matches": list(playbook.matches),
    }
