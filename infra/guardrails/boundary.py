"""The permissions boundary: what the lake's own roles, and whoever else works on its rows, can never exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names

from infra.guardrails.analysts import BROWSING
from infra.guardrails.place import Document, Place, Statement, policy

if TYPE_CHECKING:
    from collections.abc import Sequence

# All that something which works on the lake's rows may ever do, by the service and what it does it to.
_WORK: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "Objects",
        (
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetBucketLocation",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
            "s3:ListBucketVersions",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
            "s3:PutObjectTagging",
        ),
        ("s3:::{bucket}", "s3:::{bucket}/*"),
    ),
    (
        "Tables",
        (
            "glue:CreateTable",
            "glue:DeleteTable",
            "glue:GetDatabase",
            "glue:GetDatabases",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
            "glue:GetTableVersions",
            "glue:UpdateTable",
        ),
        ("glue:{place}:catalog", "glue:{place}:database/*", "glue:{place}:table/*"),
    ),
    (
        "Queries",
        (
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:GetWorkGroup",
            "athena:StartQueryExecution",
            "athena:StopQueryExecution",
        ),
        (
            f"athena:{{place}}:workgroup/{names.WORKGROUP}",
            f"athena:{{place}}:workgroup/{names.ANALYSTS_WORKGROUP}",
        ),
    ),
    (
        "Messages",
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"),
        (f"sqs:{{place}}:{names.PREFIX}-*",),
    ),
    ("Receipts", ("dynamodb:GetItem", "dynamodb:PutItem"), (f"dynamodb:{{place}}:table/{names.RECEIPTS_TABLE}",)),
    ("Secrets", ("secretsmanager:GetSecretValue",), (f"secretsmanager:{{place}}:secret:{names.PREFIX}/*",)),
    ("Key", ("kms:Decrypt", "kms:GenerateDataKey"), ("kms:{place}:key/*",)),
    (
        "Logs",
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        (f"logs:{{place}}:log-group:/aws/lambda/{names.PREFIX}-*",),
    ),
    ("Functions", ("lambda:InvokeFunction",), (f"lambda:{{place}}:function:{names.PREFIX}-*",)),
    (
        "Backfills",
        ("states:DescribeExecution", "states:StartExecution", "states:StopExecution"),
        (f"states:{{place}}:stateMachine:{names.BACKFILL}", f"states:{{place}}:execution:{names.BACKFILL}*"),
    ),
)
# Beside it, where QuickSight reads gold: its driver has results streamed, and looks into Athena's catalog.
_QUICKSIGHT: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Stream", ("athena:GetQueryResultsStream",), (f"athena:{{place}}:workgroup/{names.ANALYSTS_WORKGROUP}",)),
    ("Browse", BROWSING, ("athena:{place}:datacatalog/AwsDataCatalog",)),
)

# What a region with a SQL database adds.
_WITH_DATABASE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "Interfaces",
        (
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:UnassignPrivateIpAddresses",
        ),
        ("ec2:{place}:*/*",),
    ),
    (
        "Flows",
        ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        (f"logs:{{place}}:log-group:{names.FLOW_LOG}", f"logs:{{place}}:log-group:{names.FLOW_LOG}:*"),
    ),
)


def boundary(place: Place) -> Document:
    """The most that a role may be allowed: work on this region's rows, in this region and its own account."""
    work = [
        _allow(place, sid, actions, [place.arn(resource) for resource in resources])
        for sid, actions, resources in (
            *_WORK,
            *(_WITH_DATABASE if place.database else ()),
            *(_QUICKSIGHT if place.quicksight else ()),
        )
    ]
    return policy([*work, *(_database(place) if place.database else ())])


def _allow(place: Place, sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
        "Condition": place.confined,
    }


def _database(place: Place) -> list[Statement]:
    """What names no resource; and signing in, for which RDS does not say all conditions: there, the ARN confines."""
    user = place.arn(f"rds-db:{{place}}:dbuser:*/{names.DATABASE_PUBLISHER}")
    return [
        _allow(place, "Networks", ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"), ["*"]),
        {"Sid": "SignIn", "Effect": "Allow", "Action": ["rds-db:connect"], "Resource": [user]},
    ]
