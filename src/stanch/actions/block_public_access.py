"""S1: block public access to a bucket, with all four of S3's switches."""

from dataclasses import dataclass

from stanch.actions import _undo_settings
from stanch.actions._examples import BUCKET
from stanch.aws.answer import flag
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject
from stanch.model.errors import NotFound
from stanch.model.ports import Reader

_SWITCHES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_KEY = "PublicAccessBlockConfiguration"


@dataclass(frozen=True)
class PublicAccess:
    """A bucket's own block of public access; the account's applies besides."""

    exists: bool
    """The bucket does."""
    on: tuple[str, ...] | None = None
    """Its switches that are on, sorted; None when the bucket has no such configuration."""


def _snapshot(reader: Reader, target: Target) -> PublicAccess:
    try:
        answer = reader.read("s3", "GetPublicAccessBlock", **_bucket(target))
    except NotFound as error:
        return PublicAccess(exists=error.code != "NoSuchBucket")
    return PublicAccess(exists=True, on=tuple(name for name in _SWITCHES if flag(answer, _KEY, name)))


def _presume(_target: Target) -> PublicAccess:
    return PublicAccess(exists=True)


def _objections(target: Target, state: PublicAccess) -> tuple[str, ...]:
    return () if state.exists else (f"bucket {target.name} does not exist",)


def _forward(target: Target, state: PublicAccess, _terms: Terms) -> tuple[Call, ...]:
    return () if state.on == _SWITCHES else (_put(target, _SWITCHES),)


def _inverse(target: Target, before: PublicAccess, now: PublicAccess | None, _terms: Terms) -> Undo:
    if before.on == _SWITCHES or (now is not None and (now.on == before.on or not now.exists)):
        return Undo()
    if now is not None and now.on != _SWITCHES:
        return Undo((), (f"someone changed the public access block of bucket {target.name}: left as it is",))
    return Undo((_delete(target) if before.on is None else _put(target, before.on),))


def _keep(_target: Target, _state: PublicAccess, _terms: Terms) -> tuple[Call, ...]:
    return ()


def _blast_radius(target: Target, _state: PublicAccess) -> str:
    return f"public access to bucket {target.name} in account {target.account}"


def _put(target: Target, on: tuple[str, ...]) -> Call:
    params: JSONObject = {**_bucket(target), _KEY: {name: name in on for name in _SWITCHES}}
    return Call("s3", "PutPublicAccessBlock", params, target.arn)


def _delete(target: Target) -> Call:
    return Call("s3", "DeletePublicAccessBlock", _bucket(target), target.arn)


def _bucket(target: Target) -> dict[str, str]:
    """The bucket, if it is still this account's: names are free for anyone once a bucket is deleted."""
    return {"Bucket": target.name, "ExpectedBucketOwner": target.account}


ACTION = Action(
    id="S1",
    title="Block public access to a bucket",
    target=TargetKind.BUCKET,
    state=PublicAccess,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.SCHEDULER,
    machine=_undo_settings.PUBLIC_ACCESS,
    cut="hard for the public and for principals of other accounts that a public policy lets in; others pass as before",
    breaks="Whatever is meant to be public in this bucket: a website, downloads, images.",
    price="the bucket is as public as it was",
    permissions=("s3:GetBucketPublicAccessBlock",),
    runbook="AWS-DisableS3BucketPublicReadWrite",
    examples=(
        (BUCKET, PublicAccess(exists=True)),
        (BUCKET, PublicAccess(exists=True, on=())),
        (BUCKET, PublicAccess(exists=True, on=_SWITCHES[:2])),
        (BUCKET, PublicAccess(exists=True, on=_SWITCHES)),
    ),
)
"""The configuration is deleted again only where the bucket had none: then it is stanch's own."""
