"""Independent work, done side by side: answers come in the order of the work, never in that of its endings."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
T = TypeVar("T")

WIDTH = 16
"""Pieces of one piece of work at a time: AWS throttles who asks more at once."""


def each(work: Sequence[Callable[[], T]]) -> tuple[T, ...]:
    """Do all of it at once; raises the error of the first in order that failed, when all have ended."""
    if len(work) < 2:  # noqa: PLR2004 -- alone there is nothing to do side by side
        return tuple(one() for one in work)
    return _at_once(work)


@overload
def together(a: Callable[[], A], b: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def together(
    a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], d: Callable[[], D], /
) -> tuple[A, B, C, D]: ...
def together(*work: Callable[[], Any]) -> tuple[Any, ...]:
    """The same for pieces of different kinds."""
    return each(work)


@contextmanager
def under_way(tasks: Sequence[Generator[A, None, B]]) -> Iterator[tuple[Generator[A, None, B], ...]]:
    """Run generators side by side, each in a thread of its own; what they yield is taken here, in any order.

    They run on whether somebody takes or not. On the way out all have ended.
    """
    with _pool(len(tasks)) as pool:
        yield tuple(_pumped(pool, task) for task in tasks) if pool else tuple(tasks)


def _at_once(work: Sequence[Callable[[], T]]) -> tuple[T, ...]:
    with ThreadPoolExecutor(min(len(work), WIDTH)) as pool:
        return tuple(one.result() for one in [pool.submit(copy_context().run, piece) for piece in work])


@contextmanager
def _pool(tasks: int) -> Iterator[Executor | None]:
    """A thread for each."""
    if not tasks:
        yield None
        return
    with ThreadPoolExecutor(tasks) as pool:
        yield pool


_END = object()


def _pumped(pool: Executor, task: Generator[A, None, B]) -> Generator[A, None, B]:
    items: SimpleQueue[Any] = SimpleQueue()

    def pump() -> B:
        try:
            while True:
                items.put(next(task))
        except StopIteration as end:
            result: B = end.value
            return result
        finally:
            items.put(_END)

    ending = pool.submit(copy_context().run, pump)

    def taken() -> Generator[A, None, B]:
        while (item := items.get()) is not _END:
            yield item
        return ending.result()

    return taken()
