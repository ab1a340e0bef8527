"""An address that is known for no good."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.lab.cloudtrail import Issued, user_session
from stanch.lab.dice import session_key
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import LAUNCHED, Attack, Scene, Stealth, with_hosts
from stanch.lab.organisation.found import BROWSERS
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.traces import Talk, Trace, talk
from stanch.model.data import JSON

FAMILY = "malicious_ip"


def listed_caller(scene: Scene) -> Iterator[Trace]:
    """A key is used from a listed address."""
    user, address = scene.user(), scene.stranger()
    caller, since = scene.key(user, address), scene.clock.now
    yield from scene.look_around(caller)
    kind = scene.dice.choice(("Recon:IAMUser/MaliciousIPCaller", "UnauthorizedAccess:IAMUser/MaliciousIPCaller"))
    yield from scene.found(
        kind, 5, findings.on_caller(caller), findings.api_call("ec2", "DescribeInstances", address),
        (user.user.arn, user.user.key), since=since, count=5,
    )  # fmt: skip


def listed_peer(scene: Scene) -> Iterator[Trace]:
    """A host of ours asks a listed address what to do, at regular times."""
    _, host = scene.host()
    peer, since, port = scene.stranger(), scene.clock.now, scene.dice.choice((443, 8443, 80))
    beat = {Stealth.LOW: 30, Stealth.MEDIUM: 300, Stealth.HIGH: 1700}[scene.stealth]
    local = scene.dice.randint(32768, 60999)
    for n in range(40):
        at = since + timedelta(seconds=beat * n + scene.dice.randint(0, beat // 5))
        said = Talk(peer, local + n % 7, port, scene.dice.randint(300, 1500), scene.dice.randint(300, 2500))
        yield from talk(at, scene.site.id, scene.site.region, host.instance.id, host.instance.interfaces[0], said)
    scene.clock.wait(seconds=beat * 8)
    yield from scene.found(
        "Backdoor:EC2/C&CActivity.B", 8, findings.on_host(host, scene.clock.now - LAUNCHED),
        findings.connection(host, peer, "OUTBOUND", (local, port)), (host.instance.arn, peer), since=since, count=8,
        role="ACTOR",
    )  # fmt: skip


def guessed_login(scene: Scene) -> Iterator[Trace]:
    """Passwords are guessed from a listed address until one fits."""
    user, address, since = scene.user().user, scene.stranger(), scene.clock.now
    for _ in range({Stealth.LOW: 30, Stealth.MEDIUM: 9, Stealth.HIGH: 2}[scene.stealth]):
        nobody = Caller.of(user_session(user, address, BROWSERS[1]), scene.site.region)
        yield _login(scene, nobody, "Failure")
    console = Issued("console", session_key(scene.dice), scene.clock.now)
    caller = Caller.of(user_session(user, address, BROWSERS[1], console), scene.site.region)
    yield _login(scene, caller, "Success")
    yield from scene.look_around(caller)
    yield from scene.found(
        "UnauthorizedAccess:IAMUser/TorIPCaller", 5, findings.on_caller(caller),
        findings.api_call("signin", "ConsoleLogin", address), (user.arn, user.key), since=since, count=4,
    )  # fmt: skip


def _login(scene: Scene, caller: Caller, result: str) -> Trace:
    extra: dict[str, JSON] = {"additionalEventData": {"MFAUsed": "No", "MobileVersion": "No"}}
    if result == "Failure":
        extra["errorMessage"] = "Failed authentication"
    at, response = scene.clock.tick(), {"ConsoleLogin": result}
    return scene.pen.write(caller, at, "signin:ConsoleLogin", response=response, extra=extra)


ATTACKS = (
    Attack("listed_caller", FAMILY, "A key used from a listed address", listed_caller),
    Attack("listed_peer", FAMILY, "A host talks with a listed address", listed_peer, with_hosts),
    Attack("guessed_login", FAMILY, "A password guessed from a listed address", guessed_login),
)
