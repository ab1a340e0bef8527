"""What only AWS can measure: asked for before the full investigation, where one of its questions needs it."""

from collections.abc import Callable
from datetime import timedelta

from stanch.model.errors import Environment, FailedResponse
from stanch.model.finding import Finding
from stanch.model.playbook import Playbook
from stanch.model.ports import Reader
from stanch.model.walked import Measured
from stanch.probes import metrics

SOURCE = "metrics"
"""How questions call it among their needs."""
BEFORE, AFTER = timedelta(hours=2), timedelta(hours=1)
"""Around the last sight of what was found."""


def wanted(playbook: Playbook, finding: Finding) -> bool:
    """Whether a question needs it, and there is an instance to measure."""
    return finding.instance is not None and any(SOURCE in one.needs for one in playbook.questions)


def measure(finding: Finding, round: int, reader_of: Callable[[str, str], Reader]) -> Measured:
    """How busy the lead's instance was, or why that is not known. reader_of: (account, region) -> Reader."""
    at = finding.last_seen or finding.updated_at
    instance = finding.instance.id if finding.instance else ""
    try:
        reader = reader_of(finding.account, finding.region)
        readings = metrics.processor(reader, instance, at - BEFORE, at + AFTER)
    except (FailedResponse, Environment) as error:
        return Measured(round, instance, metrics.PROCESSOR, (), f"CloudWatch could not be asked: {error}")
    why = "" if readings else f"CloudWatch has no {metrics.PROCESSOR} of {instance}"
    return Measured(round, instance, metrics.PROCESSOR, readings, why)
