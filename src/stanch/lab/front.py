"""The web front of the simulated organisation: load balancer, web ACL, and stanch's own empty IP sets in it."""

from stanch.lab.hosts import Hands, Network, group
from stanch.lab.world import Front
from stanch.model.data import JSON, JSONObject

SETS = {"stanch-blocked-ipv4": "IPV4", "stanch-blocked-ipv6": "IPV6"}


def put_up(hands: Hands, network: Network, instance: str) -> Front:
    """A load balancer before `instance` whose web ACL blocks what stands in stanch's own sets."""
    balancer = _balancer(hands, network, instance)
    sets = {name: _ip_set(hands, name, version) for name, version in SETS.items()}
    rules: JSON = [_rule(priority, name, arn) for priority, (name, arn) in enumerate(sets.items())]
    acl = hands.make(
        "wafv2",
        "create_web_acl",
        "Summary.ARN",
        Name="storefront",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        Rules=rules,
        VisibilityConfig=_visibility("storefront"),
    )
    hands.make("wafv2", "associate_web_acl", WebACLArn=acl, ResourceArn=balancer)
    return Front(balancer, acl, sets)


def _balancer(hands: Hands, network: Network, instance: str) -> str:
    arn = hands.make(
        "elbv2",
        "create_load_balancer",
        "LoadBalancers.0.LoadBalancerArn",
        Name="storefront",
        Subnets=list(network.subnets),
        SecurityGroups=[group(hands, network.vpc, "storefront-lb")],
        Scheme="internet-facing",
        Type="application",
    )
    take = "TargetGroups.0.TargetGroupArn"
    port: dict[str, JSON] = {"Protocol": "HTTP", "Port": 8080, "VpcId": network.vpc, "TargetType": "instance"}
    targets = hands.make("elbv2", "create_target_group", take, Name="storefront", **port)
    hands.make("elbv2", "register_targets", TargetGroupArn=targets, Targets=[{"Id": instance, "Port": 8080}])
    forward: JSON = [{"Type": "forward", "TargetGroupArn": targets}]
    hands.make("elbv2", "create_listener", LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
    return arn


def _ip_set(hands: Hands, name: str, version: str) -> str:
    params: dict[str, JSON] = {"Scope": "REGIONAL", "IPAddressVersion": version, "Addresses": []}
    return hands.make("wafv2", "create_ip_set", "Summary.ARN", Name=name, **params)


def _rule(priority: int, name: str, arn: str) -> JSONObject:
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"IPSetReferenceStatement": {"ARN": arn}},
        "Action": {"Block": {}},
        "VisibilityConfig": _visibility(name),
    }


def _visibility(name: str) -> JSONObject:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
