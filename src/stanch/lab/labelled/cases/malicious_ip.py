"""An address that is known for no good: a thief's, a customer's, a colleague's abroad, a partner's on a stale list."""

from stanch.lab.cloudtrail import Issued, user_session
from stanch.lab.dice import session_key
from stanch.lab.labelled.place import DAYS
from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import with_hosts
from stanch.lab.organisation.found import BROWSERS
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.world import KeyUser
from stanch.model.data import JSON

LISTED = ("UnauthorizedAccess:IAMUser/MaliciousIPCaller", "Recon:IAMUser/MaliciousIPCaller")
OWN_LIST = ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "Recon:IAMUser/MaliciousIPCaller.Custom")
TOR = "UnauthorizedAccess:IAMUser/TorIPCaller"
PEER = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"


def _key(s: Stage, address: str = "", *, home: bool = False) -> tuple[KeyUser, Caller, str]:
    """A program's key used from an address: that one, its usual one, or else a stranger's."""
    user = s.scene.user()
    address = user.address.on(DAYS - 1) if home else address or s.stranger()
    caller = s.scene.key(user, address)
    s.may(caller, user.user.arn, user.user.key)
    return user, caller, address


def _found(s: Stage, caller: Caller, address: str, kind: str, call: str = "ec2:DescribeInstances") -> None:
    s.find(kind, 5, s.about(caller), s.api(call, address), count=s.dice.randint(2, 12))


def _login(s: Stage, user: KeyUser, address: str, *, ok: bool) -> Caller:
    """A sign-in to the console with a password."""
    issued = Issued("console", session_key(s.dice), s.clock.now)
    session = user_session(user.user, address, BROWSERS[1], issued if ok else None)
    caller = Caller.of(session, s.site.region)
    extra: dict[str, JSON] = {"additionalEventData": {"MFAUsed": "No", "MobileVersion": "No"}}
    if not ok:
        extra["errorMessage"] = "Failed authentication"
    response: dict[str, JSON] = {"ConsoleLogin": "Success" if ok else "Failure"}
    s.keep((s.scene.pen.write(caller, s.clock.tick(), "signin:ConsoleLogin", response=response, extra=extra),))
    return caller


def exit_of_the_vpn(s: Stage) -> None:
    """A listed address uses a program's key; it is, or is not, an exit of the company's new VPN provider."""
    _, caller, address = _key(s)
    s.calls(caller, "sts:GetCallerIdentity", "ec2:DescribeInstances", "s3:ListBuckets")
    s.secrets(caller, n=2)
    s.declares_range("vpn", address)
    _found(s, caller, address, s.dice.choice(LISTED))


def listed_partner(s: Stage) -> None:
    """A listed address uses a key; it does, or does not, lie in a declared partner's network."""
    _, caller, address = _key(s)
    s.looks(caller)
    s.declares_partner(address)
    _found(s, caller, address, s.dice.choice(LISTED + OWN_LIST))


def own_data_centre(s: Stage) -> None:
    """A key is used from an address of the operator's own list, which is or is not the new data centre's."""
    _, caller, address = _key(s)
    s.calls(caller, "sts:GetCallerIdentity", "s3:ListBuckets")
    s.reads(caller, s.dice.choice(s.site.buckets), s.dice.randint(4, 12))
    s.declares_range("egress", address)
    _found(s, caller, address, s.dice.choice(OWN_LIST), "s3:ListBuckets")


def tested_user(s: Stage) -> None:
    """Through Tor, a user's key looks around and reads secrets, in the time of a declared test or after it."""
    user, caller, address = _key(s)
    s.looks(caller)
    s.secrets(caller, n=3)
    s.declares_test(user.user.arn)
    _found(s, caller, address, TOR)


def leaked_key(s: Stage) -> None:
    """A leaked key is tried out from a listed address, over all services."""
    _, caller, address = _key(s)
    s.looks(caller)
    s.looks(caller)
    s.secrets(caller, n=3)
    _found(s, caller, address, s.dice.choice(LISTED))


def guessed_password(s: Stage) -> None:
    """Passwords are tried through Tor until one fits; then someone looks around."""
    user, address = s.scene.user(), s.stranger()
    s.may(user.user.arn, user.user.key)
    for _ in range(s.dice.randint(4, 20)):
        _login(s, user, address, ok=False)
    caller = _login(s, user, address, ok=True)
    s.may(caller)
    s.looks(caller)
    _found(s, caller, address, TOR, "signin:ConsoleLogin")


def quiet_key(s: Stage) -> None:
    """A stolen key reads two secrets from a listed address, and that is all."""
    _, caller, address = _key(s)
    s.secrets(caller, n=2)
    _found(s, caller, address, s.dice.choice(LISTED), "secretsmanager:GetSecretValue")


def bucket_reader(s: Stage) -> None:
    """A stolen key copies a bucket to a listed address."""
    _, caller, address = _key(s)
    bucket = s.dice.choice(s.site.buckets)
    s.calls(caller, "s3:ListBuckets")
    s.reads(caller, bucket, s.dice.randint(20, 60))
    s.may(f"arn:aws:s3:::{bucket.name}")
    resource = findings.on_bucket(caller, bucket, s.scene.organisation.midnight(-300))
    s.find("Exfiltration:S3/MaliciousIPCaller", 8, resource, findings.api_call("s3", "GetObject", address), count=20)


