"""Attacks on programs, hosts, data and money, each beside its everyday form."""

from .hunt_forms import (
    DENIED,
    FOREIGN_KEY,
    LAYER,
    MADE,
    MAIL,
    OWN_KEY,
    REPLICA,
    STEPS,
    SUSPENDED,
    TABLES,
    THERE,
    TO_OTHER,
    as_role,
    confined,
    deleted,
    fetched,
    in_regions,
    invoked,
    launched,
    open_to,
    sse_c,
    users_gone,
)
from .hunting import OTHER, Told, act, asking
from .questioning import ACCOUNT

CASES: list[Told] = [
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
