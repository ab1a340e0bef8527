"""An instance's credentials used from elsewhere: attack and look-alike differ only in whose address it is."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.cloudtrail import Issued, Pen, role_session
from stanch.lab.dice import session_key
from stanch.lab.scene import Act
from stanch.lab.traffic import CLI, SDK
from stanch.lab.world import Host, World

CALLS = ("sts:GetCallerIdentity", "s3:ListBuckets", "s3:GetBucketLocation", "ec2:DescribeInstances", "s3:GetBucketAcl")
TYPE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def outside(world: World, now: datetime, thrown: Random, host: Host, address: str, pen: Pen) -> Act:
    """The host's current session works on as always, then makes `CALLS` from `address` too."""
    start = now - timedelta(minutes=18)
    issued = Issued(host.instance.id, session_key(thrown), now - timedelta(hours=3), delivery="2.0")
    everyday = Pen(thrown)
    at_home = role_session(host.role, issued, host.public, SDK)
    away = role_session(host.role, issued, address, CLI)
    events = (
        everyday.issue(host.role, issued),
        everyday.write(at_home, now - timedelta(hours=2), "secretsmanager:GetSecretValue"),
        everyday.write(at_home, start + timedelta(seconds=70), "kms:Decrypt"),
        *(pen.write(away, start + timedelta(seconds=40 * n), call) for n, call in enumerate(CALLS)),
    )
    seen = detector.Sighting(
        host.instance.account,
        TYPE,
        8,
        f"Credentials created exclusively for EC2 instance {host.instance.id} used from external IP address {address}.",
        f"Credentials of instance role {host.role.name} have been used from external IP address {address}.",
        first=start,
        last=start + timedelta(seconds=40 * len(CALLS)),
        count=len(CALLS),
    )
    resource = detector.on_session_of(host, issued.key, now - timedelta(days=41))
    finding = detector.finding(world, thrown, seen, resource, detector.api_call("s3", "ListBuckets", address))
    return Act((finding,), events, (host.role.arn, host.instance.arn, issued.key))
