"""Founds one account: its networks, hosts, functions, buckets, keys and roles."""

from dataclasses import dataclass
from random import Random

from stanch.lab.dice import ALPHABET, dice, hexadecimal
from stanch.lab.organisation import addresses, names
from stanch.lab.organisation.world import Bucket, Changing, KeyUser, Network, Site, Workload
from stanch.lab.world import Host, Role, User
from stanch.model.context import Account
from stanch.model.finding import Instance, Interface

SIZE = {"security": 2, "production": 6, "staging": 4, "development": 4, "sandbox": 2}
"""Workloads of an account, by stage."""
SERVICES = (
    *("Config", "AmazonGuardDuty", "SecurityHub", "AmazonInspector2", "AutoScaling", "RDS", "ECS", "Backup"),
    *("AccessAnalyzer", "TrustedAdvisor", "AmazonSSM", "ResourceExplorer"),
)
IMAGES = ("ami-0c3a9b17e24d5f608", "ami-08d1f2a64b97c35e0", "ami-0b7e46a1d93c2f851")
KINDS = ("m7g.large", "c7g.large", "t3.medium", "m6i.xlarge", "r7g.large")
PORTS = (443, 8080, 8443, 9090, 5432)
AGENTS = (
    "Boto3/1.26.90 Python/3.8.16 Linux/5.4.0-196-generic Botocore/1.29.165",
    "aws-cli/1.18.69 Python/3.8.10 Linux/5.4.0-42-generic botocore/1.16.19",
    "aws-sdk-java/1.12.488 Linux/5.10.184 OpenJDK_64-Bit_Server_VM/17.0.7 java/17.0.7",
)


@dataclass(frozen=True)
class Deal:
    """What founding needs to know of the whole."""

    seed: int
    days: int


def found_site(deal: Deal, account: Account, n: int, region: str) -> Site:
    """The n-th account with all that is in it."""
    thrown = dice(deal.seed, "site", account.id)
    networks = tuple(_network(thrown, deal, n, m) for m in range(2 if account.env == "production" else 1))
    buckets = tuple(_bucket(thrown, account, kind) for kind in thrown.sample(names.DATA, 5))
    used = thrown.sample(names.WORKLOADS, SIZE[account.env])
    workloads = tuple(
        _workload(thrown, deal, account, region, networks[m % len(networks)], buckets, name)
        for m, name in enumerate(used)
    )
    reserved = [_reserved(thrown, account, name) for name in ("Reader", "Engineer", "Admin")]
    linked = [_linked(thrown, account, name) for name in SERVICES]
    partners = [role(thrown, account.id, f"partner-{name.split()[-2]}-reader") for name in names.VENDORS]
    shared = [role(thrown, account.id, name) for name in ("platform-tooling", "nightly-backup", "data-exchange")]
    users = tuple(_key_user(thrown, deal, account, job) for job in thrown.sample(names.JOBS, 2))
    return Site(
        account,
        region,
        networks,
        workloads,
        buckets,
        users,
        _user(thrown, account.id, "emergency-access"),
        {one.name: one for one in (*reserved, *linked, *partners, *shared)},
        hexadecimal(thrown, 32),
    )


def role(thrown: Random, account: str, name: str, path: str = "/") -> Role:
    """A role of that name."""
    return Role(account, name, f"arn:aws:iam::{account}:role{path}{name}", f"AROA{_letters(thrown, 17)}")


def _network(thrown: Random, deal: Deal, n: int, m: int) -> Network:
    number = n * 64 + m * 8
    changed = ((thrown.randint(1, deal.days), addresses.egress(number + 1)),) if thrown.random() < 0.15 else ()
    endpoint = f"vpce-0{hexadecimal(thrown, 16)}" if thrown.random() < 0.6 else ""
    return Network(
        f"vpc-0{hexadecimal(thrown, 16)}",
        f"10.{(n * 2 + m) % 250}",
        (f"subnet-0{hexadecimal(thrown, 16)}", f"subnet-0{hexadecimal(thrown, 16)}"),
        Changing(((0, addresses.egress(number)), *changed)),
        endpoint,
    )


