"""Prove that the journal is whole: every row hashed, chained, and under a signed checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from stanch.model.errors import BadInput
from stanch.store.checkpoint import Checkpoint
from stanch.store.codec import body
from stanch.store.journal import GENESIS, digest, rows


@dataclass(frozen=True)
class Verification:
    """What was checked, and the first thing that is wrong, if anything is."""

    rows: int
    checkpoints: int
    problem: str = ""
    """A sentence that names the row; empty when all is well."""


def verify(connection: Connection, checkpoints: tuple[Checkpoint, ...]) -> Verification:
    """Check hashes, order, bodies and checkpoints; the first problem ends it."""
    roots: dict[int, str] = {0: GENESIS}
    prev, expected, problem = GENESIS, 1, ""
    for row in rows(connection):
        problem = _row_problem(row.seq, expected, row.prev, prev) or _content_problem(row)
        if problem:
            return Verification(len(roots) - 1, len(checkpoints), problem)
        prev, expected = row.hash, expected + 1
        roots[row.seq] = row.hash
    return Verification(len(roots) - 1, len(checkpoints), _checkpoint_problem(roots, checkpoints))


def _row_problem(seq: int, expected: int, prev: str, last: str) -> str:
    if seq != expected:
        return f"row {expected} is missing (the next row there is {seq})"
    if prev != last:
        return f"row {seq} does not follow row {seq - 1}: its link to the hash before it is wrong"
    return ""


def _content_problem(row) -> str:  # type: ignore[no-untyped-def]  # a raw row: whatever an intruder left there
    if digest(row) != row.hash:
        return f"row {row.seq} was changed: its hash does not fit its fields"
    try:
        body(row.kind, row.body)
    except (BadInput, ValueError) as error:
        return f"row {row.seq} cannot be read: {error}"
    return ""


def _checkpoint_problem(roots: Mapping[int, str], checkpoints: tuple[Checkpoint, ...]) -> str:
    size, covered = max(roots), 0
    for checkpoint in checkpoints:
        if checkpoint.size > size:
            gone = f"row {size + 1}" if checkpoint.size == size + 1 else f"rows {size + 1} to {checkpoint.size}"
            return f"{gone} of the checkpoint signed at {checkpoint.time} are gone: the tail was cut"
        if roots[checkpoint.size] != checkpoint.root:
            return (
                f"a row between {covered + 1} and {checkpoint.size} was rewritten together with all after it: "
                f"row {checkpoint.size} differs from the checkpoint signed at {checkpoint.time}"
            )
        covered = max(covered, checkpoint.size)
    if covered < size:
        return f"row {covered + 1} is under no checkpoint: added by someone, or written by a run that did not end"
    return ""
