"""Somebody computes at our cost; or a declared node, a researcher, a batch, a stranger's knock look like it."""

from collections.abc import Callable
from dataclasses import replace

from stanch.lab.dice import hexadecimal
from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.crypto_mining import LARGE, POOLS
from stanch.lab.organisation.attacks.scene import Stealth, with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.sessions import linked_session
from stanch.lab.world import Host
from stanch.model.data import JSON, JSONObject

POOL = "CryptoCurrency:EC2/BitcoinTool.B"
SENSOR = "CryptoCurrency:Runtime/BitcoinTool.B"
MINER = "Impact:Runtime/CryptoMinerExecuted"
LOOKUP = "CryptoCurrency:EC2/BitcoinTool.B!DNS"
REPUTATION = "Impact:EC2/BitcoinDomainRequest.Reputation"
DOMAINS = ("pool.example.net", "stratum.example.org", "eu1.coins.example.com", "explorer.example.org")


def _port(s: Stage) -> int:
    """Pools speak on ports of their own; the careful use the web's."""
    return 443 if s.scene.stealth is Stealth.HIGH else s.dice.choice(POOLS)


def _computes(s: Stage, host: Host, kind: str = POOL) -> None:
    """Long connections with a pool, and the detector's word on it."""
    peer, port = s.stranger(), _port(s)
    local = s.talks(host, peer, port, s.dice.randint(15, 60))
    s.may(host)
    s.find(kind, 8, s.machine(host), findings.connection(host, peer, "OUTBOUND", (local, port)), role="ACTOR")


def _launches(s: Stage, caller: Caller, kind: str, n: int, *, region: str = "", locked: bool = False) -> Host:
    """So many instances of that kind; gives the last of them."""
    _, model = s.host()
    last = model
    for _ in range(n):
        number = s.number("i")
        asked: dict[str, JSON] = {
            "instancesSet": {"items": [{"imageId": model.image, "minCount": 1, "maxCount": 1}]},
            "instanceType": kind,
            "disableApiTermination": locked,
        }
        made: dict[str, JSON] = {"instancesSet": {"items": [{"instanceId": number, "instanceType": kind}]}}
        at = s.clock.tick()
        s.keep((s.scene.pen.write(caller, at, "ec2:RunInstances", request=asked, response=made, region=region),))
        face = replace(model.instance.interfaces[0], id=f"eni-0{hexadecimal(s.dice, 16)}")
        last = replace(model, kind=kind, instance=replace(model.instance, id=number, interfaces=(face,)))
    s.clock.wait(minutes=s.dice.randint(6, 40))
    return last


def _looked_up(s: Stage, host: Host, kind: str, severity: float = 8) -> None:
    s.find(kind, severity, s.machine(host), findings.name_lookup(s.dice.choice(DOMAINS)), role="ACTOR")


def declared_node(s: Stage) -> None:
    """A host talks with peers of a currency's network; it is, or is not, the one declared as a node."""
    _, host = s.host()
    s.declares_asset(host.instance.arn, "blockchain-node", s.other_host(host).instance.arn)
    _computes(s, host)


def research_host(s: Stage) -> None:
    """A sensor sees a miner run on a host that is, or is not, declared for research on malware."""
    _, host = s.host()
    s.declares_asset(host.instance.arn, "threat-research", s.other_host(host).instance.arn)
    _computes(s, host, s.dice.choice((SENSOR, MINER)))


def tested_host(s: Stage) -> None:
    """A miner's traffic from a host, in the time of a declared test of it or after it."""
    _, host = s.host()
    s.declares_test(host.instance.arn)
    _computes(s, host)


def moved_node(s: Stage) -> None:
    """An automatic group replaced a host; the operator has, or has not, entered the new one as the node."""
    scaling = linked_session(s.dice, s.site, "AutoScaling", "autoscaling.amazonaws.com", s.clock.now)
    _, old = s.host()
    host = _launches(s, scaling, "m6i.xlarge", 1)
    s.declares_asset(host.instance.arn, "blockchain-node", old.instance.arn)
    _computes(s, host)


def leaked_key_fleet(s: Stage) -> None:
    """A leaked key starts a row of large instances and locks them."""
    caller = s.scene.key(s.scene.user(), s.stranger())
    s.looks(caller)
    host = _launches(s, caller, s.dice.choice(LARGE), s.dice.randint(5, 9), locked=s.dice.random() < 0.5)
    _computes(s, host)


def one_more_instance(s: Stage) -> None:
    """A stolen sign-in starts one instance of an ordinary kind, which speaks with a pool on the web's port."""
    before, caller = s.scene.console(s.stranger())
    s.keep(before)
    s.calls(caller, "ec2:DescribeInstances", "ec2:DescribeImages")
    host = _launches(s, caller, "c7i.2xlarge", 1)
    _computes(s, host)


def broken_container(s: Stage) -> None:
    """A program of ours is made to mine: the sensor on the host sees it."""
    _, host = s.host()
    _computes(s, host, s.dice.choice((SENSOR, MINER)))


