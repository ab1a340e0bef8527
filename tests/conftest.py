"""What takes longest begins first: no worker is left alone with it at the end. Collections are few: labs are large."""

import gc

import pytest

FIRST = ("kill", "respond", "cli", "trail")
"""Whole processes that are killed, then the folders whose tests wait most."""


def pytest_configure() -> None:
    gc.set_threshold(50_000, 20, 10)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what was imported stays: no collection goes over it again


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)  # stable: the rest stays in the order of its files


def _turn(item: pytest.Item) -> int:
    names = ("kill" if item.get_closest_marker("kill") else "", item.path.parent.name)
    return min((FIRST.index(name) for name in names if name in FIRST), default=len(FIRST))
