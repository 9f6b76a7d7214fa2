"""One region of a lake, seen from outside: drop a file, ask Athena. The same calls serve the laptop and AWS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.athena import Athena

if TYPE_CHECKING:
    from pathlib import Path

    from local.aws import LocalAWS


@dataclass(frozen=True)
class Region:
    """A region's lake.

    Args:
        name: the AWS region, e.g. `eu-central-1`.
        account: the AWS account that holds the buckets.
        client: gives the boto3 client of a service in this region.
    """

    name: str
    account: str
    client: Callable[[str], Any]

    @classmethod
    def on(cls, aws: LocalAWS, name: str) -> Region:
        """The region `name` of the laptop's AWS."""
        return cls(name, aws.account, lambda service: aws.client(service, name))

    @cached_property
    def athena(self) -> Athena:
        """This region's Athena, in the lake's workgroup."""
        return Athena(self.client("athena"), names.WORKGROUP)

    def drop(self, key: str, file: Path) -> None:
        """Put a file into the raw bucket, as a merchant would: `key` is `<dataset>/<file name>`."""
        bucket = names.bucket(names.Layer.RAW, self.account, self.name)
        with file.open("rb") as body:
            self.client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    def send_refresh(self, body: str) -> None:
        """Put a message on the gold queue."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=names.queue(names.Stage.GOLD))["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=body)
