"""What a person is told of a case: sentences, a timeline, who touched what. Facts only; no model writes it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mood(StrEnum):
    """How something is shown: one red for bad, one green for held."""

    BAD = "bad"
    HELD = "held"
    PLAIN = "plain"
    ASKED = "asked"
    """stanch looked, weighed or waited."""


@dataclass(frozen=True)
class Moment:
    """One row of the timeline."""

    at: datetime
    source: str
    """Where it is known from: the detector, CloudTrail, the journal."""
    what: str
    detail: str = ""
    events: tuple[str, ...] = ()
    """Event ids that show it."""
    mood: Mood = Mood.PLAIN
    until: datetime | None = None
    """When the last of several ended, where they are told together."""


@dataclass(frozen=True)
class Node:
    """Something that acted or was touched; at most six are shown, in three columns."""

    name: str
    note: str
    column: int
    """0 who or whence, 1 the identity, 2 what was touched."""
    mood: Mood = Mood.PLAIN


@dataclass(frozen=True)
class Edge:
    """`source` touched `target`, both by index."""

    source: int
    target: int
    mood: Mood = Mood.PLAIN


@dataclass(frozen=True)
class Summary:
    """The investigation, told."""

    case: str
    title: str
    """One sentence."""
    sentences: tuple[str, ...]
    """Five: what was reported, what the logs show, what speaks against it, the verdict, what was done."""
    moments: tuple[Moment, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    unchecked: tuple[str, ...]
    """Questions that nobody could answer, with the reason."""
    account: str
    account_name: str
    region: str
    state: str
    """`contained`, `would contain`, `waits for a person`, ... for people."""
    seconds: float | None = None
    """From the finding's arrival to the last verified containment; None where nothing was contained."""
