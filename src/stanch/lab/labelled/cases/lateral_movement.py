"""From one host or role to the next: thieves do it, and so do scanners, bastions, deployments and people on call."""

from stanch.lab.labelled.place import DAYS
from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.world import Site
from stanch.lab.world import Host, Role
from stanch.model.data import JSON

SWEEP, SCAN = "Impact:EC2/PortSweep", "Recon:EC2/Portscan"
GUESSES = ("UnauthorizedAccess:EC2/SSHBruteForce", "Impact:EC2/WinRMBruteForce", "UnauthorizedAccess:EC2/RDPBruteForce")
ENTERED = "InitialAccess:IAMUser/AnomalousBehavior"


def _neighbours(s: Stage, host: Host) -> list[Host]:
    """Hosts of the same account, in a thrown order."""
    found = [one for one in s.site.hosts if one.instance.id != host.instance.id]
    s.dice.shuffle(found)
    return found


def _address(host: Host) -> str:
    return host.instance.interfaces[0].private_ip


def _sweeps(s: Stage, host: Host, port: int, n: int) -> str:
    """The host tries that port on its network; gives the last address."""
    near = ".".join(_address(host).split(".")[:3])
    last = ""
    for number in s.dice.sample(range(10, 250), n):
        last = f"{near}.{number}"
        s.talks(host, last, port, 1, minutes=s.dice.uniform(0.05, 0.4), accepted=s.dice.random() < 0.3)
    return last


def _by_network(s: Stage, host: Host, kind: str, peer: str, port: int) -> None:
    s.may(host)
    local = s.dice.randint(32768, 60999)
    s.find(kind, 5, s.machine(host), findings.connection(host, peer, "OUTBOUND", (local, port)), role="ACTOR")


def _by_calls(s: Stage, caller: Caller, operation: str, service: str = "ssm") -> None:
    action = findings.api_call(service, operation, caller.session.address)
    s.find(ENTERED, 5, s.about(caller), action, count=s.dice.randint(1, 5))


def _sessions(s: Stage, caller: Caller, hosts: list[Host]) -> None:
    """Sessions on hosts, and commands there."""
    for one in hosts:
        s.calls(caller, "ssm:StartSession", request={"target": one.instance.id})
    ids: JSON = [one.instance.id for one in hosts]
    s.calls(caller, "ssm:SendCommand", request={"documentName": "AWS-RunShellScript", "instanceIds": ids})


def declared_scanner(s: Stage) -> None:
    """A host sweeps its network; it is, or is not, the one declared as the scanner."""
    _, host = s.host()
    peer = _sweeps(s, host, s.dice.choice((22, 445, 3389)), s.dice.randint(8, 20))
    s.declares_asset(host.instance.arn, "vulnerability-scanner", s.other_host(host).instance.arn)
    _by_network(s, host, SWEEP, peer, 22)


def patch_day(s: Stage) -> None:
    """A host logs on to many others: on the declared patch day, or a week after it."""
    _, host = s.host()
    s.declares_window(host.instance.arn)
    for one in _neighbours(s, host)[:6]:
        s.talks(host, _address(one), 22, 3, minutes=0.3)
    _by_network(s, host, GUESSES[0], _address(_neighbours(s, host)[0]), 22)


def declared_connection(s: Stage) -> None:
    """A host speaks with databases that it never spoke with: as the service map says, or without its word."""
    _, host = s.host()
    others = _neighbours(s, host)
    for one in others[:4]:
        s.talks(host, _address(one), 5432, 4, minutes=0.5)
    other = s.number("sg")
    source = host.instance.interfaces[0].groups[0] if s.authorised else other
    groups = sorted({group for one in others for group in one.instance.interfaces[0].groups})
    known = [one for one in s.facts["service_map"] if one["from"] != source]
    s.facts["service_map"] = [*known, *({"from": source, "to": group, "ports": [5432]} for group in groups)]
    _by_network(s, host, SWEEP, _address(others[0]), 5432)


