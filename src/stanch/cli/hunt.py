"""`stanch hunt`: cases from the trail alone, without a finding of any detector."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from stanch.cli import screen
from stanch.cli.common import ContextFile, Frozen, Json, Logs, settings
from stanch.cli.respond import report
from stanch.model.errors import BadInput
from stanch.respond.house import House
from stanch.respond.hunting import Hunt
from stanch.respond.run import once, running
from stanch.settings.context import load_context
from stanch.trail import Trail

Time = Annotated[str, typer.Option(metavar="TIME", help="UTC, such as 2026-03-20 or 2026-03-20T02:00.")]


def hunt(
    *, logs: Logs = None, since: Time = "", until: Time = "", context: ContextFile = None, json: Json = False
) -> None:
    """Look for attacks in the logs alone and say what stanch would have done. Asks AWS nothing and changes nothing.

    Without --logs it hunts in the trail that `stanch trail ingest` keeps.
    """
    chosen = settings(context)
    wanted = Hunt(_time("--since", since), _time("--until", until))
    kept = Trail.open(chosen.state / "trail") if logs is None else None
    as_of = load_context(chosen.context).now
    with screen.progress() as bar:
        built = House.build(
            chosen,
            clock=Frozen(as_of) if as_of else None,
            logs=logs,
            live=False,
            durable=False,
            progress=lambda done, total: bar.show("log files read", done, total),
        )
        built = replace(built, trail=kept) if kept else built
        with running(built) as engine:
            taken = once(built, engine, (), bar.show, hunt=wanted)
    raise typer.Exit(report(built, taken, json=json))


def _time(option: str, text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput(f"{option}: {text!r} is no time; write 2026-03-20 or 2026-03-20T02:00") from error
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
