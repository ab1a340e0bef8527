"""From one place to the next."""

from collections.abc import Iterator

from stanch.lab.dice import hexadecimal
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import LAUNCHED, Attack, Scene, Stealth, with_hosts
from stanch.lab.organisation.sessions import assumed
from stanch.lab.organisation.traces import Talk, Trace, talk
from stanch.model.data import JSON

FAMILY = "lateral_movement"
ADMIN_PORTS = (22, 3389, 445, 5985, 5432, 3306)


def role_chain(scene: Scene) -> Iterator[Trace]:
    """From a host's role to tooling, and on into other accounts."""
    workload, host = scene.host()
    own, caller = scene.instance(workload, host)
    yield from own
    address, since = scene.stranger(), scene.clock.now
    here = scene.from_elsewhere(caller, address)
    first = here
    yield from scene.look_around(here)
    others = scene.dice.sample(scene.organisation.sites, min(3, len(scene.organisation.sites)))
    for site in (scene.site, *(one for one in others if one is not scene.site)):
        role = site.roles["platform-tooling" if site is scene.site else "data-exchange"]
        events, here = assumed(scene.pen, here, role, workload.name, scene.clock.tick(), region=site.region)
        yield from events
        yield from (scene.call(here, call) for call in ("sts:GetCallerIdentity", "s3:ListBuckets", "iam:ListRoles"))
    resource = findings.on_caller(first, host, scene.clock.now - LAUNCHED)
    yield from scene.found(
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", 8, resource,
        findings.api_call("sts", "AssumeRole", address), (host.role.arn, host.instance.arn, first.session.name),
        since=since, count=3,
    )  # fmt: skip


def remote_commands(scene: Scene) -> Iterator[Trace]:
    """Someone's session sends commands to hosts that its owner never touched."""
    address, since = scene.stranger(), scene.clock.now
    before, caller = scene.console(address)
    yield from before
    yield scene.call(caller, "ssm:DescribeInstanceInformation")
    for host in scene.dice.sample(scene.site.hosts, min(len(scene.site.hosts), 5)):
        wanted: dict[str, JSON] = {"documentName": "AWS-RunShellScript", "instanceIds": [host.instance.id]}
        call = scene.dice.choice(("ssm:SendCommand", "ssm:StartSession"))
        yield scene.call(caller, call, request=wanted if call == "ssm:SendCommand" else {"target": host.instance.id})
        if call == "ssm:SendCommand":
            yield scene.call(caller, "ssm:GetCommandInvocation", request={"instanceId": host.instance.id})
    resource, action = findings.on_caller(caller), findings.api_call("ssm", "SendCommand", address)
    targets = caller.session.actor, caller.session.name
    yield from scene.found("InitialAccess:IAMUser/AnomalousBehavior", 5, resource, action, targets, since=since)


def along_the_network(scene: Scene) -> Iterator[Trace]:
    """A host knocks at its neighbours' administration ports, and one opens."""
    _, host = scene.host()
    face, since = host.instance.interfaces[0], scene.clock.now
    peers = [one for one in scene.site.hosts if one is not host]
    tries = {Stealth.LOW: len(ADMIN_PORTS), Stealth.MEDIUM: 3, Stealth.HIGH: 1}[scene.stealth]
    for n, peer in enumerate(peers):
        inner = peer.instance.interfaces[0]
        for port in scene.dice.sample(ADMIN_PORTS, tries):
            opened = n == 0 and port == 22
            local, at = scene.dice.randint(32768, 60999), scene.clock.tick(0.3)
            volume = scene.dice.randint(4000, 90000) if opened else 60
            there = Talk(face.private_ip, port, local, volume, volume, accepted=opened)
            yield from talk(at, scene.site.id, scene.site.region, peer.instance.id, inner, there)
            here = Talk(inner.private_ip, local, port, volume if opened else 0, volume)
            yield from talk(at, scene.site.id, scene.site.region, host.instance.id, face, here)
    peer = peers[0]
    action = findings.connection(host, peer.instance.interfaces[0].private_ip, "OUTBOUND", (40000, 22))
    yield from scene.found(
        "UnauthorizedAccess:EC2/SSHBruteForce", 8, findings.on_host(host, scene.clock.now - LAUNCHED), action,
        (host.instance.arn,), since=since, count=len(peers), role="ACTOR",
    )  # fmt: skip


def copied_disk(scene: Scene) -> Iterator[Trace]:
    """A host's disk is copied and attached to another host."""
    address, since = scene.stranger(), scene.clock.now
    user = scene.user()
    caller = scene.key(user, address)
    first, second = scene.dice.sample(scene.site.hosts, 2)
    volume, snapshot = f"vol-0{hexadecimal(scene.dice, 16)}", f"snap-0{hexadecimal(scene.dice, 16)}"
    yield from scene.look_around(caller)
    yield scene.call(caller, "ec2:DescribeVolumes")
    made: dict[str, JSON] = {"snapshotId": snapshot, "volumeId": volume}
    yield scene.call(caller, "ec2:CreateSnapshot", request={"volumeId": volume}, response=made)
    scene.clock.wait(minutes=4)
    copy = f"vol-0{hexadecimal(scene.dice, 16)}"
    yield scene.call(caller, "ec2:CreateVolume", request={"snapshotId": snapshot}, response={"volumeId": copy})
    yield scene.call(caller, "ec2:AttachVolume", request={"volumeId": copy, "instanceId": second.instance.id})
    yield scene.call(caller, "ssm:StartSession", request={"target": second.instance.id})
    resource, action = findings.on_caller(caller), findings.api_call("ec2", "AttachVolume", address)
    targets = user.user.arn, user.user.key, second.instance.arn, first.instance.arn
    yield from scene.found("CredentialAccess:IAMUser/AnomalousBehavior", 5, resource, action, targets, since=since)


ATTACKS = (
    Attack("role_chain", FAMILY, "Roles taken one after the other, into other accounts", role_chain, with_hosts),
    Attack("remote_commands", FAMILY, "Commands sent to hosts by a stolen sign-on", remote_commands, with_hosts),
    Attack("along_the_network", FAMILY, "Administration ports tried from a host", along_the_network, with_hosts),
    Attack("copied_disk", FAMILY, "A disk copied to another host", copied_disk, with_hosts),
)
