"""A playbook's folder to begin with: it can be loaded, and its examples end as they say."""

import json
from collections.abc import Collection
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.playbooks.schema import schema
from stanch.playbooks.shelves import SHELF, folders, misnamed

TEMPLATE = Path(__file__).with_name("template")
SCHEMA = "playbook.schema.json"
"""Beside the playbooks' folders, so that editors find it."""


def begin(name: str, into: Path, actions: Collection[str]) -> tuple[Path, ...]:
    """Write the folder `into/name`, and the schema where it is not there yet; the files written.

    Raises BadInput for a name that cannot be a playbook's, and where such a folder stands already.
    """
    folder = into / name
    if problem := misnamed(name, [one.name for one in folders(SHELF)]):
        raise BadInput(problem)
    if folder.exists():
        raise BadInput(f"{folder} is there already, and nothing is overwritten: choose another name, or remove it")
    texts = {into / SCHEMA: said(actions)} if not (into / SCHEMA).exists() else {}
    for file in sorted(one for one in TEMPLATE.rglob("*") if one.is_file()):
        text = file.read_text(encoding="utf-8").replace("@NAME@", name).replace("@TITLE@", _title(name))
        texts[folder / file.relative_to(TEMPLATE)] = text
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error}") from error
    return tuple(texts)


def said(actions: Collection[str]) -> str:
    """The schema of `playbook.yaml` as a file's text."""
    return json.dumps(schema(actions), indent=2) + "\n"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
