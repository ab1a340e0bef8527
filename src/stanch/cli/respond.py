"""`stanch respond`, `replay` and `serve`: findings in, cases out."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from stanch.cli import screen, story
from stanch.cli.common import ATTENTION, ContextFile, Frozen, Json, Logs, house, settings
from stanch.model.case import Mode
from stanch.model.casefile import CaseFile
from stanch.model.facts import Fact
from stanch.model.verdict import Outcome
from stanch.model.walked import Paged, Reminded
from stanch.respond.house import House
from stanch.respond.hunting import Hunt
from stanch.respond.intake import Taken
from stanch.respond.report import case_line, skip_line, summary_line
from stanch.respond.run import forever, once, running, settled
from stanch.settings.context import load_context
from stanch.sources import open_source

Sources = Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="File or folder of findings, or sqs://….")]


def respond(
    source: Sources = None,
    *,
    logs: Logs = None,
    context: ContextFile = None,
    once_only: Annotated[bool, typer.Option("--once", help="Stop when the sources are empty.")] = False,
    json: Json = False,
    override_observation: Annotated[
        str, typer.Option(metavar='"NAME: reason"', help="Act with playbooks still in observation; journalled.")
    ] = "",
) -> None:
    """Take findings, investigate, decide, and contain what the playbooks may contain.

    With --logs and no source at all, the logs are hunted in for cases of their own.
    """
    chosen = settings(context)
    sources = tuple(open_source(text) for text in (source or [one.url for one in chosen.source]))
    with screen.progress() as bar:
        built = house(
            chosen,
            logs=logs,
            override=override_observation,
            watch=_tell,
            progress=lambda done, total: bar.show("log files read", done, total),
        )
        with running(built) as engine, settled():
            hunted = Hunt() if logs is not None and not sources else None
            taken = once(built, engine, sources, bar.show, hunt=hunted)
            if not once_only:
                report(built, taken, json=json)
                forever(built, engine, sources, _until_stopped())
                return
    code = report(built, taken, json=json)
    _warn_about_the_timer(built)
    raise typer.Exit(code)


def replay(
    findings: Annotated[
        Path | None, typer.Argument(metavar="FINDINGS", exists=True, help="File or folder; without it, the logs alone.")
    ] = None,
    *,
    logs: Logs = None,
    context: ContextFile = None,
    json: Json = False,
) -> None:
    """Say what stanch would have done, by the logs named or else by the trail. Asks AWS nothing, changes nothing."""
    if findings is None and logs is None:
        raise typer.BadParameter("give FINDINGS, or --logs to hunt in them")
    chosen = settings(context)
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
        with running(built) as engine:
            sources = (open_source(str(findings)),) if findings else ()
            taken = once(built, engine, sources, bar.show, hunt=None if findings else Hunt())
    raise typer.Exit(report(built, taken, json=json))


def serve() -> None:
    """Run the worker: the sources of stanch.toml, the walks, the reverts, the reminders. Stops on SIGTERM or Ctrl-C.

    With the setting `hunt` it also looks into the trail for cases of its own, every so many minutes.
    """
    chosen = settings()
    sources = tuple(open_source(one.url) for one in chosen.source)
    built = house(chosen, watch=_tell)
    stop = _until_stopped()
    with running(built) as engine, settled():
        screen.note(f"working: {len(sources)} sources, state in {chosen.state}; there is no console yet")
        forever(built, engine, sources, stop)


def _tell(fact: Fact) -> None:
    if isinstance(fact.body, Paged | Reminded):
        screen.note(f"{fact.case}: {fact.body.text}", "bold yellow")


def _until_stopped() -> Callable[[], bool]:
    stopped: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stopped.append(number))
    return lambda: bool(stopped)


def report(built: House, taken: Taken, *, json: bool) -> int:
    """Show what came of a run, and say with which code to exit."""
    files = [built.file(case) for case in taken.cases]
    broken = sum(_broken(file) for file in files)
    errors = sum(skip.malformed for skip in taken.skips) + broken
    if json:
        for file in files:
            screen.emit(case_line(file))
        for skip in taken.skips:
            screen.emit(skip_line(skip))
        screen.emit(summary_line(taken, errors))
    else:
        story.report(files, taken)
    attention = errors or any(file.outcome is Outcome.ESCALATE or file.refusals for file in files)
    return ATTENTION if attention else 0


def _broken(file: CaseFile) -> bool:
    return any(page.startswith("stanch could not finish") for page in file.pages)


def _warn_about_the_timer(built: House) -> None:
    waiting = [
        one for file in built.files() if file.mode is Mode.ACT for one in file.containments if one.state == "contained"
    ]
    if waiting:
        screen.note(
            f"{len(waiting)} containments wait for a person; the earliest reverts at "
            f"{min(one.expires_at for one in waiting):%H:%M} UTC. Keep `stanch serve` running: it keeps the clock."
        )
