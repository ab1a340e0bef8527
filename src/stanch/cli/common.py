"""Options that several commands share, and how they become a house."""

import getpass
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from stanch.aws import Aws
from stanch.lab.clock import from_environment
from stanch.model.casefile import CaseFile
from stanch.model.errors import BadInput
from stanch.model.facts import Fact
from stanch.model.governed import Observing
from stanch.model.label import MACHINES
from stanch.model.ports import Clock
from stanch.respond.house import House
from stanch.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Logs = Annotated[
    Path | None, typer.Option("--logs", exists=True, file_okay=False, help="Folder of CloudTrail files to ask.")
]
ContextFile = Annotated[
    Path | None, typer.Option("--context", exists=True, dir_okay=False, help="The operator's facts (context.yaml).")
]
By = Annotated[str, typer.Option("--by", help="Who answers for this; the login name if not given.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]

ATTENTION, REFUSED, UNVERIFIED = 3, 4, 5
"""Exit codes: ran but someone must look; refused by a guardrail; verification failed."""


class Frozen:
    """A clock that stands still: a replay is as of the finding, not as of today."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Always the same time, UTC."""
        return self._at


def settings(context: Path | None = None) -> Settings:
    """The settings of the working folder; options win over them."""
    return load_settings(Path.cwd(), **({"context": context} if context else {}))


def house(chosen: Settings, *, watch: Callable[[Fact], None] = lambda _: None, **options: object) -> House:
    """A house on live AWS; with a simulated AWS the lab's shared clock is used, if one is named."""
    built = House.build(chosen, watch=watch, **options)  # type: ignore[arg-type]  # passed through as they are
    clock: Clock | None = from_environment()
    if clock is not None and not _simulated(built):
        raise BadInput("LAB_CLOCK is set, but AWS is not simulated: a clock that can be moved is never used there")
    built = built if clock is None else built.at(clock)
    if built.aws is None:
        _look(built)
    return built


def _simulated(built: House) -> bool:
    own = built.aws or Aws(role=built.settings.role, assume=built.settings.assume, default_region=None)
    return own.simulated


def _look(built: House) -> None:
    """Whoever only looks may be the first to see a playbook: that is journalled, and signed like every run."""
    before = len(built.facts(kinds=(Observing,)))
    built.begin()
    if len(built.facts(kinds=(Observing,))) > before:
        built.seal()


def person(by: str) -> str:
    """The person who answers for a decision; BadInput for a name that stanch itself decides under."""
    name = by.strip() or getpass.getuser()
    if name.casefold() in MACHINES:
        raise BadInput(f"{name!r} is no person: stanch itself decides under that name; give another by --by")
    return name


def find(house: House, prefix: str) -> CaseFile:
    """The case whose id starts so."""
    matches = [file for file in house.files() if file.id.startswith(prefix) or file.id.startswith(f"C-{prefix}")]
    if len(matches) != 1:
        what = "no case has" if not matches else f"{len(matches)} cases have"
        raise BadInput(f"{what} an id that starts with {prefix!r}: `stanch case list` shows them")
    return matches[0]
