"""The lab in this process: moto started and corrected, the organisation built, credentials set and later restored."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from moto import mock_aws

from stanch.lab.building import build
from stanch.lab.clock import LabClock
from stanch.lab.corrections import corrected
from stanch.lab.recorder import Recorder
from stanch.lab.throws import Throws
from stanch.lab.wire import Wire
from stanch.lab.world import REGION, SECURITY, World
from stanch.lab.write import Simulation, write
from stanch.model.errors import BadInput

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "STANCHLAB",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Dummy credentials; the simulated AWS takes any that it does not know for the security account's."""

_SETTINGS = {**CREDENTIALS, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
"""Without the 1,300 public images and their snapshots, which nothing here starts from or looks at."""

_running = Lock()


@dataclass(frozen=True)
class Lab:
    """A running simulated organisation."""

    world: World
    wire: Wire
    """Every request that reached it, and the faults to inject."""
    clock: LabClock

    def write(self, folder: Path) -> Simulation:
        """Lay its simulation out in `folder` as of the clock's time, and load its findings."""
        return write(folder, self.world, self.clock.now())


@contextmanager
def in_process(seed: int, now: datetime, *, clock: Path | None = None) -> Iterator[Lab]:
    """The organisation simulated in this process: every AWS client made inside talks to it, none to AWS.

    `clock` is a file that shares the lab's time with other processes. On leaving, the environment is as before.
    Raises BadInput when a lab is already running in this process.
    """
    wire, time, throws = Wire(), LabClock(now, clock), Throws()
    with _alone(), _environment(), mock_aws(), corrected(wire, Recorder(time, SECURITY.id), throws):
        world = build(seed)
        throws.begin(seed)
        wire.clear()
        yield Lab(world, wire, time)


@contextmanager
def _alone() -> Iterator[None]:
    """Moto's state is the process's: two labs in it would be one."""
    if not _running.acquire(blocking=False):
        raise BadInput("a lab is already running in this process; leave it first, or serve the other one")
    try:
        yield
    finally:
        _running.release()


@contextmanager
def _environment() -> Iterator[None]:
    """Nothing of the caller's own AWS set-up may leak into the lab, least of all an endpoint or a profile."""
    before = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "MOTO_"))}
    for name in before:
        del os.environ[name]
    os.environ.update(_SETTINGS)
    try:
        yield
    finally:
        for name in _SETTINGS:
            os.environ.pop(name, None)
        os.environ.update(before)
