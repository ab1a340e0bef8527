"""Data leaves, is opened or destroyed: by thieves, and by backups, migrations, analysts and partners who may."""

from stanch.lab.labelled.place import DAYS
from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.traces import Found, delete_object
from stanch.lab.organisation.wanted import policy
from stanch.lab.organisation.world import Bucket, KeyUser
from stanch.model.data import JSON

READ, DELETED = "Exfiltration:S3/AnomalousBehavior", "Impact:S3/AnomalousBehavior.Delete"
PERMISSION = "Impact:S3/AnomalousBehavior.Permission"
CALLS = "Exfiltration:IAMUser/AnomalousBehavior"
SEQUENCE = "AttackSequence:S3/CompromisedData"
OPENED = ("Policy:S3/BucketAnonymousAccessGranted", "Policy:S3/BucketPublicAccessGranted")
MUCH = 30_000_000


def _key(s: Stage, *, home: bool = False) -> tuple[KeyUser, Caller]:
    """A program's key used from a stranger's address, or from its usual one."""
    user = s.scene.user()
    caller = s.scene.key(user, user.address.on(DAYS - 1) if home else s.stranger())
    s.may(caller, user.user.arn, user.user.key)
    return user, caller


def _bucket(s: Stage) -> Bucket:
    bucket = s.dice.choice(s.site.buckets)
    s.may(f"arn:aws:s3:::{bucket.name}", bucket.name)
    return bucket


def _found(s: Stage, caller: Caller, bucket: Bucket, kind: str = READ, call: str = "GetObject") -> None:
    resource = findings.on_bucket(caller, bucket, s.scene.organisation.midnight(-400))
    action = findings.api_call("s3", call, caller.session.address)
    s.find(kind, 8, resource, action, count=s.dice.randint(3, 30))


def _shares(s: Stage, caller: Caller, account: str, n: int = 1) -> None:
    """A snapshot is made and shared with an account."""
    for _ in range(n):
        number = s.number("snap")
        s.calls(caller, "ec2:CreateSnapshot", response={"snapshotId": number})
        added: JSON = {"add": {"items": [{"userId": account}]}}
        kind = "CREATE_VOLUME_PERMISSION"
        request: dict[str, JSON] = {"snapshotId": number, "attributeType": kind, "createVolumePermission": added}
        s.calls(caller, "ec2:ModifySnapshotAttribute", request=request)


def _by_calls(s: Stage, caller: Caller, service: str, operation: str) -> None:
    action = findings.api_call(service, operation, caller.session.address)
    s.find(CALLS, 8, s.about(caller), action, count=s.dice.randint(1, 9))


def _sequence(s: Stage, caller: Caller, bucket: Bucket) -> None:
    """GuardDuty's attack sequence: actors, resources and endpoints instead of one resource and one action."""
    who, key = caller.session.identity, caller.session.name
    resource = findings.on_caller(caller)
    seen = findings.Seen(SEQUENCE, 9, s.start, s.clock.now, s.dice.randint(3, 9))
    body = findings.finding(s.site, s.dice, seen, resource, {})
    principal, address = str(who["principalId"]), caller.session.address
    actor: JSON = {
        "id": principal,
        "user": {"name": principal, "uid": principal, "type": who["type"], "account": {"uid": s.site.id}},
        "session": {"uid": key, "mfaStatus": "DISABLED", "issuer": caller.session.actor},
    }
    place: dict[str, JSON] = {"accountId": s.site.id, "region": s.site.region, "cloudPartition": "aws"}
    things: JSON = [
        {"uid": key, "resourceType": "ACCESS_KEY", **place},
        {"uid": f"arn:aws:s3:::{bucket.name}", "name": bucket.name, "resourceType": "S3_BUCKET", **place},
    ]
    detail = body["detail"]
    assert isinstance(detail, dict)  # noqa: S101 -- written by the lab
    service = {name: value for name, value in dict(detail["service"]).items() if name != "action"}
    told: JSON = {"uid": detail["id"], "actors": [actor], "resources": things, "endpoints": [{"ip": address}]}
    detail |= {"resource": {"resourceType": "AttackSequence"}, "service": {**service, "detection": {"sequence": told}}}
    s.keep((Found(findings.published(body), body, "attack", s.scene.pen.scenario),))