def tested_key(s: Stage) -> None:
    """A key opens sessions on hosts and takes roles, in the time of a declared test or after it."""
    user = s.scene.user()
    caller = s.scene.key(user, s.stranger())
    s.may(caller, user.user.arn, user.user.key)
    s.declares_test(user.user.arn)
    s.looks(caller)
    _sessions(s, caller, s.dice.sample(s.site.hosts, min(4, len(s.site.hosts))))
    _by_calls(s, caller, "StartSession")


def sweep_and_enter(s: Stage) -> None:
    """A host that was taken over tries its neighbours' doors, and some open."""
    _, host = s.host()
    peer = _sweeps(s, host, 22, s.dice.randint(12, 25))
    for one in _neighbours(s, host)[:3]:
        peer = _address(one)
        s.talks(host, peer, 22, 8, minutes=0.5)
    _by_network(s, host, s.dice.choice((SWEEP, GUESSES[0])), peer, 22)


def sessions_on_hosts(s: Stage) -> None:
    """A stolen key opens sessions on one host after the other."""
    user = s.scene.user()
    caller = s.scene.key(user, s.stranger())
    s.may(caller, user.user.arn, user.user.key)
    s.looks(caller)
    _sessions(s, caller, s.dice.sample(s.site.hosts, min(6, len(s.site.hosts))))
    _by_calls(s, caller, "StartSession")


def chain_of_roles(s: Stage) -> None:
    """A stolen host session takes a role, and with it another, and leaves the organisation."""
    workload, host = s.host()
    stolen, _ = s.away(s.instance(workload, host))
    s.may(host, stolen)
    s.looks(stolen)
    first = s.assumes(stolen, s.site.roles["platform-tooling"])
    second = s.assumes(first, s.site.roles["data-exchange"])
    foreign = s.scene.foreign_account()
    abroad = Role(foreign, "collector", f"arn:aws:iam::{foreign}:role/collector", f"AROA{s.dice.getrandbits(40):010X}")
    s.assumes(second, abroad)
    s.may(first, second, s.site.roles["platform-tooling"].arn, s.site.roles["data-exchange"].arn)
    action = findings.api_call("sts", "AssumeRole", stolen.session.address)
    s.find(ENTERED, 5, s.about(stolen, host), action, count=3)


def borrowed_host(s: Stage) -> None:
    """One host's credentials are used from another host's public address, and open sessions from there."""
    workload, host = s.host()
    caller = s.instance(workload, host)
    other = s.other_host(host)
    stolen, _ = s.away(caller, other.public or s.stranger())
    s.may(host, other, stolen)
    s.calls(stolen, "sts:GetCallerIdentity", "ec2:DescribeInstances")
    _sessions(s, stolen, _neighbours(s, host)[:3])
    action = findings.api_call("ssm", "SendCommand", stolen.session.address)
    s.find(ENTERED, 5, s.about(stolen, host), action, count=4)


def hop_to_the_database(s: Stage) -> None:
    """A host that was taken over speaks with two databases that are not its own; flow logs are a few days old."""
    _, host = s.host()
    s.young()
    for one in _neighbours(s, host)[:2]:
        s.talks(host, _address(one), 3306, 10, minutes=1)
    _by_network(s, host, SWEEP, _address(_neighbours(s, host)[0]), 3306)


def copied_disk(s: Stage) -> None:
    """A stolen key copies a host's disk, mounts the copy elsewhere and reads it."""
    user = s.scene.user()
    caller = s.scene.key(user, s.stranger())
    s.may(caller, user.user.arn, user.user.key)
    s.looks(caller)
    s.calls(caller, "ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:AttachVolume")
    _sessions(s, caller, s.dice.sample(s.site.hosts, 1))
    _by_calls(s, caller, "AttachVolume", "ec2")


def configuration_run(s: Stage) -> None:
    """The host that keeps the others' configuration visits all of them, as it is declared to."""
    _, host = s.host()
    s.declares_asset(host.instance.arn, "configuration-management", host.instance.arn)
    for one in _neighbours(s, host)[:8]:
        s.talks(host, _address(one), 22, 2, minutes=0.2)
    _by_network(s, host, GUESSES[0], _address(_neighbours(s, host)[0]), 22)


