"""The region's buckets, one for each layer of the lake, and the notification of a new raw object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct
from watershed import names
from watershed.names import Layer

from infra.bucket_policy import confine
from infra.nag import accept

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sqs as sqs

    from infra.config import RegionConfig

ABANDONED_UPLOAD_DAYS = 7
OLD_RAW_VERSIONS_DAYS = 365  # an object that was overwritten; its rows are in bronze
RESULTS_DAYS = 7
QUARANTINE_DAYS = 90  # held rows are personal data without a use until someone mends them
ELSEWHERE_DAYS = 14  # rows of another jurisdiction: time to tell who sent them, and no longer


class Storage(Construct):
    """Buckets that are private, confined to the region and its key, TLS only, and kept when the stack is removed.

    A deployment that makes them and fails takes them back: their names are fixed, so the next one could not make them.
    Only raw is versioned: everything else is a function of raw's object versions and can be made again.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: RegionConfig, key: kms.IKey, arrivals: sqs.Queue
    ) -> None:
        super().__init__(scope, construct_id)
        self._config, self._key = config, key
        expiry = {Layer.RESULTS: RESULTS_DAYS, Layer.QUARANTINE: QUARANTINE_DAYS}
        self.buckets = {layer: self._bucket(layer, expiry.get(layer)) for layer in Layer}
        self._announce(arrivals)

    def _bucket(self, layer: Layer, expire_after: int | None) -> s3.Bucket:
        raw = layer is Layer.RAW
        locked = self._config.object_lock_days if raw else None
        bucket = s3.Bucket(
            self,
            layer.title(),
            bucket_name=names.bucket(layer, cdk.Aws.ACCOUNT_ID, cdk.Stack.of(self).region),
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=raw or None,
            # Governance: an erasure that the law asks for must remain possible, to whom may bypass it.
            object_lock_default_retention=s3.ObjectLockRetention.governance(cdk.Duration.days(locked))
            if locked
            else None,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="housekeeping",
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(ABANDONED_UPLOAD_DAYS),
                    expiration=cdk.Duration.days(expire_after) if expire_after else None,
                    noncurrent_version_expiration=cdk.Duration.days(OLD_RAW_VERSIONS_DAYS) if raw else None,
                ),
                *([_elsewhere()] if layer is Layer.QUARANTINE else []),
            ],
        )
        confine(bucket, self._key, self._config.organization)
        accept(
            bucket,
            {
                "AwsSolutions-S1": "Access logs would copy object names, which merchants choose, into one more store. "
                "The row ledger names every object read; CloudTrail's data events serve where an audit asks for more."
            },
        )
        return bucket

    def _announce(self, arrivals: sqs.Queue) -> None:
        """Tell the queue of every new raw object; through L1, because the L2 way adds a custom-resource function."""
        raw = self.buckets[Layer.RAW].node.default_child
        if not isinstance(raw, s3.CfnBucket):
            raise TypeError(f"The raw bucket's resource is a {type(raw).__name__}.")
        # S3 checks that it may send when the notification is set, so the queue's policy must come first; therefore
        # the policy names the bucket instead of referring to it.
        arrivals.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RawObjectsArrive",
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                resources=[arrivals.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
                    "ArnEquals": {"aws:SourceArn": f"arn:{cdk.Aws.PARTITION}:s3:::{raw.bucket_name}"},
                },
            )
        )
        raw.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(event="s3:ObjectCreated:*", queue=arrivals.queue_arn)
            ]
        )
        raw.node.add_dependency(arrivals)


def _elsewhere() -> s3.LifecycleRule:
    """Rows of another jurisdiction go sooner than the other rows held back."""
    name, value = names.ELSEWHERE
    return s3.LifecycleRule(id=value, tag_filters={name: value}, expiration=cdk.Duration.days(ELSEWHERE_DAYS))
