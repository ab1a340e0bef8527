"""Where an instance's own AWS calls come from: its VPCs and every address that their traffic leaves by."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from stanch.actions._instance import describe, gone, public_addresses
from stanch.aws.answer import flag, rows, text
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

READS = ("ec2:DescribeInstances", "ec2:DescribeNatGateways", "ec2:DescribeRouteTables")
"""IAM permissions that reading a Home takes."""
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


@dataclass(frozen=True)
class Home:
    """The network that an instance lives in."""

    vpcs: tuple[str, ...] = ()
    """Ids, sorted."""
    egress: tuple[str, ...] = ()
    """Addresses as /32 and /128, sorted: the instance's public ones, its NAT gateways' where its routes use them."""
    unknown: tuple[str, ...] = ()
    """Ways out whose addresses cannot be known, in sentences."""


def read_home(reader: Reader, instance: str) -> Home:
    """The live network of an instance; raises FailedResponse."""
    found = describe(reader, instance)
    dead = gone(instance, text(found, "State", "Name"))
    interfaces = rows(found, "NetworkInterfaces")
    if dead or not interfaces:
        return Home(unknown=dead or (f"instance {instance} has no network interface that is known",))
    vpcs = tuple(sorted({text(one, "VpcId") for one in interfaces}))
    subnets = {text(one, "SubnetId") for one in interfaces}
    gateways: set[str] = set()
    unknown: set[str] = set()
    for route in _routes(_tables(reader, vpcs), subnets, unknown):
        if text(route, "NatGatewayId"):
            gateways.add(text(route, "NatGatewayId"))
        elif not _shows_its_own_address(route):
            unknown.add(f"traffic to {_destination(route)} leaves by {_hop(route)}, whose addresses are not known")
    addresses = {*public_addresses(found), *_nat_addresses(reader, gateways, unknown)}
    return Home(vpcs, tuple(sorted(str(ip_network(one)) for one in addresses)), tuple(sorted(unknown)))


def _tables(reader: Reader, vpcs: tuple[str, ...]) -> tuple[JSONObject, ...]:
    answer = reader.read("ec2", "DescribeRouteTables", Filters=[{"Name": "vpc-id", "Values": list(vpcs)}])
    return rows(answer, "RouteTables")


def _routes(tables: tuple[JSONObject, ...], subnets: set[str], unknown: set[str]) -> Iterator[JSONObject]:
    """Routes of the tables that the subnets use; a subnet without a table of its own uses its VPC's main one."""
    served = {id: table for table in tables for id in _subnets(table)}  # noqa: A001  # AWS's word
    main = [table for table in tables if any(flag(one, "Main") for one in rows(table, "Associations"))]
    without = sorted(subnets - set(served))
    if without and not main:  # in a VPC that another account shares they may not be shown
        unknown.add(f"no route table is known for {', '.join(without)}")
    for table in (*(served[one] for one in sorted(subnets) if one in served), *(main if without else ())):
        yield from (route for route in rows(table, "Routes") if text(route, "State") != "blackhole")


def _subnets(table: JSONObject) -> set[str]:
    return {text(one, "SubnetId") for one in rows(table, "Associations") if text(one, "SubnetId")}


def _destination(route: JSONObject) -> str:
    return next((text(route, key) for key in _DESTINATIONS if text(route, key)), "somewhere")


def _hop(route: JSONObject) -> str:
    hops = (text(route, key) for key in sorted(route) if key not in (*_DESTINATIONS, "Origin", "State"))
    return next(filter(None, hops), "an unknown hop")


def _shows_its_own_address(route: JSONObject) -> bool:
    """Whether traffic of this route reaches AWS under an address of the instance or its VPC, if it does at all."""
    gateway = text(route, "GatewayId")
    if gateway == "local" or gateway.startswith("igw-") or text(route, "EgressOnlyInternetGatewayId"):
        return True
    if gateway.startswith("vpce-") and text(route, "DestinationPrefixListId"):
        return True  # a gateway endpoint of this VPC; with a range as destination it is somebody's firewall
    return _is_private(text(route, "DestinationCidrBlock") or text(route, "DestinationIpv6CidrBlock"))


def _is_private(cidr: str) -> bool:
    try:
        return not ip_network(cidr).is_global
    except ValueError:
        return False


def _nat_addresses(reader: Reader, gateways: set[str], unknown: set[str]) -> Iterator[str]:
    if not gateways:
        return
    wanted: JSON = sorted(gateways)
    try:
        answer = reader.read("ec2", "DescribeNatGateways", NatGatewayIds=wanted)
    except NotFound as error:
        unknown.add(f"a NAT gateway of its routes is gone: {error.message}")
        return
    for gateway in rows(answer, "NatGateways"):
        public = [text(one, "PublicIp") for one in rows(gateway, "NatGatewayAddresses") if text(one, "PublicIp")]
        if not public:
            unknown.add(f"NAT gateway {text(gateway, 'NatGatewayId')} has no public address of its own")
        yield from public
