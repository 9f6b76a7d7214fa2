"""What every policy of the lake keeps out, as plain data: conditions and actions for the templates and the guardrails.

A negated operator also matches a request that lacks its key, with or without `IfExists`. So a statement that is to
deny a wrong value, but not a missing one, asks for the key's presence beside it (`Null … false`).
"""

from __future__ import annotations

Conditions = dict[str, dict[str, str | list[str]]]

# Reading, writing and listing rows. Not the buckets' settings: a mistyped organization must not lock these away.
S3_DATA = ("s3:*Object*", "s3:ListBucket*")
# Ways for rows, or the names of objects, to leave a bucket by themselves, or to be shared. The lake uses none.
S3_WAYS_OUT = (
    "s3:GetObjectVersionForReplication",
    "s3:PutAccelerateConfiguration",  # through edge locations anywhere
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucketAcl",
    "s3:PutBucketWebsite",
    "s3:PutInventoryConfiguration",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:PutReplicationConfiguration",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
)
# What protects a bucket. Deployments change it, and nobody by hand.
S3_SETTINGS = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
)
KMS_USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
KMS_COPIES = ("kms:ReplicateKey", "kms:UpdatePrimaryRegion")  # a replica decrypts elsewhere
KMS_GRANTS = ("kms:CreateGrant",)  # a grant can name another account's principal
KMS_WAYS_OUT = (*KMS_GRANTS, *KMS_COPIES)

_PEOPLE_AND_ROLES: dict[str, str | list[str]] = {
    "aws:PrincipalIsAWSService": "false"
}  # absent if nobody signed the request


def outsiders(account: str) -> Conditions:
    """Every principal of another account, and whoever does not sign, but not AWS's own services."""
    return {"StringNotEquals": {"aws:PrincipalAccount": account}, "BoolIfExists": _PEOPLE_AND_ROLES}


def strangers(organization: str) -> Conditions:
    """Every principal outside the organization, but not AWS's own services."""
    return {"StringNotEquals": {"aws:PrincipalOrgID": organization}, "BoolIfExists": _PEOPLE_AND_ROLES}


def services_for_others(account: str) -> Conditions:
    """AWS's own services when another account's resource makes them act."""
    return {
        "StringNotEquals": {"aws:SourceAccount": account},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }


def other_grants(region: str) -> dict[str, Conditions]:
    """Every grant of a key but those that RDS makes itself, or has its database's owner make, by statement id.

    A database whose storage is encrypted cannot be without: RDS asks for a grant when it is made.
    """
    services = [f"{service}.{region}.amazonaws.com" for service in ("rds", "secretsmanager")]
    return {
        "NoGrantsByHand": {"BoolIfExists": {"kms:GrantIsForAWSResource": "false", **_PEOPLE_AND_ROLES}},
        "GrantsForTheDatabase": {"StringNotEquals": {"kms:ViaService": services}, "BoolIfExists": _PEOPLE_AND_ROLES},
    }
