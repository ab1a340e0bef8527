"""Five sentences: what was reported, what the logs show, what speaks against it, the verdict, what was done."""

from collections.abc import Iterator

from stanch.model.case import Mode, Tier
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Change
from stanch.model.context import Context
from stanch.model.finding import Finding
from stanch.model.verdict import Outcome, Verdict, Weight

ITSELF = "stanch"
"""Who decides where the full investigation disagrees with what was done at once."""
STRONG = 2
"""Answers that are told of each side; the others stand in the ledger."""


def tell(file: CaseFile, lead: Finding, context: Context) -> tuple[str, ...]:
    """The five sentences of a case."""
    verdict = file.verdict
    return (
        _reported(file, lead, context),
        _accuses(verdict),
        _excuses(verdict),
        _judged(file, verdict),
        " ".join(_done(file)),
    )


def subject(lead: Finding) -> str:
    """Whom or what a finding is about, by AWS-asserted names."""
    if lead.identity is not None and lead.identity.name:
        kind = "role" if lead.identity.principal_id.startswith("AROA") else "user"
        return f"{kind} {lead.identity.name}"
    if lead.instance is not None:
        return f"instance {lead.instance.id}"
    return lead.resources[0].id if lead.resources else f"account {lead.account}"


def _reported(file: CaseFile, lead: Finding, context: Context) -> str:
    name = next((one.name for one in context.organisation.accounts if one.id == lead.account), "")
    where = f"account {lead.account}{f' ({name})' if name else ''}, {lead.region}"
    more = len(file.findings) - 1
    beside = f", beside {more} more {'finding' if more == 1 else 'findings'}" if more else ""
    return (
        f"{lead.product} reported {lead.type} (severity {lead.severity:g}) for {subject(lead)} in {where}, "
        f"seen {lead.count} {'time' if lead.count == 1 else 'times'}{beside}."
    )


def _accuses(verdict: Verdict | None) -> str:
    lines = _side(verdict, bad=True)
    if not lines:
        return "No question was answered in a way that speaks for an attack."
    return " ".join(one.says for one in lines[:STRONG])


def _excuses(verdict: Verdict | None) -> str:
    lines = _side(verdict, bad=False)
    if not lines:
        return "Nothing that was asked speaks for an authorised use."
    return "Against it speaks: " + " ".join(one.says for one in lines[:STRONG])


def _side(verdict: Verdict | None, *, bad: bool) -> list[Weight]:
    lines = verdict.ledger if verdict else ()
    return [one for one in lines if (one.ln > 0 if bad else one.ln < 0)]


def _judged(file: CaseFile, verdict: Verdict | None) -> str:
    if verdict is None:
        return f"No verdict was computed: {'; '.join(file.reasons) or 'the walk has not ended'}."
    than = "at or above" if verdict.p >= verdict.threshold else "below"
    return (
        f"The probability of an attack is {verdict.p:.1%}, {than} the {verdict.threshold:.0%} needed to act "
        f"({verdict.coverage:.0%} of the questions that must be answered were)."
    )


def _done(file: CaseFile) -> Iterator[str]:
    would = [change for change in file.would if change.price]
    if file.mode is Mode.OBSERVE and would:
        yield f"Nothing was changed (observation): stanch would have done: {_titles(would)}."
    elif not file.containments:
        word = _left(file)
        yield f"{word[0].upper()}{word[1:]}: {'; '.join(file.reasons) or 'the walk has not ended'}."
    if file.drawn:
        yield f"It was drawn for a person's look ({file.drawn})."
    for state in State:
        group = [one for one in file.containments if one.state is state]
        if group:
            titles = _titles([one.change for one in group])
            yield f"{titles[:1].upper()}{titles[1:]}: {_fate(group)}."


def _left(file: CaseFile) -> str:
    """What became of a case in which nothing was contained."""
    if file.outcome is Outcome.ESCALATE:
        return "stanch changed nothing; a person decides"
    if file.outcome is Outcome.QUEUE and file.tier is Tier.HIGH:
        return "nothing was changed and nobody is paged; it waits in the queue for a person"
    return "nothing was changed"


def _titles(changes: list[Change]) -> str:
    return ", ".join(dict.fromkeys(f"{one.title[:1].lower()}{one.title[1:]} ({one.target.name})" for one in changes))


def _fate(group: list[Containment]) -> str:
    one = min(group, key=lambda each: each.expires_at)
    match one.state:
        case State.CONTAINED:
            return (
                f"done and read back, reverts by itself at {one.expires_at:%Y-%m-%d %H:%M} UTC unless someone confirms"
            )
        case State.CONFIRMED:
            return f"confirmed by {one.decided_by}, so it stays"
        case State.REVERTED:
            if one.decided_by == ITSELF:
                return f"contained at once, then taken back by stanch itself: {one.reason}"
            return f"reverted by {one.decided_by or 'stanch'}"
        case State.FAILED:
            return f"failed: {one.reason}"
        case _:
            return f"{one.state}, not finished yet"
