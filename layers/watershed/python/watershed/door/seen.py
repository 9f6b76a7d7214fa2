"""Which deliveries have been accepted: a record each, which outlives every sender's repeats.

It is written after the delivery is safe. Whoever dies in between leaves a delivery that is accepted once more, and
whose rows silver finds to be duplicates; the other way round, one would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from watershed.log import logger

if TYPE_CHECKING:
    from datetime import datetime

KEY, EXPIRES = "receipt", "expires"  # the table's key, and the attribute by which DynamoDB deletes
DAYS = 30  # Shopify repeats for hours, Stripe for three days


class TableClient(Protocol):
    """The part of boto3's DynamoDB client used here."""

    def get_item(self, **request: Any) -> dict[str, Any]:
        """GetItem."""

    def put_item(self, **request: Any) -> Any:
        """PutItem."""


@dataclass(frozen=True)
class Seen:
    """The table of receipts. That it does not answer costs a repeat, and no delivery."""

    client: TableClient
    table: str

    def has(self, receipt: str) -> bool:
        """Whether the delivery was accepted before."""
        try:
            found = self.client.get_item(
                TableName=self.table, Key={KEY: {"S": receipt}}, ProjectionExpression=KEY, ConsistentRead=False
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning("not known whether seen before", extra={"error": type(error).__name__})
            return False
        return "Item" in found

    def remember(self, receipt: str, now: datetime) -> None:
        """Note that it is accepted."""
        expires = int(now.timestamp()) + DAYS * 24 * 60 * 60
        try:
            self.client.put_item(TableName=self.table, Item={KEY: {"S": receipt}, EXPIRES: {"N": str(expires)}})
        except (BotoCoreError, ClientError) as error:
            logger.warning("not noted as seen", extra={"error": type(error).__name__})
