"""`stanch deploy`: print what a person deploys. Nothing here calls AWS."""

import json
from typing import Annotated

import typer

from stanch.actions import role_policy
from stanch.cli import screen
from stanch.cli.common import house, settings
from stanch.model.data import JSONObject
from stanch.respond.deployment import boundary, member_role, org_policy

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
    parts = member_role(actions, role=role, worker=worker, organisation=organisation, partition=partition)
    fence = boundary(actions, role=role, protected=built.context.break_glass, partition=partition)
    further: JSONObject = {
        f"{role}-{name}": {
            "Trust": parts["Trust"],
            "Policy": role_policy(built.actions.values(), partition=partition, role=name),
        }
        for name in built.settings.roles
    }
    _print({**parts, "Boundary": fence, **({"Roles": further} if further else {})})


@app.command("org-policy")
def org_policy_(partition: Partition = "aws") -> None:
    """Print the SCP that lets only stanch and break-glass change what stanch makes; a person attaches it."""
    built = house(settings(), live=False, durable=False)
    _print(org_policy(role=built.settings.role, break_glass=built.context.break_glass, partition=partition))


def _print(document: JSONObject) -> None:
    screen.out.file.write(json.dumps(document, indent=2) + "\n")
