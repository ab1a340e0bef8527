"""The simulated AWS of the side-by-side measurement, as a process: it keeps the clock and knows when it is contained.

    python bench/scene.py FOLDER

Builds the lab once, writes its simulation into FOLDER, prints its port, and for every connection forks a child that
serves a copy on a port of its own. A child is told the latency and the scenario, and hands back what it recorded.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
from moto.autoscaling.models import autoscaling_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from stanch.lab.clock import OPENING
from stanch.lab.run import in_process
from stanch.lab.serve import _Quiet
from stanch.lab.wire import Wire, mutating
from stanch.lab.world import PROD, REGION, RESPONDER, SANDBOX, World

SCALED, BALANCED, PREPARED = "batch", "batch", "prepared-isolation"


def main(folder: Path) -> None:
    """Serve until stdin is closed."""
    with in_process(7, OPENING) as lab:
        lab.write(folder)
        _into_a_group(lab.world)
        lab.wire.clear()
        with socket.create_server(("127.0.0.1", 0)) as door:
            host = lab.world.hosts["batch-worker"].instance
            print(json.dumps({"port": door.getsockname()[1], "host": host.id, "account": host.account}), flush=True)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:
                asked, _ = door.accept()
                if os.fork() == 0:
                    _serve(asked, lab.world, lab.wire)
                    os._exit(0)
                asked.close()


def _serve(asked: socket.socket, world: World, wire: Wire) -> None:
    lines = asked.makefile("r", encoding="utf-8")
    wish = json.loads(lines.readline())
    record = Recording(wire, wish["latency"], PREDICATES[wish["scenario"]], world)
    server = make_server("127.0.0.1", 0, record, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked.sendall(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}"}).encode() + b"\n")
    lines.readline()  # until the run is over
    asked.sendall(json.dumps({"requests": record.requests, "left": record.left()}).encode() + b"\n")


class Recording:
    """The front of the simulated AWS: delays every request, notes when it came and went, and looks at the state."""

    def __init__(self, wire: Wire, latency: float, parts: dict[str, Callable[[World], bool]], world: World) -> None:
        self._aws = DomainDispatcherApplication(create_backend_app)
        self._wire, self._latency, self._parts, self._world = wire, latency, parts, world
        self._lock = threading.Lock()
        self.requests: list[dict[str, Any]] = []

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        """Answer one request, later than the simulation would."""
        begun = time.monotonic()
        time.sleep(self._latency)
        with self._lock:  # the simulation computes one request at a time; the delay is not under the lock
            before = len(self._wire.requests())
            answer = list(self._aws(environ, start))
            done = self._wire.requests()[before:]
            state = {name: true(self._world) for name, true in self._parts.items()} if mutating(done) else {}
            self.requests.append(
                {
                    "name": done[0].name if done else environ.get("PATH_INFO", ""),
                    "mutating": bool(mutating(done)),
                    "begun": begun,
                    "ended": time.monotonic(),
                    "state": state,
                }
            )
        return answer

    def left(self) -> list[str]:
        """What of the whole the state does not show, at the end."""
        return [name for name, true in self._parts.items() if not true(self._world)]


def _into_a_group(world: World) -> None:
    """The mining host serves: it is in a scaling group with a target group. And a quarantine group is prepared."""
    host = world.hosts["batch-worker"].instance
    role = f"arn:aws:iam::{host.account}:role/{RESPONDER}"
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="scene")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
    ec2, scaling, balancing = (session.client(name) for name in ("ec2", "autoscaling", "elbv2"))
    vpc, subnet = host.interfaces[0].vpc, host.interfaces[0].subnet
    image = {"ImageId": "ami-1e749f67", "InstanceType": "m5.large"}
    template = ec2.create_launch_template(LaunchTemplateName=SCALED, LaunchTemplateData=image)["LaunchTemplate"]
    port = {"Protocol": "HTTP", "Port": 8080, "VpcId": vpc, "TargetType": "instance"}
    targets = balancing.create_target_group(Name=BALANCED, **port)["TargetGroups"][0]["TargetGroupArn"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=SCALED,
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=1,
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "$Latest"},
        VPCZoneIdentifier=subnet,
        TargetGroupARNs=[targets],
    )
    scaling.attach_instances(AutoScalingGroupName=SCALED, InstanceIds=[host.id])
    group = ec2.create_security_group(GroupName=PREPARED, Description="quarantine", VpcId=vpc)["GroupId"]
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    if _out_of_scaling(world) or _out_of_balancing(world) or _isolated(world):
        sys.exit("the host was to serve")


def _isolated(world: World) -> bool:
    """Every interface has groups, and none of them lets anything pass."""
    ec2 = ec2_backends[SANDBOX.id][REGION]
    faces = [ec2.get_network_interface(one.id) for one in world.hosts["batch-worker"].instance.interfaces]
    groups = [list(one._group_set) for one in faces]  # noqa: SLF001 -- the interface's own groups
    return all(own and not any(one.ingress_rules or one.egress_rules for one in own) for own in groups)


def _out_of_scaling(world: World) -> bool:
    group = autoscaling_backends[SANDBOX.id][REGION].autoscaling_groups[SCALED]
    mine = [one for one in group.instance_states if one.instance.id == world.hosts["batch-worker"].instance.id]
    return all(one.lifecycle_state == "Standby" for one in mine)


def _out_of_balancing(world: World) -> bool:
    found = elbv2_backends[SANDBOX.id][REGION].target_groups.values()
    return not any(world.hosts["batch-worker"].instance.id in one.targets for one in found)


def _evidence_kept(world: World) -> bool:
    ec2 = ec2_backends[SANDBOX.id][REGION]
    instance = ec2.get_instance(world.hosts["batch-worker"].instance.id)
    disks = {disk.volume_id for disk in instance.block_device_mapping.values()}
    copied = disks <= {one.volume.id for one in ec2.snapshots.values()}
    return bool(instance.disable_api_termination) and copied


def _key_unusable(world: World) -> bool:
    user = world.users["maria.lindqvist"]
    return iam_backends[user.account]["aws"].users[user.name].access_keys[0].status == "Inactive"


def _user_denied(world: World) -> bool:
    """Sessions that the key minted before are denied as well."""
    user = world.users["maria.lindqvist"]
    return _denies(iam_backends[user.account]["aws"].users[user.name].managed_policies, "StanchDenyUser")


def _sessions_denied(world: World) -> bool:
    return _denies(_role(world).managed_policies, "StanchRevokeSessions")


def _credentials_denied(world: World) -> bool:
    return _denies(_role(world).managed_policies, "StanchDenyStolenCredentials")


def _role(world: World) -> Any:
    name = world.hosts["payments-api"].role.name
    return next(one for one in iam_backends[PROD.id]["aws"].roles.values() if one.name == name)


def _denies(attached: Any, sid: str) -> bool:
    documents = [
        json.loads(version.document) for one in attached.values() for version in one.versions if version.is_default
    ]
    return any(one["Sid"] == sid and one["Effect"] == "Deny" for document in documents for one in document["Statement"])


PREDICATES: dict[str, dict[str, Callable[[World], bool]]] = {
    "host": {
        "all interfaces isolated": _isolated,
        "out of its scaling group": _out_of_scaling,
        "out of its load balancer": _out_of_balancing,
        "evidence protected and copied": _evidence_kept,
    },
    "key": {"key unusable": _key_unusable, "sessions minted from the key denied": _user_denied},
    "role": {"older sessions denied": _sessions_denied},
    "credentials": {"stolen instance credentials denied": _credentials_denied},
}
"""Scenario -> what must be true in AWS's own state; the first alone is what every tool is asked for."""

if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)
