"""Write the pages that are made from code; with `--check`, say which of them are out of date and exit 1."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from stanch.actions import catalogue, possible_calls, role_policy, switched
from stanch.aws import validate
from stanch.cli import app
from stanch.guardrails import Guardrails
from stanch.model.change import Action, Call, RevertsBy, TargetKind, Terms
from stanch.playbooks import load
from stanch.probes import PERMISSIONS
from stanch.respond.authoring.skeleton import said
from stanch.respond.deadman_deployment import boundary_statements, responder_statements
from stanch.respond.deployment import GOES_ON, LARGEST, NOT_STOPPED, STOPS, boundary, kill_switch
from stanch.respond.house import WATCHING

HERE = Path(__file__).parent
NIGHT = datetime(2026, 11, 23, 1, 44, tzinfo=UTC)
TERMS = Terms("C-0a1b2c3d", 1, NIGHT, NIGHT + timedelta(hours=4))
"""Terms under which the actions' examples are shown."""
COMMANDS = (
    ("demo",),
    ("respond",),
    ("replay",),
    ("hunt",),
    ("serve",),
    ("eval",),
    ("doctor",),
    ("case", "list"),
    ("case", "show"),
    ("case", "approve"),
    ("case", "confirm"),
    ("case", "extend"),
    ("case", "judge"),
    ("case", "revert"),
    ("case", "revert-all"),
    ("playbook", "list"),
    ("playbook", "show"),
    ("playbook", "promote"),
    ("playbook", "demote"),
    ("playbook", "reinstate"),
    ("playbook", "lint"),
    ("playbook", "test"),
    ("playbook", "new"),
    ("playbook", "schema"),
    ("audit", "verify"),
    ("guard", "explain"),
    ("guard", "test"),
    ("guard", "stop"),
    ("guard", "go"),
    ("deploy", "iam"),
    ("deploy", "org-policy"),
    ("deploy", "kill-switch"),
    ("deploy", "dead-man"),
    ("lab", "serve"),
    ("lab", "cases"),
    ("trail", "ingest"),
    ("trail", "status"),
    ("trail", "query"),
    ("trail", "timeline"),
    ("trail", "sigma"),
    ("trail", "athena"),
    ("trail", "compact"),
    ("trail", "verify"),
    ("trail", "context", "refresh"),
    ("lab", "traffic"),
)