def shared_with_a_partner(s: Stage) -> None:
    """A key shares snapshots with an account that is, or is not, a declared partner's."""
    _, caller = _key(s, home=True)
    account, other = s.scene.foreign_account(), s.scene.foreign_account()
    named = {"name": "a reporting service", "accounts": [account if s.authorised else other], "networks": []}
    s.facts["partners"] = [*s.facts["partners"], named]
    _shares(s, caller, account, 2)
    _by_calls(s, caller, "ec2", "ModifySnapshotAttribute")


def declared_backup(s: Stage) -> None:
    """A role reads whole buckets; it is, or is not, the one declared for backups."""
    workload, caller = s.function()
    s.may(caller)
    bucket = _bucket(s)
    s.reads(caller, bucket, s.dice.randint(120, 180), MUCH)
    others = [one.role.arn for one in s.site.workloads if one is not workload]
    s.declares_asset(workload.role.arn, "backup", s.dice.choice(others))
    _found(s, caller, bucket)


def public_by_intent(s: Stage) -> None:
    """A bucket is opened to everyone; it is, or is not, the one declared as the public website's."""
    caller = s.person("Admin")
    s.may(caller)
    bucket = _bucket(s)
    other = s.dice.choice([one for one in s.site.buckets if one is not bucket])
    s.declares_asset(f"arn:aws:s3:::{bucket.name}", "public-website", f"arn:aws:s3:::{other.name}")
    s.calls(caller, "s3:GetBucketPolicy", request={"bucketName": bucket.name})
    text = policy(["s3:GetObject"], f"arn:aws:s3:::{bucket.name}/*").replace('"Action"', '"Principal": "*", "Action"')
    s.calls(caller, "s3:PutBucketPolicy", request={"bucketName": bucket.name, "bucketPolicy": text})
    _found(s, caller, bucket, s.dice.choice(OPENED), "PutBucketPolicy")


def tested_reader(s: Stage) -> None:
    """A key reads a bucket from end to end, in the time of a declared test or after it."""
    user, caller = _key(s)
    bucket = _bucket(s)
    s.calls(caller, "sts:GetCallerIdentity", "s3:ListBuckets")
    s.reads(caller, bucket, s.dice.randint(120, 180), MUCH)
    s.declares_test(user.user.arn)
    _found(s, caller, bucket)


def bucket_copied(s: Stage) -> None:
    """A stolen key copies a bucket that its program never read."""
    _, caller = _key(s)
    bucket = _bucket(s)
    s.calls(caller, "sts:GetCallerIdentity", "s3:ListBuckets")
    s.reads(caller, bucket, s.dice.randint(150, 250), MUCH)
    _found(s, caller, bucket)


def ransom(s: Stage) -> None:
    """A stolen key reads a bucket, then deletes what it read."""
    _, caller = _key(s)
    bucket = _bucket(s)
    s.reads(caller, bucket, s.dice.randint(110, 150), MUCH)
    for number in range(s.dice.randint(40, 90)):
        at = s.clock.wait(seconds=s.dice.uniform(0.1, 1))
        s.keep(delete_object(s.scene.pen, caller, at, bucket, f"{bucket.data}/{number:05d}.parquet"))
    _found(s, caller, bucket, DELETED, "DeleteObject")


def snapshots_abroad(s: Stage) -> None:
    """A stolen key shares snapshots with an account that nobody knows."""
    _, caller = _key(s)
    s.calls(caller, "sts:GetCallerIdentity", "ec2:DescribeVolumes", "ec2:DescribeSnapshots")
    _shares(s, caller, s.scene.foreign_account(), s.dice.randint(1, 4))
    _by_calls(s, caller, "ec2", "ModifySnapshotAttribute")


def secrets_collected(s: Stage) -> None:
    """A stolen key reads every secret of the account, over and over."""
    _, caller = _key(s)
    s.looks(caller)
    for _ in range(s.dice.randint(4, 6)):
        s.secrets(caller, n=8)
    _by_calls(s, caller, "secretsmanager", "GetSecretValue")


def whole_sequence(s: Stage) -> None:
    """A host's stolen session looks around, reads a bucket and is seen by the detector from end to end."""
    workload, host = s.host()
    stolen, _ = s.away(s.instance(workload, host))
    s.may(host, stolen)
    bucket = _bucket(s)
    s.looks(stolen)
    s.reads(stolen, bucket, s.dice.randint(120, 160), MUCH)
    _sequence(s, stolen, bucket)


