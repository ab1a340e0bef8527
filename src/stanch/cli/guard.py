"""`stanch guard`: which guardrail decides about a call or a case, and by which policy."""

from typing import Annotated

import typer

from stanch.aws.answer import texts
from stanch.cli import screen
from stanch.cli.common import ATTENTION, REFUSED, By, Json, Reason, find, house, person, settings
from stanch.model.casefile import CaseFile
from stanch.model.change import Terms
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.model.governed import Released, Stopped
from stanch.respond.decisions import decisions
from stanch.respond.expectations import Answer, answers, expectations
from stanch.respond.house import House
from stanch.stages.review import WAIT

app = typer.Typer(help="Guardrails: explain, test, stop, go.", no_args_is_help=True)


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="CALL|CASE", help="`service:Operation`, or a case id.")],
    *,
    json: Json = False,
) -> None:
    """Say which policies decide about an operation, or decided about a case and on which facts.

    Exit code 4 if something was refused.
    """
    built = house(settings(), live=False)
    lines = _operation(built, what) if ":" in what else _case(built, find(built, what))
    for line in lines:
        if json:
            screen.emit(line)
        else:
            screen.say(
                f"{line['decision']:<9} {line['call']}: {line['why']}",
                "magenta" if line["decision"] == "refused" else "",
            )
            for name in ("policies", "facts"):
                for said in texts(line, name):
                    screen.say(f"{'':<10}{said}")
    raise typer.Exit(REFUSED if any(line["decision"] == "refused" for line in lines) else 0)


@app.command("test")
def check(*, json: Json = False) -> None:
    """Parse and check all policies, and put the expected requests to them. Exit code 3 if one is not as expected."""
    built = house(settings(), live=False, durable=False)
    now = built.now()
    terms = Terms("C-0a1b2c3d", 1, now, now + WAIT)
    found = tuple(answers(built.guardrails, built.actions, terms, expectations(built.guardrails)))
    failed = [one for one in found if one.problem]
    policies = built.guardrails.policies
    if json:
        listed: list[JSON] = [{"id": one.id, "effect": one.effect, "reason": one.reason} for one in policies]
        tested: list[JSON] = [_tested(one) for one in found]
        screen.emit({"policies": listed, "expectations": tested})
    else:
        for policy in policies:
            screen.say(f"{policy.effect:<7} {policy.id}: {policy.reason}")
        screen.say(f"{len(policies)} policies, all valid", "green")
        for one in failed:
            screen.say(f"{one.expectation.name} {one.expectation.call}: {one.problem}", "bold red")
        screen.say(f"{len(found) - len(failed)} of {len(found)} requests are answered as expected")
    raise typer.Exit(ATTENTION if failed else 0)


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


def _tested(one: Answer) -> JSONObject:
    wanted = one.expectation
    return {"name": wanted.name, "call": wanted.call, "permitted": one.permit.allowed, "problem": one.problem}


def _operation(built: House, name: str) -> list[JSONObject]:
    service, _, operation = name.partition(":")
    if not operation:
        raise BadInput(f"{name!r} is no operation: write it as service:Operation")
    if name not in built.guardrails.operations:
        return [{"call": name, "decision": "refused", "why": "no shipped policy permits it, and no other policy can"}]
    says = [one for one in built.guardrails.policies if name in one.operations or service in one.groups]
    return [
        {
            "call": name,
            "decision": "permitted" if one.effect == "permit" else "limited",
            "why": f"{one.id}: {one.reason or 'for its purpose and target'}",
        }
        for one in says
    ]


def _case(built: House, file: CaseFile) -> list[JSONObject]:
    return [
        {
            "call": one.call,
            "decision": one.decision,
            "why": one.why,
            "policies": list(one.policies),
            "facts": list(one.facts),
            "action": one.action,
            "target": one.target,
        }
        for one in decisions(built.facts(case=file.id))
    ]
