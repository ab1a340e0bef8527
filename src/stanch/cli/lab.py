"""`stanch lab`: the simulated organisation as a process of its own."""

from typing import Annotated

import typer

app = typer.Typer(help="The simulated organisation: serve.", no_args_is_help=True)


@app.callback()
def lab() -> None:
    """Keep `serve` a subcommand: more of them are to come."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same organisation.")] = 1,
) -> None:
    """Serve a simulated AWS organisation on 127.0.0.1 until interrupted. Nothing in it is real."""
    from stanch.lab.serve import serve as run  # noqa: PLC0415  # moto is an extra, and slow to import

    run(port, seed)
