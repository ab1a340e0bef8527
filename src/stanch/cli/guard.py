"""`stanch guard`: which guardrail decides about a call or a case, and by which policy."""

from typing import Annotated

import typer

from stanch.cli import screen
from stanch.cli.common import REFUSED, By, Json, Reason, find, house, person, settings
from stanch.model.casefile import CaseFile
from stanch.model.data import JSONObject
from stanch.model.errors import BadInput
from stanch.model.facts import Released, Stopped
from stanch.respond.house import House

app = typer.Typer(help="Guardrails: explain, test, stop, go.", no_args_is_help=True)


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="CALL|CASE", help="`service:Operation`, or a case id.")],
    *,
    json: Json = False,
) -> None:
    """Say which policies decide about an operation, or decided about a case. Exit code 4 if something was refused."""
    built = house(settings(), live=False)
    lines = _operation(built, what) if ":" in what else _case(find(built, what))
    for line in lines:
        if json:
            screen.emit(line)
        else:
            screen.say(
                f"{line['decision']:<9} {line['call']}: {line['why']}",
                "magenta" if line["decision"] == "refused" else "",
            )
    raise typer.Exit(REFUSED if any(line["decision"] == "refused" for line in lines) else 0)


@app.command("test")
def check(*, json: Json = False) -> None:
    """Parse and check the shipped and your own policies; any problem names file and policy."""
    built = house(settings(), live=False, durable=False)
    policies = built.guardrails.policies
    if json:
        screen.emit({"policies": [{"id": one.id, "effect": one.effect, "reason": one.reason} for one in policies]})
    else:
        for one in policies:
            screen.say(f"{one.effect:<7} {one.id}: {one.reason}")
        screen.say(f"{len(policies)} policies, all valid", "green")


@app.command()
def stop(*, by: By = "", reason: Reason = "") -> None:
    """Pull the kill switch: nothing new is contained; reverts, expiries and watching go on."""
    _pull(Stopped(person(by), reason or "stopped"), "nothing new is contained until `stanch guard go`")


@app.command()
def go(*, by: By = "", reason: Reason = "") -> None:
    """Release the kill switch."""
    _pull(Released(person(by), reason or "released"), "stanch contains again")


def _pull(body: Stopped | Released, done: str) -> None:
    changed = house(settings(), live=False).pull(body)
    screen.say(done if changed else f"it stood so already: {done}", "bold yellow")


def _operation(built: House, name: str) -> list[JSONObject]:
    if name in built.guardrails.operations:
        says = [one for one in built.guardrails.policies if name in one.operations]
        return [
            {
                "call": name,
                "decision": "permitted" if one.effect == "permit" else "limited",
                "why": f"{one.id}: {one.reason}",
            }
            for one in says
        ]
    if not name.partition(":")[2]:
        raise BadInput(f"{name!r} is no operation: write it as service:Operation")
    return [{"call": name, "decision": "refused", "why": "no shipped policy permits it, and no other policy can"}]


def _case(file: CaseFile) -> list[JSONObject]:
    done = [call for change in (*file.would, *(one.change for one in file.containments)) for call in change.forward]
    permitted: list[JSONObject] = [
        {"call": call.name, "decision": "permitted", "why": f"on {call.resource}"} for call in done
    ]
    refused: list[JSONObject] = [
        {
            "call": one.call or one.action or "the case",
            "decision": "refused",
            "why": f"{one.reason} ({one.policy or 'no policy'})",
        }
        for one in file.refusals
    ]
    return permitted + refused
