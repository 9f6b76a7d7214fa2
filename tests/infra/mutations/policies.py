"""Buckets, queues, topics, keys and functions that others may use."""

from __future__ import annotations

from tests.infra.mutations.change import ACCOUNT, RAW, STRANGER, Mutation, add, foreign, let, put

POLICIES = [
    Mutation(
        "a bucket that anybody may read",
        let("S3::BucketPolicy", "StorageRaw", Principal="*", Action="s3:GetObject"),
        "foreign-principal",
        "bucket policy",
        ("AWS *", "Added", RAW),
    ),
    Mutation(
        "a bucket that another account may read",
        let(
            "S3::BucketPolicy", "StorageRaw", Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"}, Action="s3:GetObject"
        ),
        "foreign-principal",
        "bucket policy",
        (STRANGER, "Added", RAW),
    ),
    Mutation(
        "a bucket that everybody but one may read",
        let("S3::BucketPolicy", "StorageRaw", NotPrincipal={"AWS": STRANGER}, Action="s3:GetObject"),
        "foreign-principal",
        "bucket policy",
        ("anybody", "Added", RAW),
    ),
    Mutation(
        "a key that another account may use",
        let("KMS::Key", "Key", "KeyPolicy", Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"}, Action="kms:Decrypt"),
        "foreign-principal",
        "key Key",
        (STRANGER, "Added", "key Key"),
    ),
    Mutation(
        "a queue that a service of any account may fill",
        let(
            "SQS::QueuePolicy",
            "BronzeQueuePolicy",
            Principal={"Service": "sns.amazonaws.com"},
            Action="sqs:SendMessage",
        ),
        "unconfined-service",
        "queue policy",
        ("sns.amazonaws.com", "Added", "queue watershed-bronze"),
    ),
    Mutation(
        "a key that a service may use for any account",
        let("KMS::Key", "Key", "KeyPolicy", Principal={"Service": "s3.amazonaws.com"}, Action="kms:Decrypt"),
        "unconfined-service",
        "key Key",
        ("s3.amazonaws.com", "Added", "key Key"),
    ),
    Mutation(
        "a key that another region's logs may use",
        let(
            "KMS::Key",
            "Key",
            "KeyPolicy",
            Principal={"Service": "logs.us-east-1.amazonaws.com"},
            Action="kms:Decrypt",
            Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        ),
        "foreign-principal",
        "key Key",
        ("logs.us-east-1.amazonaws.com", "Added", "key Key"),
    ),
    Mutation(
        "a topic that a service of another region may fill",
        let(
            "SNS::TopicPolicy",
            "AlarmsTopicPolicy",
            Principal={"Service": "events.amazonaws.com"},
            Action="sns:Publish",
            Condition={"ArnLike": {"aws:SourceArn": foreign("events", "rule/*")}},
        ),
        "unconfined-service",
        "topic policy",
        ("events.amazonaws.com", "Added", "topic watershed-alarms"),
    ),
    Mutation(
        "a function that anybody may call",
        add(
            "Open",
            "AWS::Lambda::Permission",
            FunctionName="watershed-bronze",
            Action="lambda:InvokeFunction",
            Principal="*",
        ),
        "foreign-principal",
        "function permission Open",
        ("AWS *", "Properties", "function watershed-bronze"),
    ),
    Mutation(
        "a function that a service of any account may call",
        add(
            "Open",
            "AWS::Lambda::Permission",
            FunctionName="watershed-bronze",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        ),
        "unconfined-service",
        "function permission Open",
        ("s3.amazonaws.com", "Properties", "function watershed-bronze"),
    ),
    Mutation(
        "a bucket without TLS",
        put("S3::BucketPolicy", "StorageRaw", "PolicyDocument.Statement", []),
        "no-tls",
        RAW,
        ("any client", "plain HTTP", RAW),
    ),
    Mutation(
        "a bucket whose objects may be read without TLS",
        put(
            "S3::BucketPolicy",
            "StorageRaw",
            "PolicyDocument.Statement.0.Resource",
            {"Fn::Sub": "${StorageRaw7E344C76.Arn}"},
        ),
        "no-tls",
        RAW,
        ("any client", "plain HTTP", RAW),
    ),
    Mutation(
        "a queue without TLS",
        put("SQS::QueuePolicy", "GoldQueuePolicy", "PolicyDocument.Statement.0.Effect", "Allow"),
        "no-tls",
        "queue watershed-gold",
        ("any client", "plain HTTP", "queue watershed-gold"),
    ),
]
