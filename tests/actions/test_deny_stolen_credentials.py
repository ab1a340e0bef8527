"""I7: who is denied by its conditions, and what it knows of the network that it spares."""

import json
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from stanch.actions._examples import TERMS
from stanch.actions.deny_stolen_credentials import ACTION
from stanch.model.change import Target
from stanch.model.errors import NotFound
from stanch.model.finding import Instance, Interface

VPC, INSTANCE = "vpc-0aaaaaaaaaaaaaaaa", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0"
NAT = "198.51.100.20"
HOME = {"ec2:SourceInstanceARN": INSTANCE, "aws:ViaAWSService": "false"}
THIEF = {**HOME, "aws:SourceIp": "203.0.113.9"}


def holds(operator: str, wanted: Any, found: str | None) -> bool:
    """One line of a condition as IAM reads it, for the operators that this deny uses and no other."""
    values = wanted if isinstance(wanted, list) else [wanted]
    match operator:
        case "Null":
            return (found is None) == (values == ["true"])
        case "ArnEquals" | "Bool":
            return found in values
        case "DateLessThan":
            return found is not None and found < values[0]
        case "StringNotEqualsIfExists":
            return found is None or found not in values
        case "NotIpAddressIfExists":
            return found is None or not any(ip_address(found) in ip_network(one) for one in values)
    raise AssertionError(operator)


def is_denied(document: str, request: dict[str, str], now: str = "2026-01-01T09:00:00Z") -> bool:
    (statement,) = json.loads(document)["Statement"]
    facts = {**request, "aws:CurrentTime": now}
    lines = ((operator, key, value) for operator, keys in statement["Condition"].items() for key, value in keys.items())
    return all(holds(operator, value, facts.get(key)) for operator, key, value in lines)


def planned() -> str:
    target, state = ACTION.examples[0]
    return str(ACTION.forward(target, state, TERMS)[0].params["PolicyDocument"])


@pytest.mark.parametrize(
    ("request_", "denied"),
    [
        (THIEF, True),
        ({**HOME, "aws:SourceIp": NAT}, False),
        ({**HOME, "aws:SourceIp": "198.51.100.21"}, False),
        ({**HOME, "aws:SourceVpc": VPC}, False),
        ({**HOME, "aws:SourceVpc": "vpc-0bbbbbbbbbbbbbbbb"}, True),
        ({**THIEF, "aws:ViaAWSService": "true"}, False),
        ({**THIEF, "ec2:SourceInstanceARN": INSTANCE.replace("0123", "ffff")}, False),
        ({"aws:SourceIp": "203.0.113.9", "aws:ViaAWSService": "false"}, False),
    ],
    ids=[
        "the thief",
        "through NAT",
        "through its own address",
        "through an endpoint",
        "through the thief's endpoint",
        "a service on its behalf",
        "another instance of the role",
        "a session that is no instance's",
    ],
)
def test_the_thief_is_out_and_the_service_lives(request_: dict[str, str], denied: bool) -> None:
    assert is_denied(planned(), request_) is denied


@pytest.mark.parametrize(("now", "denied"), [("2026-01-01T11:59:59Z", True), ("2026-01-01T12:00:00Z", False)])
def test_it_ends_by_itself(now: str, denied: bool) -> None:
    assert is_denied(planned(), THIEF, now) is denied


@pytest.fixture
def stolen(world: Any) -> Target:
    target: Target = world.credentials()
    return target


def network_of(world: Any, target: Target) -> tuple[str, str]:
    id = target.within.rpartition("/")[2]  # noqa: A001
    host = world.client("ec2").describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
    return host["VpcId"], host["SubnetId"]


def table(world: Any, vpc: str, subnet: str = "") -> str:
    """A route table for the subnet, or the main one that the VPC came with."""
    ec2 = world.client("ec2")
    if not subnet:
        return str(
            ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
        )
    made = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=made, SubnetId=subnet)
    return str(made)