REPAIR = (
    ("`cloudtrail:StartLogging`", "responder", "it only starts", "the trail is the one that the deed stopped"),
    (
        "`ec2:ModifySnapshotAttribute`",
        "responder",
        "it adds nobody: `ec2:Add/userId` and `ec2:Add/group` must be absent",
        "the snapshot is the deed's, and only those whom the deed added are removed",
    ),
    (
        "`iam:Detach{User,Role,Group}Policy`",
        "responder",
        "not a policy of stanch's own (`iam:PolicyARN`)",
        "the policy and the principal are the deed's: IAM cannot know who attached what",
    ),
    (
        "`iam:UpdateAccessKey`",
        "responder",
        "nothing: there is no condition on the status",
        "the key that the deed made, to `Inactive`",
    ),
    (
        "`ec2:ModifyImageAttribute`",
        "repair",
        "nothing: it has no condition that tells adding from removing",
        "the image is the deed's, `remove`, and only those whom the deed added",
    ),
    (
        "`ec2:RevokeSecurityGroupIngress`",
        "repair",
        "nothing of the rules",
        "the rules that the deed made, by their ids",
    ),
    (
        "`guardduty:UpdateDetector`",
        "repair",
        "nothing: it cannot tell enabling from suspending",
        "the deed's detector, enabled, nothing else",
    ),
)
"""Permission, role, and who holds what of a repair."""
LIMITS = """## Your limits

In `stanch.toml`:

```toml
guardrails = "cedar"          # a folder of *.cedar, or s3://bucket/prefix (read as the worker, in replays too)

[budgets]                     # within an hour; these are the defaults
organisation = 20
account = 10
playbook = 10
reserve = 5                   # so many more, of each

[floors]                      # least probability of malice, by environment of the account; none by default
production = 0.99

[rings]                       # where an action may act; everywhere by default
default = ["sandbox"]
I2 = ["sandbox", "non-production"]
I7 = ["sandbox", "non-production", "ou-ab12-11111111"]
```

In the context file:

```yaml
organisation:
  accounts:
    - {id: "111122223333", env: production, ou: root/workloads}
break_glass: ["arn:aws:iam::111122223333:user/break-glass"]
protected:
  arns: ["arn:aws:s3:::ledger"]
  accounts: ["444455556666"]
  ous: [root/security]
  principals: ["arn:aws:iam::*:role/payroll"]
privileged: ["arn:aws:iam::*:role/admin-*"]
freezes:
  - {from: 2026-12-20T00:00:00Z, to: 2027-01-04T00:00:00Z, reason: year end}
```

* **Budgets** count actors cut and workloads disrupted, not findings and not calls, from the first call that AWS accepted or
  left unanswered. One more call on what was cut within the hour spends nothing. Beyond a budget everything is escalated. The
  reserve comes on top of each budget and is only for credential cuts that are made at once on privileged principals: those
  that `privileged` names, and those to which AWS's AdministratorAccess, PowerUserAccess or IAMFullAccess is seen to be
  attached (not by a group). A person is paged once an hour at half of a budget and at the whole of it.
* **Protected** targets are refused and paged. Tags protect nothing: an attacker can set them. Where units are protected, an
  account whose `ou` is not said counts as protected. A unit protects what lies below it in its path.
* **Freezes** refuse and page everything but credential cuts that are made at once; with `all: true` those, too. They are looked
  at when a containment is planned and again before every call. Reverts go on.
* **Rings**: an action acts where its line, or else `default`, names the account's environment or unit. We recommend to begin
  with `default = ["sandbox"]`, to add `non-production` once a playbook is promoted, and `production` last, per action. An account
  whose `env` is neither a sandbox nor non-production counts as production, and so does one that the context does not name.
* **Floors** come on top of what each case needs anyway; a containment is put back only while the verdict is above the floor.
* **Your own policies** are looked at every 30 seconds while stanch runs. A change that cannot be used is paged and the policies from
  before stay in force; at the start it stops stanch. A policy that permits is refused. The context file and `stanch.toml` are read
  at the start only.

`stanch guard test` puts the requests of `*.yaml` files beside your policies to all of them, after the shipped ones:

```yaml
- call: iam:AttachUserPolicy   # by the example of this action, in calm circumstances
  action: I2
  context: {case.account: "444455556666"}
  expect: refuse               # or permit
  by: operator/ours/not-there
```
"""
SESSIONS = """
## Sessions

For each containment the worker assumes the role with `SourceIdentity = stanch-<case>` and a session policy of exactly that
containment's calls, on exactly its resources. AWS takes 2,048 characters: a longer one is split into forward and inverse calls,
then by service, then by call, and never widened; a single call that does not fit is refused before anything is done. A call on
what a call before it made (a new isolation group), or that no plan foresaw, gets a session of its own. What AWS finds too large when packed
fails. In the worker's own account no role is assumed unless the setting says `assume = "always"`: there no session policy
narrows the calls. The simulated AWS does not enforce session policies: they are parsed and evaluated in tests.
"""


def actions() -> Iterator[str]:
    """The catalogue: a table, then one section for each action."""
    yield "# Actions\n"
    yield "Rendered from the code. Every call is put to the guardrails before it is made; every inverse is compare-and-set.\n"
    yield "| id | action | calls | inverse | who reverts if stanch is dead | hardened | cut | blast radius | who starts it | next rungs | permissions |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for action in catalogue().values():
        yield f"| {' | '.join(_row(action))} |"
    for action in catalogue().values():
        yield f"\n## {action.id}: {action.title}\n"
        yield f"* Touches: a single {action.target.replace('_', ' ')}."
        yield f"* Healthy use: {action.breaks}"
        yield f"* When a revert is left unanswered: {action.price}" if action.price else "* Nothing is given back."
        needed = {name for call in possible_calls(action) for name in validate.permissions(call)} | set(
            action.permissions
        )
        yield f"* IAM permissions: {', '.join(f'`{name}`' for name in sorted(needed))}"


