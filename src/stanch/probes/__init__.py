"""Read-only questions to live AWS, asked before anything is planned."""

PERMISSIONS = (
    "cloudtrail:LookupEvents",
    "cloudwatch:GetMetricData",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeInstances",
    "ec2:DescribeNatGateways",
    "guardduty:GetFindings",
    "iam:GetInstanceProfile",
    "iam:GetRole",
    "iam:GetUser",
    "logs:FilterLogEvents",
    "securityhub:GetFindings",
)
"""IAM permissions that the probes take."""