def thief_on_the_vpn(s: Stage) -> None:
    """From a listed exit of the company's VPN someone makes users, hands out rights and stops the trail."""
    _, caller, address = _key(s)
    s.declares_range("vpn", address, truly=True)
    s.looks(caller)
    s.calls(caller, "iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey")
    s.calls(caller, "cloudtrail:StopLogging", request={"name": "organisation"})
    _found(s, caller, address, s.dice.choice(LISTED))


def beaconing_host(s: Stage) -> None:
    """A host asks a listed address what to do, at regular times."""
    _, host = s.host()
    peer, port = s.stranger(), s.dice.choice((443, 8443, 80))
    local = s.talks(host, peer, port, s.dice.randint(20, 50), minutes=s.dice.choice((0.5, 2, 5)))
    s.may(host, peer)
    s.find(PEER, 5, s.machine(host), findings.connection(host, peer, "OUTBOUND", (local, port)), role="ACTOR")


def customer_through_tor(s: Stage) -> None:
    """A customer comes by a listed address and is turned away at the door."""
    _, host = s.host()
    peer = s.stranger()
    remote = s.knocks(host, peer, 443)
    s.find(PEER, 5, s.machine(host), findings.connection(host, peer, "INBOUND", (443, remote), blocked=True))


def uptime_monitor(s: Stage) -> None:
    """A service that checks whether the shop is up calls from a hosting address with a bad name."""
    _, host = s.host()
    peer = s.stranger()
    remote = s.knocks(host, peer, 443, s.dice.randint(5, 20), accepted=True)
    s.find(PEER, 5, s.machine(host), findings.connection(host, peer, "INBOUND", (443, remote)))


def colleague_abroad(s: Stage) -> None:
    """A colleague signs in from a hotel, with a second factor, and works as ever."""
    people = [
        (one, role) for one in s.scene.organisation.people for role in one.roles if role.account == s.site.id
    ] or [(one, role) for one in s.scene.organisation.people for role in one.roles]
    person, role = s.dice.choice(people)
    caller = s.signs_in(person.name, role, person.home.on(DAYS - 1), person.browser)
    s.calls(caller, "ec2:DescribeInstances", "s3:ListBuckets", "monitoring:DescribeAlarms")
    _found(s, caller, caller.session.address, s.dice.choice(LISTED))


def stale_list(s: Stage) -> None:
    """The data centre from which a program has always called turns up on the operator's own list."""
    _, caller, address = _key(s, home=True)
    s.calls(caller, "sts:GetCallerIdentity", "ec2:DescribeInstances", "monitoring:ListMetrics")
    _found(s, caller, address, s.dice.choice(OWN_LIST))


def expired_key(s: Stage) -> None:
    """A forgotten job at a former contractor's goes on with a key that has lost its rights: every call is refused."""
    _, caller, address = _key(s)
    for _ in range(s.dice.randint(1, 3)):
        s.calls(caller, "sts:GetCallerIdentity", "s3:ListBuckets", "ec2:DescribeInstances", error="AccessDenied")
    _found(s, caller, address, s.dice.choice(LISTED))


def partner_with_a_key(s: Stage) -> None:
    """A declared partner works with the key that it was given, from its own network, which a list names."""
    vendor = s.dice.choice(s.scene.organisation.vendors)
    _, caller, address = _key(s, s.dice.choice(vendor.addresses))
    s.calls(caller, "sts:GetCallerIdentity", "ec2:DescribeInstances", "s3:ListBuckets", "monitoring:ListMetrics")
    _found(s, caller, address, s.dice.choice(LISTED))


BOTH = ("contain", "escalate")
SCENARIOS = (
    Scenario(Kind.PAIR, exit_of_the_vpn, "high", fact="a range in networks.vpn"),
    Scenario(Kind.PAIR, listed_partner, "high", fact="a partner's network"),
    Scenario(Kind.PAIR, own_data_centre, "high", fact="a range in networks.egress"),
    Scenario(Kind.PAIR, tested_user, "high", fact="the time of a penetration test"),
    Scenario(Kind.ATTACK, leaked_key, "high"),
    Scenario(Kind.ATTACK, guessed_password, "high"),
    Scenario(Kind.ATTACK, quiet_key, "high", BOTH),
    Scenario(Kind.ATTACK, bucket_reader, "high"),
    Scenario(Kind.ATTACK, thief_on_the_vpn, "high", BOTH),
    Scenario(Kind.ATTACK, beaconing_host, "high", BOTH, suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, customer_through_tor, "high", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, uptime_monitor, "high", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, colleague_abroad, "high"),
    Scenario(Kind.LOOK_ALIKE, stale_list, "high"),
    Scenario(Kind.LOOK_ALIKE, expired_key, "high"),
    Scenario(Kind.LOOK_ALIKE, partner_with_a_key, "high"),
)