def gateway(world: Any, vpc: str) -> str:
    ec2 = world.client("ec2")
    made = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=vpc)
    return str(made)


def nat(world: Any, subnet: str) -> tuple[str, str]:
    ec2 = world.client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address["AllocationId"])["NatGateway"]["NatGatewayId"]
    return made, address["PublicIp"]


def test_a_network_without_a_way_out_has_only_its_endpoints(world: Any, stolen: Target) -> None:
    vpc, _ = network_of(world, stolen)
    state = ACTION.snapshot(world.reader, stolen)
    assert (state.home.vpcs, state.home.egress, state.home.unknown) == ((vpc,), (), ())
    document = str(ACTION.forward(stolen, state, world.terms)[0].params["PolicyDocument"])
    here = {"ec2:SourceInstanceARN": stolen.within, "aws:ViaAWSService": "false"}
    assert is_denied(document, {**here, "aws:SourceIp": NAT})
    assert not is_denied(document, {**here, "aws:SourceVpc": vpc})


def test_the_nat_gateway_of_its_route_and_its_own_address_are_known(world: Any, stolen: Target) -> None:
    ec2 = world.client("ec2")
    vpc, subnet = network_of(world, stolen)
    made, public = nat(world, subnet)
    nat(world, subnet)  # one that no route of this subnet uses
    ec2.create_route(RouteTableId=table(world, vpc, subnet), DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made)
    own = ec2.allocate_address(Domain="vpc")
    interface = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])[
        "NetworkInterfaces"
    ]
    mine = next(one["NetworkInterfaceId"] for one in interface if one.get("Attachment", {}).get("InstanceId"))
    ec2.associate_address(AllocationId=own["AllocationId"], NetworkInterfaceId=mine)
    home = ACTION.snapshot(world.reader, stolen).home
    assert home.egress == tuple(sorted((f"{public}/32", f"{own['PublicIp']}/32")))
    assert home.unknown == ()


def test_a_subnet_without_a_table_of_its_own_uses_the_main_one(world: Any, stolen: Target) -> None:
    ec2 = world.client("ec2")
    vpc, subnet = network_of(world, stolen)
    made, public = nat(world, subnet)
    ec2.create_route(RouteTableId=table(world, vpc), DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made)
    assert ACTION.snapshot(world.reader, stolen).home.egress == (f"{public}/32",)


def test_an_internet_gateway_shows_the_instances_own_address(world: Any, stolen: Target) -> None:
    vpc, subnet = network_of(world, stolen)
    internet = gateway(world, vpc)
    route = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": internet}
    world.client("ec2").create_route(RouteTableId=table(world, vpc, subnet), **route)
    assert ACTION.snapshot(world.reader, stolen).home.unknown == ()


@pytest.mark.parametrize(("destination", "known"), [("0.0.0.0/0", False), ("10.0.0.0/8", True), ("8.8.0.0/16", False)])
def test_a_way_out_whose_addresses_nobody_knows_is_refused(
    world: Any, stolen: Target, destination: str, known: bool
) -> None:
    ec2 = world.client("ec2")
    vpc, subnet = network_of(world, stolen)
    transit = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    route = {"DestinationCidrBlock": destination, "TransitGatewayId": transit}
    ec2.create_route(RouteTableId=table(world, vpc, subnet), **route)
    state = ACTION.snapshot(world.reader, stolen)
    reasons = ACTION.objections(stolen, state)
    assert (reasons == ()) is known
    assert all(f"{destination} leaves by {transit}" in reason for reason in reasons)
    assert all(bool(call.waits_for) is not known for call in ACTION.forward(stolen, state, world.terms))


def test_a_subnet_whose_route_table_is_not_shown_is_refused(world: Any, stolen: Target) -> None:
    reader = world.reader

    class Shared:
        def read(self, service: str, operation: str, **params: Any) -> Any:
            return {} if operation == "DescribeRouteTables" else reader.read(service, operation, **params)

    (reason,) = ACTION.objections(stolen, ACTION.snapshot(Shared(), stolen))
    assert "no route table is known for subnet-" in reason


