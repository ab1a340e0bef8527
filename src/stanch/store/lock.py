"""Exclusion between processes on one state folder; the kernel frees a lock when its holder dies, however it dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from stanch.model.errors import Environment


@contextmanager
def hold(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of that file; without waiting, Environment when another process, or this one, holds it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise Environment(
                f"another stanch is at work in {path.parent}: a state folder has one worker; stop that one first, "
                "or give this one a folder of its own (STANCH_STATE)"
            ) from error
        yield


class Turns:
    """Whatever changes a containment takes its turn: one at a time over all threads and processes."""

    def __init__(self, path: Path | None) -> None:
        """`path` is the file to lock; None where no other process can be."""
        self._path = path
        self._thread = RLock()
        self._taken = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn and take it; a turn within a turn is the same."""
        with self._thread:
            if self._taken or self._path is None:
                yield
                return
            with hold(self._path):
                self._taken = True
                try:
                    yield
                finally:
                    self._taken = False
