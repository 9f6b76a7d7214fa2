"""Stores that are open, in the clear, or copied."""

from __future__ import annotations

from tests.infra.mutations.change import RAW, Mutation, foreign, put

STORES = [
    Mutation(
        "a bucket with S3's own key",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault",
            {"SSEAlgorithm": "AES256"},
        ),
        "unencrypted",
        RAW,
        (RAW, "AWS's own key"),
    ),
    Mutation(
        "a bucket with another region's key",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID",
            foreign("kms", "key/1234"),
        ),
        "wrong-key",
        RAW,
        (RAW, "KMSMasterKeyID", "arn:aws:kms:us-east-1"),
    ),
    Mutation(
        "a bucket with AWS's managed key",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID",
            "alias/aws/s3",
        ),
        "wrong-key",
        RAW,
        (RAW, "KMSMasterKeyID", "alias/aws/s3"),
    ),
    Mutation(
        "a queue in the clear",
        put("SQS::Queue", "watershed-gold", "-KmsMasterKeyId", None),
        "unencrypted",
        "queue watershed-gold",
        ("queue watershed-gold",),
    ),
    Mutation(
        "a topic in the clear",
        put("SNS::Topic", "Alarms", "-KmsMasterKeyId", None),
        "unencrypted",
        "topic watershed-alarms",
        ("topic watershed-alarms",),
    ),
    Mutation(
        "a log group in the clear",
        put("Logs::LogGroup", "Silver", "-KmsKeyId", None),
        "unencrypted",
        "log group /aws/lambda/watershed-silver",
        ("log group /aws/lambda/watershed-silver",),
    ),
    Mutation(
        "query results in the clear",
        put("Athena::WorkGroup", "Athena", "WorkGroupConfiguration.ResultConfiguration.-EncryptionConfiguration", None),
        "unencrypted",
        "workgroup watershed",
        ("workgroup watershed",),
    ),
    Mutation(
        "a key with replicas",
        put("KMS::Key", "Key", "MultiRegion", True),
        "multi-region-key",
        "key Key",
        ("key Key", "a replica", "any other region"),
    ),
    Mutation(
        "a bucket that may be public",
        put("S3::Bucket", "StorageGold", "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
        "public-bucket",
        "bucket watershed-gold",
        ("public internet", "bucket watershed-gold"),
    ),
    Mutation(
        "a bucket with ACLs",
        put("S3::Bucket", "StorageGold", "-OwnershipControls", None),
        "bucket-acls",
        "bucket watershed-gold",
        ("ACL", "bucket watershed-gold"),
    ),
    Mutation(
        "a bucket that replicates",
        put(
            "S3::Bucket",
            "StorageGold",
            "ReplicationConfiguration",
            {"Role": "r", "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::elsewhere"}}]},
        ),
        "bucket-copies",
        "bucket watershed-gold",
        ("bucket watershed-gold", "ReplicationConfiguration", "arn:aws:s3:::elsewhere"),
    ),
    Mutation(
        "a bucket at the edge",
        put("S3::Bucket", "StorageGold", "AccelerateConfiguration", {"AccelerationStatus": "Enabled"}),
        "bucket-copies",
        "bucket watershed-gold",
        ("bucket watershed-gold", "AccelerateConfiguration"),
    ),
    Mutation(
        "an inventory elsewhere",
        put("S3::Bucket", "StorageGold", "InventoryConfigurations", [{"Destination": {"BucketArn": "arn:aws:s3:::x"}}]),
        "bucket-copies",
        "bucket watershed-gold",
        ("bucket watershed-gold", "InventoryConfigurations"),
    ),
    Mutation(
        "access logs elsewhere",
        put("S3::Bucket", "StorageGold", "LoggingConfiguration", {"DestinationBucketName": "elsewhere"}),
        "foreign-target",
        "bucket watershed-gold",
        ("bucket watershed-gold", "DestinationBucketName", "elsewhere"),
    ),
]
