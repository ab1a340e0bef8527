"""Where a target lives, as ARNs."""

import re

from stanch.model.change import Target, Terms

CASE_TAG = "stanch:case"
"""Label for people on what stanch makes; no decision reads it, but to find our own snapshots again."""
INSTANCE_ARN = re.compile(r"arn:aws[a-z-]*:ec2:[a-z0-9-]+:(?P<account>[0-9]{12}):instance/(?P<id>i-[0-9a-f]{8,17})")
"""ARN of an EC2 instance."""


def partition(target: Target) -> str:
    """The partition of the target's ARN: `aws`, `aws-cn`, `aws-us-gov`."""
    known = next((arn for arn in (target.arn, target.within) if arn.startswith("arn:")), "arn:aws")
    return known.split(":")[1]


def ec2_arn(target: Target, resource: str) -> str:
    """ARN of an EC2 resource, `security-group/sg-1`, beside the target."""
    return f"arn:{partition(target)}:ec2:{target.region}:{target.account}:{resource}"


def instance_id(arn: str) -> str:
    """Id of the instance that an ARN names, empty when it names none."""
    match = INSTANCE_ARN.fullmatch(arn)
    return match["id"] if match else ""


def case_tags(terms: Terms) -> list[dict[str, str]]:
    """The tags of what stanch makes for a case."""
    return [{"Key": CASE_TAG, "Value": terms.case}]
