"""After a wrong containment a playbook observes again, there, until a named person lifts it.

There: for that finding type in that account group. For the whole organisation only when its record no longer carries
it, or by a named person.
"""

from dataclasses import dataclass

from stanch.model.case import Mode
from stanch.model.casefile import CaseFile
from stanch.model.contained import Decided
from stanch.model.errors import BadInput
from stanch.model.facts import Body
from stanch.model.finding import Finding
from stanch.model.governed import Demoted, Reinstated
from stanch.model.label import Code, Label
from stanch.model.playbook import Playbook
from stanch.model.verdict import Conclusion
from stanch.model.walked import Labelled, Paged
from stanch.respond.containments import ITSELF
from stanch.respond.house import House
from stanch.respond.labels import labelled
from stanch.respond.precision import lower_bound

ENOUGH, LEAST = 20, 0.8
"""Contained and judged cases from which the record of the whole organisation is looked at, and the lower 95 % bound of
its precision below which the playbook observes everywhere: one wrong of 20 or 21, two of up to 29, and so on."""
WRONG = frozenset({Conclusion.FALSE_POSITIVE, Conclusion.BENIGN})


@dataclass(frozen=True)
class Scope:
    """Where a playbook observes; an empty part stands for all."""

    playbook: str
    kind: str = ""
    """Finding type."""
    group: str = ""
    """Account group."""

    @property
    def said(self) -> str:
        """In words."""
        return f"{self.kind or 'every finding type'} in {self.group or 'the whole organisation'}"


def group(house: House, account: str) -> str:
    """The group that an account is in: what the operator's file says of its environment, else the account alone."""
    known = next((one for one in house.context.organisation.accounts if one.id == account), None)
    return known.env if known is not None and known.env else account


def mode(house: House, playbook: Playbook, finding: Finding) -> tuple[Mode, str]:
    """Whether the playbook may act on this finding, and why. A demotion gives way only to a run's named override."""
    found, why = house.mode(playbook)
    if found is Mode.OBSERVE or house.override is not None:
        return found, why
    mine = group(house, finding.account)
    for scope, one in demotions(house, playbook.id).items():
        if scope.kind in ("", finding.type) and scope.group in ("", mine):
            return Mode.OBSERVE, f"demoted by {one.by} for {scope.said}: {one.reason}"
    return found, why


def demotions(house: House, playbook: str) -> dict[Scope, Demoted]:
    """Where a playbook observes although it was promoted, with the fact that says so."""
    stand: dict[Scope, Demoted] = {}
    for fact in house.facts(kinds=(Demoted, Reinstated)):
        scope = _scope(fact.body)
        if isinstance(fact.body, Demoted) and scope is not None and scope.playbook == playbook:
            stand[scope] = fact.body
        elif scope is not None:
            stand.pop(scope, None)
    return stand


def settle(house: House) -> tuple[Scope, ...]:
    """Draw what follows from people's labels, once for each wrong containment. Returns what was demoted now."""
    done = {fact.key for fact in house.facts(kinds=(Demoted,))}
    found: list[Scope] = []
    for case in dict.fromkeys(fact.case for fact in house.facts(kinds=(Labelled, Decided)) if _says_wrong(fact.body)):
        file = house.file(case)
        if file.label is None or not file.label.wrong or not file.disrupted or file.triage is None:
            continue
        key = f"{case}/demoted/{file.label.seq}"
        if key not in done:
            found += (*_everywhere(house, file.triage.playbook), _here(house, file, file.triage.playbook, key))
    if found:
        house.seal()
    return tuple(found)


def demote(house: House, scope: Scope, *, by: str, reason: str) -> bool:
    """A named person puts a playbook back into observation; false when it observes there already."""
    if scope in demotions(house, scope.playbook):
        return False
    number = len(house.facts(kinds=(Demoted,))) + 1
    _write(house, scope, by, reason, f"demoted/{scope.playbook}/by-name/{number}")
    house.seal()
    return True


def reinstate(house: House, scope: Scope, *, by: str, reason: str) -> tuple[Scope, ...]:
    """A named person lifts every demotion within the scope; BadInput when there is none."""
    lifted = tuple(one for one in demotions(house, scope.playbook) if _within(one, scope))
    if not lifted:
        raise BadInput(f"{scope.playbook} is not demoted for {scope.said}")
    for one in lifted:
        number = len(house.facts(kinds=(Reinstated,))) + 1
        body = Reinstated(one.playbook, one.kind, one.group, by, reason)
        house.write(body, key=f"reinstated/{one.playbook}/{number}", actor=by)
    house.seal()
    return lifted


def _scope(body: Body) -> Scope | None:
    return Scope(body.playbook, body.kind, body.group) if isinstance(body, Demoted | Reinstated) else None


def _within(one: Scope, asked: Scope) -> bool:
    return asked.kind in ("", one.kind) and asked.group in ("", one.group)


def _says_wrong(body: Body) -> bool:
    if isinstance(body, Labelled):
        return body.conclusion in WRONG
    return isinstance(body, Decided) and body.code in (Code.FALSE_POSITIVE, Code.BENIGN)


def _here(house: House, file: CaseFile, playbook: str, key: str) -> Scope:
    label = file.label
    lead = next(one for one in file.findings if file.triage and one.key == file.triage.lead)
    scope = Scope(playbook, lead.type, group(house, lead.account))
    _write(house, scope, ITSELF, f"case {file.id} was contained, and {_word(label)}", key, case=file.id)
    return scope


def _word(label: Label | None) -> str:
    return f"{label.by} says {str(label.conclusion).replace('_', ' ')}: {label.reason}" if label else ""


def _everywhere(house: House, playbook: str) -> tuple[Scope, ...]:
    """The whole organisation, where the bound of what was judged since the last reinstatement fell below the least."""
    wide = Scope(playbook)
    if wide in demotions(house, playbook):
        return ()
    lifted = (f.seq for f in house.facts(kinds=(Reinstated,)) if _scope(f.body) == wide)
    since = max(lifted, default=0)
    said = [
        file.label
        for file in labelled(house).values()
        if file.disrupted and file.triage is not None and file.triage.playbook == playbook and file.label is not None
    ]
    judged = [label for label in said if label.judged and label.seq > since]
    right = sum(not label.wrong for label in judged)
    bound = lower_bound(right, len(judged))
    if len(judged) < ENOUGH or bound >= LEAST:
        return ()
    reason = f"{right} of {len(judged)} judged containments were right: at least {bound:.1%} at 95 %, below {LEAST:.0%}"
    _write(house, wide, ITSELF, reason, f"demoted/{playbook}/everywhere/{since}")
    return (wide,)


def _write(house: House, scope: Scope, by: str, reason: str, key: str, case: str = "") -> None:
    """The page first: the fact is what says that all of this was done."""
    text = f"{scope.playbook} observes again for {scope.said}: {reason}; `stanch playbook reinstate` lifts it"
    house.write(Paged(text), key=f"{key}/paged", case=case)
    house.write(Demoted(scope.playbook, scope.kind, scope.group, by, reason), key=key, case=case, actor=by)
