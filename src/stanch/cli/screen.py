"""What a terminal may show: attacker-written text without its control characters, and nothing as markup."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from stanch.model.data import JSON
from stanch.model.text import clean

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str, style: str = "") -> None:
    """A line of the answer, for a person."""
    out.print(Text(clean(text), style=style))


def note(text: str, style: str = "dim") -> None:
    """A line about the answer, on stderr."""
    err.print(Text(clean(text), style=style))


def complain(text: str) -> None:
    """An error, on stderr."""
    err.print(Text(f"stanch: {clean(text)}", style="bold red"))


def emit(line: JSON) -> None:
    """One line of JSON on stdout."""
    out.file.write(json.dumps(line, ensure_ascii=True) + "\n")
    out.file.flush()


@contextmanager
def progress() -> Iterator["Bar"]:
    """A progress bar on stderr, on terminals only."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        yield Bar(bar)


class Bar:
    """Progress of several things, by name."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def show(self, what: str, done: int, total: int) -> None:
        """`done` of `total` of `what`."""
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)
