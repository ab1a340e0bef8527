"""How we decide: one folder per playbook, with its questions in SQL and examples with the verdict each must get.

A folder holds `playbook.yaml`, one `<question id>.sql` per question, and `examples/` (case bundles). Questions that
several playbooks share stand in `common/`. Each SQL file is one SELECT over `events` (see `stanch.trail`) and the
case's tables (see `stanch.playbooks.tables`) that gives one row: `answer` (yes, no, unknown), `n` (how many events
bear on it) and `events` (up to 20 ids). Its parameters are `$account` and `$region` of the lead finding and four times
(UTC), all relative to that finding, never to the present:

* `$when`: it was last seen, else updated; `$until`: an hour later
* `$since`: a day before it was first seen, at most seven days before `$when`
* `$baseline`: ninety days before `$since`; the history before the case is [`$baseline`, `$since`)

Of `events` they see the days from `$baseline` to `$until` and no others, however many the trail keeps; before
containing at once, where no question needs a log and none names the baseline, those from `$since`.

What an answer depends on is traced through its SQL when a playbook is loaded (`stanch.playbooks.lineage`): a question
may claim no more trust than the worst column or JSON path in it, as `stanch.playbooks.classes` declares them, and one
that reads what callers put into their calls never excuses. `vetoes: true` leaves a case to a person when the answer is
yes. `unless: NAME` takes an excuse away where `NAME.sql`, of the same form, says yes; that SQL may read anything, as it
can only make a *yes* a *no* that says nothing. What cannot be known is `unknown`, never an answer that weighs: every
question is asked once of empty tables when it is loaded. Values written by others reach SQL only as rows and
parameters, never as text.
"""

from collections.abc import Mapping
from pathlib import Path

from stanch.model.playbook import Playbook
from stanch.playbooks import parse
from stanch.playbooks.ask import Row, ask, ratio, rehearse
from stanch.playbooks.grants import grants
from stanch.playbooks.leads import ACTS, LEAD_TABLES, Lead, leads
from stanch.playbooks.paths import paths
from stanch.playbooks.patterns import matches, specificity
from stanch.playbooks.postures import Postures, Stance, postures
from stanch.playbooks.shelves import COMMON, SHELF, folders, own_folders, shared
from stanch.playbooks.tables import CASE_TABLES, DERIVED, needed

__all__ = [
    "ACTS",
    "CASE_TABLES",
    "COMMON",
    "DERIVED",
    "LEAD_TABLES",
    "SHELF",
    "Lead",
    "Postures",
    "Row",
    "Stance",
    "ask",
    "grants",
    "leads",
    "load",
    "matches",
    "needed",
    "paths",
    "postures",
    "ratio",
    "specificity",
]


def load(shelf: Path = SHELF, own: Path | None = None) -> Mapping[str, Playbook]:
    """Every playbook by id, of the shelf and of the operator's own folder, which may ask the shelf's common questions.

    Raises BadInput naming file and key (or question) that cannot be used, and an id that both have.
    """
    common = shared(shelf)
    found = {folder.name: parse.playbook(folder, common) for folder in folders(shelf)}
    for folder in own_folders(own, found) if own else ():
        found[folder.name] = parse.playbook(folder, common)
    rehearse(found.values())
    return found
