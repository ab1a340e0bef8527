"""R1: undo a change that the contained principal made, with the responder's own role."""

from stanch.actions._examples import ACCOUNT, REGION, USER
from stanch.actions._repair import ATTACHMENTS, NO_INVERSE, Repair, Trace, example, logging, made_key, sharing
from stanch.model.change import Action, RevertsBy, TargetKind

_REPAIR = Repair(
    {
        "cloudtrail:StopLogging": logging(),
        "ec2:ModifySnapshotAttribute": sharing("Snapshot", "SnapshotId", "GroupNames"),
        "iam:CreateAccessKey": made_key(),
        **ATTACHMENTS,
    }
)
_TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/all-accounts"
_ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
_STRANGER = "999900001111"
_KEY = "AKIAIOSFODNN7EXAMPLE"
_EXAMPLES = (
    example("cloudtrail:StopLogging", "all-accounts", _TRAIL, {"name": _TRAIL}),
    example(
        "ec2:ModifySnapshotAttribute",
        "snap-0123456789abcdef0",
        f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0",
        {
            "snapshotId": "snap-0123456789abcdef0",
            "createVolumePermission": {"add": {"items": [{"userId": _STRANGER}, {"group": "all"}]}},
        },
    ),
    example("iam:CreateAccessKey", _KEY, USER.arn, {"userName": "alice"}, {"accessKey": {"accessKeyId": _KEY}}),
    *(
        example(
            f"iam:Attach{kind}Policy",
            "alice",
            f"arn:aws:iam::{ACCOUNT}:{kind.lower()}/alice",
            {f"{kind.lower()}Name": "alice", "policyArn": _ADMIN},
        )
        for kind in ("User", "Role", "Group")
    ),
)

ACTION = Action(
    id="R1",
    title="Undo the contained principal's change",
    target=TargetKind.DEED,
    state=Trace,
    snapshot=_REPAIR.snapshot,
    presume=_REPAIR.presume,
    objections=_REPAIR.objections,
    forward=_REPAIR.forward,
    inverse=_REPAIR.inverse,
    keep=_REPAIR.keep,
    blast_radius=_REPAIR.blast_radius,
    reverts_by=RevertsBy.NOBODY,
    cut="soft: nothing is cut; what he switched off, shared, attached or made is as it was before him",
    breaks="Whatever has come to rely, since then, on what he shared, attached or made.",
    no_inverse=NO_INVERSE,
    permissions=_REPAIR.permissions,
    examples=(
        *((target, _REPAIR.presume(target)) for target in _EXAMPLES),
        (_EXAMPLES[0], Trace(exists=True)),
    ),
)
"""Started by watching, never by a playbook: what it undoes is not in a finding but in CloudTrail."""
