"""N1 against a simulated WAF and load balancer."""

from dataclasses import replace
from typing import Any

import pytest

from stanch.actions._firewall import Firewall, blocks
from stanch.actions.block_address import ACTION
from stanch.model.change import Target, TargetKind

SEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
THEIRS = "198.51.100.9/32"


@pytest.fixture
def address(world: Any) -> Target:
    """An address that reached an instance behind a load balancer whose web ACL blocks by stanch's set."""
    vpc, subnet = world.network()
    host = world.instance(subnet, ((world.group(vpc, "web"),),))
    waf = world.client("wafv2")
    made = waf.create_ip_set(
        Name="stanch-blocked-ipv4",
        Scope="REGIONAL",
        IPAddressVersion="IPV4",
        Addresses=[THEIRS],
        Description="made by a person",
    )
    acl = waf.create_web_acl(
        Name="shop",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=SEEN,
        Rules=[rule({"IPSetReferenceStatement": {"ARN": made["Summary"]["ARN"]}})],
    )["Summary"]["ARN"]
    waf.associate_web_acl(WebACLArn=acl, ResourceArn=balance(world, vpc, subnet, host.name))
    return Target(TargetKind.ADDRESS, world.account, world.region, "203.0.113.7", "203.0.113.7", within=host.arn)


def rule(statement: dict[str, Any], action: str = "Block") -> dict[str, Any]:
    return {"Name": "r", "Priority": 0, "Statement": statement, "Action": {action: {}}, "VisibilityConfig": SEEN}


def balance(world: Any, vpc: str, subnet: str, instance: str) -> str:
    ec2, elb = world.client("ec2"), world.client("elbv2")
    other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone=f"{world.region}c")
    balancer = elb.create_load_balancer(Name="shop", Subnets=[subnet, other["Subnet"]["SubnetId"]])
    arn = str(balancer["LoadBalancers"][0]["LoadBalancerArn"])
    group = elb.create_target_group(Name="shop", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    elb.create_listener(
        LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}]
    )
    return arn


def test_an_address_is_blocked_and_unblocked_beside_others(world: Any, address: Target) -> None:
    before = ACTION.snapshot(world.reader, address)
    assert before.web_acls == ("shop",)
    assert ACTION.objections(address, before) == ()
    (call,) = world.contain(ACTION, address)
    assert call.params["Addresses"] == [THEIRS, "203.0.113.7/32"]
    assert call.params["Description"] == "made by a person"
    assert call.resource == before.arn
    assert world.contain(ACTION, address) == []
    assert world.undo(ACTION, address, before).conflicts == ()
    assert ACTION.snapshot(world.reader, address).addresses == (THEIRS,)


def test_only_our_own_address_is_removed(world: Any, address: Target) -> None:
    before = ACTION.snapshot(world.reader, address)
    world.contain(ACTION, address)
    now = ACTION.snapshot(world.reader, address)
    world.client("wafv2").update_ip_set(
        Name=now.name, Scope="REGIONAL", Id=now.id, LockToken=now.lock_token, Addresses=["192.0.2.1/32", *now.addresses]
    )
    world.undo(ACTION, address, before)
    assert ACTION.snapshot(world.reader, address).addresses == ("192.0.2.1/32", THEIRS)


def test_a_stale_lock_token_changes_nothing_and_a_new_plan_succeeds(world: Any, address: Target) -> None:
    old = ACTION.snapshot(world.reader, address)
    world.client("wafv2").update_ip_set(
        Name=old.name, Scope="REGIONAL", Id=old.id, LockToken=old.lock_token, Addresses=[]
    )
    (call,) = ACTION.forward(address, old, world.terms)
    receipt = world.aws.call(call, account=world.account, region=world.region, case=world.terms.case)
    assert receipt.error.startswith("WAFOptimisticLockException")
    assert len(world.contain(ACTION, address)) == 1
    assert ACTION.snapshot(world.reader, address).addresses == ("203.0.113.7/32",)


def test_an_address_that_was_blocked_before_is_not_ours_to_lift(world: Any, address: Target) -> None:
    theirs = replace(address, name="198.51.100.9", arn="198.51.100.9")
    before = ACTION.snapshot(world.reader, theirs)
    assert world.contain(ACTION, theirs) == []
    assert ACTION.inverse(theirs, before, before, world.terms).calls == ()


