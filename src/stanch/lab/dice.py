"""Chance of the lab: every actor has dice of his own, so that adding one changes nothing about the others."""

from random import Random
from uuid import UUID

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def dice(seed: int, *names: str) -> Random:
    """The dice of whoever these names say; the same seed and names always throw the same."""
    return Random(f"{seed}/{'/'.join(names)}")  # noqa: S311 -- a simulation, no secret depends on it


def uuid(thrown: Random) -> str:
    """A random UUID, as AWS writes event ids."""
    return str(UUID(int=thrown.getrandbits(128), version=4))


def session_key(thrown: Random) -> str:
    """An id of a temporary access key."""
    return "ASIA" + "".join(thrown.choices(ALPHABET, k=16))


def hexadecimal(thrown: Random, digits: int) -> str:
    """That many hex digits."""
    return f"{thrown.getrandbits(4 * digits):0{digits}x}"
