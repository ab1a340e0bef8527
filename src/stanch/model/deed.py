"""What a deed added to an account, as its own event asserts: nothing beyond it is ever taken away."""

import re
from collections.abc import Iterator, Mapping, Sequence

from stanch.model.change import Deed
from stanch.model.data import JSON

EVERYONE = "all"
"""AWS's word for the public in a list of those who may use a snapshot or an image."""
WORLD = ("0.0.0.0/0", "::/0")
"""Ranges that let everybody in."""
SHARED = {
    "ec2:ModifySnapshotAttribute": "createVolumePermission",
    "ec2:ModifyImageAttribute": "launchPermission",
}
"""Calls that share -> the permission that they give."""
ATTACHING = {f"iam:Attach{kind}Policy": kind for kind in ("User", "Role", "Group")}
"""Calls that attach a policy -> what to, as IAM spells it."""
_GRANTEE = re.compile(rf"[0-9]{{12}}|{EVERYONE}")
_POLICY = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]{1,640}", re.ASCII)
_KEY = re.compile(r"AKIA[A-Z0-9]{12,124}")
_RULE = re.compile(r"sgr-[0-9a-f]{8,17}")


def added(deed: Deed) -> tuple[str, ...]:
    """What the deed added, sorted: accounts and `all`, a policy, a key, rules open to the world; strictly read.

    Empty where it added nothing of the kind that can be taken away again.
    """
    return tuple(sorted({one for one in _added(deed) if one}))


def _added(deed: Deed) -> Iterator[str]:
    if deed.call in SHARED:
        for row in _rows(deed.params, SHARED[deed.call], "add", "items"):
            yield from (_matching(_GRANTEE, row.get(name)) for name in ("userId", "group"))
    elif deed.call in ATTACHING:
        yield _matching(_POLICY, deed.params.get("policyArn"))
    elif deed.call == "iam:CreateAccessKey":
        yield _matching(_KEY, at(deed.answer, "accessKey", "accessKeyId"))
    elif deed.call == "ec2:AuthorizeSecurityGroupIngress":
        for row in _rows(deed.answer, "securityGroupRuleSet", "items"):
            if row.get("cidrIpv4") in WORLD or row.get("cidrIpv6") in WORLD:
                yield _matching(_RULE, row.get("securityGroupRuleId"))


def at(value: JSON, *path: str) -> JSON:
    """The value under a path of keys, None where a step is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _rows(value: JSON, *path: str) -> Iterator[Mapping[str, JSON]]:
    found = at(value, *path)
    if isinstance(found, Sequence) and not isinstance(found, str):
        yield from (one for one in found if isinstance(one, Mapping))


def _matching(pattern: re.Pattern[str], value: JSON) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""
