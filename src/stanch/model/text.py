"""Attacker-written text made harmless to show: nothing in it moves a cursor, colours a screen or turns the reading."""

import unicodedata

FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that could move the cursor, colour the screen or turn the reading direction."""


def clean(text: str) -> str:
    """The text without characters that a terminal or a page obeys; line breaks become spaces."""
    return "".join(" " if char in "\n\r\t" else char for char in text if _harmless(char))


def _harmless(char: str) -> bool:
    return char in "\n\r\t" or unicodedata.category(char) not in FORBIDDEN
