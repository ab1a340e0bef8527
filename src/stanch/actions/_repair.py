"""How one kind of deed is undone: what of it is still there, and the calls that take exactly that away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stanch.actions._examples import ACCOUNT, REGION, TERMS
from stanch.aws.answer import flag, rows, text
from stanch.model.change import Call, Deed, Target, TargetKind, Terms, Undo
from stanch.model.data import JSON, JSONObject
from stanch.model.deed import ATTACHING, EVERYONE, SHARED, added
from stanch.model.errors import BadInput, NotFound
from stanch.model.ports import Reader

NO_INVERSE = "it undoes what an intruder did: whoever wants that back does it by his own rights"
"""Why nobody reverts a repair."""


@dataclass(frozen=True)
class Trace:
    """What a deed left behind, as it is now."""

    exists: bool
    """What was changed is still there, in this account."""
    left: tuple[str, ...] = ()
    """What of the deed is in force, sorted: accounts and `all`, a policy, a key, rules; or the target, being off."""


@dataclass(frozen=True)
class Mend:
    """The undoing of one kind of deed."""

    read: Callable[[Reader, Target], frozenset[str]]
    """What is in force on the target now; raises NotFound where the target is gone."""
    calls: Callable[[Target, tuple[str, ...]], tuple[Call, ...]]
    """The calls that take this away, and nothing else."""
    permissions: tuple[str, ...]
    """IAM permissions for the read."""


@dataclass(frozen=True)
class Repair:
    """Some kinds of deeds, by the call that did them; its methods are the functions of an Action."""

    mends: Mapping[str, Mend]

    def snapshot(self, reader: Reader, target: Target) -> Trace:
        """What of the deed is in force now; raises FailedResponse."""
        try:
            now = self._mend(target).read(reader, target)
        except NotFound:
            return Trace(exists=False)
        return Trace(exists=True, left=tuple(one for one in extent(target) if one in now))

    def presume(self, target: Target) -> Trace:
        """All of it, as the event says."""
        return Trace(exists=True, left=extent(target))

    def objections(self, target: Target, state: Trace) -> tuple[str, ...]:
        """What was changed is gone."""
        return () if state.exists else (f"{target.name} does not exist in account {target.account} any more",)

    def forward(self, target: Target, state: Trace, _terms: Terms) -> tuple[Call, ...]:
        """Take away what is left of the deed; nothing where somebody did that already, or changed it since."""
        return self._mend(target).calls(target, state.left) if state.left else ()

    def inverse(self, _target: Target, _before: Trace, _now: Trace | None, _terms: Terms) -> Undo:
        """Nothing: see NO_INVERSE."""
        return Undo()

    def keep(self, _target: Target, _state: Trace, _terms: Terms) -> tuple[Call, ...]:
        """Nothing: a repair ends by itself in no way."""
        return ()

    def blast_radius(self, target: Target, state: Trace) -> str:
        """The one thing that the deed changed, and what of it."""
        return f"{target.name} in account {target.account}: {', '.join(state.left) or 'nothing is left of the deed'}"

    @property
    def permissions(self) -> tuple[str, ...]:
        """IAM permissions for all reads."""
        return tuple(sorted({name for mend in self.mends.values() for name in mend.permissions}))

    def _mend(self, target: Target) -> Mend:
        call = target.deed.call if target.deed else ""
        if call not in self.mends:
            raise BadInput(f"{target.name}: this action undoes no {call or 'deed that is not known'}")
        return self.mends[call]


def extent(target: Target) -> tuple[str, ...]:
    """All that undoing the deed may touch: what it added, or the target itself where it switched that off."""
    added_ = added(target.deed) if target.deed else ()
    return added_ or ((target.arn,) if target.deed and target.deed.call in SWITCHED_OFF else ())


SWITCHED_OFF = frozenset({"cloudtrail:StopLogging", "guardduty:UpdateDetector"})
"""Deeds that switch their target off."""


def logging() -> Mend:
    """Logging that he stopped is started."""

    def read(reader: Reader, target: Target) -> frozenset[str]:
        status = reader.read("cloudtrail", "GetTrailStatus", Name=target.arn)
        return frozenset() if flag(status, "IsLogging") else frozenset({target.arn})

    def calls(target: Target, _left: tuple[str, ...]) -> tuple[Call, ...]:
        return (Call("cloudtrail", "StartLogging", {"Name": target.arn}, target.arn),)

    return Mend(read, calls, ("cloudtrail:GetTrailStatus",))


def sharing(kind: str, id: str, groups: str) -> Mend:  # AWS's word
    """What he shared is shared with those no more. kind: `Snapshot` or `Image`; id, groups: EC2's parameters."""
    permission = SHARED[f"ec2:Modify{kind}Attribute"]
    listed = f"{permission[:1].upper()}{permission[1:]}s"

    def read(reader: Reader, target: Target) -> frozenset[str]:
        wanted: dict[str, JSON] = {id: target.name, "Attribute": permission}
        answer = reader.read("ec2", f"Describe{kind}Attribute", **wanted)
        return frozenset(text(row, name) for row in rows(answer, listed) for name in ("UserId", "Group"))

    def calls(target: Target, left: tuple[str, ...]) -> tuple[Call, ...]:
        accounts: list[JSON] = [one for one in left if one != EVERYONE]
        params: dict[str, JSON] = {id: target.name, "Attribute": permission, "OperationType": "remove"}
        params |= {"UserIds": accounts} if accounts else {}
        params |= {groups: [EVERYONE]} if EVERYONE in left else {}
        return (Call("ec2", f"Modify{kind}Attribute", params, target.arn),)

    return Mend(read, calls, (f"ec2:Describe{kind}Attribute",))


