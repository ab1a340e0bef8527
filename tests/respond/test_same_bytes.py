"""The same input and the same clock give the same journal, to the last byte of the last hash."""

from pathlib import Path

from stanch.lab.run import in_process
from stanch.respond import containments
from stanch.respond.run import once, running
from stanch.sources.file import Files
from stanch.store import journal

from .night import HOUR, START, Furniture


def test_two_runs_over_two_labs_of_one_seed_write_equal_rows(tmp_path: Path, furniture: Furniture) -> None:
    first, second = (rows(furniture, tmp_path / "lab", tmp_path / name) for name in ("one", "two"))
    assert len(first) > 100
    assert first == second


def rows(furniture: Furniture, simulated: Path, state: Path) -> list[dict[str, object]]:
    """All rows after every scenario, a confirm by a person, and four hours."""
    with in_process(7, START) as lab:
        simulation = lab.write(simulated)
        house = furniture.house(lab, simulation, state)
        with running(house) as engine:
            once(house, engine, (Files(simulation.findings),))
            one = next(one for file in house.files() for one in file.containments)
            containments.confirm(house, one.case, one.id, by="robin", reason="it is real")
            lab.clock.advance(4 * HOUR)
            containments.sweep(house)
        with house.database.begin() as connection:
            found = [dict(row._asdict()) for row in journal.rows(connection)]
        house.database.dispose()
    return found
