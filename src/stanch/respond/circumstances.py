"""What the guardrails weigh besides a call: gathered here, in one place, from the case and the journal."""

from datetime import timedelta

from stanch.guardrails import Circumstances
from stanch.model.casefile import CaseFile
from stanch.model.errors import BadInput
from stanch.model.facts import Contained, Intended
from stanch.respond.house import House


def circumstances(house: House, file: CaseFile) -> Circumstances:
    """The circumstances of a case now, as planning sees them: nothing is being sent, the purpose is to contain."""
    if file.triage is None or file.resolved is None or file.verdict is None:
        raise BadInput(f"case {file.id} was not investigated yet: its calls cannot be judged")
    lead = next(one for one in file.findings if one.key == file.triage.lead)
    posture = house.postures.of(lead)
    recent = _contained_last_hour(house)
    return Circumstances(
        playbook=file.triage.playbook,
        tier=file.triage.tier,
        mode=file.mode,
        executing=False,
        purpose="contain",
        confidence=file.verdict.p,
        account=lead.account,
        identity=lead.identity.kind if lead.identity else None,
        sample=lead.sample,
        known_type=posture.known,
        outsider=posture.outsider,
        confirmed=file.resolved.confirmed,
        actors=lead.actors,
        contained_last_hour=len(recent),
        contained_account=sum(one.change.target.account == lead.account for one in recent),
        contained_playbook=sum(one.playbook == file.triage.playbook for one in recent),
        protected=house.context.break_glass,
        own_role=house.settings.role,
    )


def _contained_last_hour(house: House) -> tuple[Intended, ...]:
    """Containments of the last hour: one for each actor or workload disrupted, not for each call or finding."""
    since = house.now() - timedelta(hours=1)
    facts = house.facts(kinds=(Intended, Contained))
    done = {fact.body.containment for fact in facts if isinstance(fact.body, Contained) and fact.time >= since}
    mine = [fact.body for fact in facts if isinstance(fact.body, Intended) and fact.body.containment in done]
    return tuple({one.change.target.arn: one for one in mine}.values())
