"""What a terminal may show: attacker-written text without its control characters, and nothing as markup."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from stanch.model.data import JSON

FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that could move the cursor, colour the screen or turn the reading direction."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def clean(text: str) -> str:
    """The text without characters that a terminal obeys; line breaks become spaces."""
    return "".join(" " if char in "\n\r\t" else char for char in text if _harmless(char))


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


def _harmless(char: str) -> bool:
    return char in "\n\r\t" or unicodedata.category(char) not in FORBIDDEN
