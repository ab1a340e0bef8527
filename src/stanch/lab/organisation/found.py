"""Founds the organisation: the same seed and size found the same one."""

from datetime import date, datetime, timedelta
from itertools import permutations
from random import Random

from stanch.lab.dice import ALPHABET, dice
from stanch.lab.organisation import addresses, names
from stanch.lab.organisation.found_site import Deal, found_site, role
from stanch.lab.organisation.world import (
    Changing,
    Declared,
    Organisation,
    Person,
    Pipeline,
    Site,
    Trip,
    Vendor,
)
from stanch.lab.world import ACCOUNTS as SMALL
from stanch.lab.world import VENDOR, Role, User
from stanch.model.context import Account
from stanch.model.errors import BadInput

STAGES = ("security", "production", "staging", "development", "production", "sandbox", "production", "development")
REGION = "eu-west-1"
MOST = 500
"""Accounts, at most: numbers of accounts are four digits, three times over, so that none is anybody's."""
ROLES = {"Reader": 1.0, "Engineer": 0.6, "Admin": 0.25}
"""Permission sets and who has them, in production."""
ISSUER = "token.actions.githubusercontent.com"
BROWSERS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
)
CLIS = (
    "aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 cfg/retry-mode#standard",
    "aws-cli/2.28.1 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.4 cfg/retry-mode#standard",
    "Boto3/1.40.44 md/Botocore#1.40.44 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.12.3",
)
TERRAFORM = {
    True: "APN/1.0 HashiCorp/1.0 Terraform/1.1.9 (+https://www.terraform.io) terraform-provider-aws/3.76.1 "
    "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)",
    False: "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.15.0 "
    "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.24.6",
}
_MODULES = {
    "role": 24,
    "parameters": 9,
    "secrets": 9,
    "network": 14,
    "trail": 14,
    "flow_log": 10,
    "function": 5,
    "queue": 4,
    "table": 4,
    "alarm": 4,
    "instances": 5,
}
"""Weights of what a repository builds; modules are in `benign.terraform`."""


