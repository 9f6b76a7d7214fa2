"""The sample shops' webhooks, pushed through each region's door."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.clock import system_clock
from watershed.errors import Terminal

from local.aws.http_apis import HttpRequest
from local.sample.webhooks import SHOPS, Webhook, webhooks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.connectors.model import Connector

    from local.aws import LocalAWS


@dataclass(frozen=True)
class Pushed:
    """What a door answered to all that one source sent."""

    source: str
    region: str
    deliveries: int
    receipts: int  # distinct: a delivery that comes again gets the receipt it got


def push(aws: LocalAWS, connectors: Iterable[Connector]) -> list[Pushed]:
    """Send what the sample's shops have to say, each to the door of its region. Of other sources it has nothing.

    Raises:
        Terminal: if a door refuses one.
    """
    return [_push(aws, connector) for connector in connectors if connector.push and connector.name in SHOPS]


def _push(aws: LocalAWS, connector: Connector) -> Pushed:
    client = aws.client("secretsmanager", connector.region)
    secret = json.loads(client.get_secret_value(SecretId=names.push_secret(connector.name))["SecretString"])["current"]
    receipts: Counter[str] = Counter(_sent(aws, connector, each, secret.encode()) for each in webhooks(connector))
    return Pushed(connector.name, connector.region, receipts.total(), len(receipts))


def _sent(aws: LocalAWS, connector: Connector, webhook: Webhook, secret: bytes) -> str:
    headers = list(webhook.signed(connector, secret, system_clock()).items())
    path = f"/v1/{webhook.source}/{webhook.dataset}"
    answer = aws.ask(connector.region, HttpRequest("POST", path, headers, webhook.body))
    if "receipt" not in answer.document:
        raise Terminal(f"{path} was refused: {answer.document['message']}", remedy="See the door's log.")
    return str(answer.document["receipt"])
