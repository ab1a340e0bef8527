"""What no playbook of its own answers for: logging stopped, odd calls, sign-ins and tools, by thieves and by staff."""

from stanch.lab.labelled.place import DAYS
from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.world import KeyUser
from stanch.model.data import JSONObject

STOPPED = "Stealth:IAMUser/CloudTrailLoggingDisabled"
ODD = ("DefenseEvasion:IAMUser/AnomalousBehavior", "Impact:IAMUser/AnomalousBehavior")
SECRETS = "CredentialAccess:IAMUser/AnomalousBehavior"
LOGIN = "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B"
TOOLS = ("PenTest:IAMUser/KaliLinux", "PenTest:IAMUser/ParrotLinux", "PenTest:IAMUser/PentooLinux")
TRAIL: JSONObject = {"name": "organisation"}


def _key(s: Stage) -> tuple[KeyUser, Caller]:
    """A program's key used from a stranger's address."""
    user = s.scene.user()
    caller = s.scene.key(user, s.stranger())
    s.may(caller, user.user.arn, user.user.key)
    return user, caller


def _found(s: Stage, caller: Caller, kind: str, call: str, severity: float = 5) -> None:
    service, operation = call.split(":")
    action = findings.api_call(service, operation, caller.session.address)
    s.find(kind, severity, s.about(caller), action, count=s.dice.randint(1, 6))


def tools_of_testers(s: Stage) -> None:
    """A testers' system uses a key, looks around and reads secrets, in the time of a declared test or after it."""
    user, caller = _key(s)
    s.looks(caller)
    s.secrets(caller, n=4)
    s.declares_test(user.user.arn)
    _found(s, caller, s.dice.choice(TOOLS), "s3:ListBuckets")


def secrets_from_the_range(s: Stage) -> None:
    """A key reads many secrets from a network that is, or is not, a new range of the company's VPN."""
    _, caller = _key(s)
    s.calls(caller, "sts:GetCallerIdentity", "secretsmanager:ListSecrets")
    for _ in range(2):
        s.secrets(caller, n=6)
    s.calls(caller, "iam:CreateAccessKey", request={"userName": s.dice.choice(s.site.users).user.name})
    s.declares_range("vpn", caller.session.address)
    _found(s, caller, SECRETS, "secretsmanager:GetSecretValue")


def trail_rebuilt(s: Stage) -> None:
    """A run of a repository that is, or is not, in the pipelines' registry stops a trail and starts another."""
    other = f"repo:northlight/{s.site.account.name}-{s.dice.choice(('audit', 'base', 'core'))}:ref:refs/heads/main"
    _, caller = s.pipeline(subject="" if s.authorised else other)
    s.may(caller)
    s.calls(caller, "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus")
    s.calls(caller, "cloudtrail:PutEventSelectors", request={"trailName": "organisation"})
    s.calls(caller, "cloudtrail:CreateTrail", "cloudtrail:StartLogging")
    _found(s, caller, ODD[0], "cloudtrail:PutEventSelectors")


def partner_at_work(s: Stage) -> None:
    """A key deletes and changes things from a network that does, or does not, belong to a declared partner."""
    _, caller = _key(s)
    s.calls(caller, "sts:GetCallerIdentity", "ec2:DescribeInstances", "ec2:DescribeSnapshots")
    s.calls(caller, "ec2:DeleteSnapshot", "ec2:DeregisterImage", "rds:DeleteDBSnapshot")
    s.declares_partner(caller.session.address)
    _found(s, caller, ODD[1], "ec2:DeleteSnapshot")


def trail_stopped(s: Stage) -> None:
    """A stolen key stops the trail; what follows is not seen."""
    _, caller = _key(s)
    s.looks(caller)
    s.calls(caller, "cloudtrail:StopLogging", request=TRAIL)
    _found(s, caller, STOPPED, "cloudtrail:StopLogging", 8)


def watchers_switched_off(s: Stage) -> None:
    """A stolen key switches off detection, flow logs and configuration records, one after the other."""
    _, caller = _key(s)
    s.looks(caller)
    s.calls(caller, "guardduty:DeleteDetector", "ec2:DeleteFlowLogs", "config:StopConfigurationRecorder")
    s.secrets(caller, n=3)
    _found(s, caller, ODD[0], "ec2:DeleteFlowLogs")


def keys_and_secrets(s: Stage) -> None:
    """A stolen key reads secrets and makes more keys, from two networks at once with its owner."""
    user, caller = _key(s)
    owner = s.scene.key(user, user.address.on(DAYS - 1))
    s.calls(owner, "sts:GetCallerIdentity")
    s.looks(caller)
    s.secrets(caller, n=5)
    s.calls(owner, "ec2:DescribeInstances")
    s.calls(caller, "iam:CreateAccessKey", request={"userName": user.user.name})
    _found(s, caller, SECRETS, "secretsmanager:GetSecretValue")


def host_that_reads(s: Stage) -> None:
    """A host's session, taken elsewhere, reads secrets that the host never reads."""
    workload, host = s.host()
    stolen, _ = s.away(s.instance(workload, host))
    s.may(host, stolen)
    s.looks(stolen)
    s.secrets(stolen, n=8)
    action = findings.api_call("secretsmanager", "GetSecretValue", stolen.session.address)
    s.find(SECRETS, 5, s.about(stolen, host), action, count=8)


