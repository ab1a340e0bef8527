"""Copies of promoted playbooks: a version that was promoted keeps acting while a changed one observes beside it."""

import hashlib
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.model.governed import Promoted
from stanch.model.playbook import Playbook
from stanch.playbooks import COMMON, load
from stanch.playbooks.shelves import place as place_of

FOLDER = "playbooks"
"""In the state folder: one shelf for each promoted version."""
DECIDES = (".yaml", ".sql")


def keep(state: Path, shelf: Path, playbook: Playbook, own: Path | None = None) -> str:
    """Copy the files of a loaded version; returns their digest. BadInput when they were changed since it was loaded."""
    place = state / FOLDER / playbook.version
    fresh = place.with_name(f"{playbook.version}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in (place_of(playbook.id, shelf, own), shelf / COMMON):
        for file in sorted(folder.glob("*")):
            if file.suffix in DECIDES:
                (fresh / folder.name).mkdir(parents=True, exist_ok=True)
                (fresh / folder.name / file.name).write_bytes(file.read_bytes())
    if load(fresh)[playbook.id].version != playbook.version:
        raise BadInput(f"the files of {playbook.id} were changed a moment ago: look at its record again")
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)
    return digest(place)


def kept(state: Path, promoted: Promoted) -> Playbook | None:
    """The promoted version from its copy; None when the copy is gone or is not what was promoted."""
    place = state / FOLDER / promoted.version
    if not promoted.files or digest(place) != promoted.files:
        return None
    # Its name is the one it was promoted under, also where a later stanch computes another for the same files.
    return replace(_read(place, promoted.files)[promoted.playbook], version=promoted.version)


def digest(place: Path) -> str:
    """SHA-256 over names and contents of all files below a folder."""
    files = sorted(file for file in place.rglob("*") if file.is_file())
    said = "".join(f"{file.relative_to(place)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for file in files)
    return hashlib.sha256(said.encode()).hexdigest()


@cache
def _read(place: Path, _digest: str) -> dict[str, Playbook]:
    return dict(load(place))
