"""`stanch doctor`: everything that must be right before stanch acts, each line with its fix."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from stanch.cli import screen
from stanch.cli.common import UNVERIFIED, Json, house, settings
from stanch.model.errors import FailedResponse, StanchError
from stanch.respond.house import House

Level = Literal["ok", "warn", "fail"]
STYLE = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    level: Level
    says: str
    fix: str = ""


def doctor(*, json: Json = False) -> None:
    """Check settings, playbooks, guardrails, credentials, detectors and the audit trail. Changes nothing."""
    checks = tuple(_all())
    for one in checks:
        if json:
            screen.emit({"check": one.name, "level": one.level, "says": one.says, "fix": one.fix})
        else:
            screen.say(f"{one.level:<5} {one.name}: {one.says}", STYLE[one.level])
            if one.fix:
                screen.say(f"      {one.fix}")
    raise typer.Exit(UNVERIFIED if any(one.level == "fail" for one in checks) else 0)


def _all() -> Iterator[Check]:
    try:
        chosen = settings()
        built = house(chosen, live=False)
    except StanchError as error:
        yield Check("configuration", "fail", str(error), "mend it; nothing runs before that")
        return
    yield Check(
        "configuration", "ok", f"{len(built.playbooks)} playbooks, {len(built.actions)} actions, guardrails valid"
    )
    yield from _offline(built)
    try:
        live = house(chosen)
    except StanchError as error:
        yield Check("AWS", "fail", str(error))
        return
    for check in (_credentials, _detector):
        yield _shielded(check, live)


def _offline(built: House) -> Iterator[Check]:
    chosen, context = built.settings, built.context
    if chosen.profile is None:
        yield Check("profile", "fail", "none is named", 'write profile = "article" into stanch.toml')
    else:
        price = "every containment reverts after 4 hours unless confirmed; then a stolen key works again"
        yield Check("profile", "ok", f"{chosen.profile}: {price}")
    if not any((context.networks.vpn, context.networks.office, context.networks.egress)):
        says = "no network of yours is declared: every outside address counts as foreign"
        yield Check("context", "warn", says, "declare networks.vpn, office and egress in the context file")
    if not context.break_glass:
        yield Check(
            "break-glass", "warn", "no break-glass identity is declared", "list break_glass ARNs in the context file"
        )
    if chosen.state.resolve() in Path(chosen.checkpoints).resolve().parents:
        says = "the checkpoints lie in the state folder: whoever can cut the journal can cut them"
        yield Check("checkpoints", "warn", says, "point `checkpoints` at a file outside the state folder")
    yield Check(
        "permissions", "warn", "least privilege is not checked here", "docs/permissions.md has the role's policy"
    )
    for playbook in built.playbooks.values():
        mode, why = built.mode(playbook)
        yield Check(f"playbook {playbook.id}", "ok", f"{mode}: {why}")


def _credentials(live: House) -> Check:
    aws = live.aws
    if aws is None:
        return Check("AWS", "fail", "no AWS")
    where = "a simulated AWS" if aws.simulated else "AWS"
    return Check("credentials", "ok", f"account {aws.account} of {where}")


def _detector(live: House) -> Check:
    aws = live.aws
    if aws is None:
        return Check("GuardDuty", "fail", "no AWS")
    reader = aws.reader(aws.account, "")
    detectors = reader.read("guardduty", "ListDetectors").get("DetectorIds")
    if not isinstance(detectors, list) or not detectors:
        return Check("GuardDuty", "warn", "no detector in this account and region", "switch GuardDuty on")
    often = reader.read("guardduty", "GetDetector", DetectorId=detectors[0]).get("FindingPublishingFrequency")
    if often != "FIFTEEN_MINUTES":
        says = f"updates of findings are published only every {often}"
        return Check("GuardDuty", "warn", says, "set its finding publishing frequency to FIFTEEN_MINUTES")
    return Check("GuardDuty", "ok", "updates of findings are published every 15 minutes")


def _shielded(check: Callable[[House], Check], live: House) -> Check:
    name = check.__name__.strip("_")
    try:
        return check(live)
    except FailedResponse as error:
        return Check(name, "warn", str(error), "allow stanch's role to read it")
    except StanchError as error:
        return Check(name, "fail", str(error))
