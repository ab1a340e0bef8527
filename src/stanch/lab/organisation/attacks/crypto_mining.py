"""Somebody computes at our cost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from stanch.lab.dice import hexadecimal
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import LAUNCHED, Attack, Scene, Stealth, with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.traces import Talk, Trace, talk
from stanch.lab.world import Host
from stanch.model.data import JSON

FAMILY = "crypto_mining"
LARGE = ("g5.12xlarge", "p3.8xlarge", "c6i.24xlarge", "c7i.16xlarge")
POOLS = (3333, 4444, 5555, 14444, 443)
COUNT = {Stealth.LOW: 8, Stealth.MEDIUM: 4, Stealth.HIGH: 1}


def launched_with_key(scene: Scene) -> Iterator[Trace]:
    """A leaked key starts large instances, loudly in a region that nobody uses."""
    user, address = scene.user(), scene.stranger()
    caller, since = scene.key(user, address), scene.clock.now
    yield from scene.look_around(caller)
    yield from _launch(scene, caller, (user.user.arn, user.user.key))
    yield from scene.found(
        "Impact:IAMUser/AnomalousBehavior", 8, findings.on_caller(caller),
        findings.api_call("ec2", "RunInstances", address), (user.user.arn, user.user.key), since=since,
    )  # fmt: skip


def launched_in_console(scene: Scene) -> Iterator[Trace]:
    """Someone's single sign-on starts them."""
    before, caller = scene.console(scene.stranger())
    yield from before
    yield from scene.look_around(caller)
    yield from _launch(scene, caller, (caller.session.actor, caller.session.name))


def on_our_host(scene: Scene) -> Iterator[Trace]:
    """A program of ours is made to do it, on a host that it runs on anyway."""
    _, host = scene.host()
    yield from _computing(scene, host, (host.instance.arn,))


def _launch(scene: Scene, caller: Caller, targets: tuple[str, ...]) -> Iterator[Trace]:
    workload, model = scene.host()
    region = "us-east-1" if scene.stealth is Stealth.LOW else scene.site.region
    kind = "c7i.2xlarge" if scene.stealth is Stealth.HIGH else scene.dice.choice(LARGE)
    for n in range(COUNT[scene.stealth]):
        number = f"i-0{hexadecimal(scene.dice, 16)}"
        refused = n % 3 == 0 and scene.stealth is Stealth.LOW
        request: dict[str, JSON] = {
            "instancesSet": {"items": [{"imageId": model.image, "minCount": 1, "maxCount": 1}]},
            "instanceType": kind,
            "disableApiTermination": scene.stealth is Stealth.LOW,
        }
        response: dict[str, JSON] = {"instancesSet": {"items": [{"instanceId": number, "instanceType": kind}]}}
        error = "Client.InstanceLimitExceeded" if refused else ""
        yield scene.pen.write(
            caller,
            scene.clock.tick(),
            "ec2:RunInstances",
            request=request,
            response=response,
            error=error,
            region=region,
        )
        if not refused:
            face = replace(model.instance.interfaces[0], id=f"eni-0{hexadecimal(scene.dice, 16)}")
            host = replace(
                model,
                kind=kind,
                instance=replace(model.instance, id=number, region=scene.site.region, interfaces=(face,)),
                tags=(("Name", f"{workload.name}-{n}"),),
            )
            last = host
    scene.clock.wait(minutes=scene.dice.randint(6, 40))
    yield from _computing(scene, last, (last.instance.arn, *targets))


def _computing(scene: Scene, host: Host, targets: tuple[str, ...]) -> Iterator[Trace]:
    """Hours of long connections with a pool."""
    pool, since = scene.stranger(), scene.clock.now
    port = 443 if scene.stealth is Stealth.HIGH else scene.dice.choice(POOLS)
    local = scene.dice.randint(32768, 60999)
    for n in range(scene.dice.randint(20, 90)):
        at = since + timedelta(minutes=n)
        said = Talk(pool, local, port, scene.dice.randint(800, 4000), scene.dice.randint(2000, 9000))
        yield from talk(at, scene.site.id, scene.site.region, host.instance.id, host.instance.interfaces[0], said)
    scene.clock.wait(minutes=scene.dice.randint(5, 20))
    action = findings.connection(host, pool, "OUTBOUND", (local, port))
    resource = findings.on_host(host, scene.clock.now - LAUNCHED)
    yield from scene.found(
        "CryptoCurrency:EC2/BitcoinTool.B", 8, resource, action, targets, since=since, count=3, role="ACTOR"
    )


ATTACKS = (
    Attack("launched_with_key", FAMILY, "A leaked key starts large instances", launched_with_key, with_hosts),
    Attack("launched_in_console", FAMILY, "Single sign-on starts large instances", launched_in_console, with_hosts),
    Attack("on_our_host", FAMILY, "A host of ours talks with a pool", on_our_host, with_hosts),
)
