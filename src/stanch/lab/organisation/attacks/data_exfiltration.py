"""Data goes where it should not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from stanch.lab.dice import hexadecimal
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import Attack, Scene, Stealth, in_production, with_hosts
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.traces import Trace, get_object, list_objects
from stanch.lab.organisation.world import Bucket
from stanch.model.data import JSON

FAMILY = "data_exfiltration"
OBJECTS = {Stealth.LOW: 300, Stealth.MEDIUM: 90, Stealth.HIGH: 25}
CREATED = timedelta(days=400)


def bucket_swept(scene: Scene) -> Iterator[Trace]:
    """A host's session, taken elsewhere, reads a bucket from one end to the other."""
    workload, host = scene.host()
    own, caller = scene.instance(workload, host)
    yield from own
    address, since = scene.stranger(), scene.clock.now
    stolen = scene.from_elsewhere(caller, address)
    bucket = _bucket(scene)
    yield scene.call(stolen, "s3:ListBuckets")
    yield from _sweep(scene, stolen, bucket)
    targets = host.role.arn, host.instance.arn, stolen.session.name
    yield from _found(scene, stolen, bucket, targets, since)


def key_swept(scene: Scene) -> Iterator[Trace]:
    """A user's key reads more, and other things, than its job ever did."""
    user, address = scene.user(), scene.stranger()
    caller, since, bucket = scene.key(user, address), scene.clock.now, _bucket(scene)
    yield from scene.look_around(caller)
    yield from _sweep(scene, caller, bucket)
    yield from _found(scene, caller, bucket, (user.user.arn, user.user.key), since)


def snapshot_shared(scene: Scene) -> Iterator[Trace]:
    """A snapshot is shared with a foreign account."""
    address, since, other = scene.stranger(), scene.clock.now, scene.foreign_account()
    before, caller = scene.console(address)
    yield from before
    yield scene.call(caller, "ec2:DescribeSnapshots")
    snapshot = f"snap-0{hexadecimal(scene.dice, 16)}"
    if scene.stealth is not Stealth.HIGH:
        volume: dict[str, JSON] = {"volumeId": f"vol-0{hexadecimal(scene.dice, 16)}"}
        yield scene.call(caller, "ec2:CreateSnapshot", request=volume, response={"snapshotId": snapshot})
    wanted: dict[str, JSON] = {
        "snapshotId": snapshot,
        "attributeType": "CREATE_VOLUME_PERMISSION",
        "createVolumePermission": {"add": {"items": [{"userId": other}]}},
    }
    yield scene.call(caller, "ec2:ModifySnapshotAttribute", request=wanted)
    action = findings.api_call("ec2", "ModifySnapshotAttribute", address)
    targets = caller.session.actor, caller.session.name, f"arn:aws:ec2:{scene.site.region}::snapshot/{snapshot}"
    kind = "Exfiltration:IAMUser/AnomalousBehavior"
    yield from scene.found(kind, 8, findings.on_caller(caller), action, targets, since=since)


def bucket_opened(scene: Scene) -> Iterator[Trace]:
    """A bucket's policy lets a foreign account read, which CloudTrail then sees reading."""
    address, since, other = scene.stranger(), scene.clock.now, scene.foreign_account()
    user, bucket = scene.user(), _bucket(scene)
    caller = scene.key(user, address)
    yield from scene.look_around(caller)
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Sid":"Shared","Effect":"Allow","Principal":{"AWS":'
        f'"arn:aws:iam::{other}:root"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket.name}/*"}}]}}'
    )
    yield scene.call(caller, "s3:GetBucketPolicy", request={"bucketName": bucket.name})
    yield scene.call(caller, "s3:PutBucketPolicy", request={"bucketName": bucket.name, "bucketPolicy": policy})
    scene.clock.wait(minutes=5)
    yield from _sweep(scene, caller, bucket, share=0.3)
    targets = user.user.arn, user.user.key, f"arn:aws:s3:::{bucket.name}"
    yield from _found(scene, caller, bucket, targets, since)


def _bucket(scene: Scene) -> Bucket:
    """A bucket worth it."""
    return scene.dice.choice([one for one in scene.site.buckets if one.sensitive] or list(scene.site.buckets))


def _sweep(scene: Scene, caller: Caller, bucket: Bucket, share: float = 1) -> Iterator[Trace]:
    yield from list_objects(scene.pen, caller, scene.clock.tick(0.1), bucket)
    for n in range(max(4, int(OBJECTS[scene.stealth] * share))):
        key = f"{bucket.data}/{1 + n % 12:02d}/{scene.dice.getrandbits(40):010x}.parquet"
        size = scene.dice.randint(200_000, 60_000_000)
        yield from get_object(scene.pen, caller, scene.clock.tick(0.05), bucket, key, size)


def _found(scene: Scene, caller: Caller, bucket: Bucket, targets: tuple[str, ...], since: datetime) -> Iterator[Trace]:
    listed = scene.stealth is Stealth.LOW
    kind = "Exfiltration:S3/MaliciousIPCaller" if listed else "Exfiltration:S3/AnomalousBehavior"
    resource = findings.on_bucket(caller, bucket, since - CREATED)
    action = findings.api_call("s3", "GetObject", caller.session.address)
    yield from scene.found(kind, 8, resource, action, targets, since=since, count=scene.dice.randint(3, 60))


ATTACKS = (
    Attack("bucket_swept", FAMILY, "A bucket read out with a host's session", bucket_swept, in_production),
    Attack("key_swept", FAMILY, "A bucket read out with a user's key", key_swept),
    Attack("snapshot_shared", FAMILY, "A snapshot shared with a foreign account", snapshot_shared, with_hosts),
    Attack("bucket_opened", FAMILY, "A bucket opened to a foreign account", bucket_opened),
)
