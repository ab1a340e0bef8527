"""Credentials are used where they were not made for: by thieves, and by colleagues in a hurry."""

from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import with_functions, with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.world import Workload
from stanch.lab.world import Host

OUTSIDE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
INSIDE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS"
FUNCTION = "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS"


def _away(s: Stage, address: str = "") -> tuple[Workload, Host, Caller, str]:
    """A host's credentials elsewhere."""
    workload, host = s.host()
    stolen, address = s.away(s.instance(workload, host), address)
    s.may(host, stolen)
    return workload, host, stolen, address


def _outside(s: Stage, host: Host, stolen: Caller, address: str, call: str = "s3:ListBuckets") -> None:
    s.find(OUTSIDE, 8, s.about(stolen, host), s.api(call, address), count=s.dice.randint(2, 9))


def _inside(s: Stage, host: Host, stolen: Caller, address: str, account: str) -> None:
    action = findings.api_call("s3", "ListBuckets", address)
    details = action["awsApiCallAction"]
    assert isinstance(details, dict)  # noqa: S101 -- written by the lab
    details["remoteAccountDetails"] = {"accountId": account, "affiliated": s.authorised}
    s.find(INSIDE, 8, s.about(stolen, host), action, count=s.dice.randint(2, 9))


def roaming_range(s: Stage) -> None:
    """An instance's session is used from a network that is, or is not, a new range of the company's VPN."""
    workload, host, stolen, address = _away(s)
    s.calls(stolen, "sts:GetCallerIdentity", "s3:ListBuckets", "ssm:GetParameter")
    s.secrets(stolen, workload, 2)
    s.declares_range("vpn", address)
    _outside(s, host, stolen, address)


def neighbour_account(s: Stage) -> None:
    """An instance's session is used from a host of another account, which is or is not the organisation's."""
    workload, host, stolen, address = _away(s)
    s.calls(stolen, "sts:GetCallerIdentity", "s3:ListBuckets")
    s.secrets(stolen, workload, 2)
    account = s.scene.foreign_account()
    s.declares_account(account)
    action = findings.api_call("s3", "ListBuckets", address)
    details = action["awsApiCallAction"]
    assert isinstance(details, dict)  # noqa: S101 -- written by the lab
    details["remoteAccountDetails"] = {"accountId": account, "affiliated": False}
    s.find(INSIDE, 8, s.about(stolen, host), action, count=4)


def egress_proxy(s: Stage) -> None:
    """A host's calls leave by an address that is, or is not, the declared way out of the company's own data centre."""
    workload, host, stolen, address = _away(s)
    for _ in range(3):
        s.calls(stolen, "s3:ListBuckets", "ssm:GetParameter", "kms:Decrypt")
    s.secrets(stolen, workload, 1)
    s.declares_range("egress", address)
    _outside(s, host, stolen, address)


def declared_test(s: Stage) -> None:
    """Testers, or someone else, take a host's session, look around and read secrets."""
    workload, host, stolen, address = _away(s)
    s.looks(stolen)
    s.secrets(stolen, workload, 3)
    s.declares_test(host.role.arn)
    _outside(s, host, stolen, address)


def forged_request(s: Stage) -> None:
    """A forged request gives the host's session away: it is used at once, for everything."""
    workload, host, stolen, address = _away(s)
    s.looks(stolen)
    s.secrets(stolen, workload, 4)
    s.calls(stolen, "iam:CreateUser", "iam:CreateAccessKey", error=s.dice.choice(("", "AccessDenied")))
    _outside(s, host, stolen, address)


def patient_reader(s: Stage) -> None:
    """The thief takes his time, reads what the host reads, and nothing else."""
    workload, host, stolen, address = _away(s)
    s.secrets(stolen, workload, 2)
    s.calls(stolen, "s3:ListBuckets")
    s.without("vpc_flow")
    _outside(s, host, stolen, address)


def thief_on_the_vpn(s: Stage) -> None:
    """The thief is on the company's VPN with a colleague's laptop: the range excuses him, what he does does not."""
    workload, host, stolen, address = _away(s)
    s.looks(stolen)
    s.secrets(stolen, workload, 4)
    s.calls(stolen, "iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey")
    s.calls(stolen, "cloudtrail:StopLogging", request={"name": "organisation"})
    s.declares_range("vpn", address, truly=True)
    _outside(s, host, stolen, address)


def function_environment(s: Stage) -> None:
    """A function's environment leaks and its session is used elsewhere."""
    workload, caller = s.function()
    stolen, address = s.away(caller)
    s.may(stolen)
    s.looks(stolen)
    s.secrets(stolen, workload, 3)
    s.find(FUNCTION, 8, s.about(stolen), findings.api_call("s3", "ListBuckets", address), count=4)


