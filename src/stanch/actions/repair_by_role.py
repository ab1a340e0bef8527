"""R2: undo a change whose undoing takes a permission that could also do harm, with a role of its own."""

from stanch.actions._examples import ACCOUNT, REGION
from stanch.actions._repair import NO_INVERSE, Repair, Trace, detecting, example, opened, sharing
from stanch.model.change import Action, RevertsBy, Target, TargetKind

_REPAIR = Repair(
    {
        "ec2:ModifyImageAttribute": sharing("Image", "ImageId", "UserGroups"),
        "ec2:AuthorizeSecurityGroupIngress": opened(),
        "guardduty:UpdateDetector": detecting(),
    }
)
_EXAMPLES = (
    example(
        "ec2:ModifyImageAttribute",
        "ami-0123456789abcdef0",
        f"arn:aws:ec2:{REGION}::image/ami-0123456789abcdef0",
        {
            "imageId": "ami-0123456789abcdef0",
            "launchPermission": {"add": {"items": [{"userId": "999900001111"}, {"group": "all"}]}},
        },
    ),
    example(
        "ec2:AuthorizeSecurityGroupIngress",
        "sg-0123456789abcdef0",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-0123456789abcdef0",
        {"groupId": "sg-0123456789abcdef0"},
        {
            "securityGroupRuleSet": {
                "items": [{"securityGroupRuleId": "sgr-0123456789abcdef0", "cidrIpv4": "0.0.0.0/0"}]
            }
        },
    ),
    example(
        "guardduty:UpdateDetector",
        "12abc34d567e8fa901bc2d34e56789f0",
        f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/12abc34d567e8fa901bc2d34e56789f0",
        {"detectorId": "12abc34d567e8fa901bc2d34e56789f0", "enable": False},
    ),
)


def _consent(target: Target, _state: Trace) -> str:
    """An image is safe to un-share; the role is strong only because IAM cannot tell that from sharing it."""
    if target.deed is not None and target.deed.call == "ec2:ModifyImageAttribute":
        return ""
    return "Traffic or cost may depend on it by now, and it is not on the safe list."


ACTION = Action(
    id="R2",
    title="Undo the contained principal's change, with a role of its own",
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
    cut="soft: nothing is cut but what he let in; what he shared, opened or suspended is as it was before him",
    breaks="Whatever has come to rely, since then, on what he shared or opened.",
    no_inverse=NO_INVERSE,
    permissions=_REPAIR.permissions,
    consent=_consent,
    role="repair",
    examples=(
        *((target, _REPAIR.presume(target)) for target in _EXAMPLES),
        (_EXAMPLES[0], Trace(exists=True)),
    ),
)
"""Its permissions can also share an image, cut off a group's healthy traffic, or suspend a detector: IAM has no
condition that tells the harmful half from the other. Cedar alone does, so the role is off unless an operator makes it.
"""