def permissions() -> Iterator[str]:
    """The responder role's policy."""
    yield "# Permissions\n"
    yield (
        "The identity policy of the role `stanch-responder` in each member account, rendered from the actions that playbooks may take. It has no "
        "permission on network ACLs, routes, VPCs or Organizations, and deletes nothing but what stanch itself made or set.\n"
    )
    yield f"```json\n{json.dumps(role_policy(_enabled(), reads=PERMISSIONS), indent=2)}\n```\n"
    yield "## Repair\n"
    yield (
        "Actions R1 and R2 undo what a contained principal changed. What IAM can say of that, and what only the "
        "guardrails hold:\n"
    )
    yield "| permission | role | what IAM holds | what only Cedar holds |\n|---|---|---|---|"
    for row in REPAIR:
        yield f"| {' | '.join(row)} |"
    yield (
        "\nNo role of stanch's holds `cloudtrail:StopLogging`, attaches a policy from outside `/stanch/`, or creates a "
        "key. `ec2:ModifyImageAttribute`, `ec2:RevokeSecurityGroupIngress` on any group and `guardduty:UpdateDetector` "
        "stand only in the role `stanch-responder-repair`, which is off until an operator makes it and writes "
        '`roles = ["repair"]`:\n'
    )
    yield f"```json\n{json.dumps(role_policy(_enabled(), role='repair'), indent=2)}\n```\n"
    yield (
        'Unless the setting `dead_man` is "off" it has these besides, for the schedules that end a containment when stanch '
        "is dead. What they need in each member account is printed by `stanch deploy dead-man`.\n"
    )
    yield f"```json\n{json.dumps(responder_statements(_enabled(), partition='aws'), indent=2)}\n```\n"
    yield SESSIONS
    besides = boundary_statements(partition="aws")
    fence = boundary(_enabled(), role="stanch-responder", protected=(), partition="aws", besides=besides)
    size = len(json.dumps(fence, separators=(",", ":")))
    yield f"## Boundary\n\nThe most that the role can ever do, {size} of the {LARGEST} characters that IAM takes.\n"
    yield f"```json\n{json.dumps(fence, indent=2)}\n```\n"
    yield "## Stopping it from outside\n"
    yield "`stanch deploy kill-switch` prints one deny; put it inline on the role that the worker runs as.\n"
    yield f"```json\n{json.dumps(kill_switch(), indent=2)}\n```\n"
    for title, lines in (("It stops", STOPS), ("It does not stop", NOT_STOPPED), ("What goes on", GOES_ON)):
        for line in lines:
            yield f"* {title}: {line}."


def guardrails() -> Iterator[str]:
    """The shipped policies with their reasons."""
    yield "# Guardrails\n"
    yield (
        "Shipped Cedar policies. A call is made only if a permit names it and no forbid does; any error is a refusal. Your "
        "own policies can forbid more and permit nothing.\n"
    )
    yield LIMITS
    yield "## Policies\n"
    yield "| policy | effect | reason |\n|---|---|---|"
    for policy in Guardrails().policies:
        yield f"| {policy.id} | {policy.effect} | {policy.reason} |"


