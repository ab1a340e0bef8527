"""Pipelines: a few runs a weekday from the CI network; plans on every push, applies after a merge."""

from collections.abc import Iterator

from stanch.lab.organisation import addresses
from stanch.lab.organisation.benign.terraform import Run
from stanch.lab.organisation.day import OFFICE, Day
from stanch.lab.organisation.record import Pen
from stanch.lab.organisation.sessions import pipeline_session
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Pipeline

RUNNERS = addresses.pool(addresses.CI)


def of_day(day: Day) -> Iterator[Trace]:
    """All runs of all pipelines."""
    for pipeline in day.organisation.pipelines:
        yield from _of(day, pipeline)


def _of(day: Day, pipeline: Pipeline) -> Iterator[Trace]:
    thrown = day.dice("pipeline", pipeline.name)
    if not day.working and thrown.random() < 0.8:  # a nightly check for drift still runs now and then
        return
    pen = Pen(thrown)
    for at in day.times(thrown, thrown.randint(1, 5), OFFICE, 1):
        issued, caller = pipeline_session(pen, pipeline, thrown.choice(RUNNERS), at)
        yield from issued
        run = Run(pipeline, pen, caller, at)
        kind = thrown.random()
        if kind < 0.2:
            yield from run.plan(pipeline.modules)
        elif kind < 0.9:
            yield from run.fresh(thrown.choice(pipeline.modules))
        else:
            yield from run.change(thrown.choices(pipeline.modules, k=thrown.randint(1, 3)))