def new_deployment(s: Stage) -> None:
    """A new version opens connections to its database and its neighbours, as the service map says."""
    workload, host = s.host()
    others = [one for one in s.site.workloads if one.hosts and one is not workload]
    rows = [
        {"from": host.instance.interfaces[0].groups[0], "to": group, "ports": [5432]}
        for one in others
        for group in one.hosts[0].instance.interfaces[0].groups
    ]
    s.facts["service_map"] = [*s.facts["service_map"], *rows]
    for one in others[:5]:
        s.talks(host, _address(one.hosts[0]), 5432, 2, minutes=0.3)
    peer = _address(others[0].hosts[0]) if others else _address(s.other_host(host))
    _by_network(s, host, SWEEP, peer, 5432)


def churn_of_nodes(s: Stage) -> None:
    """Nodes of a cluster come and go; one looks for its new peers on the cluster's own port."""
    _, host = s.host()
    peer = _sweeps(s, host, 10250, s.dice.randint(4, 10))
    s.may(host)
    _by_network(s, host, SCAN, peer, 10250)


def moved_to_the_other_site(s: Stage) -> None:
    """The yearly move to the standby, in its declared window: hosts meet databases that they never met."""
    _, host = s.host()
    s.declares_window(host.instance.arn)
    for one in _neighbours(s, host)[:3]:
        s.talks(host, _address(one), 5432, 6, minutes=0.5)
    _by_network(s, host, SWEEP, _address(_neighbours(s, host)[0]), 5432)


def on_call(s: Stage) -> None:
    """An engineer on call, signed in with a second factor, opens sessions on two hosts that misbehave."""
    caller = s.person("Engineer")
    s.may(caller)
    s.calls(caller, "ec2:DescribeInstances", "monitoring:DescribeAlarms")
    _sessions(s, caller, s.dice.sample(s.site.hosts, 2))
    _by_calls(s, caller, "StartSession")


def nightly_exchange(s: Stage) -> None:
    """A key's program changes roles as it does every night, an hour late."""
    user = s.scene.user()
    caller = s.scene.key(user, user.address.on(DAYS - 1))
    lent = s.assumes(caller, s.site.roles["nightly-backup"])
    s.calls(lent, "s3:ListBuckets", "sts:GetCallerIdentity")
    _by_calls(s, caller, "AssumeRole", "sts")


def _busy(site: Site) -> bool:
    return len(site.hosts) > 4


BOTH = ("contain", "escalate")
SCENARIOS = (
    Scenario(Kind.PAIR, declared_scanner, "high", BOTH, "the asset declared as a scanner", _busy),
    Scenario(Kind.PAIR, patch_day, "high", BOTH, "the time of a change window", _busy),
    Scenario(Kind.PAIR, declared_connection, "high", BOTH, "a row of the service map", _busy),
    Scenario(Kind.PAIR, tested_key, "high", fact="the time of a penetration test", suits=_busy),
    Scenario(Kind.ATTACK, sweep_and_enter, "high", suits=_busy),
    Scenario(Kind.ATTACK, sessions_on_hosts, "high", suits=_busy),
    Scenario(Kind.ATTACK, chain_of_roles, "high", suits=with_hosts),
    Scenario(Kind.ATTACK, borrowed_host, "high", BOTH, suits=_busy),
    Scenario(Kind.ATTACK, hop_to_the_database, "high", BOTH, suits=_busy),
    Scenario(Kind.ATTACK, copied_disk, "high", BOTH, suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, configuration_run, "high", suits=_busy),
    Scenario(Kind.LOOK_ALIKE, new_deployment, "high", suits=_busy),
    Scenario(Kind.LOOK_ALIKE, churn_of_nodes, "high", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, moved_to_the_other_site, "high", suits=_busy),
    Scenario(Kind.LOOK_ALIKE, on_call, "high", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, nightly_exchange, "high"),
)
