"""Networks and hosts of the simulated organisation."""

from dataclasses import dataclass, replace
from typing import Protocol
from zlib import crc32

from stanch.lab.world import REGION, Host, Role
from stanch.model.data import JSON
from stanch.model.finding import Instance, Interface

IMAGE = "ami-1e749f67"
KIND = "m5.large"


class Hands(Protocol):
    """Whoever can make things in one account."""

    account: str

    def make(self, service: str, operation: str, take: str = "", **params: JSON) -> str:
        """Do an operation and take one string out of its answer."""
        ...


@dataclass(frozen=True)
class Network:
    """A VPC with subnets in two zones and a NAT gateway."""

    vpc: str
    cidr: str
    """First two octets."""
    subnets: tuple[str, str]
    egress: str
    """Public address of the NAT gateway."""


def lay(hands: Hands, cidr: str, egress: str) -> Network:
    """A VPC `cidr`.0.0/16 whose traffic leaves from the address `egress`."""
    vpc = hands.make("ec2", "create_vpc", "Vpc.VpcId", CidrBlock=f"{cidr}.0.0/16")
    first, second = _subnet(hands, vpc, f"{cidr}.1.0/24", "a"), _subnet(hands, vpc, f"{cidr}.2.0/24", "b")
    gateway = hands.make("ec2", "create_internet_gateway", "InternetGateway.InternetGatewayId")
    hands.make("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    hands.make("ec2", "create_nat_gateway", SubnetId=first, AllocationId=_address(hands, egress))
    return Network(vpc, cidr, (first, second), str(egress))


def group(hands: Hands, vpc: str, name: str) -> str:
    """A security group with AWS's default egress rule and one way in."""
    made = hands.make("ec2", "create_security_group", "GroupId", GroupName=name, Description=name, VpcId=vpc)
    web: JSON = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    hands.make("ec2", "authorize_security_group_ingress", GroupId=made, IpPermissions=web)
    return made


def launch(hands: Hands, network: Network, name: str, role: Role, public: str = "") -> Host:
    """An instance with two interfaces in different groups, its profile, and an elastic address where one is given."""
    profile = _profile(hands, role)
    faces = _face(hands, network, name, 0), _face(hands, network, f"{name}-back", 1)
    tags = (("Name", name), ("owner", f"{name}-team"))
    launched = hands.make(
        "ec2",
        "run_instances",
        "Instances.0.InstanceId",
        ImageId=IMAGE,
        InstanceType=KIND,
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": role.name},
        NetworkInterfaces=[{"DeviceIndex": n, "NetworkInterfaceId": one.id} for n, one in enumerate(faces)],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags]}],
    )
    if public:
        hands.make("ec2", "associate_address", AllocationId=_address(hands, public), NetworkInterfaceId=faces[0].id)
        faces = replace(faces[0], public_ip=public), faces[1]
    instance = Instance(launched, hands.account, REGION, role=role.name, interfaces=faces)
    return Host(name, instance, role, profile, IMAGE, KIND, public or network.egress, tags)


def _subnet(hands: Hands, vpc: str, cidr: str, zone: str) -> str:
    place = f"{REGION}{zone}"
    return hands.make("ec2", "create_subnet", "Subnet.SubnetId", VpcId=vpc, CidrBlock=cidr, AvailabilityZone=place)


def _address(hands: Hands, address: str) -> str:
    return hands.make("ec2", "allocate_address", "AllocationId", Domain="vpc", Address=address)


def _profile(hands: Hands, role: Role) -> str:
    hands.make("iam", "create_instance_profile", InstanceProfileName=role.name)
    hands.make("iam", "add_role_to_instance_profile", InstanceProfileName=role.name, RoleName=role.name)
    return hands.make("iam", "get_instance_profile", "InstanceProfile.Arn", InstanceProfileName=role.name)


def _face(hands: Hands, network: Network, name: str, zone: int) -> Interface:
    own = group(hands, network.vpc, name)
    subnet = network.subnets[zone]
    # moto would draw an address outside the subnet's range.
    address = f"{network.cidr}.{zone + 1}.{17 + crc32(name.encode()) % 200}"
    params: dict[str, JSON] = {"SubnetId": subnet, "Groups": [own], "PrivateIpAddress": address}
    made = hands.make("ec2", "create_network_interface", "NetworkInterface.NetworkInterfaceId", **params)
    return Interface(made, address, "", subnet, network.vpc, (own,))
