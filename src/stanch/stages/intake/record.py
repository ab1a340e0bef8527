"""What a record is: findings in one of the formats, or something else, said in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import Finding, Form, Skip
from stanch.stages.intake import asff, guardduty, ocsf
from stanch.stages.intake.fields import Field

SENDERS = {
    "GuardDuty Finding": ("aws.guardduty", Form.GUARDDUTY),
    "Security Hub Findings - Imported": ("aws.securityhub", Form.ASFF),
    "Security Hub Findings - Custom Action": ("aws.securityhub", Form.ASFF),
    "Findings Imported V2": ("aws.securityhub", Form.OCSF),
}
"""EventBridge's detail-type of each envelope of findings, who alone may send it, and what is in it."""
MARKS = {
    Form.ASFF: ("AwsAccountId", "GeneratorId", "ProductArn", "Resources", "SchemaVersion", "Types"),
    Form.GUARDDUTY: ("accountId", "arn", "resource", "schemaVersion", "service", "severity", "type", "updatedAt"),
}
ENOUGH = 3
"""Marks by which a format is known, so that a damaged finding counts as malformed and not as something else."""


def read(record: str, body: JSON, *, vouched: bool) -> tuple[Finding | Skip, ...]:
    """Every finding of a record, a malformed Skip for each that cannot be read, a Skip for what is no finding.

    `record` names it in Skips. `vouched`: the operator handed it over himself.
    """
    return tuple(_Reader(record, vouched).read(Field("", body)))


@dataclass(frozen=True)
class _Reader:
    record: str
    vouched: bool

    def read(self, field: Field) -> Iterator[Finding | Skip]:
        """Whatever stands here: an event, a finding, or a list or answer of them."""
        if isinstance(field.value, list):
            yield from self._each(field)
        elif field.at("detail-type").text() or (field.at("source").text() and field.at("detail").entries()):
            yield from self._event(field)
        elif field.at("findings").each() and not _form(field):
            yield from self._each(field.at("findings"))
        elif form := _form(field):
            yield self._finding(field, form)
        else:
            yield self._skip(field, f"{_told(field)}, not a finding", malformed=not isinstance(field.value, dict))

    def _each(self, several: Field) -> Iterator[Finding | Skip]:
        if not several.each():
            yield self._skip(several, "an empty list: it holds no finding")
        yield from chain.from_iterable(map(self.read, several.each()))

    def _event(self, event: Field) -> Iterator[Finding | Skip]:
        kind, source, detail = event.at("detail-type").shown(80), event.at("source"), event.at("detail")
        sender, form = SENDERS.get(kind, ("", _form(detail)))
        if sender and source.value not in (None, sender):
            why = f"{source.path} must be {sender!r} for a {kind!r}, not {source.shown(60)!r}"
            yield self._skip(event, why, malformed=True)
        elif form is None:
            what = _told(detail) if _is_call(detail) else f"an event {kind!r}" if kind else "an event without a type"
            yield self._skip(event, f"{what}, not a finding")
        elif form is Form.GUARDDUTY or not sender:
            yield self._finding(detail, form)
        else:
            yield from self._hub(detail, form)

    def _hub(self, detail: Field, form: Form) -> Iterator[Finding | Skip]:
        findings = detail.at("findings")
        if not findings.each():
            yield self._skip(detail, f"{findings.path} must be a list of findings", malformed=True)
        for one in findings.each():
            yield self._finding(one, form, requested_by=detail.at("actionName").shown(128))

    def _finding(self, field: Field, form: Form, requested_by: str = "") -> Finding | Skip:
        try:
            match form:
                case Form.GUARDDUTY:
                    return guardduty.parse(field, vouched=self.vouched)
                case Form.ASFF:
                    return asff.parse(field, vouched=self.vouched, requested_by=requested_by)
                case Form.OCSF:
                    return ocsf.parse(field, vouched=self.vouched)
                case Form.TRAIL:
                    return Skip(self.record, "no record that arrives is a finding of our own", malformed=True)
        except BadInput as error:
            return Skip(self.record, str(error), malformed=True)

    def _skip(self, field: Field, reason: str, *, malformed: bool = False) -> Skip:
        return Skip(self.record, f"{field.path}: {reason}" if field.path else reason, malformed)


def _form(field: Field) -> Form | None:
    """The format that an object is in, None when it is no finding."""
    if field.at("class_uid").value is not None and field.at("metadata").entries():
        return Form.OCSF if field.at("class_uid").whole(0, 9999, 0) in ocsf.CLASSES else None
    if _is_call(field):
        return None
    marked = (form for form, marks in MARKS.items() if sum(field.at(one).value is not None for one in marks) >= ENOUGH)
    return next(marked, None)


def _is_call(field: Field) -> bool:
    return bool(field.at("eventSource").text() and field.at("eventName").text())


def _told(field: Field) -> str:
    """What something is that is no finding, for people."""
    if _is_call(field):
        service = field.at("eventSource").shown(60).removesuffix(".amazonaws.com")
        return f"a CloudTrail event of the API call {service}:{field.at('eventName').shown(60)}"
    if records := field.at("Records").each():
        calls = sum(map(_is_call, records))
        return f"a file of {len(records)} records ({calls} of them CloudTrail events)"
    if field.at("class_uid").value is not None:
        return f"an OCSF event of the class {field.at('class_uid').whole(0, 99999, 0)}"
    if field.at("configRuleName").text():
        return "an invocation of an AWS Config rule"
    names = ", ".join(repr(name[:40]) for name, _ in field.entries()[:6])
    if names:
        return f"an object of no known format (it has {names})"
    return "an empty object" if isinstance(field.value, dict) else "neither an object nor a list of objects"
