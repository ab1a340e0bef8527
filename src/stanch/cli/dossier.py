"""A case as a summary and as a page, from the journal alone."""

from stanch.console.page import page
from stanch.model.casefile import CaseFile
from stanch.model.summary import Summary
from stanch.respond.house import House
from stanch.stages.summary import summarise


def summary_of(house: House, file: CaseFile) -> Summary:
    """The case, told."""
    playbook = house.playbooks.get(file.triage.playbook) if file.triage else None
    return summarise(file, house.facts(case=file.id), playbook.title if playbook else "", house.context)


def page_of(house: House, file: CaseFile, *, simulated: bool = False) -> str:
    """The case as one self-contained HTML page, as of the house's clock."""
    return page(file, summary_of(house, file), simulated=simulated, now=house.now())
