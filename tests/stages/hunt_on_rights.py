"""Attacks on what watches, on rights, credentials and people, each beside its everyday form."""

from .hunt_forms import (
    ADMIN,
    ARCHIVE,
    BACK,
    DENIED,
    EVERYTHING,
    FETCHED,
    GROWN,
    HERE,
    NEWS,
    OPENED,
    READ,
    REFUSED,
    ROLE,
    TAKEN,
    THERE,
    WHO,
    WORK,
    as_role,
    failing,
    in_regions,
    signed_in,
    taking,
)
from .hunting import OTHER, Told, act, asking
from .questioning import ACCOUNT, call

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
]
