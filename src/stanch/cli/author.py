"""`stanch playbook lint | test | new | schema`: for people who write playbooks of their own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from stanch.actions import catalogue
from stanch.cli import screen
from stanch.cli.common import Json, settings
from stanch.model.data import JSONObject
from stanch.playbooks import SHELF
from stanch.playbooks.lint import overlaps, problems
from stanch.playbooks.shelves import FILE, folders
from stanch.respond.authoring.examples import Trial, examples, lacking, trials, unusable
from stanch.respond.authoring.skeleton import begin, said
from stanch.respond.house import House

PLACE = re.compile(r"(?P<file>[^:\s]+\.(?:yaml|sql))(?::(?P<line>\d+))?: (?P<why>.*)")
"""How a problem names its place."""
OWN = Path("playbooks")
"""Where new playbooks go when the setting `playbooks` names no other folder."""
Folder = Annotated[
    Path | None,
    typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="Folder of playbooks, or of one playbook."),
]
Chosen = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="Id or folder of a playbook; all if not given.")]
Into = Annotated[
    Path | None, typer.Option("--into", file_okay=False, help="Folder of playbooks; else the setting's, or playbooks/.")
]


def lint(folder: Folder = None, *, json: Json = False) -> None:
    """Name everything that is wrong, by file and line: in the shipped playbooks and your own, or in a folder."""
    own = settings().playbooks if folder is None else None
    places = [folder] if folder else [SHELF, *([own] if own else [])]
    found = [problem for place in places for problem in (*problems(place, catalogue()), *_in_examples(place))]
    for problem in found:
        if json:
            screen.emit(_placed(problem))
        else:
            screen.say(problem, "red")
    if not found and not json:
        screen.say(f"nothing is wrong in {' or '.join(map(str, places))}", "green")
    raise typer.Exit(1 if found else 0)


def try_examples(playbook: Chosen = "", *, json: Json = False) -> None:
    """Walk a playbook's examples as findings are walked, and compare with what each expects. Asks AWS nothing."""
    folder = Path(playbook)
    there = bool(playbook) and (folder / FILE).exists()
    chosen = settings()
    if there and folder.resolve().parent != SHELF.resolve():
        chosen = chosen.model_copy(update={"playbooks": folder.resolve().parent})
    house = House.build(chosen, live=False, durable=False)
    names = [folder.resolve().name if there else playbook] if playbook else list(house.playbooks)
    missed = False
    for name in names:
        for trial in trials(house, name):
            missed = missed or bool(trial.misses)
            _tell(trial, json=json)
        for warning in _warnings(house, name):
            _warn(name, warning, json=json)
    raise typer.Exit(1 if missed else 0)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its id: letters a-z, digits and _.")],
    *,
    into: Into = None,
) -> None:
    """Write a playbook to begin with: questions in SQL, an attack, its look-alike, and a case without enough data."""
    set_up = settings().playbooks
    place = into or set_up or OWN
    for file in begin(name, place, catalogue()):
        screen.say(str(file))
    screen.note(
        f"next: edit {place / name}, then `stanch playbook lint {place}`, `stanch playbook test {place / name}`"
    )
    if set_up is None or set_up.resolve() != place.resolve():
        screen.note(f'stanch reads it once stanch.toml says playbooks = "{place}"; it observes until it is promoted')


def schema() -> None:
    """Print the JSON Schema of playbook.yaml, for editors."""
    screen.out.file.write(said(catalogue()))


def _in_examples(place: Path) -> Iterator[str]:
    for folder in (place,) if (place / FILE).exists() else folders(place):
        yield from unusable(folder)


def _placed(problem: str) -> JSONObject:
    at = PLACE.match(problem)
    if at is None:
        return {"file": None, "line": None, "problem": problem}
    return {"file": at["file"], "line": int(at["line"]) if at["line"] else None, "problem": at["why"]}


def _warnings(house: House, name: str) -> Iterator[str]:
    """What an author ought to know though no example misses."""
    yield from lacking(examples(house, name))
    if name not in [one.parent.name for one in SHELF.glob(f"*/{FILE}")]:
        for one in overlaps(house.playbooks[name], tuple(house.playbooks.values())):
            yield f"{one}: from now on this one decides on them, and observes until it is promoted"


def _tell(trial: Trial, *, json: bool) -> None:
    if json:
        screen.emit(
            {
                "example": trial.name,
                "right": not trial.misses,
                "expected": trial.expected,
                "got": trial.got,
                "misses": list(trial.misses),
                "answers": list(trial.answers) if trial.misses else [],
            }
        )
        return
    screen.say(f"{'MISS ' if trial.misses else 'ok   '} {trial.name}", "bold red" if trial.misses else "green")
    screen.say(f"      expected {trial.expected}; got {trial.got}", "dim")
    for miss in trial.misses:
        screen.say(f"      {miss}")
    for answer in trial.answers if trial.misses else ():
        screen.say(f"          {answer}", "dim")


def _warn(name: str, warning: str, *, json: bool) -> None:
    if json:
        screen.emit({"playbook": name, "warning": warning})
    else:
        screen.say(f"warn  {name}: {warning}", "yellow")
