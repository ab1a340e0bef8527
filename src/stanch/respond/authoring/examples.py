"""The examples that lie beside a playbook, put to the real walk, and what each lacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.model.verdict import Outcome
from stanch.playbooks.shelves import place
from stanch.respond.evaluation import Result, bundles, evaluate
from stanch.respond.evaluation.bundle import EXPECT, Bundle
from stanch.respond.house import House

EXAMPLES = "examples"


@dataclass(frozen=True)
class Trial:
    """What became of one example."""

    playbook: str
    result: Result

    @property
    def name(self) -> str:
        """`playbook/example`."""
        return f"{self.playbook}/{self.result.bundle.name}"

    @property
    def expected(self) -> str:
        """Outcomes and tier that `expect.yaml` names."""
        expect = self.result.bundle.expect
        return f"{' or '.join(expect.outcomes)}, tier {expect.tier}"

    @property
    def got(self) -> str:
        """Outcome, tier and probability."""
        weighed = self.result.weighed
        if weighed is None:
            return f"{self.result.outcome}, nothing was weighed"
        return f"{self.result.outcome}, tier {weighed.triage.tier}, p {self.result.p or 0.0:.3f}"

    @property
    def misses(self) -> tuple[str, ...]:
        """In what it did not end as expected; empty where it did."""
        return tuple(self._misses())

    @property
    def answers(self) -> tuple[str, ...]:
        """What each question said, for whoever looks for the reason."""
        weighed = self.result.weighed
        return tuple(f"{one.question} {one.answer}: {one.says}" for one in weighed.evidence) if weighed else ()

    def _misses(self) -> Iterator[str]:
        expect, weighed = self.result.bundle.expect, self.result.weighed
        if self.result.outcome not in expect.outcomes:
            yield f"the outcome is {self.result.outcome}"
        if self.result.wrong_targets:
            yield f"it would contain {', '.join(self.result.wrong_targets)}, which targets does not name"
        if weighed is None:
            yield "no playbook weighed it: its findings are of types that are queued or go to a person by themselves"
        elif weighed.playbook.id != self.playbook:
            yield f"{weighed.playbook.id} decided, whose pattern is more exact: let a pattern of matches be more exact"
        elif weighed.triage.tier != expect.tier:
            yield f"the tier is {weighed.triage.tier}"


def trials(house: House, playbook: str) -> Iterator[Trial]:
    """Each example of a playbook, walked; BadInput naming file and line of one that cannot be used."""
    for bundle in examples(house, playbook):
        yield from (Trial(playbook, result) for result in evaluate(house, (bundle,)))


def examples(house: House, playbook: str) -> tuple[Bundle, ...]:
    """The bundles in the playbook's `examples` folder; none where there is none."""
    folder = _folder(house, playbook) / EXAMPLES
    return bundles(folder) if folder.is_dir() else ()


def unusable(folder: Path) -> Iterator[str]:
    """What is wrong with the form of each example of a playbook's folder, by file and line."""
    places = sorted(one for one in (folder / EXAMPLES).glob("*") if one.is_dir())
    for spot in places:
        head = f"{folder.name}/{EXAMPLES}/"
        try:
            (found,) = bundles(spot)
        except BadInput as error:
            yield f"{head if str(error).startswith(spot.name) else ''}{error}"
            continue
        if found.expect.family != folder.name:
            yield f"{head}{spot.name}/{EXPECT}: family: must be {folder.name}, the playbook's id"
        if found.expect.twin_of and found.expect.twin_of not in [one.name for one in places]:
            yield f"{head}{spot.name}/{EXPECT}: twin_of: there is no example {found.expect.twin_of} beside it"


def lacking(found: Sequence[Bundle]) -> Iterator[str]:
    """Which of the three examples that every playbook owes are not there."""
    if not any(one.expect.truth == "attack" and Outcome.CONTAIN in one.expect.outcomes for one in found):
        yield "no attack: add an example with truth: attack and outcome: contain"
    names = {one.name for one in found}
    if not any(one.expect.truth == "benign" and one.expect.twin_of in names for one in found):
        yield (
            "no look-alike: add an example with truth: benign and twin_of: the attack's name, which differs from it in "
            "one fact"
        )
    if not any(one.logs is None and Outcome.CONTAIN not in one.expect.outcomes for one in found):
        yield "no case without enough data: add an example without logs/ that is not contained"


def _folder(house: House, playbook: str) -> Path:
    if playbook not in house.playbooks:
        raise BadInput(f"there is no playbook {playbook!r}; there are {', '.join(house.playbooks)}")
    return place(playbook, house.shelf, house.settings.playbooks)
