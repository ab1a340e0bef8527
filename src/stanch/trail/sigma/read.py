"""A document of a Sigma file becomes a rule of the trail, or the reason why not; the only file that asks pySigma."""

from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from stanch.model.errors import BadInput
from stanch.trail.sigma import Refused, Rule
from stanch.trail.sigma.convert import Conversion


def rule(document: object, file: str, prefix: str) -> Rule | Refused:
    """The rule; `prefix` begins the names of its values."""
    if not isinstance(document, dict) or "detection" not in document:
        return Refused(file, "", "no detection in it: a correlation, a filter, or no Sigma rule")
    title = str(document.get("title", ""))
    made = Conversion(prefix)
    try:
        parsed = SigmaRule.from_dict(document)
        conditions = [made.condition(one.parsed) for one in parsed.detection.parsed_condition]
        calls = [made.call(one.parsed) for one in parsed.detection.parsed_condition]
    except (SigmaError, BadInput, NotImplementedError) as error:
        return Refused(file, title, " ".join(str(error).split())[:300])
    where = parsed.logsource
    if (where.product, where.service) != ("aws", "cloudtrail"):
        return Refused(
            file, title, f"its logs are {where.product or 'any'} {where.service or 'any'}, not aws cloudtrail"
        )
    return Rule(
        id=str(parsed.id or file),
        title=title,
        level=str(parsed.level.name).lower() if parsed.level else "",
        tags=tuple(str(one) for one in parsed.tags),
        file=file,
        condition=conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})",
        call=calls[0] if len(calls) == 1 else f"({' OR '.join(calls)})",
        params=made.params,
    )
