"""One look at AWS: within a plan equal questions are asked once, also by those who ask at the same time."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from threading import Lock

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import StanchError
from stanch.model.ports import Reader
from stanch.store.codec import canonical

ReaderOf = Callable[[str, str], Reader]
"""(account, region) -> Reader."""


def glance(reader_of: ReaderOf) -> ReaderOf:
    """Readers that answer as of one moment; never for reading back what was done."""
    return cache(lambda account, region: Glance(reader_of(account, region)))


class Glance:
    """A Reader that keeps its answers, errors too."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = Lock()
        self._answers: dict[str, Future[JSONObject]] = {}

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        """The answer, AWS's own or the one that is known already; raises as its reader does."""
        question = canonical([service, operation, params])
        with self._lock:
            answer = self._answers.get(question)
            first = answer is None
            if answer is None:
                answer = self._answers[question] = Future()
        if first:
            self._ask(answer, service, operation, params)
        return answer.result()

    def _ask(self, answer: "Future[JSONObject]", service: str, operation: str, params: dict[str, JSON]) -> None:
        try:
            answer.set_result(self._reader.read(service, operation, **params))
        except StanchError as error:
            answer.set_exception(error)
