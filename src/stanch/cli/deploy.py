"""`stanch deploy`: print what a person deploys. Nothing here calls AWS."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from stanch.cli import screen
from stanch.cli.common import house, settings
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.respond.athena_deployment import athena_policy
from stanch.respond.circumstances import protected
from stanch.respond.deadman_deployment import boundary_statements, dead_man, responder_statements
from stanch.respond.deployment import (
    GOES_ON,
    NOT_STOPPED,
    STOPS,
    boundary,
    kill_switch,
    member_role,
    org_policy,
    separate_roles,
)

app = typer.Typer(help="What a person deploys: roles and policies, printed.", no_args_is_help=True)
Partition = Annotated[str, typer.Option(help="AWS partition.")]


@app.command()
def iam(
    worker: Annotated[str, typer.Option(help="ARN of the role that stanch runs as.")],
    organisation: Annotated[str, typer.Option(help="Id of the organisation, o-….")],
    partition: Partition = "aws",
) -> None:
    """Print the member account's role, trust and boundary, rendered from the actions that playbooks may take."""
    built = house(settings(), live=False, durable=False)
    actions, role = built.enabled, built.settings.role
    parts = dict(member_role(actions, role=role, worker=worker, organisation=organisation, partition=partition))
    armed = built.settings.dead_man != "off"
    besides = boundary_statements(partition=partition) if armed else ()
    fence = boundary(actions, role=role, protected=protected(built.context), partition=partition, besides=besides)
    if armed:
        parts["Policy"] = _with(parts["Policy"], responder_statements(actions, partition=partition))
    further = separate_roles(
        actions,
        role=role,
        names=built.settings.roles,
        trust=parts["Trust"],
        protected=protected(built.context),
        partition=partition,
    )
    if built.settings.athena is not None:
        parts["Worker"] = {"Athena": athena_policy(built.settings.athena, partition=partition)}
    _print({**parts, "Boundary": fence, **({"Roles": further} if further else {})})


@app.command("dead-man")
def dead_man_(
    account: Annotated[str, typer.Option(help="Id of the member account, twelve digits.")],
    region: Annotated[list[str], typer.Option(help="Region in which stanch may contain; once for each.")],
    partition: Partition = "aws",
) -> None:
    """Print the schedule group, state machines and roles that end a containment when stanch is dead."""
    built = house(settings(), live=False, durable=False)
    if built.settings.dead_man == "off":
        raise BadInput('setting dead_man is "off": with it stanch makes no schedule, so there is nothing to deploy')
    _print(dead_man(built.enabled, account=account, regions=region, partition=partition))


@app.command("org-policy")
def org_policy_(partition: Partition = "aws") -> None:
    """Print the SCP that lets only stanch and break-glass change what stanch makes; a person attaches it."""
    built = house(settings(), live=False, durable=False)
    _print(org_policy(role=built.settings.role, break_glass=built.context.break_glass, partition=partition))


@app.command("kill-switch")
def kill_switch_(
    worker: Annotated[str, typer.Option(help="Name or ARN of the role that stanch runs as.")] = "WORKER-ROLE",
) -> None:
    """Print the one deny that stops stanch from outside, and say what goes on without it; a person puts it there."""
    _print(kill_switch())
    name = worker.rpartition("/")[2]
    screen.say(
        f"aws iam put-role-policy --role-name {name} --policy-name stanch-kill-switch --policy-document file://deny.json"
    )
    for title, lines in (("It stops", STOPS), ("It does not stop", NOT_STOPPED), ("What goes on", GOES_ON)):
        for line in lines:
            screen.say(f"{title}: {line}")


def _print(document: JSONObject) -> None:
    screen.out.file.write(json.dumps(document, indent=2) + "\n")


def _with(policy: JSON, statements: Sequence[JSONObject]) -> JSONObject:
    """The policy with these statements, too."""
    known = policy if isinstance(policy, Mapping) else {}
    before = known.get("Statement")
    return {**known, "Statement": [*(before if isinstance(before, list) else []), *statements]}
