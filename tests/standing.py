"""Labs for tests: the organisation is built once a process, and every other lab begins with a copy of what was built.

Moto keeps a simulated AWS in dictionaries of backends, of which a copy takes a hundredth of the time of building.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from unittest.mock import patch

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.iam.models import iam_backends

from stanch.lab import run
from stanch.lab.building import build
from stanch.lab.run import Lab
from stanch.lab.world import World

SESSIONS = "sts"
"""Stays as it is: whoever has credentials from there goes on."""


@dataclass(frozen=True)
class Standing:
    """The simulated AWS of this process as it stood in one moment."""

    _kept: tuple[tuple[Any, dict[str, Any], dict[str, Any]], ...]
    """Moto's dictionary of a service, its backends by account, its own attributes."""

    @classmethod
    def now(cls) -> Self:
        """As it is."""
        held = [one for one in BackendDict._instances if one.service_name != SESSIONS]
        return cls(_apart([(one, dict(one), vars(one)) for one in held]))

    def again(self) -> None:
        """Let everything be as it was then; sessions go on."""
        going_on = {account: _temporary(account) for account in iam_backends}
        for one in BackendDict._instances:
            if one.service_name != SESSIONS:
                one.clear()
        for one, backends, attributes in _apart(self._kept):
            one.update(backends)
            vars(one).update(attributes)
            if one not in BackendDict._instances:
                BackendDict._instances.append(one)
        for account, keys in going_on.items():
            for partition, own in keys.items():
                iam_backends[account][partition].access_keys.update(own)
        reset_model_data()  # moto lists every object that it ever made, copies too


def _temporary(account: str) -> dict[str, dict[str, Any]]:
    """Keys of sessions, by partition: moto keeps them beside those of users."""
    return {
        partition: {key: one for key, one in backend.access_keys.items() if key.startswith("ASIA")}
        for partition, backend in iam_backends[account].items()
    }


def _apart(kept: Any) -> Any:
    """A copy that shares only moto's dictionaries themselves."""
    with patch.object(BackendDict, "__deepcopy__", lambda self, _: self, create=True):
        return deepcopy(tuple(kept))


_BUILT: dict[int, tuple[World, Standing]] = {}


@contextmanager
def standing(seed: int, now: datetime) -> Iterator[Lab]:
    """`in_process`, with the organisation of this seed as it stood when it was built."""
    with patch.object(run, "build", _built), run.in_process(seed, now) as lab:
        yield lab


def _built(seed: int) -> World:
    if seed in _BUILT:
        _BUILT[seed][1].again()
    else:
        _BUILT[seed] = build(seed), Standing.now()
    return _BUILT[seed][0]
