"""Invented targets and terms that the examples of the actions are made of."""

from datetime import UTC, datetime

from stanch.model.change import Target, TargetKind, Terms

ACCOUNT = "111122223333"
REGION = "eu-west-1"
TERMS = Terms("C-00000000", 1, datetime(2026, 1, 1, 8, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC))
INSTANCE_ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"

USER = Target(TargetKind.USER, ACCOUNT, REGION, "alice", f"arn:aws:iam::{ACCOUNT}:user/alice")
KEY = Target(TargetKind.ACCESS_KEY, ACCOUNT, REGION, "AKIAIOSFODNN7EXAMPLE", USER.arn, within="alice")
ROLE = Target(TargetKind.ROLE, ACCOUNT, REGION, "web", f"arn:aws:iam::{ACCOUNT}:role/web")
SESSION = Target(TargetKind.ROLE_SESSION, ACCOUNT, REGION, "web", ROLE.arn, within="AROAEXAMPLEEXAMPLE123:deploy")
CREDENTIALS = Target(TargetKind.INSTANCE_CREDENTIALS, ACCOUNT, REGION, "web", ROLE.arn, within=INSTANCE_ARN)
INSTANCE = Target(TargetKind.INSTANCE, ACCOUNT, REGION, "i-0123456789abcdef0", INSTANCE_ARN)
ADDRESS = Target(TargetKind.ADDRESS, ACCOUNT, REGION, "203.0.113.7", "203.0.113.7", within=INSTANCE_ARN)
BUCKET = Target(TargetKind.BUCKET, ACCOUNT, REGION, "invoices", "arn:aws:s3:::invoices")
ACCESS = Target(TargetKind.BUCKET_ACCESS, ACCOUNT, REGION, BUCKET.name, BUCKET.arn, within=ROLE.arn)
FUNCTION = Target(TargetKind.FUNCTION, ACCOUNT, REGION, "resize", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:resize")
