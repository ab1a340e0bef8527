"""`stanch demo` and `stanch lab`: the simulated organisation, in this process or served by one of its own.

moto is an extra and slow to import, so nothing here imports the lab before it is asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stanch.cli.common import Json
from stanch.model.errors import Environment

app = typer.Typer(help="The simulated organisation: serve.", no_args_is_help=True)
Seed = Annotated[int, typer.Option(help="The same seed gives the same organisation.")]


def demo(*, json: Json = False, seed: Seed = 1) -> None:
    """Watch an attack contained, confirmed and reverted. Everything is simulated but stanch itself."""
    with _lab_installed():
        from stanch.cli.demo import demo as run  # noqa: PLC0415  # see above
    run(json=json, seed=seed)


@app.callback()
def lab() -> None:
    """Keep `serve` a subcommand: more of them are to come."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    seed: Seed = 1,
    folder: Annotated[Path | None, typer.Option(help="Write findings, logs and context there, and the clock.")] = None,
) -> None:
    """Serve a simulated AWS organisation on 127.0.0.1 until interrupted. Nothing in it is real."""
    with _lab_installed():
        from stanch.lab.serve import serve as run  # noqa: PLC0415  # see above
    run(port, seed, datetime.now(UTC), folder)


@contextmanager
def _lab_installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise Environment(f"the lab needs {error.name}: install stanch with its extra, stanch[lab]") from error
