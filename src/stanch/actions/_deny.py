"""A self-expiring deny as a managed policy of stanch's own: what the three identity cuts have in common."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stanch.actions._denial import PATH, Policy, Principal, PrincipalKind, Version, canonical, read_principal
from stanch.actions._place import case_tags, partition
from stanch.aws.answer import at, rows
from stanch.model.change import Call, Target, Terms, Undo
from stanch.model.data import JSON, JSONObject
from stanch.model.ports import Reader

VERSIONS = 5
"""Versions of a managed policy that AWS keeps."""
Condition = Mapping[str, Mapping[str, str | list[str]]]
"""IAM condition block: operator -> key -> value or values."""


def iam_time(moment: datetime) -> str:
    """A moment as IAM's date conditions read it, whole seconds UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Deny:
    """One kind of deny; its methods are the functions of an Action."""

    action: str
    """The action's id, part of the policy's name."""
    kind: PrincipalKind
    sid: str
    condition: Callable[[Target, Terms], Condition]
    """What narrows the deny, besides its end."""
    subject: Callable[[Target], str] = lambda target: target.name
    """What the policy is for; ends its name, so that two targets of a case never share one."""

    def arn(self, target: Target, terms: Terms) -> str:
        """ARN of the policy for this target in this case."""
        return f"arn:{partition(target)}:iam::{target.account}:policy{PATH}{self._name(target, terms)}"

    def timed(self, target: Target, terms: Terms) -> str:
        """The document that ends by itself at `expires_at`."""
        ends = {"aws:CurrentTime": iam_time(terms.expires_at)}
        condition = {operator: dict(keys) for operator, keys in self.condition(target, terms).items()}
        return self._document({**condition, "DateLessThan": {**condition.get("DateLessThan", {}), **ends}})

    def kept(self, target: Target, terms: Terms) -> str:
        """The same document without an end, for a containment that a person confirmed."""
        return self._document({operator: dict(keys) for operator, keys in self.condition(target, terms).items()})

    def snapshot(self, reader: Reader, target: Target) -> Principal:
        """The principal as it is now; raises FailedResponse."""
        return read_principal(reader, target, self.kind, self._ending(target))

    def presume(self, target: Target) -> Principal:
        """A principal that exists and that stanch has not touched."""
        return Principal(exists=True, path=path_of(target.arn))

    def objections(self, target: Target, state: Principal) -> tuple[str, ...]:
        """The principal is gone, or can hold no further policy."""
        if not state.exists:
            return (f"{self.kind.lower()} {target.name} does not exist in account {target.account}",)
        ours = any(policy.arn in state.attached for policy in state.policies)
        if len(state.attached) >= state.quota and not ours:
            count = f"{len(state.attached)} of {state.quota}"
            return (f"{self.kind.lower()} {target.name} has {count} managed policies attached: no room for the deny",)
        return ()

    def forward(self, target: Target, state: Principal, terms: Terms) -> tuple[Call, ...]:
        """Create the policy and attach it, as far as that is not done."""
        arn = self.arn(target, terms)
        policy = state.policy(arn)
        if policy is None:
            return (self._create(target, terms), self._attach(target, terms))
        if not self.wrote(policy.in_force, target, terms):
            # The name is taken. AWS refuses to create it again, so nobody is overwritten and it ends as a failure.
            return (self._create(target, terms),)
        attach = () if arn in state.attached else (self._attach(target, terms),)
        if policy.in_force in (self.timed(target, terms), self.kept(target, terms)):
            return attach
        return (*_end_at(self.timed(target, terms), policy), *attach)  # it is ours and ends at another time

    def keep(self, target: Target, state: Principal, terms: Terms) -> tuple[Call, ...]:
        """Make the version without an end the one in force."""
        policy = state.policy(self.arn(target, terms))
        kept = self.kept(target, terms)
        if policy is None:
            return (*self.forward(target, state, terms), _version(self.arn(target, terms), kept))
        if not self.wrote(policy.in_force, target, terms):
            return self.forward(target, state, terms)
        attach = () if policy.arn in state.attached else (self._attach(target, terms),)
        return attach if policy.in_force == kept else (*attach, *_end_at(kept, policy))

    def inverse(self, target: Target, before: Principal, now: Principal | None, terms: Terms) -> Undo:  # noqa: ARG002
        """Detach our policy and delete it; what someone else did to it is left alone and named.

        `before` decides nothing: a policy of our name, path and text is ours, whenever it was made.
        """
        arn = self.arn(target, terms)
        if now is None:
            return Undo((self._detach(target, terms), self._delete(target, terms)))
        policy = now.policy(arn)
        detach = (self._detach(target, terms),) if arn in now.attached else ()
        if policy is None:
            return Undo(detach)
        if not self.wrote(policy.in_force, target, terms):
            return Undo((), (f"policy {arn} no longer says what stanch wrote: someone changed it; left as it is",))
        conflicts = self._strangers(policy, target, terms)
        if conflicts:
            return Undo(detach, conflicts)
        return Undo((*detach, *self._delete_versions(policy), self._delete(target, terms)))

    def blast_radius(self, target: Target, state: Principal) -> str:  # noqa: ARG002
        """The one principal."""
        return f"{self.kind.lower()} {target.name} in account {target.account}"

    def examples(self, target: Target, terms: Terms) -> tuple[tuple[Target, Principal], ...]:
        """Untouched, denied until the end, and denied for good."""
        arn, me = self.arn(target, terms), f"{self.kind}/{target.name}"
        timed = Version("v1", self.timed(target, terms), default=True)
        old = Version("v1", self.timed(target, terms), default=False)
        kept = Version("v2", self.kept(target, terms), default=True)
        stages = ((), (Policy(arn, (timed,), (me,)),), (Policy(arn, (old, kept), (me,)),))
        return tuple(
            (target, Principal(exists=True, attached=tuple(p.arn for p in policies), policies=policies))
            for policies in stages
        )

    def _ending(self, target: Target) -> str:
        return f"-{self.action}-{self.subject(target)}"

    def _name(self, target: Target, terms: Terms) -> str:
        return f"stanch-{terms.case}.{terms.round}{self._ending(target)}"

    def _document(self, condition: Condition) -> str:
        statement: dict[str, object] = {"Sid": self.sid, "Effect": "Deny", "Action": "*", "Resource": "*"}
        if condition:
            statement["Condition"] = condition
        document: JSONObject = {"Version": "2012-10-17", "Statement": [statement]}  # type: ignore[list-item]  # JSON by construction
        return canonical(document)

    def wrote(self, document: str, target: Target, terms: Terms) -> bool:
        """Whether this is what stanch writes for this target in this case, with any end or without."""
        return without_end(document) == self.kept(target, terms)

    def _strangers(self, policy: Policy, target: Target, terms: Terms) -> tuple[str, ...]:
        me = f"{self.kind}/{target.name}"
        others = [holder for holder in policy.attached_to if holder != me]
        foreign = [v.id for v in policy.versions if not self.wrote(v.document, target, terms)]
        attached = [f"someone attached policy {policy.arn} to {', '.join(others)}: it is kept"] if others else []
        edited = [f"someone added {', '.join(foreign)} to policy {policy.arn}: it is kept"] if foreign else []
        return (*attached, *edited)

    def _create(self, target: Target, terms: Terms) -> Call:
        params: JSONObject = {
            "PolicyName": self._name(target, terms),
            "Path": PATH,
            "PolicyDocument": self.timed(target, terms),
            "Description": f"stanch {self.action}, case {terms.case}: ends by itself {iam_time(terms.expires_at)}",
            "Tags": case_tags(terms),
        }
        return Call("iam", "CreatePolicy", params, self.arn(target, terms))

    def _attach(self, target: Target, terms: Terms) -> Call:
        return self._bind(f"Attach{self.kind}Policy", target, terms)

    def _detach(self, target: Target, terms: Terms) -> Call:
        return self._bind(f"Detach{self.kind}Policy", target, terms)

    def _bind(self, operation: str, target: Target, terms: Terms) -> Call:
        params: JSONObject = {f"{self.kind}Name": target.name, "PolicyArn": self.arn(target, terms)}
        return Call("iam", operation, params, target.arn)

    def _delete_versions(self, policy: Policy) -> tuple[Call, ...]:
        return tuple(_forget(policy, version) for version in policy.versions if not version.default)

    def _delete(self, target: Target, terms: Terms) -> Call:
        arn = self.arn(target, terms)
        return Call("iam", "DeletePolicy", {"PolicyArn": arn}, arn)


