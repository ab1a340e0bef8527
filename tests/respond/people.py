"""Cases that never were, written straight into a journal: what a record of many judged cases needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stanch.model.case import Mode, Posture, Tier, Triage
from stanch.model.change import Change, RevertsBy, Target, TargetKind, Terms
from stanch.model.contained import Contained, Intended
from stanch.model.finding import Finding, Form
from stanch.model.verdict import Conclusion, Outcome
from stanch.model.walked import Closed, FindingReceived, Labelled, Triaged, WouldContain
from stanch.respond.house import House

AT = datetime(2026, 11, 23, 1, 44, tzinfo=UTC)
MINING = "crypto_mining"
KIND = "CryptoCurrency:EC2/BitcoinTool.B"
ACCOUNT = "123456789012"
"""In no operator's file: a group of its own."""
RIGHT, WRONG = Conclusion.TRUE_POSITIVE, Conclusion.FALSE_POSITIVE


def made_up(
    house: House,
    number: int,
    said: Conclusion | None,
    *,
    contained: bool = False,
    price: str = "it is back on the network",
    version: str = "",
    account: str = ACCOUNT,
    kind: str = KIND,
) -> str:
    """A case of the mining playbook, contained or only observed, and what a person said of it. Returns its id."""
    case = f"C-{number:08x}"
    finding = Finding(f"f{number}", account, "eu-west-1", kind, 8, AT, Form.GUARDDUTY, "GuardDuty")
    target = Target(TargetKind.INSTANCE, account, "eu-west-1", f"i-{number}", f"arn:aws:ec2:::instance/i-{number}")
    terms = Terms(case, 1, AT, AT + timedelta(hours=4))
    change = Change("E4", "Isolate instance", target, {}, (), (), "", "", "", RevertsBy.STANCH, terms)
    change = replace(change, price=price)
    triage = Triage(Tier.CRITICAL, Posture.AT_ONCE, MINING, finding.key, "")
    mode = Mode.ACT if contained else Mode.OBSERVE
    version = version or house.playbooks[MINING].version
    done = (
        (Intended(change.id, 1, MINING, change), Contained(change.id, terms.expires_at, {}))
        if contained
        else (WouldContain(1, change),)
    )
    opened = (FindingReceived(finding, 1, (f"{MINING}|{target.arn}",)), Triaged(1, triage, mode, "", version))
    spoken = (Labelled(said, "robin", "looked at it"),) if said else ()
    for step, body in enumerate((*opened, *done, Closed(1, Outcome.CONTAIN, Tier.CRITICAL, ()), *spoken)):
        house.write(body, key=f"{case}/{step}", case=case)
    return case


def record(house: House, right: int, wrong: int = 0, **how: object) -> None:
    """So many judged cases, the wrong ones last."""
    house.begin()
    for number in range(right + wrong):
        made_up(house, number, RIGHT if number < right else WRONG, **how)  # type: ignore[arg-type]
