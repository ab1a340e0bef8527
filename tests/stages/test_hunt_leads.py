"""Each lead fires on the attack's form of a call and is silent on its everyday form."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stanch.model.verdict import Outcome
from stanch.playbooks import leads
from stanch.respond.hunting import Hunt
from stanch.respond.run import once, running
from stanch.stages.hunt import EVENT

from . import test_hunt
from .hunting import ANA, OTHER, Told, act, apart, asking, by_account, house, named
from .questioning import ACCOUNT, STRANGER, by, call

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
HERE = "192.0.2.9"
"""An address of another network than the stranger's."""
STRIDE = 9
"""Every which of the attacks is walked to its end."""
BACK = act("s3:ListBuckets", -4320, sourceIPAddress=HERE)
"""The user was here three days ago, somewhere else."""
THERE = act("s3:ListBuckets", -4320)
"""The user was here three days ago, where the calls come from."""
DENIED = {"errorCode": "AccessDenied"}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-api"


def open_to(principal: Any, **more: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "*", **more}]})


def confined(**keys: Any) -> str:
    return open_to({"AWS": "*"}, Condition={"StringEquals": keys})


def as_role(event: dict[str, Any], role: str = "ops", **more: Any) -> dict[str, Any]:
    issuer = {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{role}"}, **more}
    return {**event, "userIdentity": {**by("AssumedRole", "x"), "sessionContext": issuer}}


def in_regions(name: str, n: int, **more: Any) -> list[dict[str, Any]]:
    return [act(name, k * 0.1, awsRegion=f"eu-west-{k}", **more) for k in range(n)]


def signed_in(said: str, minutes: float, **who: Any) -> dict[str, Any]:
    return act("signin:ConsoleLogin", minutes, userIdentity={**ANA, **who}, responseElements={"ConsoleLogin": said},
        additionalEventData={"MFAUsed": "Yes"})  # fmt: skip


def failing(n: int) -> list[dict[str, Any]]:
    nameless = {"type": "IAMUser", "accountId": ACCOUNT, "userName": "ana"}
    return [{**signed_in("Failure", k - 20), "userIdentity": nameless} for k in range(n)]


def launched(**parameters: Any) -> dict[str, Any]:
    return asking("ec2:RunInstances", **parameters)


def taking(role: str, minutes: float, taker: str = "ops") -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return as_role(asking("sts:AssumeRole", minutes, roleArn=arn, roleSessionName="s"), taker)


def sse_c(n: int) -> list[dict[str, Any]]:
    key = {"x-amz-server-side-encryption-customer-algorithm": "AES256"}
    return [asking("s3:CopyObject", 0.1 * k, bucketName="b", key=f"{k}", **key) for k in range(n)]


def deleted(n: int) -> list[dict[str, Any]]:
    return [asking("s3:DeleteObject", 0.1 * k, bucketName="orders", key=f"{k}") for k in range(n)]


def fetched(n: int) -> list[dict[str, Any]]:
    return [asking("s3:GetObject", 0.1 * k, bucketName="orders", key=f"{k}") for k in range(n)]


def users_gone(n: int) -> list[dict[str, Any]]:
    return [asking("iam:DeleteLoginProfile", k, userName=f"user{k}") for k in range(n)]


def invoked(n: int, **more: Any) -> list[dict[str, Any]]:
    return [act("bedrock:InvokeModel", k, requestParameters={"modelId": f"m{k}"}, **more) for k in range(n)]


MAIL = [act(f"ses:{one}", n) for n, one in enumerate(("GetSendQuota", "ListIdentities", "GetAccount"))]
LISTS = ("Users", "Groups", "Roles", "AccessKeys", "UserPolicies", "MFADevices", "GroupsForUser")
WHO = [act(f"iam:List{one}", n * 0.5) for n, one in enumerate(LISTS)]
TABLES = [asking("dynamodb:DeleteTable", n, tableName=f"orders-{n}") for n in range(5)]
MADE = [asking("dynamodb:CreateTable", n - 30, tableName=f"orders-{n}") for n in range(5)]
STEPS = [act(f"ec2:{one}", 5 * n) for n, one in enumerate(("CreateSnapshot", "CreateVolume", "AttachVolume"))]
REFUSED = [act(f"{one}:ListThings", n + 1, **DENIED) for n, one in enumerate(("s3", "ec2", "iam"))]
ARCHIVE = {"detectorId": "d", "name": "f", "action": "ARCHIVE"}
REPLICA = {"bucketName": "b", "ReplicationConfiguration": {"Rule": {"Destination": {"Bucket": "arn:aws:s3:::x"}}}}
TO_OTHER = {"Bucket": "arn:aws:s3:::x", "Account": OTHER}
SUSPENDED = {"bucketName": "orders", "VersioningConfiguration": {"Status": "Suspended"}}
FOREIGN_KEY = {"x-amz-server-side-encryption-aws-kms-key-id": f"arn:aws:kms:eu-west-1:{OTHER}:key/1"}
OWN_KEY = {"x-amz-server-side-encryption-aws-kms-key-id": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"}
LAYER = {"functionName": "pay", "layers": [f"arn:aws:lambda:eu-west-1:{OTHER}:layer:x:1"]}
WORK = [act("s3:ListBuckets", -1440 * day, sourceIPAddress=HERE) for day in (16, 9, 2)]
NEWS = [act(one, n) for n, one in enumerate(("sqs:ListQueues", "ecs:ListClusters", "sns:ListTopics"))]
FETCHED = [asking("lambda:GetFunction20150331v2", n * 0.1, functionName=f"f{n}") for n in range(8)]
OPENED = asking("iam:UpdateAssumeRolePolicy", roleName="admin-x", policyDocument=open_to({"AWS": ACCOUNT}))
TAKEN = asking("sts:AssumeRole", 5, roleArn=f"arn:aws:iam::{ACCOUNT}:role/admin-x", roleSessionName="s")
READ = [asking("secretsmanager:GetSecretValue", secretId=f"s{n}") for n in range(12)]
GROWN = [act("ec2:RunInstances", -1440 * day, awsRegion="eu-west-1", sourceIPAddress=HERE) for day in (20, 8)]
CASES: list[Told] = [
    (
        "WatchingThinned",
        [
            asking("logs:CreateLogGroup", -9, logGroupName="mine", tags={"x": "audit"}),
            asking("logs:DeleteLogGroup", logGroupName="audit"),
        ],
    ),
    ("SignInsFailed", failing(10)),
    ("", failing(9)),
    (
        "",
        [
            asking(
                "sns:Subscribe",
                protocol="sqs",
                topicArn=f"arn:aws:sns:us-east-1:{OTHER}:ranges",
                endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
            )
        ],
    ),
    (
        "SharedOutside",
        [asking("sns:Subscribe", protocol="sqs", topicArn="t", endpoint=f"arn:aws:sqs:us-east-1:{OTHER}:q")],
    ),
    (
        "InstanceCredentialsElsewhere",
        [call("s3:ListBuckets", day, ip="10.0.0.8") for day in (-1440, -9)] + [call("s3:ListBuckets")],
    ),
    ("", [call("s3:ListBuckets", -9, ip="10.0.0.8"), call("s3:ListBuckets")]),
    ("AccountContactChanged", [asking("account:StartPrimaryEmailUpdate", primaryEmail="x")]),
    ("", [THERE, act("account:PutAlternateContact")]),
    ("RoleTakenAfterOpening", [OPENED, TAKEN]),
    ("", [asking("iam:CreateRole", -9, roleName="admin-x"), OPENED, TAKEN]),
    ("", [OPENED]),
    ("CodeSwept", FETCHED),
    ("", FETCHED[:6]),
    ("AttemptsRefused", [act("iam:CreateUser", **DENIED), act("iam:AttachUserPolicy", 1, **DENIED)]),
    ("", [act("iam:CreateUser", **DENIED), act("iam:CreateUser", 1, **DENIED)]),
    ("", [THERE, act("iam:CreateUser", **DENIED), act("iam:AttachUserPolicy", 1, **DENIED)]),
    ("UnusualLaunch", [*GROWN, act("ec2:RunInstances", awsRegion="af-south-1", sourceIPAddress=HERE)]),
    ("", [*GROWN, act("ec2:RunInstances", awsRegion="eu-west-1", sourceIPAddress=HERE)]),
    ("SecretsSwept", READ),
    ("", READ[:11]),
    (
        "ResourcesDestroyed",
        [asking("ec2:TerminateInstances", instancesSet={"items": [{"instanceId": f"i-{n}"} for n in range(5)]})],
    ),
    ("DataExported", [asking("logs:CreateExportTask", logGroupName="orders")]),
    ("SharedOutside", [THERE, asking("ec2:CopySnapshot", kmsKeyId=f"arn:aws:kms:eu-west-1:{OTHER}:key/1")]),
    (
        "StartScriptReplaced",
        [
            act(
                "ec2:CreateLaunchTemplateVersion",
                requestParameters={
                    "CreateLaunchTemplateVersionRequest": {
                        "LaunchTemplateId": "lt-1",
                        "LaunchTemplateData": {"UserData": "x"},
                    }
                },
            )
        ],
    ),
    ("DomainTaken", [BACK, asking("route53:ChangeResourceRecordSets", hostedZoneId="Z1")]),
    ("", [THERE, asking("route53:ChangeResourceRecordSets", hostedZoneId="Z1")]),
    ("IdentityProviderAdded", [asking("cognito-identity:UpdateIdentityPool", allowUnauthenticatedIdentities=True)]),
    ("SettledKeyMoved", [*WORK, *NEWS]),
    ("", [*WORK[1:], *NEWS]),
    ("", [*WORK, *[act("s3:ListBuckets", n) for n in range(5)]]),
    ("", [*WORK, *[{**one, "sourceIPAddress": HERE} for one in NEWS]]),
    ("FindingsSilenced", [asking("guardduty:CreateFilter", **ARCHIVE)]),
    ("", [asking("guardduty:CreateFilter", **{**ARCHIVE, "action": "NOOP"})]),
    ("FindingsSilenced", [asking("guardduty:CreateIPSet", detectorId="d", activate=True)]),
    ("WatchingSwitchedOff", [asking("cloudtrail:UpdateTrail", name="t", enableLogFileValidation=False)]),
    (
        "WatchingSwitchedOff",
        [asking("guardduty:UpdateDetector", enable=True, features=[{"name": "S3_DATA_EVENTS", "status": "DISABLED"}])],
    ),
    ("WatchingSwitchedOff", [act("route53:DeleteQueryLoggingConfig")]),
    ("WatchingThinned", [asking("logs:DeleteLogGroup", logGroupName="audit")]),
    (
        "",
        [asking("logs:CreateLogGroup", -9, logGroupName="audit"), asking("logs:DeleteLogGroup", logGroupName="audit")],
    ),
    ("", [THERE, asking("logs:DeleteLogGroup", logGroupName="audit")]),
    ("WatchingThinned", [asking("monitoring:DeleteAlarms", alarmNames=["root-used"])]),
    ("WatchingThinned", [asking("events:DisableRule", name="alerts")]),
    ("WatchingThinned", [asking("wafv2:DeleteWebACL", name="front", id="1")]),
    ("WatchingThinned", [asking("s3:PutBucketLogging", bucketName="b", BucketLoggingStatus={"xmlns": "x"})]),
    (
        "",
        [asking("s3:PutBucketLogging", bucketName="b", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "l"}})],
    ),
    ("OrganisationGuardRemoved", [asking("organizations:DetachPolicy", policyId="p-1", targetId=ACCOUNT)]),
    ("", [asking("organizations:AttachPolicy", policyId="p-1", targetId=ACCOUNT)]),
    ("RegionEnabled", [asking("account:EnableRegion", RegionName="af-south-1")]),
    ("", [act("account:ListRegions")]),
    ("RightsLimitRemoved", [asking("iam:DeleteUserPermissionsBoundary", userName="bob")]),
    ("RightsLimitRemoved", [asking("iam:PutRolePermissionsBoundary", roleName="r", permissionsBoundary=ADMIN)]),
    (
        "",
        [
            asking(
                "iam:PutRolePermissionsBoundary",
                roleName="r",
                permissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
            )
        ],
    ),
    (
        "RightsLimitRemoved",
        [
            asking(
                "iam:DetachUserPolicy",
                userName="ana",
                policyArn="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
            )
        ],
    ),
    ("", [asking("iam:DetachUserPolicy", userName="ana", policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")]),
    ("PolicyWidened", [asking("iam:AttachRolePolicy", roleName="deploy", policyArn=ADMIN)]),
    (
        "",
        [
            asking("iam:CreateRole", -1, roleName="deploy"),
            asking("iam:AttachRolePolicy", roleName="deploy", policyArn=ADMIN),
        ],
    ),
    (
        "PolicyWidened",
        [
            asking(
                "iam:CreatePolicyVersion",
                policyArn="arn:aws:iam::1:policy/p",
                policyDocument=EVERYTHING,
                setAsDefault=True,
            )
        ],
    ),
    ("PolicyWidened", [asking("iam:SetDefaultPolicyVersion", policyArn="arn:aws:iam::1:policy/p", versionId="v1")]),
    ("PolicyWidened", [asking("iam:AddUserToGroup", userName="ana", groupName="admins")]),
    ("", [asking("iam:AddUserToGroup", userName="bob", groupName="viewers")]),
    ("RoleHandedOver", [asking("lambda:CreateFunction20150331", functionName="f", role=ROLE)]),
    (
        "",
        [
            asking("iam:CreateRole", -1, roleName="orders-api"),
            asking("lambda:CreateFunction20150331", functionName="f", role=ROLE),
        ],
    ),
    ("", [THERE, asking("lambda:CreateFunction20150331", functionName="f", role=ROLE)]),
    ("RoleHandedOver", [THERE, asking("ecs:RunTask", overrides={"taskRoleArn": ROLE})]),
    ("", [THERE, asking("ecs:RunTask", overrides={"containerOverrides": []})]),
    ("RoleHandedOver", [asking("sagemaker:CreatePresignedNotebookInstanceUrl", notebookInstanceName="n")]),
    ("SecondFactorChanged", [asking("iam:DeactivateMFADevice", userName="bob", serialNumber="arn:aws:iam::1:mfa/bob")]),
    ("SecondFactorChanged", [asking("iam:EnableMFADevice", userName="bob", serialNumber="arn:aws:iam::1:mfa/x")]),
    ("", [THERE, asking("iam:EnableMFADevice", userName="ana", serialNumber="arn:aws:iam::1:mfa/ana")]),
    ("", [THERE, asking("iam:CreateUser", -1, userName="new"), asking("iam:EnableMFADevice", userName="new")]),
    ("PasswordRulesWeakened", [asking("iam:UpdateAccountPasswordPolicy", minimumPasswordLength=6)]),
    ("", [asking("iam:UpdateAccountPasswordPolicy", minimumPasswordLength=14)]),
    ("PasswordGuessed", [*failing(8), signed_in("Success", 0)]),
    ("", [*failing(6), signed_in("Success", 0)]),
    ("", failing(6)),
    ("IdentityProviderAdded", [asking("iam:CreateSAMLProvider", name="idp")]),
    ("IdentityProviderAdded", [asking("rolesanywhere:CreateTrustAnchor", name="t")]),
    ("IdentityProviderAdded", [asking("iam:CreateOpenIDConnectProvider", url="https://idp.example")]),
    ("", [asking("iam:CreateOpenIDConnectProvider", url="https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE")]),
    ("RootAssumed", [asking("sts:AssumeRoot", targetPrincipal=OTHER)]),
    ("", [asking("sts:GetSessionToken", serialNumber="arn:aws:iam::1:mfa/ana")]),
    ("IdentityCentreChanged", [asking("sso:CreateAccountAssignment", targetId=ACCOUNT)]),
    ("", [THERE, asking("sso:CreateAccountAssignment", targetId=ACCOUNT)]),
    (
        "UserPlanted",
        [BACK, asking("iam:CreateUser", userName="new"), asking("iam:CreateLoginProfile", 1, userName="new")],
    ),
    ("", [THERE, asking("iam:CreateUser", userName="new"), asking("iam:CreateLoginProfile", 1, userName="new")]),
    ("OwnKeyAdded", [BACK, asking("iam:CreateAccessKey", userName="ana")]),
    ("", [THERE, asking("iam:CreateAccessKey", userName="ana")]),
    (
        "CredentialsTakenOver",
        [asking("iam:CreateServiceSpecificCredential", userName="bob", serviceName="bedrock.amazonaws.com")],
    ),
    (
        "CredentialsTakenOver",
        [asking("iam:UpdateAccessKey", userName="bob", accessKeyId="AKIAEXAMPLEBOB00001", status="Active")],
    ),
    ("", [asking("iam:UpdateAccessKey", userName="bob", accessKeyId="AKIAEXAMPLEBOB00001", status="Inactive")]),
    ("MachineMadeIdentity", [call("iam:CreateUser", requestParameters={"userName": "x"}, **DENIED)]),
    ("", [call("iam:ListUsers", **DENIED)]),
    ("InstanceCredentialsElsewhere", [call("s3:ListBuckets", -9, ip=HERE), call("s3:ListBuckets")]),
    ("", [call("s3:ListBuckets", -9), call("s3:ListBuckets")]),
    ("BorrowedSession", [act("sts:GetSessionToken", requestParameters={"durationSeconds": 3600})]),
    ("", [THERE, act("sts:GetSessionToken", requestParameters={"durationSeconds": 3600})]),
    ("BorrowedSession", [call("signin:GetSigninToken")]),
    ("", [as_role(act("signin:GetSigninToken"))]),
    ("RolesJuggled", [taking("ops", n) for n in range(3)]),
    ("RolesJuggled", [taking("b", 0, "a"), taking("a", 9, "b"), taking("b", 18, "a"), taking("a", 27, "b")]),
    ("", [taking("ops", 0)]),
    ("", [taking("other", n) for n in range(5)]),
    ("RolesSwept", [asking("sts:AssumeRole", n, roleArn=f"arn:aws:iam::00000000{n}000:role/x") for n in range(4)]),
    ("", [THERE, *[asking("sts:AssumeRole", n, roleArn=f"arn:aws:iam::00000000{n}000:role/x") for n in range(4)]]),
    (
        "NamesGuessed",
        [
            act(
                "iam:UpdateAssumeRolePolicy",
                n * 0.1,
                errorCode="MalformedPolicyDocumentException",
                requestParameters={"policyDocument": f"u{n}"},
            )
            for n in range(5)
        ],
    ),
    (
        "",
        [
            act(
                "iam:UpdateAssumeRolePolicy",
                n * 0.1,
                errorCode="MalformedPolicyDocumentException",
                requestParameters={"policyDocument": "u"},
            )
            for n in range(5)
        ],
    ),
    ("KeyTried", [act("sts:GetCallerIdentity"), *REFUSED]),
    ("", [act("sts:GetCallerIdentity"), *REFUSED[:2]]),
    ("", [THERE, act("sts:GetCallerIdentity"), *REFUSED]),
    ("RightsMapped", [act("iam:GetAccountAuthorizationDetails")]),
    ("RightsMapped", WHO),
    ("", WHO[:5]),
    ("", [THERE, *WHO]),
    ("RegionsSwept", in_regions("ec2:DescribeInstances", 6)),
    ("", in_regions("ec2:DescribeInstances", 4)),
    ("", [THERE, *in_regions("ec2:DescribeInstances", 9)]),
    ("FunctionReplaced", [asking("lambda:UpdateFunctionCode20150331v2", functionName="pay")]),
    ("", [asking("lambda:UpdateFunctionCode20150331v2", functionName="pay", dryRun=True)]),
    (
        "",
        [
            asking("lambda:CreateFunction20150331", -9, functionName="pay"),
            asking("lambda:UpdateFunctionCode20150331v2", functionName="pay"),
        ],
    ),
    ("FunctionReplaced", [asking("lambda:UpdateFunctionConfiguration20150331v2", **LAYER)]),
    ("", [asking("lambda:UpdateFunctionConfiguration20150331v2", functionName="pay", timeout=30)]),
    ("HostEntered", [asking("ssm:StartSession", target="i-1")]),
    ("", [THERE, asking("ssm:StartSession", target="i-1")]),
    ("HostEntered", [asking("ec2-instance-connect:SendSSHPublicKey", instanceId="i-1")]),
    ("HostEntered", [THERE, act("ec2:EnableSerialConsoleAccess")]),
    ("HostEntered", [as_role(asking("ssm:SendCommand", documentName="AWS-RunShellScript"))]),
    ("HostEntered", [asking("ecs:ExecuteCommand", cluster="c", command="/bin/sh")]),
    ("DiskCopied", [asking("ebs:GetSnapshotBlock", snapshotId="snap-1")]),
    ("DiskCopied", STEPS),
    ("", STEPS[:2]),
    ("", [THERE, *STEPS]),
    ("DataExported", [asking("rds:StartExportTask", exportTaskIdentifier="x")]),
    ("", [THERE, asking("rds:StartExportTask", exportTaskIdentifier="x")]),
    ("DataExported", [asking("sns:Subscribe", protocol="email", topicArn="t")]),
    ("", [asking("sns:Subscribe", protocol="lambda", topicArn="t")]),
    ("SharedOutside", [THERE, asking("ssm:ModifyDocumentPermission", name="d", accountIdsToAdd=["all"])]),
    ("SharedOutside", [asking("redshift:AuthorizeSnapshotAccess", accountWithRestoreAccess=OTHER)]),
    ("", [asking("redshift:AuthorizeSnapshotAccess", accountWithRestoreAccess=ACCOUNT)]),
    (
        "SharedOutside",
        [
            THERE,
            asking(
                "s3:PutBucketReplication", bucketName="b", ReplicationConfiguration={"Rule": {"Destination": TO_OTHER}}
            ),
        ],
    ),
    ("", [THERE, asking("s3:PutBucketReplication", **REPLICA)]),
    ("SharedOutside", [asking("kms:CreateGrant", keyId="k", granteePrincipal=f"arn:aws:iam::{OTHER}:root")]),
    ("", [asking("kms:CreateGrant", keyId="k", granteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/x")]),
    (
        "SharedOutside",
        [
            act(
                "ec2:AcceptVpcPeeringConnection",
                responseElements={
                    "vpcPeeringConnection": {
                        "requesterVpcInfo": {"ownerId": OTHER},
                        "accepterVpcInfo": {"ownerId": ACCOUNT},
                    }
                },
            )
        ],
    ),
    ("ResourceOpened", [asking("kms:PutKeyPolicy", keyId="k", policyName="default", policy=open_to({"AWS": OTHER}))]),
    (
        "",
        [
            asking(
                "kms:PutKeyPolicy",
                keyId="k",
                policyName="default",
                policy=open_to({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
            )
        ],
    ),
    ("ResourceOpened", [asking("secretsmanager:PutResourcePolicy", secretId="s", resourcePolicy=open_to("*"))]),
    (
        "ResourceOpened",
        [asking("sns:SetTopicAttributes", attributeName="Policy", topicArn="t", attributeValue=open_to("*"))],
    ),
    (
        "",
        [
            asking(
                "sns:SetTopicAttributes",
                attributeName="Policy",
                topicArn="t",
                attributeValue=confined(**{"AWS:SourceOwner": ACCOUNT}),
            )
        ],
    ),
    (
        "ResourceOpened",
        [
            asking(
                "sqs:SetQueueAttributes", queueUrl="q", attributes={"Policy": confined(**{"aws:SourceAccount": OTHER})}
            )
        ],
    ),
    ("ResourceOpened", [asking("sqs:AddPermission", queueUrl="q", aWSAccountIds=[OTHER])]),
    (
        "ResourceOpened",
        [
            asking(
                "ecr:SetRepositoryPolicy", repositoryName="r", policyText=open_to({"AWS": f"arn:aws:iam::{OTHER}:root"})
            )
        ],
    ),
    ("ResourceOpened", [asking("lambda:AddLayerVersionPermission20181031", layerName="l", principal=OTHER)]),
    ("ResourceOpened", [asking("lambda:CreateFunctionUrlConfig", functionName="f", authType="NONE")]),
    ("", [asking("lambda:CreateFunctionUrlConfig", functionName="f", authType="AWS_IAM")]),
    ("ResourceOpened", [act("s3:PutBucketAcl", requestParameters={"bucketName": "b", "x-amz-acl": ["public-read"]})]),
    ("", [act("s3:PutBucketAcl", requestParameters={"bucketName": "b", "x-amz-acl": ["private"]})]),
    ("DatabaseOpened", [asking("rds:ModifyDBInstance", dBInstanceIdentifier="orders", publiclyAccessible=True)]),
    ("", [asking("rds:ModifyDBInstance", dBInstanceIdentifier="orders", publiclyAccessible=False)]),
    ("DatabaseOpened", [asking("rds:ModifyDBInstance", dBInstanceIdentifier="orders", masterUserPassword="****")]),
    ("", [THERE, asking("rds:ModifyDBInstance", dBInstanceIdentifier="orders", masterUserPassword="****")]),
    ("TrafficMirrored", [act("ec2:CreateTrafficMirrorSession")]),
    ("", [act("ec2:CreateFlowLogs")]),
    ("PublicBlockRemoved", [asking("s3:DeleteBucketPublicAccessBlock", bucketName="orders")]),
    (
        "",
        [
            asking("s3:CreateBucket", -1, bucketName="orders"),
            asking("s3:DeleteBucketPublicAccessBlock", bucketName="orders"),
        ],
    ),
    (
        "",
        [
            asking(
                "s3:PutBucketPublicAccessBlock",
                bucketName="b",
                PublicAccessBlockConfiguration={"BlockPublicPolicy": True},
            )
        ],
    ),
    (
        "DomainTaken",
        [act("route53domains:DisableDomainTransferLock", requestParameters={"domainName": "harbour.example"})],
    ),
    ("", [act("route53domains:EnableDomainTransferLock")]),
    ("RecoveryWeakened", [asking("s3:PutBucketVersioning", **SUSPENDED)]),
    ("", [asking("s3:CreateBucket", -1, bucketName="orders"), asking("s3:PutBucketVersioning", **SUSPENDED)]),
    ("", [asking("s3:PutBucketVersioning", bucketName="b", VersioningConfiguration={"Status": "Enabled"})]),
    ("RecoveryWeakened", [asking("rds:ModifyDBInstance", dBInstanceIdentifier="orders", deletionProtection=False)]),
    ("", [THERE, asking("rds:ModifyDBInstance", dBInstanceIdentifier="orders", deletionProtection=False)]),
    ("ObjectsLocked", sse_c(3)),
    ("", sse_c(2)),
    ("ObjectsLocked", [asking("s3:CopyObject", bucketName="b", **FOREIGN_KEY)]),
    ("", [asking("s3:CopyObject", bucketName="b", **OWN_KEY)]),
    ("ObjectsDestroyed", deleted(30)),
    ("", deleted(20)),
    ("", [asking("s3:CreateBucket", -1, bucketName="orders"), *deleted(40)]),
    ("ObjectsDestroyed", [asking("s3:DeleteObjects", n, bucketName="orders") for n in range(3)]),
    ("ObjectsSwept", fetched(20)),
    ("", fetched(9)),
    ("", [THERE, *fetched(30)]),
    ("KeyDestroyed", [asking("kms:ScheduleKeyDeletion", keyId="1234abcd", pendingWindowInDays=7)]),
    (
        "",
        [
            act("kms:CreateKey", -9, responseElements={"keyMetadata": {"keyId": "1234abcd"}}),
            asking("kms:ScheduleKeyDeletion", keyId="1234abcd"),
        ],
    ),
    ("ResourcesDestroyed", TABLES),
    ("", TABLES[:4]),
    ("", [*MADE, *TABLES]),
    ("PeopleLockedOut", users_gone(3)),
    ("", users_gone(2)),
    ("", [*[asking("iam:CreateUser", k - 9, userName=f"user{k}") for k in range(3)], *users_gone(3)]),
    ("ModelsHarvested", [act("bedrock:PutUseCaseForModelAccess")]),
    ("ModelsHarvested", invoked(1)),
    ("", [THERE, *invoked(3)]),
    ("ModelsHarvested", [THERE, *invoked(3, **DENIED)]),
    ("MessagingPrepared", MAIL),
    ("", MAIL[:2]),
    ("MessagingPrepared", [asking("ses:CreateEmailIdentity", emailIdentity="x")]),
    ("", [THERE, asking("ses:CreateEmailIdentity", emailIdentity="x")]),
    ("QuotaRaised", [asking("servicequotas:RequestServiceQuotaIncrease", serviceCode="ec2", desiredValue=500)]),
    ("", [THERE, asking("servicequotas:RequestServiceQuotaIncrease", serviceCode="ec2", desiredValue=500)]),
    ("UnusualLaunch", in_regions("ecs:CreateCluster", 3)),
    ("", in_regions("ecs:CreateCluster", 2)),
    ("UnusualLaunch", [launched(instanceType="c7i.48xlarge")]),
    ("UnusualLaunch", [asking("autoscaling:CreateAutoScalingGroup", minSize=60)]),
    ("UnusualLaunch", [asking("eks:CreateNodegroup", instanceTypes=["g5.xlarge"])]),
    ("", [asking("eks:CreateNodegroup", instanceTypes=["m7i.large"])]),
    ("UnusualLaunch", [asking("sagemaker:CreateNotebookInstance", instanceType="ml.p3.2xlarge")]),
    (
        "ContainerPlanted",
        [asking("ecs:RegisterTaskDefinition", containerDefinitions=[{"name": "a", "privileged": True}])],
    ),
    ("", [asking("ecs:RegisterTaskDefinition", containerDefinitions=[{"name": "a", "privileged": False}])]),
    ("ContainerPlanted", [asking("ecr:PutImage", repositoryName="pay")]),
    ("", [asking("ecr:CreateRepository", -1, repositoryName="pay"), asking("ecr:PutImage", repositoryName="pay")]),
    (
        "ContainerPlanted",
        [
            asking(
                "eks:AssociateAccessPolicy",
                policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            )
        ],
    ),
    ("BuildChanged", [asking("codebuild:StartBuild", projectName="site", buildspecOverride="x")]),
    ("", [asking("codebuild:StartBuild", projectName="site")]),
    ("", [THERE, asking("codebuild:UpdateProject", name="site")]),
    (
        "MetadataWeakened",
        [
            act(
                "ec2:ModifyInstanceMetadataOptions",
                requestParameters={
                    "ModifyInstanceMetadataOptionsRequest": {"InstanceId": "i-1", "HttpTokens": "optional"}
                },
            )
        ],
    ),
    (
        "",
        [
            act(
                "ec2:ModifyInstanceMetadataOptions",
                requestParameters={
                    "ModifyInstanceMetadataOptionsRequest": {"InstanceId": "i-1", "HttpTokens": "required"}
                },
            )
        ],
    ),
    (
        "AdminPortOpened",
        [
            act(
                "ec2:ModifySecurityGroupRules",
                requestParameters={
                    "ModifySecurityGroupRulesRequest": {
                        "GroupId": "sg-1",
                        "SecurityGroupRule": {
                            "SecurityGroupRule": {"FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}
                        },
                    }
                },
            )
        ],
    ),
    (
        "AdminPortOpened",
        [
            asking(
                "ec2:CreateNetworkAclEntry", aclProtocol="-1", ruleAction="allow", egress=False, cidrBlock="0.0.0.0/0"
            )
        ],
    ),
    (
        "",
        [asking("ec2:CreateNetworkAclEntry", aclProtocol="-1", ruleAction="allow", egress=True, cidrBlock="0.0.0.0/0")],
    ),
]


@cache
def found() -> dict[str, set[str]]:
    return by_account(CASES)


@pytest.mark.parametrize("number", range(len(CASES)), ids=named(CASES))
def test_a_lead_tells_an_attack_s_form_from_the_everyday_one(number: int) -> None:
    kind, _ = CASES[number]
    assert found().get(f"{number:012}", set()) == ({kind} if kind else set())


def test_what_a_lead_opens_ends_before_a_person(tmp_path: Path) -> None:
    attacks = [number for number, (kind, _) in enumerate(CASES) if kind][::STRIDE]
    built = house(tmp_path, *[json.loads(one) for number in attacks for one in apart(number, CASES[number][1])])
    with running(built) as engine:
        once(built, engine, (), hunt=Hunt())
    for file in built.files():
        assert file.outcome in {Outcome.ESCALATE, Outcome.CONTAIN}, file.findings
        assert all(event.type == EVENT for one in file.findings for event in one.resources)
    assert {one.account for file in built.files() for one in file.findings} == {f"{number:012}" for number in attacks}


def test_every_lead_is_tried() -> None:
    tried = {kind for kind, _ in (*CASES, *test_hunt.CASES)}
    assert {one.type.partition("stanch.")[2] for one in leads()} <= tried
    assert len(CASES) < 256  # each has an address of its own
    assert STRANGER != HERE
