"""Credentials leave the place that they were made for."""

from collections.abc import Iterator

from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import LAUNCHED, Attack, Scene, Stealth, with_functions, with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Workload
from stanch.model.data import JSONObject

FAMILY = "credential_exfiltration"
USED = (
    *("s3:ListBuckets", "secretsmanager:ListSecrets", "secretsmanager:GetSecretValue", "iam:ListRoles"),
    *("ec2:DescribeInstances", "ssm:GetParameter", "iam:CreateUser", "iam:CreateAccessKey"),
)


def instance_outside(scene: Scene) -> Iterator[Trace]:
    """An instance's session is used from a stranger's address while the instance works on."""
    yield from _instance(scene, "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", {})


def instance_inside(scene: Scene) -> Iterator[Trace]:
    """The same from another AWS account's address."""
    where: JSONObject = {"remoteAccountDetails": {"accountId": scene.foreign_account(), "affiliated": False}}
    yield from _instance(scene, "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS", where)


def user_key(scene: Scene) -> Iterator[Trace]:
    """A user's old key, found somewhere, reads secrets."""
    user, address = scene.user(), scene.stranger()
    caller, since = scene.key(user, address), scene.clock.now
    yield from scene.look_around(caller)
    yield from _use(scene, caller, None)
    resource = findings.on_caller(caller)
    action = findings.api_call("secretsmanager", "GetSecretValue", address)
    yield from scene.found(
        "CredentialAccess:IAMUser/AnomalousBehavior", 5, resource, action, (user.user.arn, user.user.key), since=since,
        count=3,
    )  # fmt: skip


def function_outside(scene: Scene) -> Iterator[Trace]:
    """A function's environment leaks, and its session is used elsewhere."""
    workload = scene.dice.choice([one for one in scene.site.workloads if not one.hosts] or list(scene.site.workloads))
    own, caller = scene.function(workload)
    yield from own
    address, since = scene.stranger(), scene.clock.now
    stolen = scene.from_elsewhere(caller, address)
    yield from scene.look_around(stolen)
    yield from _use(scene, stolen, workload)
    resource, action = findings.on_caller(stolen), findings.api_call("s3", "ListBuckets", address)
    yield from scene.found(
        "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS", 8, resource, action,
        (workload.role.arn, stolen.session.name), since=since, count=4,
    )  # fmt: skip


def _instance(scene: Scene, kind: str, where: JSONObject) -> Iterator[Trace]:
    workload, host = scene.host()
    own, caller = scene.instance(workload, host)
    yield from own
    address, since = scene.stranger(), scene.clock.now
    stolen = scene.from_elsewhere(caller, address)
    yield from scene.look_around(stolen)
    yield from _use(scene, stolen, workload)
    resource = findings.on_caller(stolen, host, scene.clock.now - LAUNCHED)
    action = findings.api_call("s3", "ListBuckets", address)
    details = action["awsApiCallAction"]
    assert isinstance(details, dict)  # noqa: S101 -- written by the lab
    details.update(where)
    targets = (host.role.arn, host.instance.arn, stolen.session.name)
    yield from scene.found(kind, 8, resource, action, targets, since=since, count=scene.dice.randint(2, 9))


def _use(scene: Scene, caller: Caller, workload: Workload | None) -> Iterator[Trace]:
    """What the key opens: the louder, the more is tried."""
    tries = USED if scene.stealth is Stealth.LOW else USED[: 6 if scene.stealth is Stealth.MEDIUM else 3]
    for call in tries:
        held = workload or scene.site.workloads[0]
        request: JSONObject | None = {"secretId": held.secrets[0]} if "SecretValue" in call else None
        refused = call.startswith("iam:") and scene.dice.random() < 0.6
        yield scene.call(caller, call, request=request, error="AccessDenied" if refused else "")


ATTACKS = (
    Attack("instance_outside", FAMILY, "Instance credentials used from outside", instance_outside, with_hosts),
    Attack("instance_inside", FAMILY, "Instance credentials used from another account", instance_inside, with_hosts),
    Attack("user_key", FAMILY, "A user's leaked key reads secrets", user_key),
    Attack("function_outside", FAMILY, "A function's credentials used from outside", function_outside, with_functions),
)