def attached(kind: str) -> Mend:
    """The policy that he attached is detached. kind: `User`, `Role` or `Group`."""

    def read(reader: Reader, target: Target) -> frozenset[str]:
        asked: JSONObject = {f"{kind}Name": _principal(target)}
        answer = reader.read("iam", f"ListAttached{kind}Policies", **asked)
        return frozenset(text(row, "PolicyArn") for row in rows(answer, "AttachedPolicies"))

    def calls(target: Target, left: tuple[str, ...]) -> tuple[Call, ...]:
        name = _principal(target)
        return tuple(
            Call("iam", f"Detach{kind}Policy", {f"{kind}Name": name, "PolicyArn": one}, target.arn) for one in left
        )

    return Mend(read, calls, (f"iam:ListAttached{kind}Policies",))


def made_key() -> Mend:
    """The access key that he made is deactivated."""

    def read(reader: Reader, target: Target) -> frozenset[str]:
        keys = rows(reader.read("iam", "ListAccessKeys", UserName=_principal(target)), "AccessKeyMetadata")
        return frozenset(text(row, "AccessKeyId") for row in keys if text(row, "Status") == "Active")

    def calls(target: Target, left: tuple[str, ...]) -> tuple[Call, ...]:
        params = {"UserName": _principal(target), "Status": "Inactive"}
        return tuple(Call("iam", "UpdateAccessKey", {**params, "AccessKeyId": one}, target.arn) for one in left)

    return Mend(read, calls, ("iam:ListAccessKeys",))


def opened() -> Mend:
    """The rules by which he let the world in are taken out of the group."""

    def read(reader: Reader, target: Target) -> frozenset[str]:
        filters: JSON = [{"Name": "group-id", "Values": [target.name]}]
        answer = reader.read("ec2", "DescribeSecurityGroupRules", Filters=filters)
        return frozenset(text(row, "SecurityGroupRuleId") for row in rows(answer, "SecurityGroupRules"))

    def calls(target: Target, left: tuple[str, ...]) -> tuple[Call, ...]:
        params: JSONObject = {"GroupId": target.name, "SecurityGroupRuleIds": list(left)}
        return (Call("ec2", "RevokeSecurityGroupIngress", params, target.arn),)

    return Mend(read, calls, ("ec2:DescribeSecurityGroupRules",))


def detecting() -> Mend:
    """The detector that he suspended works again."""

    def read(reader: Reader, target: Target) -> frozenset[str]:
        found = reader.read("guardduty", "GetDetector", DetectorId=target.name)
        return frozenset() if text(found, "Status") == "ENABLED" else frozenset({target.arn})

    def calls(target: Target, _left: tuple[str, ...]) -> tuple[Call, ...]:
        return (Call("guardduty", "UpdateDetector", {"DetectorId": target.name, "Enable": True}, target.arn),)

    return Mend(read, calls, ("guardduty:GetDetector",))


ATTACHMENTS = {call: attached(kind) for call, kind in ATTACHING.items()}
"""Every call that attaches a policy, and how that is undone."""


def _principal(target: Target) -> str:
    return target.arn.rpartition("/")[2]


def example(call: str, name: str, arn: str, params: JSONObject, answer: JSONObject | None = None) -> Target:
    """An invented deed of that call on that thing."""
    deed = Deed("0f3b1c52-0000-4000-8000-000000000001", TERMS.issued_at, call, params, answer or {})
    return Target(TargetKind.DEED, ACCOUNT, REGION, name, arn, within=deed.event, deed=deed)
