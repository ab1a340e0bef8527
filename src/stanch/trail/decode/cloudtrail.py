"""CloudTrail text to events; a record that is not plainly regular goes through `event.row` instead.

The two ways agree by construction: the quick one takes only records whose every field is known and has the type that
AWS gives it.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

from msgspec import Raw

from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.trail import records
from stanch.trail.blocks import Block
from stanch.trail.columns import GIVEN, Cells, cells_of
from stanch.trail.decode import regular, typed
from stanch.trail.event import row
from stanch.trail.kind import Kind
from stanch.trail.schema import Cell
from stanch.trail.staging import Staging

Text: TypeAlias = tuple[str, Raw | bytes]
"""A record's place and its JSON."""
Piece: TypeAlias = tuple[Sequence[int], Cells]
"""Records by their order in a block, and their cells."""


def decode(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the events of the blocks; what cannot be read is a Skip."""
    with _uncollected():
        for block in blocks:
            yield from _lines(staging, block) if block.kind is Kind.EVENTS else _document(staging, block)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: there are none here, and it would look at every cell to find that."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def slow(staging: Staging, block: Block) -> Iterator[Skip]:
    """Stage one document record by record, and say what is wrong with it as a whole."""
    yield from _rows(staging, [], enumerate(records.document(block.data, block.name)))


def _document(staging: Staging, block: Block) -> Iterator[Skip]:
    spaced = not regular.minified(block.data)
    found = typed.document(block.data)
    with suppress(BadInput):  # where one of them is odd after all, it is found below
        if found:
            places = [f"{block.name}#Records[{at}]" for at in range(len(found))]
            staging.events.extend(regular.cells(found, places, spaced=spaced))
            return
    if each := typed.texts(block.data):
        texts = [(f"{block.name}#Records[{at}]", one) for at, one in enumerate(each)]
        yield from _texts(staging, texts, spaced=spaced)
    else:
        yield from slow(staging, block)


def _lines(staging: Staging, block: Block) -> Iterator[Skip]:
    texts = [
        (f"{block.name}:{number}", line)
        for number, line in enumerate(block.data.split(b"\n"), block.first + 1)
        if line.strip()
    ]
    yield from _texts(staging, texts, spaced=not all(regular.minified(line) for _, line in texts[:1]))


def _texts(staging: Staging, texts: Sequence[Text], *, spaced: bool) -> Iterator[Skip]:
    """Stage records one by one: the regular ones together, the others the slow way."""
    found = [typed.record(text) for _, text in texts]
    sure = [(at, one) for at, one in enumerate(found) if one is not None]
    pieces = list(_regular(texts, sure, spaced=spaced))
    done = {at for places, _ in pieces for at in places}
    odd = ((at, records.line_record(bytes(text), place)) for at, (place, text) in enumerate(texts) if at not in done)
    yield from _rows(staging, pieces, odd)


def _regular(texts: Sequence[Text], found: Sequence[tuple[int, typed.Typed]], *, spaced: bool) -> Iterator[Piece]:
    """Those that are regular in all their parts."""
    if not found:
        return
    places = [texts[at][0] for at, _ in found]
    try:
        yield [at for at, _ in found], regular.cells([one for _, one in found], places, spaced=spaced)
    except BadInput:
        half = len(found) // 2
        if half:
            yield from _regular(texts, found[:half], spaced=spaced)
            yield from _regular(texts, found[half:], spaced=spaced)


def _rows(
    staging: Staging, pieces: Sequence[Piece], odd: Iterable[tuple[int, records.Record | Skip]]
) -> Iterator[Skip]:
    """Stage what is regular and the rows of what is odd, in the order in which they were read."""
    rows: list[tuple[Cell, ...]] = []
    places: list[int] = []
    for at, one in odd:
        made = one if isinstance(one, Skip) else _row(one)
        if isinstance(made, Skip):
            yield made
        else:
            rows.append(made)
            places.append(at)
    if pieces or rows:
        staging.events.extend(_merged([*pieces, (places, cells_of(rows))] if rows else pieces))


def _row(one: records.Record) -> tuple[Cell, ...] | Skip:
    try:
        return row(one.body, one.place)
    except (BadInput, RecursionError) as error:
        return Skip(one.place, str(error), malformed=True)


def _merged(pieces: Sequence[Piece]) -> Cells:
    places = [at for piece, _ in pieces for at in piece]
    order = sorted(range(len(places)), key=places.__getitem__)
    found: dict[str, list[Any]] = {}
    for name in GIVEN:
        column = [cell for _, cells in pieces for cell in cells[name]]
        found[name] = [column[at] for at in order]
    return found
