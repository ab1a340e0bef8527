"""What the guardrails weigh besides a call: gathered in one place from case, journal and settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from stanch.guardrails import Budget, Circumstances, Fence, administrators
from stanch.model.case import Posture
from stanch.model.casefile import CaseFile
from stanch.model.change import Target
from stanch.model.context import Context, Ring
from stanch.model.errors import BadInput
from stanch.respond.budgets import disrupted
from stanch.respond.house import House

EVERYWHERE: tuple[str, ...] = get_args(Ring)
DEFAULT = "default"
"""The entry of the rings that is for every action which has none of its own."""


def circumstances(house: House, file: CaseFile, target: Target | None = None) -> Circumstances:
    """The circumstances of a case now, as planning sees them: nothing is being sent, the purpose is to contain.

    target: what is acted on, where that may be a session which the contained credential minted in another account.
    """
    if file.triage is None or file.resolved is None or file.verdict is None:
        raise BadInput(f"case {file.id} was not investigated yet: its calls cannot be judged")
    lead = next(one for one in file.findings if one.key == file.triage.lead)
    posture = house.postures.of(lead)
    account = _account(file, target) or lead.account
    return Circumstances(
        playbook=file.triage.playbook,
        tier=file.triage.tier,
        mode=file.mode,
        executing=False,
        purpose="contain",
        confidence=file.verdict.p,
        account=account,
        identity=lead.identity.kind if lead.identity else None,
        sample=lead.sample,
        known_type=posture.known,
        outsider=posture.outsider,
        confirmed=file.resolved.confirmed,
        actors=lead.actors,
        at_once=file.triage.posture is Posture.AT_ONCE,
        fence=_fence(house, file, account),
        protected=protected(house.context),
        own_role=house.settings.role,
        stopped=house.stopped is not None,
    )


def _account(file: CaseFile, target: Target | None) -> str:
    """The account of a followed session, or of its role; empty for all else, which must lie in the case's account."""
    return next((one.account for one in file.minted if target is not None and one.arn == target.arn), "")


def at_this_moment(house: House, around: Circumstances) -> Circumstances:
    """The same as of now: a kill switch or a freeze may have come while calls were under way."""
    freeze = house.context.freeze(around.account, house.now())
    fence = replace(around.fence, freeze=freeze.reason if freeze else "", freezes_all=freeze is not None and freeze.all)
    return replace(around, stopped=house.stopped is not None, fence=fence)


def protected(context: Context) -> tuple[str, ...]:
    """ARNs and accounts that the operator's file puts out of reach."""
    named = context.protected
    return (*context.break_glass, *named.arns, *named.principals, *named.accounts)


def rings(house: House) -> Mapping[str, tuple[str, ...]]:
    """Where each action may act: everywhere, unless the settings say less."""
    chosen = house.settings.rings
    return {name: chosen.get(name, chosen.get(DEFAULT, EVERYWHERE)) for name in house.actions}


def _fence(house: House, file: CaseFile, account: str) -> Fence:
    mine, budgets = house.context.account(account), house.settings.budgets
    freeze = house.context.freeze(account, house.now())
    planned = (*file.plan.changes, *(one.change for one in file.containments))
    return Fence(
        budget=Budget(budgets.organisation, budgets.account, budgets.playbook, budgets.reserve),
        disrupted=disrupted(house),
        privileged=(*house.context.privileged, *administrators(planned)),
        environment=mine.environment,
        ou=mine.ou,
        in_protected_ou=house.context.in_protected_ou(account),
        floor=house.settings.floors.get(mine.environment, 0.0),
        freeze=freeze.reason if freeze else "",
        freezes_all=freeze is not None and freeze.all,
        rings=rings(house),
    )