def found(seed: int, accounts: int, days: int, now: datetime) -> Organisation:
    """An organisation of that many accounts, whose last day is yesterday. Raises BadInput for a size it cannot be."""
    if not 2 <= accounts <= MOST or days < 1:
        raise BadInput(f"an organisation has 2 to {MOST} accounts and at least a day, not {accounts} and {days}")
    thrown = dice(seed, "organisation")
    numbers = _numbers(thrown)
    deal = Deal(seed, days)
    first = now.date() - timedelta(days=days)
    sites = tuple(found_site(deal, _account(n, numbers[n]), n, REGION) for n in range(accounts))
    strangers = addresses.strangers(thrown)
    people = tuple(_person(dice(seed, "person", str(n)), n, sites, strangers, days) for n in range(4 + accounts * 3))
    pipelines = tuple(
        pipeline for n, one in enumerate(sites) for pipeline in _pipelines(dice(seed, "pipelines", one.id), one, n)
    )
    vendors = tuple(
        _vendor(thrown, name, numbers[-1 - n], sites, strangers)
        for n, name in enumerate(names.VENDORS[: 1 + len(sites) // 4])
    )
    tests = tuple(_test(thrown, sites, first, days, n) for n in range(days // 20))
    return Organisation(seed, first, days, REGION, sites, people, pipelines, vendors, tests, strangers)


def _numbers(thrown: Random) -> list[str]:
    every = ["".join(digit * 4 for digit in three) for three in permutations("0123456789", 3) if three[0] != "0"]
    taken = {one.id for one in (*SMALL, VENDOR)}
    numbers = [one for one in every if one not in taken]
    thrown.shuffle(numbers)
    return numbers


def _account(n: int, number: str) -> Account:
    stage = "security" if n == 0 else STAGES[1:][(n - 1) % (len(STAGES) - 1)]
    line = names.LINES[(n // 3) % len(names.LINES)]
    suffix = f"-{n}" if n >= len(names.LINES) * 3 else ""
    return Account(number, "security" if n == 0 else f"{line}-{stage[:4]}{suffix}", stage)


def _person(thrown: Random, n: int, sites: tuple[Site, ...], strangers: tuple[str, ...], days: int) -> Person:
    first, last = names.FIRST[n % len(names.FIRST)], names.LAST[(n * 7 + n // len(names.FIRST)) % len(names.LAST)]
    team = names.TEAMS[n % len(names.TEAMS)]
    mine = [sites[0]] if team == "security" else []
    mine += thrown.sample(sites[1:], min(len(sites) - 1, thrown.randint(1, 4)))
    home = thrown.choice(strangers)
    moved = ((thrown.randint(1, days), thrown.choice(strangers)),) if thrown.random() < 0.25 else ()
    trips = tuple(_trip(thrown, strangers, days) for _ in range(days // 30) if thrown.random() < 0.35)
    offices, vpn = addresses.pool(addresses.OFFICE), addresses.pool(addresses.VPN)
    return Person(
        f"{first}.{last}" if n < len(names.FIRST) * len(names.LAST) else f"{first}.{last}{n}",
        team,
        tuple(role for site in mine for role in _sets(thrown, site)),
        offices[n % 4],
        vpn[n % len(vpn)],
        Changing(((0, home), *moved)),
        trips,
        thrown.choice((0, 1, 1, 1, 2, -5)),
        thrown.choice(BROWSERS),
        thrown.choice(CLIS),
        thrown.choice((0.2, 0.5, 0.8, 0.95)),
        thrown.choice((0, 0, 0, 0, 0, thrown.randint(0, days))),
    )


def _trip(thrown: Random, strangers: tuple[str, ...], days: int) -> Trip:
    start = thrown.randint(0, days)
    return Trip(start, start + thrown.randint(2, 9), thrown.choice(strangers))


def _sets(thrown: Random, site: Site) -> list[Role]:
    production = site.account.env in ("production", "security")
    lent = [name for name, share in ROLES.items() if thrown.random() < (share if production else share + 0.3)]
    return [one for name, one in site.roles.items() if name.startswith("AWSReserved") and name.split("_")[1] in lent]


def _pipelines(thrown: Random, site: Site, n: int) -> list[Pipeline]:
    return [_pipeline(thrown, site, f"{site.account.name}-{part}") for part in ("infra", "apps")[: 1 + n % 2]]


def _pipeline(thrown: Random, site: Site, name: str) -> Pipeline:
    old = thrown.random() < 0.7
    keyed = old and thrown.random() < 0.8
    number = "".join(thrown.choices(ALPHABET, k=17))
    arn = f"arn:aws:iam::{site.id}:user/ci/{name}"
    user = User(site.id, name, arn, f"AIDA{number}", f"AKIA{number[:16]}") if keyed else None
    kinds, weights = list(_MODULES), list(_MODULES.values())
    modules = tuple(thrown.choices(kinds, weights, k=thrown.randint(5, 14)))
    subject = f"repo:{names.COMPANY}/{name}:ref:refs/heads/main"
    own = role(thrown, site.id, f"deploy-{name}")
    return Pipeline(name, site, own, user, subject, old, modules, TERRAFORM[old])


def _vendor(thrown: Random, name: str, account: str, sites: tuple[Site, ...], strangers: tuple[str, ...]) -> Vendor:
    at = thrown.randrange(len(strangers) - 3)
    chosen = tuple(one.id for one in sites if thrown.random() < 0.8)
    return Vendor(name, account, strangers[at : at + 3], _vendor_role(name), chosen, thrown.randint(0, 23))


def _vendor_role(name: str) -> str:
    return f"partner-{name.split()[-2]}-reader"


def _test(thrown: Random, sites: tuple[Site, ...], first: date, days: int, n: int) -> Declared:
    site = sites[1 + n % (len(sites) - 1)]
    ranges = addresses.pool(addresses.VPN)
    start = datetime.fromisoformat(f"{first + timedelta(days=min(days - 1, 12 + n * 20))}T08:00:00+00:00")
    return Declared(role(thrown, site.id, f"assurance-{n + 1}"), ranges[-1 - n % 8], start, start + timedelta(hours=30))
