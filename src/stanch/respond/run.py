"""One run: sources in, walks to their end, overdue containments swept, a checkpoint signed."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stanch.model.errors import StanchError
from stanch.model.ports import Durability
from stanch.model.walked import Paged
from stanch.respond import containments, demotion
from stanch.respond.engine import engine
from stanch.respond.guards import reread
from stanch.respond.house import House
from stanch.respond.hunting import Hunt, Rounds, take_hunted
from stanch.respond.inline import Inline
from stanch.respond.intake import Taken, add, take_in, unfinished
from stanch.respond.watch import Watch
from stanch.sources import Source

POLL = 5.0
"""Seconds between two looks at the sources and the clock."""
Progress = Callable[[str, int, int], None]
"""(what, done, of how many)."""


@contextmanager
def running(house: House) -> Iterator[Durability]:
    """The engine that fits the house: durable with AWS, inline for a replay. Takes over what a dead process left."""
    if house.aws is not None:
        house.aws.check()  # before anything is taken in: findings are not to be closed for want of credentials
    house.begin()
    if house.aws is None:
        yield Inline(house)
        return
    with engine(house) as durable:
        durable.take_over()
        yield durable
        house.seal()


@contextmanager
def settled() -> Iterator[None]:
    """What start-up left in memory stays as long as the process: no case shall wait while the collector goes over it.

    AWS's service models are a million objects, and a full collection takes half a second.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def once(
    house: House,
    engine: Durability,
    sources: Sequence[Source],
    progress: Progress = lambda *_: None,
    *,
    watch: Watch | None = None,
    hunt: Hunt | None = None,
) -> Taken:
    """Everything the sources hold now, walked to the end; then the sweep, and a look at what became of it all.

    hunt: also what the trail alone gives, between these times.
    """
    taken = Taken()
    reread(house)
    if hunt is not None:
        taken = add(taken, take_hunted(house, hunt.since, hunt.until))
    for source in sources:
        taken = add(taken, take_in(house, source))
        progress("records read", taken.records, taken.records)
    demotion.settle(house)  # before anything acts on what a person has called wrong
    waiting = unfinished(house)
    for done, file in enumerate(waiting):
        progress("cases walked", done, len(waiting))
        engine.start(file.id, file.round)
    progress("cases walked", len(waiting), len(waiting))
    containments.sweep(house)
    if house.aws is not None:
        (watch or Watch(house, engine.arm)).look()
    return taken


def forever(house: House, engine: Durability, sources: Sequence[Source], stop: Callable[[], bool]) -> None:
    """Work until told to stop. A source or an account that fails is paged, once an hour, and never stops the clock."""
    watch, rounds = Watch(house, engine.arm), Rounds.of(house)
    while not stop():
        try:
            once(house, engine, sources, watch=watch, hunt=rounds.due(house.now()))
        except StanchError as error:
            hour = f"{house.now():%Y-%m-%dT%H}"
            house.write(Paged(f"the worker stumbled: {error}"), key=f"worker/{hour}/{type(error).__name__}")
            containments.sweep(house)
        house.seal()
        time.sleep(POLL)
