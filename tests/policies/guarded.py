"""Calls that the policies of resources must deny, whoever may what elsewhere. Placeholders as in `hostile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Guarded:
    """A call that a resource's own policy must deny.

    Args:
        what: What it would do.
        who: `administrator`: a role of the account that may do everything; `stranger`: one of another account;
            `nobody`: who does not sign; else a service of AWS, which acts for another account.
        action: IAM's action.
        on: `bucket`, `object`, `queue`, `topic`, `key` or `role`: each one there is.
        by: The id of the statement that denies it; empty: it is not allowed, which is enough.
        keys: Condition keys that differ from those of a regular call; None takes one away.
    """

    what: str
    who: str
    action: str
    on: str
    by: str
    keys: Mapping[str, str | None] = field(default_factory=dict)


_PLAIN = {"aws:SecureTransport": "false"}
_SSE, _SSE_KEY = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
_POINT = "s3:DataAccessPointArn"
_ADMIN, _STRANGER, _NOBODY = "administrator", "stranger", "nobody"
GUARDED = (
    Guarded("read without TLS", _ADMIN, "s3:GetObject", "object", "statement 1", _PLAIN),
    Guarded("list without TLS", _ADMIN, "s3:ListBucket", "bucket", "statement 1", _PLAIN),
    Guarded("send without TLS", _ADMIN, "sqs:SendMessage", "queue", "statement 1", _PLAIN),
    Guarded("publish without TLS", _ADMIN, "sns:Publish", "topic", "AllowPublishThroughSSLOnly", _PLAIN),
    Guarded("read from outside", _STRANGER, "s3:GetObject", "object", "OnlyThisAccount"),
    Guarded("list from outside", _STRANGER, "s3:ListBucket", "bucket", "OnlyThisAccount"),
    Guarded("write from outside", _STRANGER, "s3:PutObject", "object", "OnlyThisAccount"),
    Guarded(
        "read by a link signed outside",
        _STRANGER,
        "s3:GetObject",
        "object",
        "OnlyThisAccount",
        {"s3:authType": "REST-QUERY-STRING"},
    ),
    Guarded("read without signing", _NOBODY, "s3:GetObject", "object", "OnlyThisAccount"),
    Guarded("take messages from outside", _STRANGER, "sqs:ReceiveMessage", "queue", "OnlyThisAccount"),
    Guarded("send messages without signing", _NOBODY, "sqs:SendMessage", "queue", "OnlyThisAccount"),
    Guarded("listen from outside", _STRANGER, "sns:Subscribe", "topic", "OnlyThisAccount"),
    Guarded(
        "decrypt from outside",
        _STRANGER,
        "kms:Decrypt",
        "key",
        "OnlyThisAccount",
        {"kms:ViaService": "s3.{r}.amazonaws.com"},
    ),
    Guarded("assume a role from outside", _STRANGER, "sts:AssumeRole", "role", ""),
    Guarded("assume a role as an administrator", _ADMIN, "sts:AssumeRole", "role", ""),
    Guarded("take a role for others", "scheduler.amazonaws.com", "sts:AssumeRole", "role", ""),
    Guarded("take a role as a service it is not for", "ec2.amazonaws.com", "sts:AssumeRole", "role", ""),
    Guarded(
        "log a bucket's objects for others", "cloudtrail.amazonaws.com", "s3:GetObject", "object", "NoServiceForOthers"
    ),
    Guarded("send another account's events", "s3.amazonaws.com", "sqs:SendMessage", "queue", "NoServiceForOthers"),
    Guarded(
        "tell of another account's alarms", "cloudwatch.amazonaws.com", "sns:Publish", "topic", "NoServiceForOthers"
    ),
    Guarded("encrypt another account's events", "s3.amazonaws.com", "kms:GenerateDataKey", "key", "NoServiceForOthers"),
    Guarded(
        "encrypt another account's logs",
        "logs.{r}.amazonaws.com",
        "kms:Encrypt",
        "key",
        "NoServiceForOthers",
        {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:{r}:{x}:log-group:/aws/lambda/watershed-gold"},
    ),
    Guarded(
        "read through another region",
        _ADMIN,
        "s3:GetObject",
        "object",
        "OnlyThisRegion",
        {"aws:RequestedRegion": "{o}"},
    ),
    Guarded(
        "list through another region",
        _ADMIN,
        "s3:ListBucket",
        "bucket",
        "OnlyThisRegion",
        {"aws:RequestedRegion": "{o}"},
    ),
    Guarded(
        "read through another account's access point",
        _ADMIN,
        "s3:GetObject",
        "object",
        "OnlyOwnAccessPoints",
        {_POINT: "arn:aws:s3:{r}:{x}:accesspoint/p"},
    ),
    Guarded(
        "read through another region's access point",
        _ADMIN,
        "s3:GetObject",
        "object",
        "OnlyOwnAccessPoints",
        {_POINT: "arn:aws:s3:{o}:{a}:accesspoint/p"},
    ),
    Guarded(
        "read through an access point of all regions",
        _ADMIN,
        "s3:GetObject",
        "object",
        "OnlyOwnAccessPoints",
        {_POINT: "arn:aws:s3::{a}:accesspoint/p.mrap"},
    ),
    Guarded("add replication", _ADMIN, "s3:PutReplicationConfiguration", "bucket", "NothingLeavesByItself"),
    Guarded("replicate", "s3.amazonaws.com", "s3:GetObjectVersionForReplication", "object", "NothingLeavesByItself"),
    Guarded("open a bucket by its ACL", _ADMIN, "s3:PutBucketAcl", "bucket", "NothingLeavesByItself"),
    Guarded("open an object by its ACL", _ADMIN, "s3:PutObjectAcl", "object", "NothingLeavesByItself"),
    Guarded("have objects listed elsewhere", _ADMIN, "s3:PutInventoryConfiguration", "bucket", "NothingLeavesByItself"),
    Guarded("disable encryption", _ADMIN, "s3:PutEncryptionConfiguration", "bucket", "OnlyDeploymentsConfigure"),
    Guarded("open a bucket by its policy", _ADMIN, "s3:PutBucketPolicy", "bucket", "OnlyDeploymentsConfigure"),
    Guarded("drop a bucket's policy", _ADMIN, "s3:DeleteBucketPolicy", "bucket", "OnlyDeploymentsConfigure"),
    Guarded("unblock public access", _ADMIN, "s3:PutBucketPublicAccessBlock", "bucket", "OnlyDeploymentsConfigure"),
    Guarded("write under S3's own key", _ADMIN, "s3:PutObject", "object", "OnlyTheRegionsKey", {_SSE: "AES256"}),
    Guarded("write under AWS's key", _ADMIN, "s3:PutObject", "object", "OnlyTheRegionsKey", {_SSE: "aws:kms"}),
    Guarded(
        "write under another key",
        _ADMIN,
        "s3:PutObject",
        "object",
        "OnlyTheRegionsKey",
        {_SSE: "aws:kms", _SSE_KEY: "arn:aws:kms:{r}:{x}:key/k"},
    ),
    Guarded(
        "write under a key that it brings",
        _ADMIN,
        "s3:PutObject",
        "object",
        "NoCustomersKeys",
        {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"},
    ),
    Guarded("decrypt past the services", _ADMIN, "kms:Decrypt", "key", "OnlyThroughTheRegionsServices"),
    Guarded(
        "decrypt through another region",
        _ADMIN,
        "kms:Decrypt",
        "key",
        "OnlyThroughTheRegionsServices",
        {"kms:ViaService": "s3.{o}.amazonaws.com"},
    ),
    Guarded("replicate the key", _ADMIN, "kms:ReplicateKey", "key", "StaysHere"),
    Guarded("share the key", _ADMIN, "kms:CreateGrant", "key", "StaysHere"),
)
