"""What a bucket's policy denies: every way by which an object could leave, or lie there under another key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from infra import confinement
from infra.confinement import S3_DATA, S3_SETTINGS, S3_WAYS_OUT
from infra.denials import account_only, deny, deployer

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

_ENCRYPTION = "s3:x-amz-server-side-encryption"
_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_CUSTOMER_KEY = "s3:x-amz-server-side-encryption-customer-algorithm"
_ACCESS_POINT = "s3:DataAccessPointArn"
_PRESENT = "false"  # as the value of `Null`


def confine(bucket: s3.Bucket, key: kms.IKey, organization: str | None) -> None:
    """Deny what would let an object leave the bucket's account, region, organization or encryption.

    The policy stays with the bucket when the stack is removed. Nothing here stops deleting objects or the bucket.

    Args:
        bucket: The bucket; TLS is asked for by the bucket itself.
        key: The one key under which objects may lie.
        organization: The AWS organization's id, if the lake is confined to one.
    """
    stack = cdk.Stack.of(bucket)
    objects, everything = [bucket.arn_for_objects("*")], [bucket.bucket_arn, bucket.arn_for_objects("*")]
    region: dict[str, Any] = {"StringNotEquals": {"aws:RequestedRegion": stack.region}}
    access_points = stack.format_arn(service="s3", resource="accesspoint", resource_name="*")
    statements = [
        *account_only(["s3:*"], everything),
        deny("OnlyThisRegion", S3_DATA, everything, region),
        # A multi-region access point's ARN has no region, so it is denied too.
        deny(
            "OnlyOwnAccessPoints",
            ["s3:*"],
            everything,
            {"StringNotLike": {_ACCESS_POINT: access_points}, "Null": {_ACCESS_POINT: _PRESENT}},
        ),
        deny("NothingLeavesByItself", S3_WAYS_OUT, everything),
        deny(
            "OnlyDeploymentsConfigure",
            S3_SETTINGS,
            [bucket.bucket_arn],
            {"ArnNotEquals": {"aws:PrincipalArn": deployer(bucket)}},
        ),
        # Whoever names no encryption gets the bucket's own. Whoever names one must name the region's key with it:
        # that leaves no room for S3's own keys, which `AES256` means, and so does `aws:kms` alone.
        deny(
            "OnlyTheRegionsKey",
            ["s3:PutObject"],
            objects,
            {"StringNotEquals": {_KEY: key.key_arn}, "Null": {_ENCRYPTION: _PRESENT}},
        ),
        deny("NoCustomersKeys", ["s3:PutObject"], objects, {"Null": {_CUSTOMER_KEY: _PRESENT}}),
    ]
    if organization:
        statements.append(deny("OnlyTheOrganization", S3_DATA, everything, confinement.strangers(organization)))
    for statement in statements:
        bucket.add_to_resource_policy(statement)
    if bucket.policy is None:
        raise TypeError("The bucket has no policy.")
    bucket.policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
