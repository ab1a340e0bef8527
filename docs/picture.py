"""Draw docs/demo.svg, the picture of the terminal in the README, from a real run of the demo."""

import io
import re
from pathlib import Path

import typer
from rich.console import Console

from stanch.cli import screen, story
from stanch.cli.demo import ACTS, demo

WIDTH = 132
SHOWN = (
    "stanch demo",
    ACTS[0][1],
    ACTS[4][1],
    "The attackers go on",
    "What stanch will never do",
    "A person confirms",
    "After four hours",
    "audit",
)
"""Headings of the parts that are drawn; the whole story is longer."""


def main() -> None:
    """Run the demo with a recording console and write the parts that fit a picture."""
    pen = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False, force_terminal=True)
    draw, drawing = screen.say, [True]

    def say(text: str, style: str = "") -> None:
        if "underline" in style or (style == "bold" and text.startswith("stanch")):
            drawing[0] = any(part in text for part in SHOWN)
        if drawing[0] and text.strip() and not text.lstrip().startswith("nearby"):
            short = text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
            draw(short, style)

    screen.out, screen.say, story.say = pen, say, say
    try:
        demo(json=False, seed=1)
    except typer.Exit:
        picture = re.sub(r"@font-face \{.*?\}", "", pen.export_svg(title="make demo"), flags=re.DOTALL)  # no web fonts
        (Path(__file__).parent / "demo.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
