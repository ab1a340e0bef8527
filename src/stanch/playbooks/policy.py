"""What an IAM policy document gives away, read as a document that an attacker may have written.

Only `Allow` counts, and a statement with a condition counts as if it had none: who writes the document chooses it. The
policies of resources that services call may open to anyone if a condition then names the accounts: see `confined`.
What cannot be read within the limits is unreadable, which is never the same as harmless.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import unquote

MAX_CHARACTERS = 131_072
"""IAM's own largest document has 20,480 characters, a bucket's as many bytes; encoded it may be some times longer."""
MAX_STATEMENTS, MAX_ITEMS, MAX_ITEM = 200, 2_000, 2_048
_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(?:[A-Za-z0-9+=,.@_-]+/)*(?P<name>[A-Za-z0-9+=,.@_-]{1,128})")
_ADMIN = frozenset({"AdministratorAccess"})
_IAM_WIDE = frozenset({"IAMFullAccess"})
_WIDE = frozenset({"PowerUserAccess"})
ESCALATING = (
    *("iam:createpolicyversion", "iam:setdefaultpolicyversion", "iam:createaccesskey", "iam:createloginprofile"),
    *("iam:updateloginprofile", "iam:attachuserpolicy", "iam:attachgrouppolicy", "iam:attachrolepolicy"),
    *("iam:putuserpolicy", "iam:putgrouppolicy", "iam:putrolepolicy", "iam:addusertogroup"),
    "iam:updateassumerolepolicy",
)
"""Actions that on every resource lead to any right there is."""
_CONFINING = frozenset(
    {
        *("aws:sourceaccount", "aws:sourceowner", "aws:sourcearn", "aws:principalaccount", "aws:principalarn"),
        *("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "kms:calleraccount"),
    }
)
"""Keys of conditions that say whose calls a statement allows."""
_EQUALS = re.compile(r"(?:ForAnyValue:)?(?:String(?:Equals|Like)(?:IgnoreCase)?|Arn(?:Equals|Like))", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


@dataclass(frozen=True)
class Powers:
    """What a policy gives."""

    admin: bool = False
    """Every action on every resource."""
    iam: bool = False
    """All of IAM, or an action of IAM that leads to everything, on every resource."""
    wildcard: bool = False
    """All actions of some service, or every action somewhere."""
    outsiders: tuple[str, ...] = ()
    """Principals of a trust or resource policy: account ids, ARNs' accounts, `*`."""
    readable: bool = True

    @property
    def wide(self) -> bool:
        """It leads to everything."""
        return self.admin or self.iam


NONE, UNREADABLE = Powers(), Powers(readable=False)


def document(text: object, *, confined: bool = False) -> Powers:
    """The powers of a document, as text (also percent-encoded) or already decoded.

    confined: where a condition says whose calls a statement allows, anyone means those: the accounts that it names, and
    nobody outside where it names the organisation or a resource without an account in its ARN.
    """
    try:
        return _powers(_decoded(text), confined=confined)
    except (ValueError, RecursionError):
        return UNREADABLE


def _powers(found: object, *, confined: bool) -> Powers:
    if not isinstance(found, Mapping):
        return UNREADABLE
    statements = [one for one in _list(found.get("Statement"), MAX_STATEMENTS) if isinstance(one, Mapping)]
    allowed = [one for one in statements if one.get("Effect") == "Allow"]
    given = [_statement(one) for one in allowed]
    return Powers(
        admin=any(one.admin for one in given),
        iam=any(one.iam for one in given),
        wildcard=any(one.wildcard for one in given),
        outsiders=tuple(sorted({who for one in allowed for who in _let_in(one, confined=confined)})),
    )


def managed(arn: object) -> Powers:
    """The powers of a policy of AWS's own by its ARN; of a customer's nothing is known from its name."""
    match = _MANAGED.fullmatch(arn) if isinstance(arn, str) else None
    if match is None:
        return UNREADABLE
    name = match["name"]
    return Powers(admin=name in _ADMIN, iam=name in _ADMIN | _IAM_WIDE, wildcard=name in _ADMIN | _IAM_WIDE | _WIDE)


def _decoded(text: object) -> object:
    if not isinstance(text, str):
        return text
    if len(text) > MAX_CHARACTERS:
        raise ValueError("too long")
    return json.loads(unquote(text) if text.lstrip().startswith("%") else text)


def _statement(one: Mapping[str, object]) -> Powers:
    everywhere = "NotResource" in one or any(set(item) == {"*"} for item in _texts(one.get("Resource")))
    if "NotAction" in one:  # everything but a list
        return Powers(admin=everywhere, iam=everywhere, wildcard=True)
    actions = [item.lower() for item in _texts(one.get("Action"))]
    every = any(set(item) <= {"*"} or item == "*:*" for item in actions)
    service = any(item.endswith(":*") for item in actions)
    iam = every or any(fnmatchcase(name, item) for item in actions for name in ESCALATING)
    return Powers(admin=every and everywhere, iam=iam and everywhere, wildcard=every or service)


def _let_in(one: Mapping[str, object], *, confined: bool) -> Iterable[str]:
    """Whom a statement that allows names, with `*` narrowed by its condition where that counts."""
    named = set(_principals(one.get("Principal")))
    narrowed = _narrowed(one.get("Condition")) if confined and "*" in named else None
    return named if narrowed is None else (named - {"*"}) | narrowed


def _narrowed(condition: object) -> set[str] | None:
    """The accounts that a condition names; None where it does not say whose calls are allowed."""
    found: set[str] | None = None
    for operator, keys in condition.items() if isinstance(condition, Mapping) else ():
        for key, values in keys.items() if isinstance(keys, Mapping) else ():
            texts = _texts(values)
            if _EQUALS.fullmatch(operator) and key.lower() in _CONFINING and texts and not any(map(_anything, texts)):
                found = (found or set()) | {account for one in texts for account in _ACCOUNT.findall(one)}
    return found


def _anything(text: str) -> bool:
    """A pattern that leaves no account out; a bucket's ARN has none, and its name is nobody else's."""
    if not text.startswith("arn:"):
        return set(text) <= set("*?")
    _, _, service, _, account, *rest = text.split(":") + [""] * 5
    if service == "s3":
        return not set("".join(rest)) - set("*?")
    return not set(account) - set("*?")


def _principals(value: object) -> Iterable[str]:
    """Accounts that an `Allow` names: ids, the accounts of ARNs, `*` for anyone; services and providers are not."""
    named = _texts(value.get("AWS")) if isinstance(value, Mapping) else _texts(value)
    for item in named:
        account = item if item.isdigit() else (item.split(":") + [""] * 5)[4]
        if item == "*" or (account.isdigit() and len(account) == 12):  # noqa: PLR2004  # digits of an account id
            yield "*" if item == "*" else account


def _list(value: object, most: int) -> list[object]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    if len(items) > most:
        raise ValueError("too many parts")
    return items


def _texts(value: object) -> list[str]:
    return [one for one in _list(value, MAX_ITEMS) if isinstance(one, str) and 0 < len(one) <= MAX_ITEM]