def _bucket(thrown: Random, account: Account, kind: str) -> Bucket:
    sensitive = kind in ("exports", "backups", "reports") and account.env == "production"
    return Bucket(f"{names.COMPANY}-{account.name}-{kind}", kind, sensitive, thrown.random() < 0.4)


def _workload(
    thrown: Random,
    deal: Deal,
    account: Account,
    region: str,
    network: Network,
    buckets: tuple[Bucket, ...],
    word: str,
) -> Workload:
    name = f"{word}-{thrown.choice(names.TIERS)}"
    function = thrown.random() < 0.35
    since = thrown.randint(1, deal.days) if thrown.random() < 0.12 else 0
    own = role(thrown, account.id, f"{name}-{'function' if function else 'instance'}")
    hosts = (
        ()
        if function
        else tuple(_host(thrown, account, region, network, name, own, n) for n in range(thrown.randint(2, 4)))
    )
    secrets = tuple(f"{word}/{one}" for one in ("database", "token", "mail")[: thrown.randint(1, 3)])
    calls = {"production": 110, "security": 60}.get(account.env, 40) * (2 if function else 1)
    chosen = tuple(thrown.sample(buckets, 2))
    return Workload(name, own, network, hosts, chosen, secrets, thrown.choice(PORTS), since, calls)


def _host(thrown: Random, account: Account, region: str, network: Network, name: str, own: Role, n: int) -> Host:
    zone = n % 2
    private = f"{network.cidr}.{zone + 1}.{thrown.randint(10, 250)}"
    public = thrown.random() < 0.15
    elastic = addresses.egress((1 << 16) + int(network.cidr[3:]) * 256 + thrown.randint(1, 250)) if public else ""
    group = f"sg-0{hexadecimal(dice(0, network.vpc, name), 16)}"
    face = Interface(f"eni-0{hexadecimal(thrown, 16)}", private, elastic, network.subnets[zone], network.vpc, (group,))
    instance = Instance(f"i-0{hexadecimal(thrown, 16)}", account.id, region, role=own.name, interfaces=(face,))
    profile = f"arn:aws:iam::{account.id}:instance-profile/{own.name}"
    tags = (("Name", name), ("owner", f"{thrown.choice(names.TEAMS)}-team"), ("env", account.env))
    return Host(name, instance, own, profile, thrown.choice(IMAGES), thrown.choice(KINDS), elastic, tags)


def _reserved(thrown: Random, account: Account, name: str) -> Role:
    path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    return role(thrown, account.id, f"AWSReservedSSO_{name}_{hexadecimal(thrown, 16)}", path)


def _linked(thrown: Random, account: Account, name: str) -> Role:
    service = name.lower().removeprefix("amazon")
    return role(thrown, account.id, f"AWSServiceRoleFor{name}", f"/aws-service-role/{service}.amazonaws.com/")


def _key_user(thrown: Random, deal: Deal, account: Account, job: str) -> KeyUser:
    offices = addresses.pool(addresses.OFFICE)
    start = offices[10 + thrown.randrange(20)]
    moved = ((thrown.randint(1, deal.days), offices[40 + thrown.randrange(10)]),) if thrown.random() < 0.2 else ()
    hours = tuple(sorted(thrown.sample(range(24), thrown.choice((1, 2, 4, 8)))))
    user = _user(thrown, account.id, f"svc-{job}")
    return KeyUser(user, Changing(((0, start), *moved)), thrown.choice(AGENTS), job, hours)


def _user(thrown: Random, account: str, name: str) -> User:
    letters = _letters(thrown, 33)
    return User(account, name, f"arn:aws:iam::{account}:user/{name}", f"AIDA{letters[:17]}", f"AKIA{letters[17:]}")


def _letters(thrown: Random, n: int) -> str:
    return "".join(thrown.choices(ALPHABET, k=n))
