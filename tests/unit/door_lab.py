"""A door without AWS: what it sends and puts is kept in lists."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from watershed.connectors.model import Connector
from watershed.connectors.push import HEADERS, Action, Encoding, Place, Push, PushDataset, Scheme, Signature
from watershed.door.receive import Surroundings, receive
from watershed.door.request import Answer, Request
from watershed.door.secrets import Secrets
from watershed.door.seen import Seen
from watershed.door.signature import sign

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
REGION, ELSEWHERE = "eu-central-1", "us-east-1"
SECRET = "the-secret-of-the-shop"
TOPICS = {"orders/create": Action.UPSERT, "orders/delete": Action.DELETE}
SHOP = Connector(
    "shop",
    REGION,
    push=Push(
        Signature(Scheme.SHOPIFY, HEADERS[Scheme.SHOPIFY], Encoding.BASE64),
        {"orders": PushDataset(topics=TOPICS), "products": PushDataset(topics=TOPICS)},
        topic=Place(header="x-topic"),
        occurred_at=Place(header="x-at"),
    ),
)
EVENTS = Connector(
    "events",
    REGION,
    push=Push(
        Signature(Scheme.STRIPE, HEADERS[Scheme.STRIPE]),
        {"orders": PushDataset("data.objects", {"made": Action.UPSERT}), "any": PushDataset()},
        delivery_id=Place(field="id"),
        topic=Place(field="type"),
        occurred_at=Place(field="created"),
    ),
)
FOREIGN = Connector("foreign", ELSEWHERE, push=SHOP.push)
CONNECTORS = {each.name: each for each in (SHOP, EVENTS, FOREIGN, Connector("polled", REGION))}


def as_event(body: bytes) -> dict[str, Any]:
    """As API Gateway has a body in its event."""
    try:
        return {"body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def refused_by_aws(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "Operation")


@dataclass
class Aws:
    """What the door has to do with AWS; `broken` holds the operations that fail."""

    secrets: dict[str, str] = field(
        default_factory=lambda: {f"watershed/{name}/push": json.dumps({"current": SECRET}) for name in CONNECTORS}
    )
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: int = 0

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        name = request["SecretId"]
        self.asked += 1
        if "secret" in self.broken:
            raise refused_by_aws("InternalServiceError")
        if name not in self.secrets:
            raise refused_by_aws("ResourceNotFoundException")
        return {"SecretString": self.secrets[name]}

    def get_item(self, **request: Any) -> dict[str, Any]:
        if "get_item" in self.broken:
            raise refused_by_aws("ThrottlingException")
        found = self.items.get(request["Key"]["receipt"]["S"])
        return {"Item": found} if found else {}

    def put_item(self, **request: Any) -> None:
        if "put_item" in self.broken:
            raise refused_by_aws("ThrottlingException")
        self.items[request["Item"]["receipt"]["S"]] = request["Item"]


class Door:
    """One region's, with a clock that stands."""

    def __init__(self) -> None:
        self.aws = Aws()
        self.sent: list[str] = []
        self.put: dict[str, bytes] = {}
        self.seconds = 0.0
        self.now = NOW
        self.around = Surroundings(
            REGION,
            CONNECTORS,
            Secrets(self.aws, lambda: self.seconds),
            Seen(self.aws, "receipts"),
            self.sent.append,
            self.put.__setitem__,
            lambda: self.now,
        )

    def ask(
        self,
        path: str = "/v1/shop/orders",
        body: bytes = b'{"id": 1}',
        secret: str = SECRET,
        signed: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Deliver `body`, signed as the source in the path signs; `headers` are added, with `_` for `-`."""
        connector = CONNECTORS.get(path.split("/")[2] if path.count("/") > 2 else "", SHOP)
        push = connector.push or SHOP.push
        assert push
        signature = sign(push.signature, secret.encode(), body if signed is None else signed, int(self.now.timestamp()))
        given = {"content-type": "application/json", "x-topic": "orders/create", **signature}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.raw(path, body, given)

    def raw(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """As it is."""
        return receive(Request.of({"rawPath": path, "headers": headers, **as_event(body)}), self.around)

    def rows(self) -> list[dict[str, Any]]:
        """The lines that were sent on."""
        return [json.loads(line) for body in self.sent for line in body.split("\n")[1:]]
