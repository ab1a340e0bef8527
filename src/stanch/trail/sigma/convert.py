"""One Sigma rule's condition as SQL over `events`: its texts are values beside the SQL, its NOT holds of absent fields.

Sigma's rules of matching: text is compared without regard to case unless `cased`, `*` and `?` are wildcards, regular
expressions are sensitive to case, `null` means that the field is absent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
)
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from stanch.model.errors import BadInput
from stanch.trail.addresses import digits
from stanch.trail.schema import Cell
from stanch.trail.sigma.fields import Place, place

_WILD = {SpecialChars.WILDCARD_MULTI: "%", SpecialChars.WILDCARD_SINGLE: "_"}
_COMPARED = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "NEQ": "<>"}
_FLAGS = {"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}


ANY = "TRUE"
"""Of any call."""


@dataclass
class Conversion:
    """The condition of one rule being turned into SQL; `prefix` begins the names of its values."""

    prefix: str
    params: dict[str, Cell] = field(default_factory=dict)

    def condition(self, node: object) -> str:
        """SQL that is true or false, never NULL; BadInput naming what cannot be said."""
        if isinstance(node, ConditionAND):
            # A CASE looks at the rest only where the first holds; an AND outside a WHERE reads all JSON of all rows.
            first, *rest = sorted((self.condition(one) for one in node.args), key=lambda sql: sql.count("json_"))
            return f"(CASE WHEN {first} THEN {' AND '.join(rest)} ELSE FALSE END)" if rest else first
        if isinstance(node, ConditionOR):
            return f"({' OR '.join(self.condition(one) for one in node.args)})"
        if isinstance(node, ConditionNOT):
            return f"(NOT {self.condition(node.args[0])})"
        if isinstance(node, ConditionFieldEqualsValueExpression):
            return self.leaf(node.field, node.value)
        raise BadInput("it searches for a text in the whole record, not in a field")

    def call(self, node: object) -> str:
        """SQL over the source and name of a call alone, true of every call of which the condition may be true."""
        parts = [self.call(one) for one in node.args] if isinstance(node, ConditionAND | ConditionOR) else []
        if isinstance(node, ConditionAND):
            return " AND ".join(one for one in parts if one != ANY) or ANY
        if isinstance(node, ConditionOR):
            return ANY if ANY in parts else f"({' OR '.join(parts)})"
        if isinstance(node, ConditionFieldEqualsValueExpression) and node.field in ("eventSource", "eventName"):
            return ANY if isinstance(node.value, SigmaFieldReference) else self.condition(node)
        return ANY

    def leaf(self, name: str, value: SigmaType) -> str:
        """SQL of `field: value`."""
        if isinstance(value, SigmaExpansion):
            return f"({' OR '.join(self.leaf(name, one) for one in value.values)})"
        at = place(name)
        if isinstance(value, SigmaNull | SigmaExists):
            there = at.holds("{x} IS NOT NULL")
            return there if isinstance(value, SigmaExists) and value.exists else f"(NOT {there})"
        if isinstance(value, SigmaCIDRExpression):
            return self._network(name, value)
        if isinstance(value, SigmaFieldReference):
            return self._reference(at, place(value.field), value)
        say = next((say for kind, say in _SAYS if isinstance(value, kind)), None)
        if say is None:
            raise BadInput(f"a value of kind {type(value).__name__.removeprefix('Sigma')} is not supported")
        return at.holds(say(self, value))

    def text(self, value: SigmaString) -> str:
        """A text with wildcards."""
        cased = isinstance(value, SigmaCasedString)
        if value.contains_placeholder():
            raise BadInput("it has a placeholder that somebody else must fill")
        if not value.contains_special():
            same = self.value("".join(str(part) for part in value.s))
            return f"{{x}} = {same}" if cased else f"lower({{x}}) = lower({same})"
        like = "".join(_WILD[part] if isinstance(part, SpecialChars) else _escaped(str(part)) for part in value.s)
        return f"{{x}} {'LIKE' if cased else 'ILIKE'} {self.value(like)} ESCAPE '\\'"

    def number(self, value: SigmaNumber) -> str:
        """A number, however the record writes it."""
        return f"TRY_CAST({{x}} AS DOUBLE) = {self.value(float(value.number))}"

    def comparison(self, value: SigmaCompareExpression) -> str:
        """Less or greater than a number."""
        return f"TRY_CAST({{x}} AS DOUBLE) {_COMPARED[value.op.name]} {self.value(float(value.number.number))}"

    def boolean(self, value: SigmaBool) -> str:
        """True or false."""
        return f"lower({{x}}) = {self.value(str(bool(value.boolean)).lower())}"

    def expression(self, value: SigmaRegularExpression) -> str:
        """A regular expression that matches somewhere; RE2 knows no look-around."""
        flags = "".join(sorted(_FLAGS[one.name] for one in value.flags))
        return f"regexp_matches({{x}}, {self.value(str(value.regexp))}, '{flags or 'c'}')"

    def value(self, what: Cell) -> str:
        """The name under which a value stands beside the SQL."""
        name = f"{self.prefix}{len(self.params)}"
        self.params[name] = what
        return f"${name}"

    def _network(self, name: str, value: SigmaCIDRExpression) -> str:
        if name != "sourceIPAddress":
            raise BadInput(f"a network can only be asked of sourceIPAddress, not of {name}")
        first, last = (self.value(digits(value.network[end])) for end in (0, -1))
        return f"coalesce(length(source_ip_hex) = length({first}) AND source_ip_hex BETWEEN {first} AND {last}, FALSE)"

    def _reference(self, at: Place, other: Place, value: SigmaFieldReference) -> str:
        if at.many:
            at, other = other, at
        if at.many:
            raise BadInput("it compares two fields that may both be lists")
        function = {(True, False): "starts_with", (False, True): "ends_with", (True, True): "contains"}.get(
            (value.starts_with, value.ends_with)
        )
        if function is None:
            return other.holds(f"lower({{x}}) = lower({at.sql})")
        return other.holds(f"{function}(lower({at.sql}), lower({{x}}))")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_SAYS: tuple[tuple[type[SigmaType], Callable[..., str]], ...] = (
    (SigmaRegularExpression, Conversion.expression),
    (SigmaString, Conversion.text),
    (SigmaCompareExpression, Conversion.comparison),
    (SigmaNumber, Conversion.number),
    (SigmaBool, Conversion.boolean),
)
