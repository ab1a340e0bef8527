"""Which changes a contained principal made, with success, that can be undone: exactly his acts, strictly read.

The target of a repair is a resource of his own successful event, and its extent what that event added. What he named
in any other form than AWS's own ids and names is aimed at by nothing: a person looks at it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from stanch.model.change import Call, Deed, Target, TargetKind
from stanch.model.context import Context
from stanch.model.data import JSON
from stanch.model.deed import ATTACHING, SHARED, added, at
from stanch.probes.activity import Act

Named = tuple[str, str]
"""Name and ARN of what a deed changed."""

OWN_PIPELINE = "It was done as one of the operator's own pipelines or break-glass principals."
ATTACHED_BEFORE = "Whether the policy was attached before he attached it is not known, and its owner may need it."
OURS_TOO = "It was shared with accounts of the operator's own or of a partner as well."


@dataclass(frozen=True)
class Found:
    """One deed, and what is to become of it."""

    deed: Deed
    by: str
    """ARN of the user or role that did it."""
    region: str
    what: str
    """What was changed, for people: a name or ARN, or the operation's service where the name is not to be trusted."""
    action: str = ""
    """Id of the action that undoes it; empty where only a person can."""
    target: Target | None = None
    consent: str = ""
    """Why only a person may start that, in a sentence; empty where the safe list covers it."""
    by_hand: tuple[Call, ...] = ()
    """What a person may call; empty where that is for him to find out."""


def found(acts: Iterable[Act], account: str, context: Context) -> tuple[Found, ...]:
    """The deeds among these acts, oldest first. What was changed in another account than that is left to people."""
    mine = tuple(one for one in acts if not one.error and not one.read_only)
    here = tuple(one for act in mine if act.account == account for one in _one(act, mine, context))
    elsewhere = tuple(one for act in mine if act.account != account for one in _one(act, mine, context))
    return (*here, *(replace(one, action="", target=None) for one in elsewhere))


def _one(act: Act, acts: Sequence[Act], context: Context) -> tuple[Found, ...]:
    deed = Deed(act.event_id, act.at, act.call, act.params, act.answer)
    if _left_to_people(act):
        calls = _by_hand(act)
        return (Found(deed, act.principal_arn, act.region, calls[0].resource if calls else act.call, by_hand=calls),)
    if act.call not in _AIMS or not _did_harm(deed, context, act.account):
        return ()
    named = _AIMS[act.call](act)
    if named is None:
        return (Found(deed, act.principal_arn, act.region, act.call),)
    target = Target(TargetKind.DEED, act.account, act.region, *named, within=act.event_id, deed=deed)
    action = "R2" if act.call in _BY_ROLE else "R1"
    return (
        Found(deed, act.principal_arn, act.region, named[1], action, target, _consent(act, deed, named, acts, context)),
    )


def _did_harm(deed: Deed, context: Context, account: str) -> bool:
    """Whether it added something that is to be taken away; sharing among the operator's own accounts is not."""
    if deed.call in _SWITCHING_OFF:
        return _SWITCHING_OFF[deed.call](deed)
    return any(one not in _own_accounts(context, account) for one in added(deed))


def _own_accounts(context: Context, account: str) -> frozenset[str]:
    return frozenset({account, *(one.id for one in context.organisation.accounts)})


def _consent(act: Act, deed: Deed, named: Named, acts: Sequence[Act], context: Context) -> str:
    """Why a person must start it, empty where the safe list covers it."""
    if act.principal_arn in (*(one.role for one in context.pipelines), *context.break_glass):
        return OWN_PIPELINE
    if deed.call in SHARED:
        partners = {account for one in context.partners for account in one.accounts}
        return OURS_TOO if {*added(deed)} & (partners | _own_accounts(context, act.account)) else ""
    if deed.call in ATTACHING:
        return "" if _his_own(named[1], act, acts) else ATTACHED_BEFORE
    return ""


def _his_own(arn: str, act: Act, acts: Sequence[Act]) -> bool:
    """Whether the policy went to himself, or to a principal that he made before: attaching it could add nothing twice.

    Else anybody's policy, attached by him once more, would be a way to have stanch take it off.
    """
    kind = ATTACHING[act.call]
    made = {
        _iam_name(one.params, f"{kind.lower()}Name")
        for one in acts
        if one.call == f"iam:Create{kind}" and one.at <= act.at
    }
    me = f"{act.principal_arn.split(':', 5)[-1].partition('/')[0]}/{act.principal_arn.rpartition('/')[2]}"
    return arn.rpartition("/")[2] in made - {""} or arn.split(":", 5)[-1] == me


# Aiming -------------------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_TRAIL = re.compile(r"arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:(?P<account>[0-9]{12}):trail/[A-Za-z0-9._-]{3,128}")
_IDS = {
    "snapshotId": re.compile(r"snap-[0-9a-f]{8,17}"),
    "imageId": re.compile(r"ami-[0-9a-f]{8,17}"),
    "groupId": re.compile(r"sg-[0-9a-f]{8,17}"),
    "detectorId": re.compile(r"[0-9a-f]{1,300}"),
    "trail": re.compile(r"[A-Za-z0-9._-]{3,128}"),
}


def _partition(act: Act) -> str:
    return act.principal_arn.split(":")[1] if act.principal_arn.startswith("arn:") else "aws"


