"""Buckets: private, encrypted with the one key, kept; and raw's notification without a custom resource."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.names import Layer, Stage

from tests.infra.conftest import FRANKFURT
from tests.infra.resources import Resources, flat

if TYPE_CHECKING:
    from tests.infra.conftest import Synthesize

REGION = "eu-central-1"


def bucket(resources: Resources, layer: Layer) -> dict[str, Any]:
    return resources.named("S3::Bucket", "BucketName")[names.bucket(layer, "1234", REGION)]


def test_there_is_one_bucket_a_layer(resources: Resources) -> None:
    assert set(resources.named("S3::Bucket", "BucketName")) == {names.bucket(layer, "1234", REGION) for layer in Layer}


@pytest.mark.parametrize("layer", Layer)
def test_every_bucket_is_private_and_encrypted_with_the_regions_key(resources: Resources, layer: Layer) -> None:
    made = bucket(resources, layer)
    (key,) = resources.of("KMS::Key")
    (encryption,) = made["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": [key, "Arn"]}},
    }
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(made["PublicAccessBlockConfiguration"]) == 4
    assert made["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_every_bucket_is_kept_when_the_stack_goes(resources: Resources) -> None:
    assert {each["DeletionPolicy"] for each in resources.of("S3::Bucket").values()} == {"RetainExceptOnCreate"}
    assert {each["UpdateReplacePolicy"] for each in resources.of("S3::Bucket").values()} == {"Retain"}


def test_raw_is_locked_only_where_the_configuration_says_so(resources: Resources, synthesize: Synthesize) -> None:
    locked = Resources(synthesize(dataclasses.replace(FRANKFURT, object_lock_days=30)))
    for layer in Layer:
        assert not {"ObjectLockEnabled", "ObjectLockConfiguration"} & set(bucket(resources, layer))
        if layer is not Layer.RAW:
            assert bucket(locked, layer) == bucket(resources, layer)
    assert bucket(locked, Layer.RAW)["ObjectLockEnabled"] is True
    assert bucket(locked, Layer.RAW)["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
    }


@pytest.mark.parametrize(
    ("layer", "expires", "old_versions", "versioned"),
    [
        (Layer.RAW, None, 365, True),
        (Layer.BRONZE, None, None, False),
        (Layer.SILVER, None, None, False),
        (Layer.GOLD, None, None, False),
        (Layer.LEDGER, None, None, False),
        (Layer.QUARANTINE, 90, None, False),
        (Layer.RESULTS, 7, None, False),
    ],
)
def test_what_is_kept_for_how_long(
    resources: Resources, layer: Layer, expires: int | None, old_versions: int | None, versioned: bool
) -> None:
    made = bucket(resources, layer)
    rule = next(rule for rule in made["LifecycleConfiguration"]["Rules"] if rule["Id"] == "housekeeping")
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule.get("ExpirationInDays") == expires
    assert rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays") == old_versions
    assert ("VersioningConfiguration" in made) is versioned


def test_rows_of_another_jurisdiction_go_sooner(resources: Resources) -> None:
    rules = {layer: bucket(resources, layer)["LifecycleConfiguration"]["Rules"] for layer in Layer}
    (_, rule) = rules.pop(Layer.QUARANTINE)
    assert rule == {
        "Id": "elsewhere",
        "Status": "Enabled",
        "TagFilters": [{"Key": "residency", "Value": "elsewhere"}],
        "ExpirationInDays": 14,
    }
    assert all(len(others) == 1 for others in rules.values())


def test_raw_announces_every_new_object_to_the_bronze_queue(resources: Resources) -> None:
    queue = resources.arn_of("SQS::Queue", "QueueName", names.queue(Stage.BRONZE))
    assert bucket(resources, Layer.RAW)["NotificationConfiguration"] == {
        "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": queue}]
    }
    for layer in set(Layer) - {Layer.RAW}:
        assert "NotificationConfiguration" not in bucket(resources, layer)


def test_the_queue_takes_raws_notifications_before_raw_sends_any(resources: Resources) -> None:
    queue = resources.arn_of("SQS::Queue", "QueueName", names.queue(Stage.BRONZE))
    policies = {
        logical: statement
        for logical, policy in resources.of("SQS::QueuePolicy").items()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }
    ((policy, statement),) = policies.items()
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", queue)
    source = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert flat(source) == f"arn:aws:s3:::{names.bucket(Layer.RAW, '1234', REGION)}"
    assert flat(statement["Condition"]["StringEquals"]["aws:SourceAccount"]) == "1234"
    (raw,) = [each for each in resources.of("S3::Bucket").values() if "NotificationConfiguration" in each["Properties"]]
    assert policy in raw["DependsOn"]
