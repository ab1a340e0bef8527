"""`stanch eval`: decision quality over case bundles."""

from pathlib import Path
from typing import Annotated

import typer

from stanch.cli import screen
from stanch.cli.common import ATTENTION, Json, settings
from stanch.respond.evaluation import bundles, evaluate, score
from stanch.respond.evaluation.plot import reliability
from stanch.respond.evaluation.report import lines, report
from stanch.respond.house import House

Cases = Annotated[
    Path, typer.Argument(metavar="CASES_DIR", exists=True, file_okay=False, help="Folder of case bundles.")
]
Plot = Annotated[Path | None, typer.Option("--plot", dir_okay=False, help="Write the reliability plot there, as SVG.")]


def evaluation(cases: Cases, *, plot: Plot = None, json: Json = False) -> None:
    """Replay case bundles and measure the decisions. Asks AWS nothing. Exit code 3 if any bundle is not right."""
    found = bundles(cases)
    house = House.build(settings(), live=False, durable=False)
    with screen.progress() as bar:
        results = evaluate(house, found, lambda done, total: bar.show("bundles walked", done, total))
    if plot:
        plot.write_text(reliability(score(results)), encoding="utf-8")
    if json:
        screen.emit(report(results))
    else:
        for line in lines(results):
            screen.say(line)
    raise typer.Exit(0 if all(one.right for one in results) else ATTENTION)
