"""One statement of stanch's in a policy document that belongs to others: put in, kept, and taken out again.

AWS takes such documents whole and knows no lock, so each write is made from what was read just before it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from stanch.actions._denial import canonical
from stanch.actions._deny import endless, iam_time
from stanch.aws.answer import at, rows, text
from stanch.model.change import Target, Terms
from stanch.model.data import JSON, JSONObject

VERSION = "2012-10-17"


def sid(terms: Terms) -> str:
    """Sid of our statement, letters and digits: one for each round of each case."""
    return "stanch" + "".join(one for one in terms.case if one.isalnum()) + f"r{terms.round}"


@dataclass(frozen=True)
class Left:
    """What taking our statement out leaves."""

    document: str
    """Empty when no statement would be left."""
    found: bool
    """Our statement is in there."""
    conflict: str = ""
    """Why it is left alone, in a sentence."""


@dataclass(frozen=True)
class Insert:
    """A deny of ours in somebody's document."""

    body: Callable[[Target], JSONObject]
    """The statement without Sid, effect and end."""

    def timed(self, target: Target, terms: Terms) -> JSONObject:
        """The statement that ends by itself at `expires_at`."""
        body = dict(self.body(target))
        before = {"DateLessThan": {"aws:CurrentTime": iam_time(terms.expires_at)}}
        condition = at(body, "Condition")
        return self._statement(
            {**body, "Condition": {**(condition if isinstance(condition, dict) else {}), **before}}, terms
        )

    def kept(self, target: Target, terms: Terms) -> JSONObject:
        """The same statement without an end, for a containment that a person confirmed."""
        return self._statement(self.body(target), terms)

    def put(self, document: str, target: Target, terms: Terms) -> str:
        """The document with the statement that ends by itself; the document itself where ours is in force."""
        timed, kept = self.timed(target, terms), self.kept(target, terms)
        if any(one in statements(document) for one in (timed, kept)):
            return document
        return _with(document, (*(one for one in statements(document) if endless(one) != kept), timed))

    def keep(self, document: str, target: Target, terms: Terms) -> str:
        """The document with the statement that has no end."""
        kept = self.kept(target, terms)
        if kept in statements(document):
            return document
        return _with(document, (*(one for one in statements(document) if endless(one) != kept), kept))

    def take(self, document: str, before: str, target: Target, terms: Terms) -> Left:
        """The document without our statement; written as it was before where nobody changed the rest meanwhile."""
        mine = [one for one in statements(document) if text(one, "Sid") == sid(terms)]
        if any(endless(one) != self.kept(target, terms) for one in mine):
            reason = f"statement {sid(terms)} no longer says what stanch wrote: someone changed it; left as it is"
            return Left(document, found=True, conflict=reason)
        rest = tuple(one for one in statements(document) if one not in mine)
        if not rest:
            return Left("", found=bool(mine))
        left = _with(document, rest)
        return Left(before if before and left == _with(before, statements(before)) else left, found=bool(mine))

    def taken_over(self, document: str, target: Target, terms: Terms) -> bool:
        """Whether a statement of our Sid is in there that stanch did not write."""
        return bool(self.take(document, "", target, terms).conflict)

    def _statement(self, body: JSONObject, terms: Terms) -> JSONObject:
        return {**body, "Sid": sid(terms), "Effect": "Deny"}


def statements(document: str) -> tuple[JSONObject, ...]:
    """Statements of a document, also where it holds a single one that is not in a list."""
    parsed: JSON = json.loads(document) if document else {}
    single = at(parsed, "Statement")
    return (single,) if isinstance(single, dict) else rows(parsed, "Statement")


def _with(document: str, chosen: tuple[JSONObject, ...]) -> str:
    parsed = json.loads(document) if document else {"Version": VERSION}
    return canonical({**parsed, "Statement": list(chosen)})