def unseen_copy(s: Stage) -> None:
    """A stolen key copies a bucket where data events are off: only the looking around is seen."""
    _, caller = _key(s)
    bucket = _bucket(s)
    s.looks(caller)
    s.reads(caller, bucket, s.dice.randint(60, 120), MUCH)
    s.without("s3_data_events")
    _found(s, caller, bucket)


def new_analyst(s: Stage) -> None:
    """A new colleague in analysis looks through reports, signed in with a second factor."""
    caller = s.person("Reader")
    s.may(caller)
    bucket = _bucket(s)
    s.calls(caller, "s3:ListBuckets")
    s.reads(caller, bucket, s.dice.randint(20, 70), 2_000_000)
    _found(s, caller, bucket)


def nightly_backup(s: Stage) -> None:
    """The declared backup role reads more than usual after a large import."""
    workload, caller = s.function()
    s.may(caller)
    bucket = workload.buckets[0]
    s.declares_asset(workload.role.arn, "backup", workload.role.arn)
    s.reads(caller, bucket, s.dice.randint(110, 170), MUCH)
    _found(s, caller, bucket)


def migration(s: Stage) -> None:
    """A program moves a bucket in its declared window: it reads, and deletes what has arrived."""
    user, caller = _key(s, home=True)
    s.declares_window(user.user.arn)
    bucket = _bucket(s)
    s.reads(caller, bucket, s.dice.randint(60, 95), 4_000_000)
    _found(s, caller, bucket)


def legal_export(s: Stage) -> None:
    """Someone exports records for the lawyers, signed in with a second factor, from the office."""
    caller = s.person("Engineer")
    s.may(caller)
    bucket = _bucket(s)
    s.reads(caller, bucket, s.dice.randint(40, 95), 5_000_000)
    _found(s, caller, bucket)


def image_for_our_own(s: Stage) -> None:
    """A pipeline shares snapshots with another account of the organisation, as every week."""
    _, caller = s.pipeline()
    s.may(caller)
    other = s.dice.choice([one.id for one in s.scene.organisation.sites if one.id != s.site.id])
    _shares(s, caller, other, s.dice.randint(1, 3))
    _by_calls(s, caller, "ec2", "ModifySnapshotAttribute")


def expired_objects(s: Stage) -> None:
    """A program clears old objects away without reading them."""
    workload, caller = s.function()
    s.may(caller)
    bucket = workload.buckets[0]
    for number in range(s.dice.randint(20, 60)):
        at = s.clock.wait(seconds=s.dice.uniform(0.1, 2))
        s.keep(delete_object(s.scene.pen, caller, at, bucket, f"{workload.name}/{number:05d}.json"))
    _found(s, caller, bucket, DELETED, "DeleteObject")


BOTH = ("contain", "escalate")
SCENARIOS = (
    Scenario(Kind.PAIR, shared_with_a_partner, "high", BOTH, "a partner's account"),
    Scenario(Kind.PAIR, declared_backup, "high", BOTH, "the asset declared for backups"),
    Scenario(Kind.PAIR, public_by_intent, "high", BOTH, "the asset declared as public"),
    Scenario(Kind.PAIR, tested_reader, "high", fact="the time of a penetration test"),
    Scenario(Kind.ATTACK, bucket_copied, "high"),
    Scenario(Kind.ATTACK, ransom, "high"),
    Scenario(Kind.ATTACK, snapshots_abroad, "high"),
    Scenario(Kind.ATTACK, secrets_collected, "high"),
    Scenario(Kind.ATTACK, whole_sequence, "critical", suits=with_hosts),
    Scenario(Kind.ATTACK, unseen_copy, "high", BOTH),
    Scenario(Kind.LOOK_ALIKE, new_analyst, "high"),
    Scenario(Kind.LOOK_ALIKE, nightly_backup, "high"),
    Scenario(Kind.LOOK_ALIKE, migration, "high"),
    Scenario(Kind.LOOK_ALIKE, legal_export, "high"),
    Scenario(Kind.LOOK_ALIKE, image_for_our_own, "high"),
    Scenario(Kind.LOOK_ALIKE, expired_objects, "high"),
)
