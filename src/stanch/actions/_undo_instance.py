"""State machines that take back what was done to an instance: its network, its power, its places, its addresses."""

from stanch.actions._isolation import ISOLATION_TAG
from stanch.actions._machine import State, jsonata, machine, read, task

_GONE = "$state in ['shutting-down', 'terminated']"
_SHOWN = "$states.result.Reservations[0].Instances[0]"


def _instance(**keep: str) -> State:
    ids = {"InstanceIds": [jsonata("$it.name")]}
    return read("ec2", "DescribeInstances", ids, state=f"{_SHOWN}.State.Name", **keep)


def _filter(name: str, values: str) -> dict[str, str]:
    return {"Name": name, "Values": jsonata(f"[{values}]")}


METADATA = machine(
    ("endpoint",),
    {"Instance": _instance(endpoint=f"{_SHOWN}.MetadataOptions.HttpEndpoint & ''")},
    todo=f"$not({_GONE}) and $endpoint = 'disabled' and $it.before.endpoint = 'enabled' ? [{{'do': 'Open'}}] : []",
    Open=task("ec2", "ModifyInstanceMetadataOptions", {"InstanceId": jsonata("$it.name"), "HttpEndpoint": "enabled"}),
)
"""E5: opens the metadata endpoint only if it is closed now and was open before."""

POWER = machine(
    ("state", "no_stop"),
    {
        "Instance": _instance(),
        "Protection": read(
            "ec2",
            "DescribeInstanceAttribute",
            {"InstanceId": jsonata("$it.name"), "Attribute": "disableApiStop"},
            protected="$states.result.DisableApiStop.Value = true",
        ),
    },
    todo=f"{_GONE} or $it.before.state in ['stopping', 'stopped'] ? [] "
    ": $state in ['stopping', 'stopped'] ? [{'do': 'Start'}] "
    ": $it.before.no_stop and $not($protected) ? [{'do': 'Protect'}] : []",
    Start=task("ec2", "StartInstances", {"InstanceIds": [jsonata("$it.name")]}),
    Protect=task(
        "ec2", "ModifyInstanceAttribute", {"InstanceId": jsonata("$it.name"), "DisableApiStop": {"Value": True}}
    ),
)
"""E6: starts it only if it ran before, and forbids stopping again where that was forbidden."""

_FACE = "$faces[id = $was.id][0]"
_CHANGED = "$exists($one) and [$one.groups] != [$was.groups]"
_ISOLATED = "[$one.groups] = [$isolation] and $count($isolation) = 1"
_MISSING = "[$was.groups[$not($ in $groups)]]"
ISOLATION = machine(
    ("vpc", "interfaces"),
    {
        "Instance": _instance(),
        "Isolation group": read(
            "ec2",
            "DescribeSecurityGroups",
            {
                "Filters": [
                    _filter("vpc-id", "$it.before.vpc"),
                    _filter("group-name", "'stanch-isolation-' & $it.before.vpc"),
                    {"Name": "tag-key", "Values": [ISOLATION_TAG]},
                ]
            },
            isolation="[$states.result.SecurityGroups.GroupId]",
        ),
        "Groups": read(
            "ec2",
            "DescribeSecurityGroups",
            {"Filters": [_filter("group-id", "$distinct($it.before.interfaces.groups)")]},
            groups="[$states.result.SecurityGroups.GroupId]",
        ),
        "Interfaces": read(
            "ec2",
            "DescribeNetworkInterfaces",
            {"Filters": [_filter("attachment.instance-id", "$it.name")]},
            faces="[$states.result.NetworkInterfaces.{'id': NetworkInterfaceId, 'groups': $sort([Groups.GroupId])}]",
        ),
    },
    todo=f"{_GONE} ? [] : $map($it.before.interfaces, function($was) {{($one := {_FACE};"
    f"{_CHANGED} and {_ISOLATED} and $count({_MISSING}) = 0 "
    "? {'do': 'Restore', 'id': $was.id, 'groups': [$was.groups]})})",
    conflicts=f"{_GONE} ? [] : $append($map($it.before.interfaces, function($was) {{($one := {_FACE};"
    "$not($exists($one)) ? 'interface ' & $was.id & ' is no longer attached to ' & $it.name "
    f": {_CHANGED} and $not({_ISOLATED}) ? 'someone gave interface ' & $was.id & ' other groups' "
    f": {_CHANGED} and $count({_MISSING}) > 0 ? 'a group that interface ' & $was.id & ' had is gone')}}), "
    "$map($faces[$not(id in $it.before.interfaces.id)], function($one) {"
    f"{_ISOLATED} ? 'interface ' & $one.id & ' joined later and is isolated: its own groups are not known'}}))",
    Restore=task(
        "ec2",
        "ModifyNetworkInterfaceAttribute",
        {"NetworkInterfaceId": jsonata("$todo[0].id"), "Groups": jsonata("[$todo[0].groups]")},
    ),
)
"""E4: gives an interface its own groups back only if it has nothing but the isolation group."""

