"""Policy documents, read strictly: their statements, and what one adds to and takes from another."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from stanch.model.data import JSON, JSONObject

NOTHING: JSONObject = {}
"""A document that is not there."""


@dataclass(frozen=True)
class Delta:
    """The statements in which a new document differs from the old one."""

    added: tuple[JSON, ...] = ()
    removed: tuple[JSON, ...] = ()
    readable: bool = False
    """Both are documents, and nothing but statements differs."""


def statements(document: JSON) -> tuple[JSON, ...]:
    """Statements of a policy document; a single None when it is none, or has none."""
    parsed = _parse(document)
    return (_statements(parsed) or (None,)) if parsed is not None else (None,)


def delta(new: str, old: str) -> Delta:
    """What the new document changes of the old one; empty text is no document at all."""
    after, before = (_parse(one) if one else NOTHING for one in (new, old))
    if after is None or before is None:
        return Delta()
    mine, theirs = (list(_statements(one)) if one else [] for one in (after, before))
    removed = [one for one in theirs if not _struck(one, mine)]
    return Delta(tuple(mine), tuple(removed), readable=not (after and before) or _head(after) == _head(before))


def _struck(statement: JSON, others: list[JSON]) -> bool:
    """Whether an equal statement was among the others; it is taken out of them."""
    found = statement in others
    if found:
        others.remove(statement)
    return found


def _head(document: JSONObject) -> JSONObject:
    return {key: value for key, value in document.items() if key != "Statement"}


def _statements(document: JSONObject) -> tuple[JSON, ...]:
    found = document.get("Statement")
    return tuple(found) if isinstance(found, list) else (found,)


def _parse(document: JSON) -> JSONObject | None:
    try:
        parsed = json.loads(document, object_pairs_hook=_no_duplicates) if isinstance(document, str) else None
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, Mapping) else None


def _no_duplicates(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    # Which of two equal keys counts is the reader's choice; AWS's need not be ours.
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)
