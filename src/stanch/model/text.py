"""Attacker-written text made harmless to show: nothing in it moves a cursor, colours a screen or turns the reading."""

import os
import unicodedata
from pathlib import PurePath

FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that could move the cursor, colour the screen or turn the reading direction."""


def clean(text: str) -> str:
    """The text without characters that a terminal or a page obeys; line breaks become spaces."""
    return "".join(" " if char in "\n\r\t" else char for char in text if _harmless(char))


def shown(path: PurePath | str) -> str:
    """A file's name as text: names are bytes that anybody can choose, and what is no UTF-8 stands escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _harmless(char: str) -> bool:
    return char in "\n\r\t" or unicodedata.category(char) not in FORBIDDEN
