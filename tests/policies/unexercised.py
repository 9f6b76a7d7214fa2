"""Permissions that the recorded day does not use and that stay, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

Granted = tuple[str, str, str, str]  # policy, statement's id, action, resource


@dataclass(frozen=True)
class Kept:
    """Permissions that stay; `*` in each part matches anything.

    Args:
        policy: The role's user, or the resource whose policy it is.
        actions: Separated by blanks.
        resource: As the statement spells it.
        why: What needs it.
    """

    policy: str
    actions: str
    resource: str
    why: str

    def covers(self, granted: Granted) -> bool:
        """Whether this is the reason for a permission."""
        policy, _, action, resource = granted
        return (
            fnmatchcase(policy, self.policy) and action in self.actions.split() and fnmatchcase(resource, self.resource)
        )


_RESULTS = "Athena's documentation asks for it on the location of results."
_IN_PARTS = "Athena writes large objects in parts; the laptop's writes them whole."
_SOURCE = "Athena's documentation asks for it on the buckets of tables; the laptop's lists only Hive tables."
_DATABASES = "Athena looks for a query's databases; the laptop's looks for its tables."
_PARTITIONS = "Athena may ask for a Hive table's partitions, even if it has none."
_NO_ANSWER = "EventBridge Scheduler uses it when the queue does not answer."

KEPT = (
    Kept("gold", "glue:GetDatabase", "*:catalog", _DATABASES),
    Kept("gold", "glue:GetDatabase", "*:database/*", _DATABASES),
    Kept("maintenance", "glue:GetDatabase", "*:database/default", "Athena looks for it before every query."),
    Kept("*", "glue:GetDatabase", "*:table/*", "Glue does not ask for it; the statement's other actions need the ARN."),
    Kept("gold", "glue:GetPartitions", "*:catalog", _PARTITIONS),
    Kept("gold", "glue:GetPartitions", "*/gold", _PARTITIONS),
    Kept("gold", "glue:GetPartitions", "*/gold/*", _PARTITIONS),
    Kept("gold", "s3:GetObject", "*:watershed-results-*", _RESULTS),
    Kept("gold", "s3:GetBucketLocation s3:ListBucket", "*:watershed-results-*", _RESULTS),
    Kept("gold", "s3:GetBucketLocation", "*:watershed-gold-*", _SOURCE),
    Kept("gold", "s3:GetBucketLocation s3:ListBucket", "*:watershed-silver-*", _SOURCE),
    Kept("gold", "s3:ListBucketMultipartUploads", "*:watershed-*", _IN_PARTS),
    Kept("gold", "s3:AbortMultipartUpload s3:ListMultipartUploadParts", "*/[*]", _IN_PARTS),
    Kept("maintenance", "s3:GetObject", "*:watershed-results-*", _RESULTS),
    Kept("maintenance", "s3:GetBucketLocation s3:ListBucket", "*:watershed-results-*", _RESULTS),
    Kept("maintenance", "s3:GetBucketLocation", "*:watershed-silver-*", _SOURCE),
    Kept("maintenance", "s3:ListBucketMultipartUploads", "*:watershed-*", _IN_PARTS),
    Kept("maintenance", "s3:AbortMultipartUpload s3:ListMultipartUploadParts", "*/[*]", _IN_PARTS),
    Kept(
        "silver",
        "s3:ListBucket",
        "*:watershed-silver-*",
        "Without it a file that is gone meanwhile looks like one that may not be read.",
    ),
    Kept(
        "backfill",
        "states:DescribeExecution states:StopExecution",
        "*:execution:watershed-backfill:[*]",
        "Step Functions' documentation names these for a distributed map, besides its items.",
    ),
    Kept("schedule", "sqs:SendMessage", "*-dlq", _NO_ANSWER),
    Kept("maintenance-schedule", "sqs:SendMessage", "*-dlq", _NO_ANSWER),
)
