"""What Terraform's AWS provider calls for a resource: tables of its reads and creations, and a run as a timed graph.

The order of calls and their usual errors follow from the provider's public sources; timing, parallelism (ten at once),
waiting and throttling were shaped after aggregate statistics of real runs.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from stanch.lab.organisation.record import Caller, Event, Pen
from stanch.lab.organisation.wanted import answered, wanted
from stanch.lab.organisation.world import Pipeline

_BUCKET_READS = (
    "s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCors!NoSuchCORSConfiguration s3:GetBucketWebsite!"
    "NoSuchWebsiteConfiguration s3:GetBucketVersioning s3:GetAccelerateConfiguration s3:GetBucketRequestPayment "
    "s3:GetBucketLogging s3:GetBucketLifecycle!NoSuchLifecycleConfiguration s3:GetBucketReplication!"
    "ReplicationConfigurationNotFoundError s3:GetBucketEncryption s3:GetBucketObjectLockConfiguration!"
    "ObjectLockConfigurationNotFoundError s3:GetBucketTagging"
)
KINDS: dict[str, tuple[str, str]] = {
    # kind: what creates it, what reads it
    "role": (
        "iam:CreateRole iam:PutRolePolicy",
        "iam:GetRole iam:ListRolePolicies iam:GetRolePolicy iam:ListAttachedRolePolicies",
    ),
    "attachment": ("iam:AttachRolePolicy", "iam:ListAttachedRolePolicies"),
    "profile": (
        "iam:CreateInstanceProfile iam:AddRoleToInstanceProfile iam:TagInstanceProfile",
        "iam:GetInstanceProfile",
    ),
    "parameter": ("ssm:PutParameter", "ssm:GetParameter ssm:DescribeParameters ssm:ListTagsForResource"),
    "secret": ("secretsmanager:CreateSecret", "secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy"),
    "secret_version": ("secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue"),
    "bucket": (
        "s3:CreateBucket s3:GetBucketTagging!NoSuchTagSet s3:PutBucketTagging s3:PutBucketPolicy",
        _BUCKET_READS,
    ),
    "trail": (
        "cloudtrail:CreateTrail cloudtrail:StartLogging",
        "cloudtrail:DescribeTrails cloudtrail:ListTags cloudtrail:GetTrailStatus cloudtrail:GetEventSelectors",
    ),
    "vpc": (
        "ec2:CreateVpc ec2:DescribeVpcs",
        (
            "ec2:DescribeVpcs ec2:DescribeVpcClassicLink ec2:DescribeVpcClassicLinkDnsSupport "
            "ec2:DescribeVpcAttribute ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls "
            "ec2:DescribeRouteTables ec2:DescribeSecurityGroups"
        ),
    ),
    "subnet": ("ec2:CreateSubnet ec2:DescribeSubnets", "ec2:DescribeSubnets"),
    "gateway": (
        "ec2:CreateInternetGateway ec2:AttachInternetGateway ec2:DescribeInternetGateways",
        "ec2:DescribeInternetGateways",
    ),
    "address": ("ec2:AllocateAddress", "ec2:DescribeAddresses"),
    "table": ("ec2:CreateRouteTable ec2:DescribeRouteTables", "ec2:DescribeRouteTables"),
    "route": ("ec2:DescribeRouteTables ec2:CreateRoute ec2:DescribeRouteTables", "ec2:DescribeRouteTables"),
    "association": ("ec2:AssociateRouteTable", "ec2:DescribeRouteTables"),
    "nat": ("ec2:CreateNatGateway ~ec2:DescribeNatGateways", "ec2:DescribeNatGateways"),
    "interface": ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces ec2:DescribeNetworkInterfaces"),
    "instance": (
        (
            "?ec2:RunInstances!Client.InvalidParameterValue "
            "?ec2:RunInstances!Client.InvalidParameterValue ec2:RunInstances ec2:DescribeInstances"
        ),
        (
            "ec2:DescribeInstances ec2:DescribeTags ec2:DescribeVpcs ec2:DescribeInstanceAttribute "
            "ec2:DescribeInstanceAttribute ec2:DescribeVolumes ec2:DescribeInstanceAttribute "
            "ec2:DescribeInstanceCreditSpecifications"
        ),
    ),
    "group": (
        "ec2:CreateSecurityGroup ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress",
        "ec2:DescribeSecurityGroups",
    ),
    "logs": ("logs:DescribeLogGroups logs:CreateLogGroup", "logs:ListTagsLogGroup"),
    "flow_log": ("ec2:CreateFlowLogs", "ec2:DescribeFlowLogs"),
    "function": (
        "lambda:CreateFunction20150331 lambda:GetFunction20150331v2",
        "lambda:GetFunction20150331v2 lambda:ListVersionsByFunction20150331 lambda:GetFunctionCodeSigningConfig",
    ),
    "permission": ("lambda:AddPermission20150331v2", "lambda:GetPolicy20150331v2"),
    "queue": ("sqs:CreateQueue sqs:GetQueueAttributes", "sqs:GetQueueAttributes sqs:ListQueueTags"),
    "items": (
        "dynamodb:CreateTable ~dynamodb:DescribeTable",
        (
            "dynamodb:DescribeTable dynamodb:DescribeContinuousBackups dynamodb:DescribeTimeToLive "
            "dynamodb:ListTagsOfResource"
        ),
    ),
    "alarm": ("monitoring:PutMetricAlarm", "monitoring:DescribeAlarms monitoring:ListTagsForResource"),
    "image": ("", "ec2:DescribeImages"),
    "zones": ("", "ec2:DescribeAvailabilityZones"),
}
"""Kinds of resource. `!` names the error that the call answers, `?` a call that is made sometimes, `~` one that is
repeated every ten seconds until it is ready."""
MODULES: dict[str, str] = {
    # waves, each after the one before: kind or kind*least-most
    "role": "role",
    "parameters": "parameter*12-48",
    "secrets": "secret*6-24 | secret_version*same",
    "network": (
        "image zones | vpc address role | subnet*2 gateway table*2 attachment profile | route "
        "association*2 nat interface instance | route"
    ),
    "trail": "bucket | trail",
    "flow_log": "vpc role logs | flow_log",
    "function": "role logs | function | permission",
    "queue": "queue*1-3 role",
    "table": "items*1-2 | alarm",
    "alarm": "alarm*2-6",
    "instances": "image role group | profile | instance*1-2",
}
CHANGES = (
    "ssm:PutParameter",
    "lambda:UpdateFunctionCode20150331v2",
    "iam:PutRolePolicy",
    "ec2:AuthorizeSecurityGroupIngress",
    "monitoring:PutMetricAlarm",
    "s3:PutBucketTagging",
    "ec2:CreateTags",
    "sqs:SetQueueAttributes",
)
PARALLEL = 10
"""Terraform's own default."""
_WRITTEN = {"iam", "ec2", "lambda", "s3"}
"""Services whose changing calls get whole requests."""
_NAMED = {
    "iam": "roleName",
    "ssm": "name",
    "secretsmanager": "secretId",
    "s3": "bucketName",
    "lambda": "functionName",
    "sqs": "queueUrl",
    "dynamodb": "tableName",
    "logs": "logGroupName",
    "cloudtrail": "name",
    "monitoring": "alarmName",
}


