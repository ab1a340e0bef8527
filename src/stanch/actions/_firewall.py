"""What blocking an address needs to know: stanch's own IP set, and whether a web ACL before the host uses it."""

import re
from dataclasses import dataclass

from stanch.actions._instance import describe, private_addresses
from stanch.actions._place import instance_id
from stanch.aws.answer import at, rows, text, texts
from stanch.model.change import Target
from stanch.model.data import JSON
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

SCOPE = "REGIONAL"
_APPLICATION = re.compile(r"arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:loadbalancer/app/.+")
"""Only application load balancers can stand behind a web ACL."""


@dataclass(frozen=True)
class Firewall:
    """stanch's IP set of one address family in one region, and where it bites."""

    name: str
    id: str = ""
    """Empty when there is no such set."""
    arn: str = ""
    lock_token: str = ""
    """Stale as soon as anyone changes the set."""
    description: str = ""
    addresses: tuple[str, ...] = ()
    """CIDRs as AWS wrote them."""
    web_acls: tuple[str, ...] = ()
    """Names of the web ACLs in front of the instance that block what is in the set."""


def read_firewall(reader: Reader, target: Target, name: str) -> Firewall:
    """The live set; raises FailedResponse."""
    listed = rows(reader.read("wafv2", "ListIPSets", Scope=SCOPE), "IPSets")
    id = next((text(row, "Id") for row in listed if text(row, "Name") == name), "")  # noqa: A001  # AWS's word
    if not id:
        return Firewall(name)
    try:
        found = reader.read("wafv2", "GetIPSet", Name=name, Scope=SCOPE, Id=id)
    except NotFound:  # deleted between the two reads
        return Firewall(name)
    arn = text(found, "IPSet", "ARN")
    return Firewall(
        name=name,
        id=id,
        arn=arn,
        lock_token=text(found, "LockToken"),
        description=text(found, "IPSet", "Description"),
        addresses=texts(found, "IPSet", "Addresses"),
        web_acls=_web_acls(reader, instance_id(target.within), arn),
    )


def _web_acls(reader: Reader, instance: str, ip_set: str) -> tuple[str, ...]:
    found = set()
    for balancer in _balancers(reader, instance):
        try:
            acl = at(reader.read("wafv2", "GetWebACLForResource", ResourceArn=balancer), "WebACL")
        except NotFound:
            continue
        if blocks(acl, ip_set):
            found.add(text(acl, "Name"))
    return tuple(sorted(found))


def _balancers(reader: Reader, instance: str) -> tuple[str, ...]:
    """ARNs of the application load balancers with a target group that holds the instance."""
    described = describe(reader, instance) if instance else {}
    names = {instance, *private_addresses(described)}
    groups = rows(reader.read("elbv2", "DescribeTargetGroups"), "TargetGroups") if described else ()
    near = [group for group in groups if text(group, "VpcId") == text(described, "VpcId")]
    holding = (group for group in near if not names.isdisjoint(_members(reader, text(group, "TargetGroupArn"))))
    arns = {arn for group in holding for arn in texts(group, "LoadBalancerArns")}
    return tuple(sorted(filter(_APPLICATION.fullmatch, arns)))


def _members(reader: Reader, group: str) -> set[str]:
    answer = reader.read("elbv2", "DescribeTargetHealth", TargetGroupArn=group)
    return {text(row, "Target", "Id") for row in rows(answer, "TargetHealthDescriptions")}


def blocks(web_acl: JSON, ip_set: str) -> bool:
    """Whether a rule of the web ACL blocks requests because their source is in the set."""
    blocking = (rule for rule in rows(web_acl, "Rules") if at(rule, "Action", "Block") is not None)
    return any(_refers(at(rule, "Statement"), ip_set, negated=False) for rule in blocking)


def _refers(statement: JSON, ip_set: str, *, negated: bool) -> bool:
    """Whether a statement holds because an address is in the set; under a NOT it would let the address pass instead."""
    if text(statement, "IPSetReferenceStatement", "ARN") == ip_set:
        return not negated
    inverted = at(statement, "NotStatement", "Statement")
    if inverted is not None:
        return _refers(inverted, ip_set, negated=not negated)
    joined = (*rows(statement, "AndStatement", "Statements"), *rows(statement, "OrStatement", "Statements"))
    scoped = at(statement, "RateBasedStatement", "ScopeDownStatement")
    return any(_refers(part, ip_set, negated=negated) for part in (*joined, scoped) if part is not None)