_MEMBER = "$exists($group) and $group.arn = $it.before.group.arn and $member = $it.before.group.name"
_STANDING_BY = "$lifecycle in ['Standby', 'EnteringStandby']"
STANDBY = machine(
    ("group",),
    {
        "Instance": _instance(),
        "Member": read(
            "autoscaling",
            "DescribeAutoScalingInstances",
            {"InstanceIds": [jsonata("$it.name")]},
            member="$states.result.AutoScalingInstances[0].AutoScalingGroupName & ''",
            lifecycle="$states.result.AutoScalingInstances[0].LifecycleState & ''",
        ),
        "Group": read(
            "autoscaling",
            "DescribeAutoScalingGroups",
            {"AutoScalingGroupNames": [jsonata("$it.before.group.name")]},
            group="($one := $states.result.AutoScalingGroups[0]; $exists($one) ? "
            "{'arn': $one.AutoScalingGroupARN, 'full': $one.DesiredCapacity >= $one.MaxSize} : {'arn': ''})",
        ),
    },
    todo=f"$not({_GONE}) and {_MEMBER} and {_STANDING_BY} and $not($group.full) ? [{{'do': 'Exit'}}] : []",
    conflicts=f"{_GONE} ? [] : $not({_MEMBER}) ? ['someone took ' & $it.name & ' out of ' & $it.before.group.name] "
    f": {_STANDING_BY} and $group.full ? [$it.before.group.name & ' is full: ' & $it.name & ' stays on standby'] : []",
    Exit=task(
        "autoscaling",
        "ExitStandby",
        {"InstanceIds": [jsonata("$it.name")], "AutoScalingGroupName": jsonata("$it.before.group.name")},
    ),
)
"""E2: brings it back into its own group where there is room."""

_SHOWN_TARGETS = "$states.result.TargetHealthDescriptions[TargetHealth.State != 'draining']"
_TARGETS: State = {
    "Type": "Map",
    "Items": jsonata("[$distinct($it.before.registered.group)]"),
    "MaxConcurrency": 1,
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "Targets",
        "States": {
            "Targets": {
                **task("elasticloadbalancingv2", "DescribeTargetHealth", {"TargetGroupArn": jsonata("$states.input")}),
                "Output": jsonata(
                    "{'group': $states.input, 'there': true, 'places': "
                    f"[{_SHOWN_TARGETS}.Target.{{'id': Id, 'port': $exists(Port) ? Port : 0}}]}}"
                ),
                "Catch": [
                    {
                        "ErrorEquals": ["States.ALL"],
                        "Output": jsonata("{'group': $states.input, 'there': false, 'places': []}"),
                        "Next": "Unread",
                    }
                ],
                "Next": "Read",
            },
            "Unread": {"Type": "Pass", "End": True},
            "Read": {"Type": "Pass", "End": True},
        },
    },
    "Assign": {"now": jsonata("[$states.result]")},
}
_PLACE = "$now[group = $was.group][0]"
_BACK = f"$count([{_PLACE}.places[id = $was.id and port = $was.port]]) > 0"
BALANCERS = machine(
    ("registered",),
    {"Instance": _instance(), "Target groups": _TARGETS},
    todo=f"{_GONE} ? [] : $map($it.before.registered, function($was) {{"
    f"{_PLACE}.there and $not({_BACK}) "
    "? {'do': $was.port = 0 ? 'Register' : 'Register at port', 'was': $was}})",
    conflicts=f"{_GONE} ? [] : $distinct($map($it.before.registered, function($was) {{"
    f"$not({_PLACE}.there) ? 'target group ' & $was.group & ' is gone or cannot be read'}}))",
    **{
        "Register": task(
            "elasticloadbalancingv2",
            "RegisterTargets",
            {"TargetGroupArn": jsonata("$todo[0].was.group"), "Targets": [{"Id": jsonata("$todo[0].was.id")}]},
        ),
        "Register at port": task(
            "elasticloadbalancingv2",
            "RegisterTargets",
            {
                "TargetGroupArn": jsonata("$todo[0].was.group"),
                "Targets": [{"Id": jsonata("$todo[0].was.id"), "Port": jsonata("$todo[0].was.port")}],
            },
        ),
    },
)
"""E3: registers it again, only in the groups and under the ports that it was in."""

_HERE = "$found[allocation = $was.allocation][0]"
_THERE = "$here.interface = $was.interface and $here.private = $was.private"
_TAKEN = "$count($others[interface = $was.interface and private = $was.private]) > 0"
_FREE = f"$exists($here) and $not($here.used) and $was.private in $places and $not({_TAKEN})"
_ADDRESS = (
    "[$states.result.Addresses.{'allocation': AllocationId, 'used': $exists(AssociationId), "
    "'interface': NetworkInterfaceId, 'private': PrivateIpAddress}]"
)
ADDRESSES = machine(
    ("elastic",),
    {
        "Instance": _instance(places=f"[{_SHOWN}.NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress]"),
        "Addresses": read(
            "ec2",
            "DescribeAddresses",
            {"Filters": [_filter("allocation-id", "$it.before.elastic.allocation")]},
            found=_ADDRESS,
        ),
        "Others": read(
            "ec2",
            "DescribeAddresses",
            {"Filters": [_filter("network-interface-id", "$it.before.elastic.interface")]},
            others=_ADDRESS,
        ),
    },
    todo=f"{_GONE} ? [] : $map($it.before.elastic, function($was) {{($here := {_HERE};"
    f"$not({_THERE}) and {_FREE} ? {{'do': 'Give back', 'was': $was}})}})",
    conflicts=f"{_GONE} ? [] : $map($it.before.elastic, function($was) {{($here := {_HERE};"
    f"$not({_THERE}) and $not({_FREE}) "
    "? 'address ' & $was.address & ' cannot go back to ' & $it.name & ': it or its place is taken or gone')})",
    **{
        "Give back": task(
            "ec2",
            "AssociateAddress",
            {
                "AllocationId": jsonata("$todo[0].was.allocation"),
                "NetworkInterfaceId": jsonata("$todo[0].was.interface"),
                "PrivateIpAddress": jsonata("$todo[0].was.private"),
                "AllowReassociation": False,
            },
        )
    },
)
"""E7: gives an elastic address back to the same place, only if nothing else has it."""
