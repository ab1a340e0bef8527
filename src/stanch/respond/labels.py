"""What people say of cases: recorded on the case, and what it means for the playbook that decided it."""

from collections.abc import Iterable

from stanch.model.casefile import CaseFile
from stanch.model.contained import Decided
from stanch.model.errors import BadInput
from stanch.model.label import MACHINES, Label
from stanch.model.verdict import Conclusion
from stanch.model.walked import Labelled
from stanch.respond.house import House


def judge(house: House, case: str, conclusion: Conclusion, *, by: str, reason: str) -> Label:
    """Record a person's judgement on a case, contained or only observed; the label that stands for it now."""
    if not reason.strip():
        raise BadInput("a judgement needs a reason: it is what promotions and demotions rest on")
    body = Labelled(conclusion, by, reason)
    number = sum(fact.case == case for fact in house.facts(case=case, kinds=(Labelled,))) + 1
    fact, new = house.write(body, key=f"{case}/labelled/{number}", case=case, actor=by)
    if not new:
        raise BadInput(f"case {case} was judged a moment ago by {fact.actor}")
    stands = house.file(case).label
    if stands is None:
        raise BadInput(f"case {case} has no label although it was judged")
    return stands


def labelled(house: House, among: Iterable[str] | None = None) -> dict[str, CaseFile]:
    """The cases that people said something of, by id; only those among the given ones."""
    wanted = None if among is None else set(among)
    said = house.facts(kinds=(Labelled, Decided))
    cases = dict.fromkeys(f.case for f in said if isinstance(f.body, Labelled | Decided) and f.body.by not in MACHINES)
    files = {case: house.file(case) for case in cases if wanted is None or case in wanted}
    return {case: file for case, file in files.items() if file.label is not None}
