"""The actions that a role may be given, and what each does to data.

All of them move or describe data within the resource that the statement names. None opens a resource, changes who may
use it, or copies it elsewhere: an action that is not here is refused until somebody has judged it.
"""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What goes from where to where."""

    READ = "reads"
    WRITE = "writes"
    SEND = "sends to"
    RUN = "runs"
    KEY = "encrypts with"
    DELIVER = "delivers to"
    ACT_AS = "acts as"
    LOG = "logs to"
    STAND_ON = "stands on"
    ASK = "asks"
    CONNECT = "connects to"
    JOIN = "joins"


_ACTIONS = {
    Verb.READ: """
        dynamodb:GetItem secretsmanager:GetSecretValue
        athena:GetDatabase athena:GetDataCatalog athena:GetQueryExecution athena:GetQueryResults
        athena:GetQueryResultsStream athena:GetTableMetadata athena:GetWorkGroup athena:ListDatabases
        athena:ListTableMetadata athena:StopQueryExecution
        glue:BatchGetPartition glue:GetDatabase glue:GetDatabases glue:GetPartition glue:GetPartitions glue:GetTable
        glue:GetTables glue:GetTableVersion glue:GetTableVersions
        s3:GetBucketLocation s3:GetObject s3:GetObjectAttributes s3:GetObjectTagging s3:GetObjectVersion
        s3:GetObjectVersionAttributes s3:GetObjectVersionTagging s3:ListBucket s3:ListBucketMultipartUploads
        s3:ListBucketVersions s3:ListMultipartUploadParts
        sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage
        states:DescribeExecution states:DescribeMapRun""",
    Verb.WRITE: """
        dynamodb:PutItem
        glue:BatchCreatePartition glue:BatchDeletePartition glue:BatchDeleteTable glue:BatchDeleteTableVersion
        glue:CreatePartition glue:CreateTable glue:DeletePartition glue:DeleteTable glue:DeleteTableVersion
        glue:UpdatePartition glue:UpdateTable
        s3:AbortMultipartUpload s3:DeleteObject s3:DeleteObjectTagging s3:DeleteObjectVersion s3:PutObject
        s3:PutObjectLegalHold s3:PutObjectRetention s3:PutObjectTagging s3:PutObjectVersionTagging""",
    Verb.SEND: "sns:Publish sqs:SendMessage",
    Verb.RUN: "athena:StartQueryExecution lambda:InvokeFunction states:StartExecution states:StopExecution",
    Verb.KEY: "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext",
    Verb.LOG: "logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents",
    Verb.CONNECT: "rds-db:connect",
    # Interfaces carry what rules of networks let through.
    Verb.JOIN: """
        ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface
        ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses""",
}

VERBS = {action.lower(): verb for verb, names in _ACTIONS.items() for action in names.split()}  # AWS ignores case

# They know no resources, and tell no row.
ON_NOTHING = frozenset(["ec2:describenetworkinterfaces", "ec2:describesubnets"])
# Services that do not say all conditions of these: where they are allowed, the ARN says region, account and resource.
BY_ARN_ALONE = frozenset(["rds-db:connect"])