@pytest.mark.parametrize("answer", [{"NatGateways": [{"NatGatewayId": "nat-1", "NatGatewayAddresses": [{}]}]}, None])
def test_a_nat_gateway_without_a_known_public_address_is_refused(world: Any, stolen: Target, answer: Any) -> None:
    vpc, subnet = network_of(world, stolen)
    made, _ = nat(world, subnet)
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": made}
    world.client("ec2").create_route(RouteTableId=table(world, vpc, subnet), **route)
    reader = world.reader

    class Odd:
        def read(self, service: str, operation: str, **params: Any) -> Any:
            if operation != "DescribeNatGateways":
                return reader.read(service, operation, **params)
            if answer is None:
                raise NotFound("ec2:DescribeNatGateways", "NatGatewayNotFound", "gone")
            return answer

    assert len(ACTION.objections(stolen, ACTION.snapshot(Odd(), stolen))) == 1


def test_a_dead_instance_has_no_network_to_spare(world: Any, stolen: Target) -> None:
    world.client("ec2").terminate_instances(InstanceIds=[stolen.within.rpartition("/")[2]])
    (reason,) = ACTION.objections(stolen, ACTION.snapshot(world.reader, stolen))
    assert "is terminated" in reason


def test_an_address_given_later_is_no_reason_to_leave_the_deny(world: Any, stolen: Target) -> None:
    before = ACTION.snapshot(world.reader, stolen)
    world.contain(ACTION, stolen)
    vpc, subnet = network_of(world, stolen)
    made, _ = nat(world, subnet)
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": made}
    world.client("ec2").create_route(RouteTableId=table(world, vpc, subnet), **route)
    now = ACTION.snapshot(world.reader, stolen)
    assert [call.operation for call in ACTION.forward(stolen, now, world.terms)] == ["CreatePolicy"]
    assert world.undo(ACTION, stolen, before).conflicts == ()
    assert ACTION.snapshot(world.reader, stolen).policies == ()


def test_a_deny_that_was_made_for_the_network_of_the_moment_is_taken_back(world: Any, stolen: Target) -> None:
    planned_for = ACTION.snapshot(world.reader, stolen)
    vpc, subnet = network_of(world, stolen)
    made, _ = nat(world, subnet)
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": made}
    world.client("ec2").create_route(RouteTableId=table(world, vpc, subnet), **route)
    world.contain(ACTION, stolen)
    assert world.undo(ACTION, stolen, planned_for).conflicts == ()
    assert ACTION.snapshot(world.reader, stolen).policies == ()


def test_an_address_that_someone_wrote_into_the_deny_is_seen_and_named(world: Any, stolen: Target) -> None:
    before = ACTION.snapshot(world.reader, stolen)
    world.contain(ACTION, stolen)
    (policy,) = ACTION.snapshot(world.reader, stolen).policies
    hole = json.loads(policy.in_force)
    hole["Statement"][0]["Condition"]["NotIpAddressIfExists"] = {"aws:SourceIp": ["203.0.113.9/32"]}
    world.client("iam").create_policy_version(PolicyArn=policy.arn, PolicyDocument=json.dumps(hole), SetAsDefault=True)
    now = ACTION.snapshot(world.reader, stolen)
    assert ACTION.forward(stolen, now, world.terms)
    (conflict,) = ACTION.inverse(stolen, before, now, world.terms).conflicts
    assert "someone changed it" in conflict


def test_replay_takes_the_network_from_the_finding() -> None:
    target, _ = ACTION.examples[0]
    told = Instance("i-0123456789abcdef0", target.account, target.region, interfaces=(Interface("eni-1", vpc=VPC),))
    assert ACTION.presume(replace(target, instance=told)).home.vpcs == (VPC,)
