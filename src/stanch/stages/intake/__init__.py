"""Intake: from a record as it arrived to Findings in one shape, and from Findings to the cases that they join."""

from stanch.stages.intake.correlate import Group, correlate
from stanch.stages.intake.record import read

__all__ = ["Group", "correlate", "read"]
