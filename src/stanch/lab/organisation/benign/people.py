"""People: they sign in, open pages of the console (each a burst of calls), type commands, and change a thing or two."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from stanch.lab.organisation.day import OFFICE, Day
from stanch.lab.organisation.record import Caller, Pen
from stanch.lab.organisation.sessions import signed_in
from stanch.lab.organisation.traces import Trace, get_object
from stanch.lab.organisation.wanted import answered, wanted
from stanch.lab.organisation.world import Person, Site
from stanch.lab.world import Role
from stanch.model.data import JSONObject

PAGES = (
    (
        *("ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeTags", "ec2:DescribeAddresses"),
        *("ec2:DescribeVolumes", "ec2:DescribeSecurityGroups", "ec2:DescribeKeyPairs"),
        *("ec2:DescribeAvailabilityZones", "ec2:DescribeSnapshots", "monitoring:DescribeAlarms"),
        *("compute-optimizer:GetEnrollmentStatus!", "ec2:DescribeHosts", "ec2:DescribeRegions"),
        *("ec2:DescribeAccountAttributes",),
    ),
    (
        *("s3:ListBuckets", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetBucketAcl"),
        *("s3:GetBucketPolicy!", "s3:GetBucketPublicAccessBlock", "s3:GetBucketEncryption"),
        *("s3:GetBucketTagging!", "s3:GetBucketLogging", "s3:GetAccelerateConfiguration"),
        *("s3:GetBucketCors!",),
    ),
    (
        *("iam:GetAccountSummary", "iam:ListRoles", "iam:ListUsers", "iam:ListGroups", "iam:ListPolicies"),
        *("iam:GetAccountPasswordPolicy!", "iam:ListMFADevices", "iam:ListAccessKeys"),
        *("iam:ListAccountAliases", "access-analyzer:ListAnalyzers"),
    ),
    (
        *("lambda:ListFunctions20150331", "lambda:GetAccountSettings20160819"),
        *("lambda:GetFunction20150331v2", "lambda:GetPolicy20150331v2", "lambda:ListTags20170331"),
        *("monitoring:GetMetricData", "logs:DescribeLogGroups", "lambda:ListVersionsByFunction20150331"),
        *("iam:GetRole", "iam:ListAttachedRolePolicies"),
    ),
    (
        *("monitoring:DescribeAlarms", "monitoring:ListDashboards", "monitoring:GetMetricData"),
        *("monitoring:GetMetricData", "monitoring:GetMetricData", "logs:DescribeLogGroups"),
        *("logs:DescribeLogStreams", "logs:FilterLogEvents", "monitoring:ListMetrics"),
    ),
    (
        *("rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:DescribeDBSnapshots"),
        *("rds:DescribeEvents", "rds:DescribeAccountAttributes", "rds:DescribeDBSubnetGroups"),
        *("ec2:DescribeVpcs", "ec2:DescribeSecurityGroups", "monitoring:GetMetricData"),
    ),
    (
        *("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups"),
        *("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"),
        *("elasticloadbalancing:DescribeTargetHealth", "ec2:DescribeVpcs", "ec2:DescribeSubnets"),
        *("ec2:DescribeSecurityGroups", "elasticloadbalancing:DescribeLoadBalancerAttributes"),
    ),
    (
        *("ce:GetCostAndUsage!", "ce:GetCostForecast!", "health:DescribeEventAggregates"),
        *("notifications:ListNotificationHubs", "ec2:DescribeRegions", "cloudtrail:DescribeTrails"),
        *("config:DescribeConfigurationRecorders", "iam:ListAccountAliases", "securityhub:GetFindings"),
        *("guardduty:ListDetectors",),
    ),
    (
        *("ssm:DescribeInstanceInformation", "ssm:DescribeParameters", "ssm:GetParametersByPath"),
        *("ssm:ListDocuments", "ssm:ListCommands", "ssm:DescribeSessions", "ec2:DescribeInstances"),
        *("kms:ListAliases",),
    ),
    (
        *("cloudformation:ListStacks", "cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"),
        *("cloudformation:ListStackResources", "cloudformation:GetTemplateSummary"),
        *("cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents", "sns:ListTopics"),
    ),
    (
        *("secretsmanager:ListSecrets", "secretsmanager:DescribeSecret", "kms:ListAliases"),
        *("kms:DescribeKey", "secretsmanager:GetResourcePolicy", "lambda:ListFunctions20150331"),
        *("iam:ListRoles", "tagging:GetResources!"),
    ),
)
"""What the console asks when a page is opened; `!` marks what readers are often refused or what is often not set."""
COMMANDS = (
    "sts:GetCallerIdentity",
    "ec2:DescribeInstances",
    "ssm:GetParameter",
    "logs:FilterLogEvents",
    "ecs:DescribeServices",
    "ecs:ListTasks",
    "s3:ListBuckets",
    "cloudformation:DescribeStacks",
    "elasticloadbalancing:DescribeTargetHealth",
    "autoscaling:DescribeAutoScalingGroups",
    "iam:GetRole",
)
CHANGES = {
    "Engineer": (
        *("ssm:PutParameter", "logs:PutRetentionPolicy", "ec2:CreateTags", "monitoring:PutMetricAlarm"),
        *("ecs:UpdateService", "lambda:UpdateFunctionConfiguration20150331v2", "ssm:SendCommand", "ssm:StartSession"),
        *("ec2:RebootInstances", "autoscaling:SetDesiredCapacity", "secretsmanager:PutSecretValue"),
        *("ssm:GetCommandInvocation", "lambda:CreateFunction20150331", "lambda:Invoke", "ec2:RunInstances"),
        *("ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:AttachVolume", "ec2:ModifySnapshotAttribute"),
    ),
    "Admin": (
        *("iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:CreateAccessKey"),
        *("ec2:AuthorizeSecurityGroupIngress", "s3:PutBucketPolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateUser"),
        *("ec2:ModifyInstanceAttribute", "kms:PutKeyPolicy", "iam:UpdateAccessKey", "iam:AddUserToGroup"),
        *("iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:GetPolicy", "iam:CreatePolicyVersion"),
        "iam:CreateLoginProfile",
    ),
}
"""What people change, by permission set."""


def of_day(day: Day) -> Iterator[Trace]:
    """Everybody who works that day; at weekends few do."""
    for person in day.organisation.people:
        thrown = day.dice("person", person.name)
        if (
            person.roles
            and day.number >= person.since
            and thrown.random() < person.active * (1 if day.working else 0.06)
        ):
            yield from _person(day, person, Pen(thrown))


def place(person: Person, number: int, thrown_value: float) -> str:
    """Where someone works from that day: away, else office, VPN or home as the dice say."""
    away = next((trip.address for trip in person.trips if trip.first <= number <= trip.last), "")
    return away or (
        person.office if thrown_value < 0.45 else person.vpn if thrown_value < 0.8 else person.home.on(number)
    )


def _person(day: Day, person: Person, pen: Pen) -> Iterator[Trace]:
    thrown = pen.dice
    address = place(person, day.number, thrown.random())
    for start in day.times(thrown, thrown.randint(1, 3), OFFICE, person.zone):
        role = thrown.choice(person.roles)
        site = day.organisation.site(role.account)
        typing = thrown.random() < 0.3
        agent = person.cli if typing else person.browser
        event, caller = signed_in(pen, person, role, site.region, address, agent, start)
        yield event
        if not typing:
            yield _console(pen, caller, start + timedelta(seconds=2))
        at = start + timedelta(seconds=4)
        for _ in range(thrown.randint(2, 9)):
            yield from _commands(pen, caller, at) if typing else _page(pen, caller, role, at)
            at += timedelta(seconds=20 + thrown.expovariate(1 / 240))
        if thrown.random() < 0.45:
            yield from _change(pen, caller, role, site, at)
        if typing and thrown.random() < 0.3:
            yield from _look_into(pen, caller, site, at)


def _console(pen: Pen, caller: Caller, at: datetime) -> Trace:
    extra: JSONObject = {
        "MFAUsed": "No",
        "MobileVersion": "No",
        "LoginTo": "https://console.aws.amazon.com/console/home",
    }
    response: JSONObject = {"ConsoleLogin": "Success"}
    return pen.write(caller, at, "signin:ConsoleLogin", response=response, extra={"additionalEventData": extra})


def _page(pen: Pen, caller: Caller, role: Role, at: datetime) -> Iterator[Trace]:
    thrown = pen.dice
    calls, reader = thrown.choice(PAGES), "Reader" in role.name
    for call in calls + tuple(thrown.sample(calls, min(len(calls), thrown.randint(0, 6)))):
        at += timedelta(seconds=thrown.expovariate(1 / 0.22))
        name, often = call.rstrip("!"), call.endswith("!")
        refused = thrown.random() < ((0.75 if reader else 0.3) if often else 0.06 if reader else 0.012)
        yield pen.write(caller, at, name, error=_refusal(name, often=often) if refused else "")


def _refusal(call: str, *, often: bool) -> str:
    usual = {
        "s3:GetBucketPolicy": "NoSuchBucketPolicy",
        "s3:GetBucketTagging": "NoSuchTagSet",
        "s3:GetBucketCors": "NoSuchCORSConfiguration",
        "iam:GetAccountPasswordPolicy": "NoSuchEntityException",
    }
    return usual.get(call, "AccessDenied") if often else "AccessDenied"


def _commands(pen: Pen, caller: Caller, at: datetime) -> Iterator[Trace]:
    thrown = pen.dice
    for _ in range(thrown.randint(1, 5)):
        yield pen.write(caller, at, thrown.choice(COMMANDS), error="AccessDenied" if thrown.random() < 0.05 else "")
        at += timedelta(seconds=thrown.uniform(2, 40))


def _change(pen: Pen, caller: Caller, role: Role, site: Site, at: datetime) -> Iterator[Trace]:
    kind = role.name.split("_")[1]
    thrown = pen.dice
    if kind not in CHANGES:
        yield pen.write(caller, at, "ec2:CreateTags", error="AccessDenied")
        return
    for _ in range(thrown.randint(1, 3)):
        call = thrown.choice(CHANGES[kind])
        yield pen.write(caller, at, call, request=wanted(call, site, thrown), response=answered(call, thrown))
        at += timedelta(seconds=thrown.uniform(10, 200))


def _look_into(pen: Pen, caller: Caller, site: Site, at: datetime) -> Iterator[Trace]:
    """Someone downloads a report or two."""
    bucket = pen.dice.choice(site.buckets)
    for n in range(pen.dice.randint(1, 12)):
        key = f"{bucket.data}/{at:%Y/%m}/{pen.dice.getrandbits(32):08x}.csv"
        yield from get_object(
            pen, caller, at + timedelta(seconds=3 * n), bucket, key, pen.dice.randint(2_000, 4_000_000)
        )