def young_account(s: Stage) -> None:
    """The account is days old: nothing can be called new, and a foreign account's host uses the session."""
    workload, host, stolen, address = _away(s)
    s.young()
    s.calls(stolen, "sts:GetCallerIdentity", "s3:ListBuckets")
    s.secrets(stolen, workload, 3)
    _inside(s, host, stolen, address, s.scene.foreign_account())


def logs_switched_off(s: Stage) -> None:
    """The thief stops the trail first; what he does afterwards is not seen."""
    _, host, stolen, address = _away(s)
    s.calls(stolen, "sts:GetCallerIdentity", "cloudtrail:DescribeTrails")
    s.calls(stolen, "cloudtrail:StopLogging", request={"name": "organisation"})
    s.clock.wait(minutes=s.dice.randint(5, 50))
    _outside(s, host, stolen, address)


def gateway_replaced(s: Stage) -> None:
    """The network's gateway was replaced; the host goes on as ever from an address that the operator declared."""
    workload, host, stolen, address = _away(s)
    s.declares_range("egress", address)
    for _ in range(4):
        s.calls(stolen, "ssm:GetParameter", "sqs:GetQueueUrl", "kms:Decrypt")
    s.secrets(stolen, workload, 2)
    _outside(s, host, stolen, address, "ssm:GetParameter")


def new_endpoint(s: Stage) -> None:
    """The host's calls go through the network's new endpoint, from a private address."""
    workload, host = s.host()
    caller = s.inside(workload, host)
    s.may(host, caller)
    for _ in range(4):
        s.calls(caller, "ssm:GetParameter", "kms:Decrypt")
    s.secrets(caller, workload, 2)
    _outside(s, host, caller, host.instance.interfaces[0].private_ip, "kms:Decrypt")


def debugging_at_the_office(s: Stage) -> None:
    """A developer copies the host's environment to a laptop at the office to find a fault."""
    person = s.dice.choice(s.scene.organisation.people)
    workload, host, stolen, address = _away(s, person.office)
    s.calls(stolen, "sts:GetCallerIdentity", "sqs:GetQueueUrl", "ssm:GetParameter")
    s.secrets(stolen, workload, 3)
    _outside(s, host, stolen, address, "secretsmanager:GetSecretValue")


def central_build_account(s: Stage) -> None:
    """The organisation's build account uses the host's role by an old arrangement, busily."""
    workload, host, stolen, address = _away(s)
    s.looks(stolen)
    s.secrets(stolen, workload, 3)
    _inside(s, host, stolen, address, s.scene.organisation.sites[0].id)


def vendor_with_a_copy(s: Stage) -> None:
    """A declared partner's agent was given a copy of the role's session, against advice."""
    vendor = s.dice.choice(s.scene.organisation.vendors)
    _, host, stolen, address = _away(s, s.dice.choice(vendor.addresses))
    for _ in range(3):
        s.calls(stolen, "ec2:DescribeInstances", "monitoring:ListMetrics", "s3:ListBuckets")
    _outside(s, host, stolen, address, "ec2:DescribeInstances")


def two_ways_out(s: Stage) -> None:
    """A host with two ways out, the gateway and the company's data centre, uses both at once."""
    workload, host = s.host()
    caller = s.instance(workload, host)
    other, address = s.away(caller)
    s.may(host, other)
    s.declares_range("egress", address)
    for _ in range(4):
        s.calls(caller, "kms:Decrypt")
        s.calls(other, "ssm:GetParameter", "s3:ListBuckets")
    _outside(s, host, other, address, "ssm:GetParameter")


BOTH = ("contain", "escalate")
SCENARIOS = (
    Scenario(Kind.PAIR, roaming_range, "critical", fact="a range in networks.vpn", suits=with_hosts),
    Scenario(Kind.PAIR, neighbour_account, "critical", fact="an account of the organisation", suits=with_hosts),
    Scenario(Kind.PAIR, egress_proxy, "critical", fact="a range in networks.egress", suits=with_hosts),
    Scenario(Kind.PAIR, declared_test, "critical", fact="the time of a penetration test", suits=with_hosts),
    Scenario(Kind.ATTACK, forged_request, "critical", suits=with_hosts),
    Scenario(Kind.ATTACK, patient_reader, "critical", suits=with_hosts),
    Scenario(Kind.ATTACK, thief_on_the_vpn, "critical", BOTH, suits=with_hosts),
    Scenario(Kind.ATTACK, function_environment, "critical", suits=with_functions),
    Scenario(Kind.ATTACK, young_account, "critical", suits=with_hosts),
    Scenario(Kind.ATTACK, logs_switched_off, "critical", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, gateway_replaced, "critical", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, new_endpoint, "critical", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, debugging_at_the_office, "critical", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, central_build_account, "critical", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, vendor_with_a_copy, "critical", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, two_ways_out, "critical", suits=with_hosts),
)