def no_logs_at_all(s: Stage) -> None:
    """A testers' system uses a stolen key where CloudTrail is not on: nothing can be asked."""
    _, caller = _key(s)
    s.secrets(caller, n=3)
    s.without("cloudtrail", "vpc_flow", "s3_data_events")
    _found(s, caller, s.dice.choice(TOOLS), "secretsmanager:GetSecretValue")


def destruction(s: Stage) -> None:
    """A stolen key deletes backups and stops the trail from a range of the company's VPN."""
    _, caller = _key(s)
    s.declares_range("vpn", caller.session.address, truly=True)
    s.looks(caller)
    s.calls(caller, "ec2:DeleteSnapshot", "rds:DeleteDBSnapshot", "backup:DeleteRecoveryPoint")
    s.calls(caller, "iam:CreateUser", "iam:CreateAccessKey")
    s.calls(caller, "cloudtrail:StopLogging", request=TRAIL)
    _found(s, caller, STOPPED, "cloudtrail:StopLogging", 8)


def tidied_trails(s: Stage) -> None:
    """An administrator, signed in with a second factor, replaces the account's old trail by the organisation's."""
    caller = s.person("Admin")
    s.may(caller)
    s.calls(caller, "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus")
    s.calls(caller, "cloudtrail:StopLogging", request={"name": "legacy"}, error=s.dice.choice(("", "AccessDenied")))
    _found(s, caller, STOPPED, "cloudtrail:StopLogging", 4)


def security_s_own_system(s: Stage) -> None:
    """Someone of the security team tries a tool of theirs from the office."""
    user = s.scene.user()
    address = s.dice.choice(s.scene.organisation.people).office
    caller = s.scene.key(user, address)
    s.calls(caller, "sts:GetCallerIdentity", "s3:ListBuckets", "ec2:DescribeInstances")
    _found(s, caller, s.dice.choice(TOOLS), "s3:ListBuckets")


def rotation_of_secrets(s: Stage) -> None:
    """A function renews all secrets, as the law demands once a year."""
    workload, caller = s.function()
    s.may(caller)
    for _ in range(2):
        s.secrets(caller, workload, 8)
    s.calls(caller, "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage")
    _found(s, caller, SECRETS, "secretsmanager:GetSecretValue")


def sign_in_from_a_trip(s: Stage) -> None:
    """A colleague signs in from a trip and looks at his alarms."""
    people = [(one, role) for one in s.scene.organisation.people for role in one.roles if role.account == s.site.id]
    people = people or [(one, role) for one in s.scene.organisation.people for role in one.roles]
    person, role = s.dice.choice(people)
    caller = s.signs_in(person.name, role, s.dice.choice(s.scene.organisation.strangers), person.browser)
    s.calls(caller, "monitoring:DescribeAlarms", "ec2:DescribeInstances", "logs:DescribeLogGroups")
    _found(s, caller, LOGIN, "signin:ConsoleLogin")


def end_of_a_project(s: Stage) -> None:
    """A pipeline takes a finished project down: snapshots, images, alarms, in its declared window."""
    pipeline, caller = s.pipeline()
    s.may(caller)
    s.declares_window(pipeline.role.arn)
    s.calls(caller, "ec2:DescribeSnapshots", "ec2:DeleteSnapshot", "ec2:DeregisterImage", "monitoring:DeleteAlarms")
    _found(s, caller, ODD[1], "ec2:DeleteSnapshot")


def old_program(s: Stage) -> None:
    """A program's key, from where it always is, calls something that it has not called for long."""
    user = s.scene.user()
    caller = s.scene.key(user, user.address.on(DAYS - 1))
    s.calls(caller, "sts:GetCallerIdentity", "ec2:DescribeInstances", "ec2:DeleteFlowLogs", error="AccessDenied")
    s.calls(caller, "monitoring:ListMetrics", "ec2:DescribeInstances")
    _found(s, caller, ODD[0], "ec2:DeleteFlowLogs")


BOTH = ("contain", "escalate")
SCENARIOS = (
    Scenario(Kind.PAIR, tools_of_testers, "high", fact="the time of a penetration test"),
    Scenario(Kind.PAIR, secrets_from_the_range, "high", fact="a range in networks.vpn"),
    Scenario(Kind.PAIR, trail_rebuilt, "high", BOTH, "the subject in the pipeline registry"),
    Scenario(Kind.PAIR, partner_at_work, "high", BOTH, "a partner's network"),
    Scenario(Kind.ATTACK, trail_stopped, "high"),
    Scenario(Kind.ATTACK, watchers_switched_off, "high"),
    Scenario(Kind.ATTACK, keys_and_secrets, "high"),
    Scenario(Kind.ATTACK, host_that_reads, "high", BOTH, suits=with_hosts),
    Scenario(Kind.ATTACK, no_logs_at_all, "high", BOTH),
    Scenario(Kind.ATTACK, destruction, "high", BOTH),
    Scenario(Kind.LOOK_ALIKE, tidied_trails, "high"),
    Scenario(Kind.LOOK_ALIKE, security_s_own_system, "high"),
    Scenario(Kind.LOOK_ALIKE, rotation_of_secrets, "high"),
    Scenario(Kind.LOOK_ALIKE, sign_in_from_a_trip, "high"),
    Scenario(Kind.LOOK_ALIKE, end_of_a_project, "high"),
    Scenario(Kind.LOOK_ALIKE, old_program, "high"),
)
