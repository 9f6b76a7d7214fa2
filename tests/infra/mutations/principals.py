"""Whom policies and keys let in."""

from __future__ import annotations

from tests.infra.mutations.change import ACCOUNT, BRONZE_ROLE, RAW, ROLE, Mutation, add, grant, let

OWN = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def of_account(text: str) -> dict[str, str]:
    return {"Fn::Sub": text.replace("ACCOUNT", "${AWS::AccountId}")}


LOGS_CONTEXT = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": of_account("arn:aws:logs:eu-central-1:ACCOUNT:*")}}
EVERY_ROLE = {"ArnLike": {"aws:PrincipalArn": of_account("arn:aws:iam::ACCOUNT:role/watershed-*")}}

PRINCIPALS = [
    Mutation(
        f"a bucket that {who} may read",
        let("S3::BucketPolicy", "StorageRaw", Principal=principal, Action="s3:GetObject", Condition=condition),
        "foreign-principal",
        "bucket policy",
        ("Added", RAW),
    )
    for who, principal, condition in [
        # Whoever is in the account: the roles of other regions too.
        ("everybody in the account", {"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
        ("every role of the account", "*", EVERY_ROLE),
        ("CloudFront", {"Service": "cloudfront.amazonaws.com"}, OWN),
        ("AppFlow", {"Service": "appflow.amazonaws.com"}, OWN),
        ("every service", {"Service": "*"}, OWN),
    ]
]
PRINCIPALS += [
    Mutation(
        "a key for whoever says that it is for our logs",
        let("KMS::Key", "Key", "KeyPolicy", Principal="*", Action="kms:Decrypt", Condition=LOGS_CONTEXT),
        "foreign-principal",
        "key Key",
        ("AWS *", "Added", "key Key"),
    ),
    Mutation(
        "a key for a service that says that it is for our logs",
        let(
            "KMS::Key",
            "Key",
            "KeyPolicy",
            Principal={"Service": "s3.amazonaws.com"},
            Action="kms:Decrypt",
            Condition=LOGS_CONTEXT,
        ),
        "unconfined-service",
        "key Key",
        ("s3.amazonaws.com", "Added", "key Key"),
    ),
    Mutation(
        "a key for everybody in the account, to share",
        let(
            "KMS::Key",
            "Key",
            "KeyPolicy",
            Principal="*",
            Action="kms:CreateGrant",
            Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}},
        ),
        "foreign-principal",
        "key Key",
        ("AWS *", "Added", "key Key"),
    ),
    Mutation(
        "a queue for whose ARN has ours somewhere in it",
        let(
            "SQS::QueuePolicy",
            "BronzeQueuePolicy",
            Principal={"Service": "sns.amazonaws.com"},
            Action="sqs:SendMessage",
            Condition={"StringLike": {"aws:SourceArn": of_account("arn:*:*:eu-central-1:ACCOUNT:*")}},
        ),
        "unconfined-service",
        "queue policy",
        ("sns.amazonaws.com", "Added", "queue watershed-bronze"),
    ),
    Mutation(
        "a function that an API of the public internet calls",
        add(
            "Api",
            "AWS::Lambda::Permission",
            FunctionName="watershed-bronze",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceAccount=ACCOUNT,
        ),
        "foreign-principal",
        "function permission Api",
        ("apigateway.amazonaws.com", "function watershed-bronze"),
    ),
    Mutation(
        "a bucket's policy by which a role may replicate it",
        let("S3::BucketPolicy", "StorageRaw", Principal={"AWS": BRONZE_ROLE}, Action="s3:PutReplicationConfiguration"),
        "unknown-action",
        "bucket policy",
        (RAW, "Added", "s3:PutReplicationConfiguration"),
    ),
    Mutation(
        "a key's policy by which a role may share it",
        let("KMS::Key", "Key", "KeyPolicy", Principal={"AWS": BRONZE_ROLE}, Action="kms:CreateGrant"),
        "unknown-action",
        "key Key",
        ("key Key", "Added", "kms:CreateGrant"),
    ),
    Mutation(
        "a statement on every service of the region",
        grant(Resource=of_account("arn:aws:*:eu-central-1:ACCOUNT:*")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "arn:aws:*"),
    ),
]
