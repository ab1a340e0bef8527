"""The ids that the simulated AWS draws: they depend on the request alone, not on what else is under way."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from moto.moto_api._internal import mock_random

_RANDOM_TOKEN = re.compile(r"ClientToken[^&,}]*")
"""botocore draws one for each request, so a body with its value is never the same."""


class Throws:
    """One request at a time, each with dice of its own."""

    def __init__(self) -> None:
        self._seed: int | None = None
        self._lock = RLock()  # moto does some requests by making others
        self._seen: Counter[str] = Counter()

    def begin(self, seed: int) -> None:
        """From here on every request has its own dice; before, whoever builds the world throws."""
        self._seed = seed

    @contextmanager
    def one(self, account: str, operation: str, body: str) -> Iterator[None]:
        """While it lasts no other request is answered; equal requests throw differently, in their order."""
        with self._lock:
            if self._seed is not None:
                same = f"{self._seed}/{account}/{operation}/{_RANDOM_TOKEN.sub('', body)}"
                self._seen[same] += 1
                mock_random.seed(f"{same}/{self._seen[same]}")
            yield
