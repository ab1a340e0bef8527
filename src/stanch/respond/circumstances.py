"""What the guardrails weigh besides a call: gathered here, in one place, from the case and the journal."""

from datetime import timedelta

from stanch.guardrails import Circumstances
from stanch.model.casefile import CaseFile
from stanch.model.change import RevertsBy, Target
from stanch.model.errors import BadInput
from stanch.model.facts import Contained, Intended
from stanch.respond.house import House


def circumstances(house: House, file: CaseFile, target: Target | None = None) -> Circumstances:
    """The circumstances of a case now, as planning sees them: nothing is being sent, the purpose is to contain.

    target: what is acted on, where that may be a session which the contained credential minted in another account.
    """
    if file.triage is None or file.resolved is None or file.verdict is None:
        raise BadInput(f"case {file.id} was not investigated yet: its calls cannot be judged")
    lead = next(one for one in file.findings if one.key == file.triage.lead)
    posture = house.postures.of(lead)
    recent = _contained_last_hour(house, but=file.id)
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
        contained_last_hour=len(recent),
        contained_account=sum(one.change.target.account == account for one in recent),
        contained_playbook=sum(one.playbook == file.triage.playbook for one in recent),
        protected=house.context.break_glass,
        own_role=house.settings.role,
        stopped=house.stopped is not None,
    )


def _account(file: CaseFile, target: Target | None) -> str:
    """The account of a followed session, or of its role; empty for all else, which must lie in the case's account."""
    return next((one.account for one in file.minted if target is not None and one.arn == target.arn), "")


def _contained_last_hour(house: House, *, but: str) -> tuple[Intended, ...]:
    """Other cases' containments of the last hour: one for each actor or workload disrupted, not for each call.

    The case's own do not count: its first half must never use up what its second half needs. Nor do repairs.
    """
    since = house.now() - timedelta(hours=1)
    facts = house.facts(kinds=(Intended, Contained))
    done = {fact.body.containment for fact in facts if isinstance(fact.body, Contained) and fact.time >= since}
    others = [fact.body for fact in facts if fact.case != but]
    cuts = [one for one in others if isinstance(one, Intended) and one.change.reverts_by is not RevertsBy.NOBODY]
    theirs = [one for one in cuts if one.containment in done]
    return tuple({one.change.target.arn: one for one in theirs}.values())
