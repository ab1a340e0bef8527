"""Everything that is wrong with the playbooks of a folder, not only the first: one line each, with file and remedy."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.model.playbook import Playbook, Question
from stanch.playbooks import parse
from stanch.playbooks.ask import rehearsed
from stanch.playbooks.patterns import matches, specificity
from stanch.playbooks.shelves import FILE, SHELF, folders, misnamed, own_common, shared
from stanch.playbooks.strict import Node, read
from stanch.playbooks.tables import CASE_TABLES, DERIVED
from stanch.trail import Desk, Trail


def problems(folder: Path, actions: Collection[str], shelf: Path = SHELF) -> tuple[str, ...]:
    """What keeps the playbooks of a folder from being used; none where all is well.

    folder: the shelf, a folder of own playbooks, or the folder of one playbook. actions: ids that playbooks may name.
    Raises BadInput where there is no playbook.
    """
    places = (folder,) if (folder / FILE).exists() else folders(folder)
    root = places[0].parent
    look = _Look(actions)
    common: Mapping[str, Question] = {}
    with look.kept():
        common = shared(shelf)
    taken: tuple[str, ...] = ()
    if root.resolve() != shelf.resolve():
        taken = tuple(one.name for one in folders(shelf))
        look.say(own_common(root))
    with Trail.load(None).desk(CASE_TABLES, DERIVED) as desk:
        if not taken:
            _rehearse(look, desk, shelf, common.values())
        for place in places:
            look.say(misnamed(place.name, taken) if taken else "")
            _rehearse(look, desk, place, _playbook(look, place, common))
    return tuple(dict.fromkeys(look.problems))


def overlaps(mine: Playbook, others: Collection[Playbook]) -> Iterator[str]:
    """Findings that this playbook takes from another, which then no longer decides on them."""
    for other in others:
        taken = [kind for kind in mine.matches if any(_takes(kind, pattern) for pattern in other.matches)]
        if taken and other.id != mine.id:
            yield f"{mine.id} takes {', '.join(taken)} from {other.id}"


def _takes(mine: str, theirs: str) -> bool:
    """Findings that fit both patterns go by mine."""
    return matches(theirs, mine) and specificity(mine) >= specificity(theirs)


@dataclass
class _Look:
    """What may be named, and what was found."""

    actions: Collection[str]
    problems: list[str] = field(default_factory=list)

    def say(self, problem: str) -> None:
        """Keep a problem, if there is one."""
        if problem:
            self.problems.append(problem)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is refused within is kept, and the look goes on."""
        try:
            yield
        except BadInput as error:
            self.problems.append(" ".join(str(error).split()))


def _playbook(look: _Look, folder: Path, common: Mapping[str, Question]) -> tuple[Question, ...]:
    """Look at each part by itself, then at how they fit; the questions that could be read."""
    found: list[Question] = []
    before = len(look.problems)
    with look.kept():
        whole = read(folder / FILE, f"{folder.name}/{FILE}")
        members = whole.members()
        with look.kept():
            whole.keys(*parse.PLAYBOOK_KEYS, optional=parse.PLAYBOOK_OPTIONAL)
        for item in _items(look, members, "priors"):
            with look.kept():
                parse.prior(item)
        for item in _items(look, members, "actions"):
            with look.kept():
                parse.action(item, look.actions)
        for item in _items(look, members, "questions"):
            with look.kept():
                found.append(parse.question(folder, item))
    if len(look.problems) == before:
        with look.kept():
            parse.playbook(folder, common)
            _idle(look, folder, members)
    return tuple(found)


def _items(look: _Look, members: Mapping[str, Node], name: str) -> tuple[Node, ...]:
    with look.kept():
        return members[name].items() if name in members else ()
    return ()


def _idle(look: _Look, folder: Path, members: Mapping[str, Node]) -> None:
    """SQL that no question asks was forgotten, or meant to be asked."""
    asked = {
        keys[name].text()
        for keys in (item.members() for item in members["questions"].items())
        for name in ("id", "unless")
        if name in keys
    }
    for file in sorted(folder.glob("*.sql")):
        if file.stem not in asked:
            look.say(f"{folder.name}/{file.name}: no question asks it: name it as an id in {FILE}, or remove it")


def _rehearse(look: _Look, desk: Desk, folder: Path, asked: Collection[Question]) -> None:
    for question in asked:
        with look.kept():
            try:
                rehearsed(desk, question)
            except BadInput as error:
                raise parse.at_line(f"{folder.name}/{question.id}.sql", error) from error
