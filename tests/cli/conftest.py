"""What the tests of the command line share: a desk, and clouds of two kinds, each fresh for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .desk import Cloud, Desk, LabCloud, Nursery, clouds, lab_cloud, point, sit_down


@pytest.fixture(scope="session")
def stanch_nursery() -> Iterator[Nursery]:
    nursery = Nursery("stanch")
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def plain_nursery() -> Iterator[Nursery]:
    nursery = Nursery("plain")
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulation")


@pytest.fixture(scope="session")
def lab_nursery(simulation: Path) -> Iterator[Nursery]:
    nursery = Nursery("lab", str(simulation))
    yield nursery
    nursery.close()


@pytest.fixture
def stanch(stanch_nursery: Nursery, tmp_path: Path) -> Desk:
    """A desk without an AWS."""
    return sit_down(stanch_nursery, tmp_path)


@pytest.fixture
def lab(lab_nursery: Nursery, simulation: Path, stanch: Desk, tmp_path: Path) -> Iterator[LabCloud]:
    """The simulated organisation, which the desk is pointed at."""
    with clouds(lab_nursery) as endpoint:
        cloud = lab_cloud(endpoint, simulation, tmp_path / "clock")
        point(stanch, endpoint, tmp_path / "clock")
        yield cloud


@pytest.fixture
def plain(plain_nursery: Nursery, stanch: Desk) -> Iterator[Cloud]:
    """Moto as it is, empty, which the desk is pointed at."""
    with clouds(plain_nursery) as endpoint:
        point(stanch, endpoint)
        yield Cloud(endpoint)
