"""The labelled set measured: every telling is written, walked by the real investigation and scored, on all cores."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from stanch.lab.labelled.telling import Telling, digest, world_of, write
from stanch.model.context import Context
from stanch.respond.evaluation import bundles, evaluate
from stanch.respond.evaluation.score import Result
from stanch.respond.house import House
from stanch.settings import load_settings

AT_ONCE = 14
"""Tellings of one world that a process takes at a time: it remembers the world's everyday life."""
_HOUSE: list[House] = []
"""This process's own, built once: playbooks are read and checked only then."""


@dataclass(frozen=True)
class Measured:
    """One telling and what came of it."""

    telling: Telling
    result: Result
    noise: int
    """Records of others around it."""
    digest: str
    cpu: float
    """Seconds of processor time for the walk, the mean of those walked together."""


def measure(
    tellings: Sequence[Telling], workers: int, progress: Callable[[int, int], None] = lambda *_: None
) -> tuple[Measured, ...]:
    """Every telling, in the order given; progress: told (done, in all)."""
    found: dict[str, Measured] = {}
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_build)
    with pool:
        for future in as_completed([pool.submit(_measure, one) for one in _shares(tellings)]):
            found |= {one.telling.folder: one for one in future.result()}
            progress(len(found), len(tellings))
    return tuple(found[one.folder] for one in tellings)


def digests(tellings: Sequence[Telling], workers: int) -> dict[str, str]:
    """The digest of each bundle's bytes, by its folder; nothing is walked."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return {name: one for part in pool.map(_digests, _shares(tellings)) for name, one in part.items()}


def absent(ids: Iterable[str], playbooks: Iterable[str]) -> tuple[str, ...]:
    """Playbooks for which there are scenarios and which are not on the shelf."""
    return tuple(sorted({one.partition("/")[0] for one in ids} - set(playbooks)))


def _shares(tellings: Iterable[Telling]) -> Iterator[tuple[Telling, ...]]:
    worlds: dict[tuple[int, int], list[Telling]] = {}
    for one in tellings:
        worlds.setdefault((one.seed, world_of(one)), []).append(one)
    for mine in worlds.values():
        for start in range(0, len(mine), AT_ONCE):
            yield tuple(mine[start : start + AT_ONCE])


def _build() -> None:
    with TemporaryDirectory() as nowhere:  # no stanch.toml of whoever runs it
        _HOUSE.append(House.build(load_settings(Path(nowhere)), live=False, durable=False))


def _measure(share: tuple[Telling, ...]) -> list[Measured]:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        noise = {one.folder: write(out, one) for one in share}
        began = process_time()
        results = {one.bundle.name: one for one in evaluate(_HOUSE[0], bundles(out))}
        cpu = (process_time() - began) / len(share)
        return [
            Measured(one, _light(results[one.folder]), noise[one.folder], digest(out / one.folder), cpu)
            for one in share
        ]


def _light(result: Result) -> Result:
    """Without the operator's file, which is large and not looked at again."""
    return replace(result, bundle=replace(result.bundle, context=Context()))


def _digests(share: tuple[Telling, ...]) -> dict[str, str]:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        for one in share:
            write(out, one)
        return {one.folder: digest(out / one.folder) for one in share}
