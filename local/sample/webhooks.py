"""What each region's shop sends to its door: orders made, refunded and deleted, and who and what is in them.

The numbers are beyond those of the sample's files, so the rows stand beside the files' own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed.door.signature import sign

from local.sample.habits import HABITS
from local.sample.shop import FIRST, NEW, Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.connectors.model import Connector

_BEYOND = 10_000_000  # more than the files have of anything
_ORDERS, _LINES, _REFUND_EVERY, _DELETE_EVERY = 20, 3, 5, 10
_CHANGE = timedelta(days=3)


@dataclass(frozen=True)
class Webhook:
    """One delivery, not yet signed.

    Args:
        source: The connector's name.
        dataset: What it is about.
        headers: By lower-case name.
        body: As it is sent.
    """

    source: str
    dataset: str
    headers: dict[str, str]
    body: bytes

    def signed(self, connector: Connector, secret: bytes, now: datetime) -> dict[str, str]:
        """Its headers with the signature that the connector asks for."""
        if connector.push is None:
            raise ValueError(f"{connector.name} sends nothing.")
        signature = sign(connector.push.signature, secret, self.body, int(now.timestamp()))
        return {"content-type": "application/json", **self.headers, **signature}


def webhooks(connector: Connector, seed: int = 7) -> Iterator[Webhook]:
    """What the shop in the connector's region sends, in order; one delivery comes twice.

    Raises:
        KeyError: if the connector is none of `SHOPS`.
    """
    (habits,) = (each for each in HABITS if each.region == connector.region)
    shop, write = Shop(habits, seed, _ORDERS), _WRITERS[connector.name]
    made = [_order(shop, number, habits.people.countries[0]) for number in range(1, _ORDERS + 1)]
    for order in made:
        yield write("orders", "create", order)
    yield write("orders", "create", made[0])  # a sender that did not hear the answer
    for order in made[::_REFUND_EVERY]:
        yield write("orders", "update", _refunded(order))
    for order in made[1::_DELETE_EVERY]:
        yield write(
            "orders", "delete", {"order_id": order["order_id"], "updated_at": order["updated_at"] + 2 * _CHANGE}
        )
    for number in sorted({order["customer_id"] - _BEYOND for order in made}):
        yield write("customers", "create", {**shop.customer(number, FIRST), "customer_id": _BEYOND + number})
    yield write("customers", "update", {**shop.customer(1, NEW), "customer_id": _BEYOND + 1})
    if connector.push and "products" in connector.push.datasets:
        for number in sorted({line["product_id"] - _BEYOND for order in made for line in order["lines"]}):
            yield write("products", "create", {**shop.product(number, FIRST), "product_id": _BEYOND + number})


def _order(shop: Shop, number: int, country: str) -> dict[str, Any]:
    """An order with up to three lines, from as many of the shop's transactions."""
    parts = [shop.transaction(number + place, FIRST) for place in range(1 + number % _LINES)]
    lines = [{"product_id": _BEYOND + part["product_id"], "price": part["price"], "quantity": 1} for part in parts]
    return {
        "order_id": _BEYOND + number,
        "customer_id": _BEYOND + parts[0]["customer_id"],
        "country": parts[0]["country"] or country,
        "lines": lines,
        "total": sum((line["price"] for line in lines), Decimal(0)),
        "left": sum((line["price"] for line in lines), Decimal(0)),
        "status": "paid",
        "ordered_at": parts[0]["order_date"],
        "updated_at": parts[0]["order_date"],
    }


def _refunded(order: dict[str, Any]) -> dict[str, Any]:
    """The order after its first line was paid back."""
    left = order["total"] - order["lines"][0]["price"]
    status = "partially_refunded" if left else "refunded"
    return {**order, "left": left, "status": status, "updated_at": order["updated_at"] + _CHANGE}


def _time(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat()


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, default=str, ensure_ascii=False).encode()


def _shopify(dataset: str, event: str, row: dict[str, Any]) -> Webhook:
    """As Shopify's Admin API writes it."""
    topics = {("orders", "update"): "orders/updated"}
    headers = {
        "x-shopify-topic": topics.get((dataset, event), f"{dataset}/{event}"),
        "x-shopify-triggered-at": _time(row["updated_at"]),
    }
    number = row[f"{dataset[:-1]}_id"]
    if event == "delete":
        return Webhook("shopify", dataset, headers, _bytes({"id": number}))
    document = {
        "orders": lambda: _shopify_order(row),
        "customers": lambda: {
            "email": row["email"],
            "default_address": {
                "name": row["customer_name"],
                "province": row["region"],
                "country_code": row["country"],
            },
        },
        "products": lambda: {"title": row["name"], "product_type": row["category_name"], "tags": row["unit"]},
    }[dataset]()
    return Webhook(
        "shopify", dataset, headers, _bytes({"id": number, "updated_at": _time(row["updated_at"]), **document})
    )


def _shopify_order(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"#{row['order_id'] - _BEYOND}",
        "created_at": _time(row["ordered_at"]),
        "currency": "EUR",
        "total_price": str(row["total"]),
        "current_total_price": str(row["left"]),
        "financial_status": row["status"],
        "customer": {"id": row["customer_id"]},
        "shipping_address": {"country_code": row["country"]},
        "line_items": [
            {"id": place, **line, "price": str(line["price"])} for place, line in enumerate(row["lines"], 1)
        ],
    }


def _plain(dataset: str, row: dict[str, Any]) -> dict[str, Any]:
    """In the contracts' own names."""
    if dataset != "orders":
        return {name: _time(value) if isinstance(value, datetime) else value for name, value in row.items()}
    if "lines" not in row:
        return {"order_id": row["order_id"]}
    names = {"total": "total_amount", "left": "current_amount", "status": "payment_status", "lines": "line_items"}
    renamed = {names.get(name, name): value for name, value in row.items()}
    return {name: _time(value) if isinstance(value, datetime) else value for name, value in renamed.items()}


_PAST = {"create": "created", "update": "updated", "delete": "deleted"}


def _payments(dataset: str, event: str, row: dict[str, Any]) -> Webhook:
    """Each object in an event, as Stripe sends it."""
    moment = int(row["updated_at"].replace(tzinfo=UTC).timestamp())
    topic = f"{dataset[:-1]}.{_PAST[event]}"
    number = row[f"{dataset[:-1]}_id"]
    wrapped = {
        "id": f"evt_{number}_{event}",
        "type": topic,
        "created": moment,
        "data": {"object": _plain(dataset, row)},
    }
    return Webhook("payments", dataset, {}, _bytes(wrapped))


def _webshop(dataset: str, event: str, row: dict[str, Any]) -> Webhook:
    topic, number = f"{dataset[:-1]}.{_PAST[event]}", row[f"{dataset[:-1]}_id"]
    headers = {"x-topic": topic, "x-delivery-id": f"{topic}-{number}"}
    return Webhook("webshop", dataset, headers, _bytes(_plain(dataset, row)))


_WRITERS = {"shopify": _shopify, "payments": _payments, "webshop": _webshop}
SHOPS = frozenset(_WRITERS)  # the connectors that ship