def test_a_host_that_no_web_acl_guards_is_no_effect(world: Any, address: Target) -> None:
    vpc, subnet = world.network()
    elsewhere = replace(address, within=world.instance(subnet, ((world.group(vpc, "x"),),)).arn)
    (reason,) = ACTION.objections(elsewhere, ACTION.snapshot(world.reader, elsewhere))
    assert reason.startswith("no effect")
    nowhere = replace(address, within="")
    assert ACTION.objections(nowhere, ACTION.snapshot(world.reader, nowhere))[0].startswith("no effect")


def test_no_set_means_no_block(world: Any) -> None:
    target = Target(TargetKind.ADDRESS, world.account, world.region, "2001:db8::7", "2001:db8::7")
    state = ACTION.snapshot(world.reader, target)
    assert state == Firewall("stanch-blocked-ipv6")
    assert "no IP set stanch-blocked-ipv6" in ACTION.objections(target, state)[0]
    assert all(call.waits_for for call in ACTION.forward(target, state, world.terms))
    assert ACTION.inverse(target, state, state, world.terms).calls == ()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("10.0.0.1", "never blocked"),
        ("100.64.0.1", "never blocked"),
        ("127.0.0.1", "never blocked"),
        ("169.254.169.254", "never blocked"),
        ("224.0.0.1", "never blocked"),
        ("240.0.0.1", "never blocked"),
        ("0.0.0.0", "never blocked"),
        ("::1", "never blocked"),
        ("fe80::1", "never blocked"),
        ("fd00::1", "never blocked"),
        ("ff02::1", "never blocked"),
        ("::ffff:10.0.0.1", "never blocked"),
        ("203.0.113.0/24", "not a single address"),
        ("fe80::1%eth0", "not a single address"),
        ("example.org", "not a single address"),
        ("", "not a single address"),
    ],
)
def test_addresses_that_are_never_blocked(name: str, reason: str) -> None:
    target = replace(ACTION.examples[0][0], name=name, arn=name)
    (said,) = ACTION.objections(target, ACTION.presume(target))
    assert reason in said


@pytest.mark.parametrize(
    ("name", "set_name", "cidr"),
    [
        ("203.0.113.7", "stanch-blocked-ipv4", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "stanch-blocked-ipv4", "203.0.113.7/32"),
        ("2001:DB8:0::7", "stanch-blocked-ipv6", "2001:db8::7/128"),
    ],
)
def test_one_address_is_one_host_range_in_the_set_of_its_family(name: str, set_name: str, cidr: str) -> None:
    target = replace(ACTION.examples[0][0], name=name, arn=name)
    (call,) = ACTION.forward(target, ACTION.presume(target), None)  # type: ignore[arg-type]  # N1 needs no terms
    assert (call.params["Name"], call.params["Addresses"]) == (set_name, [cidr])


def test_an_ipv6_address_is_recognised_however_aws_spells_it() -> None:
    target = replace(ACTION.examples[0][0], name="2001:db8::7")
    spelt = replace(ACTION.presume(target), addresses=("2001:0db8:0000:0000:0000:0000:0000:0007/128",))
    assert ACTION.forward(target, spelt, None) == ()  # type: ignore[arg-type]  # N1 needs no terms


OURS = {"IPSetReferenceStatement": {"ARN": "arn:ours"}}
OTHER = {"IPSetReferenceStatement": {"ARN": "arn:other"}}


@pytest.mark.parametrize(
    ("statement", "action", "expected"),
    [
        (OURS, "Block", True),
        (OTHER, "Block", False),
        (OURS, "Allow", False),
        (OURS, "Count", False),
        ({"AndStatement": {"Statements": [OTHER, OURS]}}, "Block", True),
        ({"OrStatement": {"Statements": [OTHER, {"AndStatement": {"Statements": [OURS, OTHER]}}]}}, "Block", True),
        ({"NotStatement": {"Statement": OURS}}, "Block", False),
        ({"NotStatement": {"Statement": {"NotStatement": {"Statement": OURS}}}}, "Block", True),
        ({"AndStatement": {"Statements": [{"NotStatement": {"Statement": OTHER}}, OURS]}}, "Block", True),
        ({"RateBasedStatement": {"Limit": 100, "ScopeDownStatement": OURS}}, "Block", True),
        ({"GeoMatchStatement": {"CountryCodes": ["NZ"]}}, "Block", False),
    ],
)
def test_a_web_acl_counts_only_if_being_in_the_set_blocks(statement: Any, action: str, expected: bool) -> None:
    assert blocks({"Rules": [rule(statement, action)]}, "arn:ours") is expected


def test_a_full_set_is_refused() -> None:
    target, state = ACTION.examples[0]
    full = replace(state, addresses=tuple(f"198.51.{n // 256}.{n % 256}/32" for n in range(10_000)))
    assert "is full" in ACTION.objections(target, full)[0]
