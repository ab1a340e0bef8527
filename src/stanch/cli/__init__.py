"""The command line: data on stdout, everything for people that is not the answer on stderr."""

import sys

import typer

from stanch.cli import audit, case, deploy, doctor, evaluate, guard, hunt, lab, playbook, respond, trail
from stanch.cli.screen import complain
from stanch.model.errors import StanchError

app = typer.Typer(
    name="stanch",
    help="An autonomous first responder for AWS: contains reversibly, reverts by itself, tells a person why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("demo")(lab.demo)
app.command("respond")(respond.respond)
app.command("replay")(respond.replay)
app.command("hunt")(hunt.hunt)
app.command("serve")(respond.serve)
app.command("eval")(evaluate.evaluation)
app.command("doctor")(doctor.doctor)
app.add_typer(case.app, name="case")
app.add_typer(playbook.app, name="playbook")
app.add_typer(audit.app, name="audit")
app.add_typer(guard.app, name="guard")
app.add_typer(deploy.app, name="deploy")
app.add_typer(lab.app, name="lab")
app.add_typer(trail.app, name="trail")


def main() -> None:
    """Run a command; an error that stanch knows is one sentence and exit code 1, never a traceback."""
    try:
        app()
    except StanchError as error:
        complain(str(error))
        sys.exit(1)
