"""Severities on one scale: GuardDuty's 0..10, whatever scale they arrive on."""

from stanch.stages.intake.fields import Field

BANDS = {
    "INFORMATIONAL": (0.0, 1.0, 0.0),
    "LOW": (1.0, 4.0, 2.0),
    "MEDIUM": (4.0, 7.0, 5.0),
    "HIGH": (7.0, 9.0, 8.0),
    "CRITICAL": (9.0, 10.1, 9.0),
}
"""Label -> (from, below, where a finding stands that tells nothing finer), after GuardDuty's documented bands."""
NORMALIZED = ((90, "CRITICAL"), (70, "HIGH"), (40, "MEDIUM"), (1, "LOW"), (0, "INFORMATIONAL"))
"""ASFF's `Severity.Normalized` from which on a label holds."""
IDS = ("INFORMATIONAL", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "CRITICAL")
"""OCSF's `severity_id` 0 (unknown) to 6 (fatal)."""
OTHER_ID = 99
MAX = 10


def number(field: Field) -> float:
    """GuardDuty's own number. Raises BadInput naming the field."""
    found = field.number()
    if found is None or not 0 <= found <= MAX:
        raise field.wrong("a number from 0 to 10")
    return found


def asff(finding: Field) -> float:
    """The label's place on the scale; the product's own number refines it within the label's band. Raises BadInput."""
    severity = finding.at("Severity")
    given = finding.at("FindingProviderFields", "Severity")
    low, below, usual = BANDS[_label(severity, given)]
    finer = (one.number() for one in (severity.at("Original"), severity.at("Product"), given.at("Original")))
    return next((one for one in finer if one is not None and low <= one < below), usual)


def ocsf(finding: Field) -> float:
    """The place of `severity_id` on the scale. Raises BadInput naming the field."""
    field = finding.at("severity_id")
    if field.whole(OTHER_ID, OTHER_ID, 0):
        return BANDS["INFORMATIONAL"][2]
    known = field.whole(0, len(IDS) - 1, -1)
    if known < 0:
        raise field.wrong("a number from 0 to 6, or 99")
    return BANDS[IDS[known]][2]


def _label(severity: Field, given: Field) -> str:
    field = next((one for one in (severity.at("Label"), given.at("Label")) if one.value is not None), None)
    if field is not None:
        if field.text() not in BANDS:
            raise field.wrong(f"one of {', '.join(BANDS)}")
        return field.text()
    normalized = severity.at("Normalized").number()
    if normalized is None:
        raise severity.at("Label").wrong("a label")
    return next((label for above, label in NORMALIZED if normalized >= above), "INFORMATIONAL")