@dataclass(frozen=True)
class Run:
    """One run of a pipeline, as the calls it makes."""

    pipeline: Pipeline
    pen: Pen
    caller: Caller
    start: datetime

    def fresh(self, module: str) -> Iterator[Event]:
        """`apply` of a module that is not there yet."""
        threads = _threads(self.pen.dice, module)
        asks = module == "role" or self.pen.dice.random() < 0.1
        first = self._preamble(asks=asks)
        yield from self._timed([[first], *[[self._created(kind) for kind in wave] for wave in threads]])

    def plan(self, modules: Sequence[str]) -> Iterator[Event]:
        """`plan`: everything in the state is read again."""
        yield from self._timed([[self._preamble()], self._refresh(modules)])

    def change(self, modules: Sequence[str]) -> Iterator[Event]:
        """`apply` of a small change: read all, change a little, read that again."""
        thrown = self.pen.dice
        calls = [thrown.choice(CHANGES).split() for _ in range(thrown.randint(1, 4))]
        yield from self._timed([[self._preamble()], self._refresh(modules), calls])

    def _preamble(self, *, asks: bool = False) -> list[str]:
        """Who am I? The old provider asks IAM first, which a role cannot answer; some modules ask once more."""
        if not self.pipeline.old:
            return ["sts:GetCallerIdentity"] * self.pen.dice.randint(1, 2)
        if self.pipeline.user:
            return ["iam:GetUser", *(["sts:GetCallerIdentity"] if asks else []), "iam:GetUser"]
        return ["iam:GetUser!ValidationError", "sts:GetCallerIdentity"]

    def _refresh(self, modules: Sequence[str]) -> list[list[str]]:
        waves = [kind for module in modules for wave in _threads(self.pen.dice, module) for kind in wave]
        return [self._known(KINDS[kind][1].split()) for kind in waves]

    def _created(self, kind: str) -> list[str]:
        creates, reads = (part.split() for part in KINDS[kind])
        thrown = self.pen.dice
        made = []
        for call in creates:
            if call.startswith("~"):
                made += [call] * thrown.randint(3, 13)
            elif not call.startswith("?"):
                made.append(call)
            elif thrown.random() < 0.7:
                made.append(call[1:])
        if len(reads) > 2:
            head = reads[:2]
            thrown.shuffle(head)
            reads = head + reads[2:]
        return made + self._known(reads)

    def _known(self, reads: list[str]) -> list[str]:
        return reads if self.pipeline.old else [one for one in reads if "ClassicLink" not in one]

    def _timed(self, waves: list[list[list[str]]]) -> Iterator[Event]:
        """Each wave's resources in parallel, each resource's calls one after the other."""
        at, thrown = self.start, self.pen.dice
        slow = thrown.uniform(0.75, 1.3)
        for wave in waves:
            ready = [(at + timedelta(seconds=thrown.uniform(0, 0.4)), n) for n in range(min(PARALLEL, len(wave)))]
            heapq.heapify(ready)
            queue = iter(wave)
            while ready:
                begun, lane = heapq.heappop(ready)
                calls = next(queue, None)
                if calls is None:
                    at = max(at, begun)
                    continue
                ended = begun
                name = f"{self.pipeline.name}-{thrown.getrandbits(24):06x}"
                for call in calls:
                    yield from self._call(call, ended, name)
                    pause = 10.4 if call.startswith("~") else max(0.1, thrown.gauss(0.5, 0.16) * slow)
                    ended += timedelta(seconds=pause)
                at = max(at, ended)
                heapq.heappush(ready, (ended, lane))

    def _call(self, call: str, at: datetime, name: str) -> Iterator[Event]:
        what, _, error = call.lstrip("~").partition("!")
        service = what.partition(":")[0]
        request = wanted(what, self.pipeline.site, self.pen.dice) if service in _WRITTEN else None
        if request is None and service in _NAMED:
            request = {_NAMED[service]: name}
        if service == "ssm" and "Put" in what and self.pen.dice.random() < 0.3:
            yield self.pen.write(self.caller, at, what, request=request, error="ThrottlingException")
            at += timedelta(seconds=self.pen.dice.uniform(0.2, 3))
        response = answered(what, self.pen.dice)
        yield self.pen.write(self.caller, at, what, request=request, response=response, error=error)


def _threads(thrown: Random, module: str) -> list[list[str]]:
    """The kinds of a module by wave, counts thrown."""
    waves, last = [], 0
    for part in MODULES[module].split("|"):
        wave: list[str] = []
        for word in part.split():
            kind, _, count = word.partition("*")
            if count and count != "same":
                least, _, most = count.partition("-")
                last = thrown.randint(int(least), int(most or least))
            wave += [kind] * (last if count else 1)
        waves.append(wave)
    return waves
