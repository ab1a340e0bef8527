"""Where playbooks stand: the shipped shelf with its common questions, and the operator's own folder beside it."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.model.playbook import Question
from stanch.playbooks import parse
from stanch.playbooks.strict import read

SHELF = Path(__file__).parent
COMMON = "common"
FILE = "playbook.yaml"
ID = re.compile("[a-z][a-z0-9_]{0,39}")
"""The ids that an own playbook may have: never one of an action's."""


def shared(shelf: Path) -> Mapping[str, Question]:
    """The questions of the shelf that several playbooks ask, by id."""
    file = shelf / COMMON / "questions.yaml"
    if not file.exists():
        return {}
    return {one.id: one for one in parse.questions(file.parent, read(file, f"{COMMON}/{file.name}"))}


def folders(shelf: Path) -> tuple[Path, ...]:
    """The folders that hold a playbook, by name; BadInput where none does."""
    found = tuple(sorted(path.parent for path in shelf.glob(f"*/{FILE}")))
    if not found:
        raise BadInput(
            f"{shelf}: holds no playbook; each is a folder with a {FILE}, and `stanch playbook new` makes one"
        )
    return found


def own_folders(own: Path, taken: Collection[str]) -> tuple[Path, ...]:
    """The operator's own folders; BadInput for a name that cannot be an id or that `taken` has already."""
    found = folders(own)
    for problem in (own_common(own), *(misnamed(folder.name, taken) for folder in found)):
        if problem:
            raise BadInput(problem)
    return found


def own_common(own: Path) -> str:
    """Why an own folder cannot hold common questions; empty where it holds none."""
    if not (own / COMMON).exists():
        return ""
    return f"{own.name}/{COMMON}: own playbooks ask the shipped common questions: move these into the playbooks"


def misnamed(name: str, taken: Collection[str]) -> str:
    """Why an own playbook cannot stand in a folder of that name; empty when it can."""
    if not ID.fullmatch(name):
        return f"{name}/{FILE}: the folder's name is the id: let it be letters a-z, digits and _, a letter first"
    if name in taken:
        return f"{name}/{FILE}: there is a shipped playbook {name} already: give the folder another name"
    return ""


def place(name: str, shelf: Path, own: Path | None) -> Path:
    """The folder of a playbook that was loaded from there."""
    return own / name if own and (own / name / FILE).exists() else shelf / name