def playbooks() -> Iterator[str]:
    """Each playbook with its questions."""
    yield "# Playbooks\n"
    yield "The likelihood ratios are authored, not measured. Classes A to D say who controls the fields that an answer reads.\n"
    yield (
        "Your own stand in a folder that the setting `playbooks` names, and observe first like these. `stanch playbook new "
        "NAME` writes one to begin with; `stanch playbook lint` names what is wrong by file and line, and `stanch playbook "
        "test NAME` walks its examples. Editors complete and check by [playbook.schema.json](playbook.schema.json).\n"
    )
    for playbook in load().values():
        yield f"## {playbook.title} (`{playbook.id}`)\n"
        yield f"Findings: {', '.join(f'`{one}`' for one in playbook.matches)}\n"
        yield f"Actions: {', '.join(playbook.actions)}. Asked before containing at once: {', '.join(playbook.critical) or 'none'}.\n"
        yield "| question | | yes | no | class | family |\n|---|---|---|---|---|---|"
        for one in playbook.questions:
            yield f"| {one.id} | {one.ask} | x{one.yes:g} | x{one.no:.3g} | {one.trust} | {one.family} |"
        yield ""


def commands() -> Iterator[str]:
    """The help of every command."""
    yield "# Commands\n"
    for words in COMMANDS:
        result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"})
        lines = "\n".join(line.rstrip() for line in result.output.strip().splitlines())
        yield f"## stanch {' '.join(words)}\n\n```\n{lines}\n```\n"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "actions.md": actions,
    "permissions.md": permissions,
    "guardrails.md": guardrails,
    "playbooks.md": playbooks,
    "commands.md": commands,
}


def main(*, check: bool = False) -> None:
    """Write the pages, or only compare."""
    stale = []
    for name, page in PAGES.items():
        text = "<!-- Written by docs/generate.py from the code: do not edit. -->\n" + "\n".join(page()).rstrip() + "\n"
        file = HERE / name
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            file.write_text(text, encoding="utf-8")
    schema, text = HERE / "playbook.schema.json", said(catalogue())
    if check and (not schema.exists() or schema.read_text(encoding="utf-8") != text):
        stale.append(schema.name)
    elif not check:
        schema.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run `make docs`")


def _enabled() -> list[Action[Any]]:
    actions = catalogue()
    named = {name for playbook in load().values() for name in playbook.actions} | WATCHING
    while following := {rung for name in named for rung in actions[name].next_rungs} - named:
        named |= following
    return [action for action in actions.values() if action.id in named]


def _calls(action: Action[Any], direction: str) -> list[Call]:
    found: list[Call] = []
    untouched = action.examples[0][1]
    for target, state in action.examples:
        if direction == "forward":
            found += action.forward(target, state, TERMS)
        else:
            found += action.inverse(target, untouched, None, TERMS).calls
    return found


def _row(action: Action[Any]) -> tuple[str, ...]:
    target, state = action.examples[0]
    writes = {one for call in possible_calls(action) for one in validate.permissions(call)}
    return (
        action.id,
        action.title,
        _names(action, "forward"),
        _names(action, "inverse") or action.no_inverse,
        _without_stanch(action),
        "-" if action.no_inverse else str(action.lasting),
        action.cut,
        action.blast_radius(target, state),
        "a person" if action.approval else "watching" if action.target is TargetKind.DEED else "the walk",
        ", ".join(action.next_rungs) or "-",
        ", ".join(sorted({*writes, *action.permissions})),
    )


def _without_stanch(action: Action[Any]) -> str:
    """Who takes it back when stanch is dead."""
    match action.reverts_by:
        case RevertsBy.SCHEDULER:
            return f"scheduler: `stanch-revert-{action.id}`, 15 minutes later, where it is deployed; else nobody"
        case RevertsBy.NATIVE if switched(action):
            return "native: the deny ends by itself; a schedule takes the dead policy off 15 minutes later"
        case RevertsBy.NATIVE:
            return "native: the statement ends by itself and stays behind without effect"
        case RevertsBy.STANCH:
            return "nobody: only stanch's own timer"
        case RevertsBy.NOBODY:
            return "nobody"


def _names(action: Action[Any], direction: str) -> str:
    return ", ".join(dict.fromkeys(f"`{call.name}`" for call in _calls(action, direction)))


if __name__ == "__main__":
    typer.run(main)