def _text(value: JSON, *path: str) -> str:
    found_ = at(value, *path)
    return found_ if isinstance(found_, str) else ""


def _iam_name(params: JSON, key: str) -> str:
    name = _text(params, key)
    return name if _NAME.fullmatch(name) else ""


def _trail(act: Act) -> Named | None:
    said = _text(act.params, "name")
    arn = (
        said if said.startswith("arn:") else f"arn:{_partition(act)}:cloudtrail:{act.region}:{act.account}:trail/{said}"
    )
    match = _TRAIL.fullmatch(arn)
    return (arn.rpartition("/")[2], arn) if match and match["account"] == act.account else None


def _resource(key: str, form: str) -> Callable[[Act], Named | None]:
    def aim(act: Act) -> Named | None:
        name = _text(act.params, key)
        arn = f"arn:{_partition(act)}:{form.format(region=act.region, account=act.account)}/{name}"
        return (name, arn) if _IDS[key].fullmatch(name) else None

    return aim


def _principal(kind: str) -> Callable[[Act], Named | None]:
    def aim(act: Act) -> Named | None:
        name = _iam_name(act.params, f"{kind}Name")
        return (name, f"arn:{_partition(act)}:iam::{act.account}:{kind}/{name}") if name else None

    return aim


def _key(act: Act) -> Named | None:
    user = _iam_name(act.answer.get("accessKey"), "userName")
    made = added(Deed(act.event_id, act.at, act.call, act.params, act.answer))
    return (made[0], f"arn:{_partition(act)}:iam::{act.account}:user/{user}") if user and made else None


_AIMS: Mapping[str, Callable[[Act], Named | None]] = {
    "cloudtrail:StopLogging": _trail,
    "ec2:ModifySnapshotAttribute": _resource("snapshotId", "ec2:{region}::snapshot"),
    "ec2:ModifyImageAttribute": _resource("imageId", "ec2:{region}::image"),
    "ec2:AuthorizeSecurityGroupIngress": _resource("groupId", "ec2:{region}:{account}:security-group"),
    "guardduty:UpdateDetector": _resource("detectorId", "guardduty:{region}:{account}:detector"),
    "iam:CreateAccessKey": _key,
    **{call: _principal(kind.lower()) for call, kind in ATTACHING.items()},
}
_BY_ROLE = frozenset({"ec2:ModifyImageAttribute", "ec2:AuthorizeSecurityGroupIngress", "guardduty:UpdateDetector"})
"""What R2 undoes."""
_SWITCHING_OFF: Mapping[str, Callable[[Deed], bool]] = {
    "cloudtrail:StopLogging": lambda _: True,
    "guardduty:UpdateDetector": lambda deed: deed.params.get("enable") is False,
}


# By hand ------------------------------------------------------------------------------------------------------------


def _left_to_people(act: Act) -> bool:
    return act.call in _BY_HAND and (act.call != "rds:ModifyDBSnapshotAttribute" or bool(_shared_with(act)))


def _shared_with(act: Act) -> list[JSON]:
    said = act.params.get("valuesToAdd")
    listed = said if isinstance(said, Sequence) and not isinstance(said, str) else ()
    return [one for one in listed if isinstance(one, str) and re.fullmatch("[0-9]{12}|all", one)]


def _by_hand(act: Act) -> tuple[Call, ...]:
    """The calls by which a person undoes it; none where its names are not AWS's, or nothing tells what was before."""
    operation, keys = _BY_HAND[act.call]
    params: dict[str, JSON] = {name: _iam_name(act.params, key) for name, key in keys.items()}
    if not operation or not all(params.values()):
        return ()
    if act.call == "rds:ModifyDBSnapshotAttribute":
        params |= {"AttributeName": "restore", "ValuesToRemove": _shared_with(act)}
    resource = next((str(one) for one in params.values()), act.call)
    return (Call(act.call.partition(":")[0], operation, params, resource),)


_BY_HAND: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "iam:CreateLoginProfile": ("DeleteLoginProfile", {"UserName": "userName"}),
    "iam:PutUserPolicy": ("DeleteUserPolicy", {"UserName": "userName", "PolicyName": "policyName"}),
    "iam:PutRolePolicy": ("DeleteRolePolicy", {"RoleName": "roleName", "PolicyName": "policyName"}),
    "iam:PutGroupPolicy": ("DeleteGroupPolicy", {"GroupName": "groupName", "PolicyName": "policyName"}),
    "iam:AddUserToGroup": ("RemoveUserFromGroup", {"GroupName": "groupName", "UserName": "userName"}),
    "rds:ModifyDBSnapshotAttribute": (
        "ModifyDBSnapshotAttribute",
        {"DBSnapshotIdentifier": "dBSnapshotIdentifier"},
    ),
    "securityhub:DisableSecurityHub": ("EnableSecurityHub", {}),
    **dict.fromkeys(
        (
            "cloudtrail:DeleteTrail",
            "cloudtrail:PutEventSelectors",
            "cloudtrail:UpdateTrail",
            "guardduty:DeleteDetector",
            "iam:CreatePolicyVersion",
            "iam:CreateRole",
            "iam:CreateUser",
            "iam:SetDefaultPolicyVersion",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateLoginProfile",
        ),
        ("", {}),
    ),
}
"""Deeds whose undoing is a delete, or whose state before nobody knows -> the operation, and its parameters' names in
the event, if any."""
