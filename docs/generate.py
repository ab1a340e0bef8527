"""Write the pages that are made from code; with `--check`, say which of them are out of date and exit 1."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from stanch.actions import catalogue, possible_calls, role_policy
from stanch.aws import validate
from stanch.cli import app
from stanch.guardrails import Guardrails
from stanch.model.change import Action, Call, Terms
from stanch.playbooks import load
from stanch.probes import PERMISSIONS

HERE = Path(__file__).parent
NIGHT = datetime(2026, 11, 23, 1, 44, tzinfo=UTC)
TERMS = Terms("C-0a1b2c3d", 1, NIGHT, NIGHT + timedelta(hours=4))
"""Terms under which the actions' examples are shown."""
COMMANDS = (
    ("demo",),
    ("respond",),
    ("replay",),
    ("serve",),
    ("doctor",),
    ("case", "list"),
    ("case", "show"),
    ("case", "approve"),
    ("case", "confirm"),
    ("case", "extend"),
    ("case", "revert"),
    ("playbook", "list"),
    ("playbook", "show"),
    ("playbook", "promote"),
    ("audit", "verify"),
    ("guard", "explain"),
    ("guard", "test"),
    ("guard", "stop"),
    ("guard", "go"),
    ("deploy", "iam"),
    ("deploy", "org-policy"),
    ("lab", "serve"),
    ("lab", "traffic"),
)


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
    yield f"```json\n{json.dumps(role_policy(_enabled(), reads=PERMISSIONS), indent=2)}\n```"


def guardrails() -> Iterator[str]:
    """The shipped policies with their reasons."""
    yield "# Guardrails\n"
    yield (
        "Shipped Cedar policies. A call is made only if a permit names it and no forbid does; any error is a refusal. Your "
        "own policies (a folder of `*.cedar`, setting `guardrails`) can forbid more and permit nothing more.\n"
    )
    yield "| policy | effect | reason |\n|---|---|---|"
    for policy in Guardrails().policies:
        yield f"| {policy.id} | {policy.effect} | {policy.reason} |"


def playbooks() -> Iterator[str]:
    """Each playbook with its questions."""
    yield "# Playbooks\n"
    yield "The likelihood ratios are authored, not measured. Classes A to D say who controls the fields that an answer reads.\n"
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
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run `make docs`")


def _enabled() -> list[Action[Any]]:
    named = {name for playbook in load().values() for name in playbook.actions}
    return [action for action in catalogue().values() if action.id in named]


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
        str(action.reverts_by),
        "-" if action.no_inverse else str(action.lasting),
        action.cut,
        action.blast_radius(target, state),
        "a person" if action.approval else "the walk",
        ", ".join(action.next_rungs) or "-",
        ", ".join(sorted({*writes, *action.permissions})),
    )


def _names(action: Action[Any], direction: str) -> str:
    return ", ".join(dict.fromkeys(f"`{call.name}`" for call in _calls(action, direction)))


if __name__ == "__main__":
    typer.run(main)
