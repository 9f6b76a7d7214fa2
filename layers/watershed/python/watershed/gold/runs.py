"""Runs of a refresh: their ids, their files under the gold bucket, and which files may go."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.s3 import S3

if TYPE_CHECKING:
    from collections.abc import Collection

GRACE = timedelta(hours=1)  # longer than a function's 15 minutes or Athena's 30 for a query: nobody still uses it

_STARTED = "%Y%m%dT%H%M%S%fZ"
_SUFFIX_BYTES = 4


def new_run(started: datetime) -> str:
    """A run id: unique, and sorted by time as text, e.g. `20260301T123000000000Z-9f86d081`."""
    return f"{started.astimezone(UTC):{_STARTED}}-{secrets.token_hex(_SUFFIX_BYTES)}"


def started_at(run: str) -> datetime | None:
    """When a run started, from its id; None if it is not one of ours."""
    try:
        return datetime.strptime(run.partition("-")[0], _STARTED).replace(tzinfo=UTC)
    except ValueError:
        return None


def expired(runs: Collection[str], keep: Collection[str], now: datetime) -> list[str]:
    """The runs whose files nobody can still need, oldest first.

    Kept are the runs in `keep` (the current one and the one before it), those younger than `GRACE`, since they may
    still be written or have been current a moment ago, and for the same reason the youngest of the others.
    """
    old = sorted(run for run in runs if (started := started_at(run)) and started < now - GRACE)
    return [run for run in old[:-1] if run not in keep]


@dataclass(frozen=True)
class GoldFiles:
    """The gold bucket's files, by model and run.

    Args:
        client: boto3's `s3` client.
        bucket: The gold bucket.
    """

    client: Any
    bucket: str

    def location(self, model: str, run: str) -> str:
        """Where one run of a model lives, as an `s3://…/` prefix."""
        return f"s3://{self.bucket}/{names.gold_run_prefix(model, run)}"

    def prune(self, model: str, keep: Collection[str], now: datetime) -> int:
        """Delete the files of a model's expired runs; returns how many runs went.

        Raises:
            Terminal: if they may not be deleted.
            Transient: if S3 does not answer.
        """
        head = names.gold_run_prefix(model, "").removesuffix("/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=head)
        keys: dict[str, list[str]] = {}
        for page in pages:
            for item in page.get("Contents", []):
                run = item["Key"].removeprefix(head).partition("/")[0]
                keys.setdefault(run, []).append(item["Key"])
        gone = expired(keys, keep, now)
        S3(self.client).delete(self.bucket, [key for run in gone for key in keys[run]])
        return len(gone)