def without_end(document: str) -> str:
    """A document without the conditions that end its statements, canonical; empty for what is no document."""
    try:
        parsed: JSON = json.loads(document)
    except ValueError:
        return ""
    found = rows(parsed, "Statement")
    return canonical({**parsed, "Statement": [endless(one) for one in found]}) if isinstance(parsed, dict) else ""


def endless(statement: JSONObject) -> JSONObject:
    """A statement without the condition that ends it."""
    condition = at(statement, "Condition")
    before = at(condition, "DateLessThan")
    if not isinstance(condition, dict) or not isinstance(before, dict):
        return statement
    rest = {key: value for key, value in before.items() if key != "aws:CurrentTime"}
    left = {**condition, "DateLessThan": rest} if rest else {k: v for k, v in condition.items() if k != "DateLessThan"}
    return {**statement, "Condition": left} if left else {k: v for k, v in statement.items() if k != "Condition"}


def _end_at(document: str, policy: Policy) -> tuple[Call, ...]:
    """Put a version with another end in force; AWS keeps five, so the oldest makes room."""
    spare = sorted((one for one in policy.versions if not one.default), key=lambda one: int(one.id.lstrip("v")))
    room = (_forget(policy, spare[0]),) if len(policy.versions) >= VERSIONS else ()
    return (*room, _version(policy.arn, document))


def _version(arn: str, document: str) -> Call:
    params: JSONObject = {"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": True}
    return Call("iam", "CreatePolicyVersion", params, arn)


def _forget(policy: Policy, version: Version) -> Call:
    return Call("iam", "DeletePolicyVersion", {"PolicyArn": policy.arn, "VersionId": version.id}, policy.arn)


def path_of(arn: str) -> str:
    """The IAM path inside a user's or role's ARN, `/` when there is none."""
    resource = arn.rpartition(":")[2].split("/")
    return "/" + "".join(f"{step}/" for step in resource[1:-1])


def role_objections(target: Target, state: Principal) -> tuple[str, ...]:
    """Roles that AWS keeps to itself cannot be changed by anyone else. The path says so: a name is free to choose."""
    return reserved(target.name, state.path)


def reserved(role: str, path: str) -> tuple[str, ...]:
    """The objection to a role under one of the paths that AWS alone may use."""
    if path.startswith("/aws-service-role/"):
        return (f"role {role} is linked to an AWS service: it cannot be changed",)
    if path.startswith("/aws-reserved/"):
        return (f"role {role} belongs to IAM Identity Center: its sessions are revoked there, by a person",)
    return ()
