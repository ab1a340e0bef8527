"""`stanch demo` and `stanch lab`: the simulated organisation, in this process or served by one of its own.

moto is an extra and slow to import, so nothing here imports the lab before it is asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stanch.cli.common import Json
from stanch.cli.screen import emit, note, say
from stanch.model.errors import BadInput, Environment

app = typer.Typer(help="The simulated organisation: serve, traffic, cases.", no_args_is_help=True)
SIMULATED_TRAFFIC = "simulated traffic: invented organisation, invented addresses; only the forms are AWS's"
Seed = Annotated[int, typer.Option(help="The same seed gives the same organisation.")]


def demo(*, json: Json = False, seed: Seed = 1) -> None:
    """Watch an attack contained, confirmed and reverted. Everything is simulated but stanch itself."""
    with _lab_installed():
        from stanch.cli.demo import demo as run  # noqa: PLC0415  # see above
    run(json=json, seed=seed)


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


@app.command()
def traffic(
    out: Annotated[Path, typer.Argument(help="Folder to write into; it must be empty or absent.")],
    accounts: Annotated[int, typer.Option(help="Accounts of the organisation, 2 to 500.")] = 10,
    days: Annotated[
        int, typer.Option(help="Days of traffic; the last one is yesterday (UTC), or the day before END.")
    ] = 30,
    seed: Seed = 1,
    attacks: Annotated[int, typer.Option(help="Attacks to weave in; -1 for one a week and ten accounts.")] = -1,
    stealth: Annotated[str, typer.Option(help="Of the attacks: low, medium, high or mixed.")] = "mixed",
    end: Annotated[datetime | None, typer.Option(help="The first day without traffic; today if not given.")] = None,
    *,
    json: Json = False,
) -> None:
    """Write a large organisation's traffic with attacks woven in: logs, findings, context, truth.

    The same options and END give the same bytes. Everything is simulated; the records are in AWS's forms.
    """
    with _lab_installed():
        from stanch.lab.organisation import Order, generate  # noqa: PLC0415  # see above
    if out.exists() and any(out.iterdir()):
        raise BadInput(f"{out} is not empty: traffic of two orders in one folder would be one organisation to readers")
    now = (end or datetime.now(UTC)).replace(tzinfo=UTC)
    written = generate(out, Order(accounts, days, seed, attacks, stealth), now)
    tally = asdict(written.tally)
    if json:
        emit({"kind": "traffic", "folder": str(out), "attacks": len(written.attacks), **tally})
    else:
        note(SIMULATED_TRAFFIC)
        say(f"{out}: {tally['events']:,} events, {tally['flows']:,} flow records, {tally['findings']} findings")
        say(
            f"{len(written.attacks)} attacks ({tally['attack_events']} events), told in truth.ndjson and attacks.ndjson"
        )


@app.command()
def cases(
    out: Annotated[Path, typer.Argument(help="Folder to write into; it must be empty or absent.")],
    variants: Annotated[int, typer.Option(help="Tellings of each scenario.", min=1)] = 1,
    part: Annotated[str, typer.Option(help="development, held_back or all.")] = "all",
) -> None:
    """Write the labelled scenarios as case bundles, for `stanch eval`. Everything in them is simulated."""
    with _lab_installed():
        from stanch.lab import labelled  # noqa: PLC0415  # see above
    if out.exists() and any(out.iterdir()):
        raise BadInput(f"{out} is not empty: other bundles in it would be measured as well")
    if part not in ("all", *labelled.Part):
        raise BadInput(f"{part!r} is no part of the set; there are {', '.join(labelled.Part)} and all")
    mine = {name: one for name, one in labelled.catalogue().items() if part in ("all", labelled.frozen()[name].part)}
    found = tuple(labelled.tellings(mine, variants))
    for one in found:
        labelled.write(out, one)
    note(SIMULATED_TRAFFIC)
    say(f"{out}: {len(found)} cases of {len(mine)} scenarios")


@contextmanager
def _lab_installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise Environment(f"the lab needs {error.name}: install stanch with its extra, stanch[lab]") from error
