"""Where a guardrail applies, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed import names

from infra import confinement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Statement = dict[str, Any]
Document = dict[str, Any]

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition(region: str) -> str:
    """AWS's partition that a region belongs to."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


@dataclass(frozen=True)
class Place:
    """Where a policy applies.

    Args:
        region: The AWS region.
        account: The account; None gives a policy for whichever account it is attached to.
        partition: AWS's partition, by default the region's.
        database: Whether the region has a SQL database.
        quicksight: Whether QuickSight reads gold there.
    """

    region: str
    account: str | None = None
    partition: str = ""
    database: bool = False
    quicksight: bool = False

    def arn(self, resource: str) -> str:
        """An ARN from what follows the partition; `{place}` is region and account, `{bucket}` any of the buckets."""
        account = self.account or "*"
        own = self.partition or partition(self.region)
        bucket = f"{names.PREFIX}-*-{self.account}-{self.region}" if self.account else f"{names.PREFIX}-*-{self.region}"
        # Not `format`: CDK's stand-ins for what is not known yet have braces of their own.
        return f"arn:{own}:{resource}".replace("{place}", f"{self.region}:{account}").replace("{bucket}", bucket)

    @property
    def confined(self) -> dict[str, dict[str, str]]:
        """The conditions of whatever is allowed: only in this region, only on its own account's resources."""
        account = self.account or "${aws:PrincipalAccount}"
        return {"StringEquals": {"aws:RequestedRegion": self.region, "aws:ResourceAccount": account}}

    def role(self, name: str) -> str:
        """The ARN of roles; a role belongs to no region."""
        return self.arn(f"iam::{self.account or '*'}:role/{name}")

    def buckets(self) -> list[str]:
        """The ARNs of all buckets of the region."""
        return [self.arn("s3:::{bucket}")]

    def objects(self) -> list[str]:
        """The ARNs of all objects in them."""
        return [self.arn("s3:::{bucket}/*")]


def deny(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> Statement:
    """A statement that denies actions on resources while the conditions hold; always, if there are none."""
    statement = {"Sid": sid, "Effect": "Deny", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": dict(conditions)} if conditions else statement


def key_stays(place: Place, keys: Sequence[str], ours: Mapping[str, Any]) -> list[Statement]:
    """What would let the region's key be used elsewhere or by others; with a database, RDS may be granted its use."""
    if not place.database:
        return [deny("KeyStaysHere", confinement.KMS_WAYS_OUT, keys, ours)]
    return [
        deny("KeyStaysHere", confinement.KMS_COPIES, keys, ours),
        *(
            deny(sid, confinement.KMS_GRANTS, keys, {**tests, **ours})
            for sid, tests in confinement.other_grants(place.region).items()
        ),
    ]


def policy(statements: Iterable[Statement]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}
