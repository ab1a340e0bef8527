"""S2: deny one principal a bucket, by a statement in its bucket policy that ends by itself."""

import json
import re
from dataclasses import dataclass

from stanch.actions._denial import canonical
from stanch.actions._deny import path_of, reserved
from stanch.actions._document import VERSION, Insert
from stanch.actions._examples import ACCESS, ACCOUNT, TERMS
from stanch.aws.answer import text
from stanch.model.change import Action, Call, RevertsBy, Target, TargetKind, Terms, Undo
from stanch.model.data import JSONObject
from stanch.model.errors import FailedResponse, NotFound
from stanch.model.ports import Reader

_QUOTA = 20 * 1024
"""Bytes of a bucket policy, https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html"""
# Paths may hold `*`, `?` and `$`, which mean something in a condition: such a principal cannot be named exactly.
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:user|role)/[A-Za-z0-9_+=,.@/-]+")


@dataclass(frozen=True)
class BucketPolicy:
    """A bucket's policy."""

    exists: bool
    """The bucket does."""
    document: str = ""
    """Canonical JSON, empty when it has none."""


def _snapshot(reader: Reader, target: Target) -> BucketPolicy:
    try:
        answer = reader.read("s3", "GetBucketPolicy", **_bucket(target))
    except NotFound as error:
        return BucketPolicy(exists=error.code != "NoSuchBucket")
    return BucketPolicy(exists=True, document=_canonical(text(answer, "Policy")))


def _presume(_target: Target) -> BucketPolicy:
    return BucketPolicy(exists=True)


def _access(target: Target) -> JSONObject:
    # By condition, not as Principal: S3 refuses and rewrites principals that do not exist (any more). ArnEquals names
    # one user or role, never the account's root, which therefore can always put the policy right.
    return {
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [target.arn, f"{target.arn}/*"],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": target.within}},
    }


_INSERT = Insert(_access)


def _objections(target: Target, state: BucketPolicy) -> tuple[str, ...]:
    if not _PRINCIPAL.fullmatch(target.within):
        return (f"{target.within or 'nobody'} is no user or role that can be denied by its exact ARN",)
    if not state.exists:
        return (f"bucket {target.name} does not exist",)
    size = len(_INSERT.put(state.document, target, TERMS).encode())
    too_long = f"the policy of bucket {target.name} would have {size} bytes, and {_QUOTA} are allowed"
    name = target.within.rpartition("/")[2]
    return (*reserved(name, path_of(target.within)), *((too_long,) if size > _QUOTA else ()))


def _forward(target: Target, state: BucketPolicy, terms: Terms) -> tuple[Call, ...]:
    return _write(target, state, _INSERT.put(state.document, target, terms))


def _keep(target: Target, state: BucketPolicy, terms: Terms) -> tuple[Call, ...]:
    return _write(target, state, _INSERT.keep(state.document, target, terms))


def _inverse(target: Target, before: BucketPolicy, now: BucketPolicy | None, terms: Terms) -> Undo:
    if now is None:
        return Undo((_replace(target, before.document),))
    if not now.exists:
        return Undo()
    left = _INSERT.take(now.document, before.document, target, terms)
    if left.conflict or not left.found:
        return Undo((), (f"policy of bucket {target.name}: {left.conflict}",) if left.conflict else ())
    return Undo((_replace(target, left.document),))


def _write(target: Target, state: BucketPolicy, document: str) -> tuple[Call, ...]:
    return () if document == state.document else (_replace(target, document),)


def _replace(target: Target, document: str) -> Call:
    """Put the policy; a policy without a statement is none, and ours was the last."""
    if not document:
        return Call("s3", "DeleteBucketPolicy", _bucket(target), target.arn)
    return Call("s3", "PutBucketPolicy", {**_bucket(target), "Policy": document}, target.arn)


def _bucket(target: Target) -> dict[str, str]:
    """The bucket, if it is still this account's: names are free for anyone once a bucket is deleted."""
    return {"Bucket": target.name, "ExpectedBucketOwner": target.account}


def _canonical(policy: str) -> str:
    try:
        return canonical(json.loads(policy))
    except ValueError as error:
        raise FailedResponse("s3:GetBucketPolicy", "MalformedPolicy", str(error)) from error


def _blast_radius(target: Target, _state: BucketPolicy) -> str:
    return f"access of {target.within} to bucket {target.name} in account {target.account}"


_READABLE: JSONObject = {
    "Version": VERSION,
    "Statement": [
        {
            "Sid": "Audit",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/audit"},
            "Action": "s3:GetObject",
            "Resource": f"{ACCESS.arn}/*",
        }
    ],
}
_BARE = BucketPolicy(exists=True)
_SET = BucketPolicy(exists=True, document=canonical(_READABLE))

ACTION = Action(
    id="S2",
    title="Deny a principal a bucket",
    target=TargetKind.BUCKET_ACCESS,
    state=BucketPolicy,
    snapshot=_snapshot,
    presume=_presume,
    objections=_objections,
    forward=_forward,
    inverse=_inverse,
    keep=_keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard for this principal and all its sessions, on this bucket; soft against one who can act as another",
    breaks="Whatever reads or writes this bucket as this principal.",
    price="the principal reaches the bucket again",
    permissions=("s3:GetBucketPolicy",),
    role="bucket-policy",
    runbook="AWSSupport-ContainS3Resource",
    examples=(
        (ACCESS, _BARE),
        (ACCESS, _SET),
        (ACCESS, BucketPolicy(exists=True, document=_INSERT.put(_SET.document, ACCESS, TERMS))),
        (ACCESS, BucketPolicy(exists=True, document=_INSERT.keep(_SET.document, ACCESS, TERMS))),
        (ACCESS, BucketPolicy(exists=True, document=_INSERT.put("", ACCESS, TERMS))),
    ),
)
"""Whole-document write. Only the one statement is ever put in or taken out; the account's root is never denied."""
