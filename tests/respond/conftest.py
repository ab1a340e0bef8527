"""What the tests of the walk share: one lab a module, and a fresh house in it for each test."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stanch.lab.run import Lab, in_process
from stanch.lab.write import Simulation
from stanch.respond.house import House
from stanch.settings import load_settings
from stanch.store.database import open_database

from .night import START, Eyes, Furniture, Night, tidy


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with in_process(7, START) as running:
        yield running


@pytest.fixture(scope="module")
def simulation(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return lab.write(tmp_path_factory.mktemp("simulation"))


@pytest.fixture(scope="module")
def eyes(lab: Lab) -> Eyes:
    return Eyes(lab.world)


@pytest.fixture(scope="session")
def furniture() -> Furniture:
    return Furniture()


@pytest.fixture(scope="module")
def model_house(
    lab: Lab, simulation: Simulation, furniture: Furniture, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house of this module's lab; each test gets its parts with a journal of its own."""
    built = furniture.house(lab, simulation, tmp_path_factory.mktemp("model"))
    yield built
    built.database.dispose()


@pytest.fixture
def night(lab: Lab, simulation: Simulation, eyes: Eyes, model_house: House, tmp_path: Path) -> Iterator[Night]:
    tidy(lab, simulation, eyes)
    settings = load_settings(tmp_path, state="state", context=simulation.context, profile="article")
    house = replace(model_house, settings=settings, database=open_database(settings.state / "stanch.db"))
    yield Night(lab, simulation, house, eyes, tmp_path)
    house.database.dispose()