def poisoned_template(s: Stage) -> None:
    """A changed launch template lets the automatic group start miners for the thief."""
    caller = s.scene.key(s.scene.user(), s.stranger())
    s.calls(caller, "ec2:DescribeLaunchTemplates", "ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate")
    scaling = linked_session(s.dice, s.site, "AutoScaling", "autoscaling.amazonaws.com", s.clock.now)
    _computes(s, _launches(s, scaling, "m6i.xlarge", s.dice.randint(1, 3)))


def hijacked_node(s: Stage) -> None:
    """The declared node itself is taken over: the sensor sees a miner, and the node scans its neighbours."""
    _, host = s.host()
    s.declares_asset(host.instance.arn, "blockchain-node", host.instance.arn)
    peers = [one.instance.interfaces[0].private_ip for one in s.site.hosts if one.instance.id != host.instance.id]
    for peer in peers[:6]:
        s.talks(host, peer, 22, 1, minutes=0.2, accepted=False)
    scan: JSONObject = findings.connection(host, s.dice.choice(peers), "OUTBOUND", (40022, 22))
    s.find("Recon:EC2/Portscan", 5, s.machine(host), scan, role="ACTOR")
    _computes(s, host, MINER)


def looked_up_then_called(s: Stage) -> None:
    """First a pool's name is looked up, then the pool is called: two findings, no flow logs."""
    _, host = s.host()
    _looked_up(s, host, LOOKUP)
    s.clock.wait(minutes=s.dice.randint(3, 30))
    s.without("vpc_flow")
    _computes(s, host)


def link_preview(s: Stage) -> None:
    """A chat service looks up whatever its users paste: one name."""
    _, host = s.host()
    _looked_up(s, host, LOOKUP)


def curious_researcher(s: Stage) -> None:
    """Someone reads about currencies through a host that browses for him: names of poor repute."""
    _, host = s.host()
    s.talks(host, s.stranger(), 443, 5)
    _looked_up(s, host, REPUTATION)


def knock_on_the_door(s: Stage) -> None:
    """A crawler of a currency's network knocks at a host and is turned away."""
    _, host = s.host()
    peer = s.stranger()
    remote = s.knocks(host, peer, 8333)
    action = findings.connection(host, peer, "INBOUND", (8333, remote), blocked=True)
    s.find(POOL, 8, s.machine(host), action)


def batch_in_a_new_region(s: Stage) -> None:
    """A pipeline starts large instances for a training run elsewhere; one of them looks a poor name up."""
    _, caller = s.pipeline()
    region = s.dice.choice(("us-east-1", s.site.region))
    host = _launches(s, caller, s.dice.choice(LARGE), s.dice.randint(5, 12), region=region)
    _looked_up(s, host, REPUTATION)


def validator_with_a_sensor(s: Stage) -> None:
    """A declared validator whose sensor reports what it is for."""
    _, host = s.host()
    s.declares_asset(host.instance.arn, "blockchain-node", host.instance.arn)
    _computes(s, host, SENSOR)


def answered_knock(s: Stage) -> None:
    """A crawler's knock at a public port was answered, and nothing came of it."""
    _, host = s.host()
    peer = s.stranger()
    remote = s.knocks(host, peer, 443, s.dice.randint(2, 9), accepted=True)
    s.find(POOL, 8, s.machine(host), findings.connection(host, peer, "INBOUND", (443, remote)))


def _row(kind: Kind, play: Callable[[Stage], None], tier: str = "critical", **more: str) -> Scenario:
    right = ("contain", "escalate") if more.get("right") else ("contain",)
    return Scenario(kind, play, tier, right, more.get("fact", ""), with_hosts)


NODE, TEST = "the asset declared as a node", "the time of a penetration test"
SCENARIOS = (
    _row(Kind.PAIR, declared_node, fact=NODE),
    _row(Kind.PAIR, research_host, fact="the asset declared for research"),
    _row(Kind.PAIR, tested_host, fact=TEST),
    _row(Kind.PAIR, moved_node, fact=NODE),
    _row(Kind.ATTACK, leaked_key_fleet),
    _row(Kind.ATTACK, one_more_instance),
    _row(Kind.ATTACK, broken_container),
    _row(Kind.ATTACK, poisoned_template),
    _row(Kind.ATTACK, hijacked_node, right="either"),
    _row(Kind.ATTACK, looked_up_then_called),
    _row(Kind.LOOK_ALIKE, link_preview, "high"),
    _row(Kind.LOOK_ALIKE, curious_researcher, "high"),
    _row(Kind.LOOK_ALIKE, knock_on_the_door),
    _row(Kind.LOOK_ALIKE, batch_in_a_new_region, "high"),
    _row(Kind.LOOK_ALIKE, validator_with_a_sensor),
    _row(Kind.LOOK_ALIKE, answered_knock),
)
