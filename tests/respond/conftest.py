"""What the tests of the walk share: one lab a module, as new for each test, and a fresh house in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.standing import Standing, standing

from stanch.lab.run import Lab
from stanch.lab.write import Simulation
from stanch.respond.house import House
from stanch.settings import load_settings
from stanch.store.database import open_database

from .night import START, Eyes, Furniture, Night, tidy


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with standing(7, START) as running:
        yield running


@pytest.fixture(scope="session")
def written() -> dict[str, tuple[Simulation, Standing]]:
    """What the first lab of this process wrote, and how it stood then: every lab here is of one seed and time."""
    return {}


@pytest.fixture(scope="module")
def opening(
    lab: Lab, written: dict[str, tuple[Simulation, Standing]], tmp_path_factory: pytest.TempPathFactory
) -> Standing:
    """The simulated AWS with its simulation in it, as every test finds it."""
    if not written:
        made = lab.write(tmp_path_factory.mktemp("simulation"))
        written["all"] = made, Standing.now()
    written["all"][1].again()
    return written["all"][1]


@pytest.fixture(scope="module")
def simulation(written: dict[str, tuple[Simulation, Standing]], opening: Standing) -> Simulation:
    return written["all"][0]


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
def night(
    lab: Lab, opening: Standing, simulation: Simulation, eyes: Eyes, model_house: House, tmp_path: Path
) -> Iterator[Night]:
    tidy(lab, opening)
    settings = load_settings(tmp_path, state="state", context=simulation.context, profile="article")
    house = replace(model_house, settings=settings, database=open_database(settings.state / "stanch.db"))
    yield Night(lab, simulation, house, eyes, tmp_path)
    house.database.dispose()
