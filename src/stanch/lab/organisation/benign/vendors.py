"""Partners: once a day they read everything that their role lets them, which looks like reconnaissance and is not."""

from collections.abc import Iterator
from datetime import timedelta

from stanch.lab.organisation.day import Day
from stanch.lab.organisation.record import Pen
from stanch.lab.organisation.sessions import vendor_session
from stanch.lab.organisation.traces import Trace
from stanch.lab.organisation.world import Site, Vendor

SWEEP = (
    *("sts:GetCallerIdentity", "ec2:DescribeRegions", "ec2:DescribeInstances", "ec2:DescribeVolumes"),
    *("ec2:DescribeSnapshots", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:DescribeSubnets"),
    *("ec2:DescribeNetworkInterfaces", "ec2:DescribeAddresses", "ec2:DescribeImages", "ec2:DescribeFlowLogs"),
    *("iam:ListUsers", "iam:ListRoles", "iam:ListPolicies", "iam:ListGroups", "iam:GetAccountAuthorizationDetails"),
    *("iam:GetAccountSummary", "iam:GenerateCredentialReport", "iam:GetCredentialReport", "iam:ListAccessKeys"),
    *("iam:GetAccountPasswordPolicy", "s3:ListBuckets", "s3:GetBucketPolicy", "s3:GetBucketAcl"),
    *("s3:GetBucketEncryption", "s3:GetBucketLogging", "s3:GetBucketVersioning", "s3:GetBucketPublicAccessBlock"),
    *("rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "lambda:ListFunctions20150331", "kms:ListKeys"),
    *("kms:DescribeKey", "kms:GetKeyRotationStatus", "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"),
    *("config:DescribeConfigurationRecorders", "elasticloadbalancing:DescribeLoadBalancers", "sns:ListTopics"),
    *("elasticloadbalancing:DescribeListeners", "secretsmanager:ListSecrets", "guardduty:ListDetectors"),
    *("monitoring:DescribeAlarms", "sqs:ListQueues", "dynamodb:ListTables", "organizations:DescribeOrganization"),
    *("organizations:ListAccounts", "ecr:DescribeRepositories", "eks:ListClusters"),
)
REFUSED = {"organizations:ListAccounts", "organizations:DescribeOrganization", "iam:GenerateCredentialReport"}
"""What a member account's reader is refused each time."""


def of_day(day: Day) -> Iterator[Trace]:
    """Each partner sweeps each of its accounts once."""
    for vendor in day.organisation.vendors:
        for number in vendor.sites:
            yield from _sweep(day, vendor, day.organisation.site(number))


def _sweep(day: Day, vendor: Vendor, site: Site) -> Iterator[Trace]:
    thrown = day.dice("vendor", vendor.name, site.id)
    pen, at = Pen(thrown), day.midnight + timedelta(hours=vendor.hour, minutes=thrown.randint(0, 50))
    event, caller = vendor_session(pen, vendor, site, at)
    yield event
    for call in SWEEP:
        again = len(site.buckets) if "Bucket" in call and "List" not in call else 1
        for n in range(again):
            at += timedelta(seconds=thrown.expovariate(1 / 0.7))
            request = {"bucketName": site.buckets[n].name} if again > 1 else None
            refused = call in REFUSED or thrown.random() < 0.04
            yield pen.write(caller, at, call, request=request, error="AccessDenied" if refused else "")
