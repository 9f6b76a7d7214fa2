"""The `push` part of a connector: which webhooks the door takes from a source, and what proves them its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.contracts.document import Node, Report

DEFAULT_WINDOW = 300  # seconds; what Stripe's own libraries allow
DEFAULT_RATE = 20  # deliveries a second
LONGEST_WINDOW, HIGHEST_RATE = 3600, 5000

_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_FIELD = re.compile(r"[^.\s]+(\.[^.\s]+)*")
_KEYS = ("signature", "window", "deliveryId", "topic", "occurredAt", "rate", "datasets")
_SIGNATURE_KEYS = ("scheme", "header", "encoding", "prefix", "timestampHeader")
_FIXED = "The scheme fixes it: remove this, or use the scheme `hmac`."


class Scheme(StrEnum):
    """How a delivery is signed; always HMAC-SHA256."""

    SHOPIFY = "shopify"  # base64 of the body's, in X-Shopify-Hmac-Sha256; no time is signed
    STRIPE = "stripe"  # `t=<seconds>,v1=<hex>` in Stripe-Signature, of "<t>.<body>"
    HMAC = "hmac"  # as the connector says: of the body, or of "<timestamp>.<body>" if there is a timestamp header


class Encoding(StrEnum):
    """How the signature's bytes are written."""

    HEX = "hex"
    BASE64 = "base64"


class Action(StrEnum):
    """What a delivery's records are."""

    UPSERT = "upsert"  # rows as they now are
    DELETE = "delete"  # rows that are gone


HEADERS = {Scheme.SHOPIFY: "x-shopify-hmac-sha256", Scheme.STRIPE: "stripe-signature"}


@dataclass(frozen=True)
class Signature:
    """Where the signature is, and what it is of."""

    scheme: Scheme
    header: str  # lower case
    encoding: Encoding = Encoding.HEX
    prefix: str = ""  # before the signature in the header, e.g. `sha256=`
    timestamp_header: str | None = None  # lower case; of seconds since 1970; None: no time is signed, or Stripe's way

    @property
    def signs_time(self) -> bool:
        """Whether an old delivery can be told from a new one."""
        return self.scheme is Scheme.STRIPE or self.timestamp_header is not None


@dataclass(frozen=True)
class Place:
    """Where something is in a delivery: in a header, or in a field of the body; one of the two."""

    header: str | None = None  # lower case
    field: str | None = None  # dotted, e.g. `data.object.id`


@dataclass(frozen=True)
class PushDataset:
    """What a source pushes into one dataset."""

    records: str | None = None  # dotted field that holds the record, or a list of them; None: the body itself
    topics: dict[str, Action] | None = None  # topic -> action; None: every delivery upserts


@dataclass(frozen=True)
class Push:
    """The webhooks of one source."""

    signature: Signature
    datasets: dict[str, PushDataset]
    window: int = DEFAULT_WINDOW  # seconds by which a signed time may differ from now
    delivery_id: Place | None = None  # None: the body itself says whether a delivery has been here
    topic: Place | None = None
    occurred_at: Place | None = None  # when it happened, ISO 8601 or seconds since 1970; None: when it arrived
    rate: int = DEFAULT_RATE  # deliveries a second, from this source


def read(node: Node, report: Report) -> Push | None:
    """The `push` part; None if it cannot be read, with the faults in `report`."""
    before = len(report.findings)
    fields = report.mapping(node, _KEYS, required=("signature", "datasets"))
    signature = _signature(fields["signature"], report) if "signature" in fields else None
    topic = _place(fields.get("topic"), report)
    datasets = _datasets(fields["datasets"], report, has_topic="topic" in fields) if "datasets" in fields else {}
    window = _within(fields.get("window"), report, LONGEST_WINDOW, DEFAULT_WINDOW)
    if signature and not signature.signs_time and "window" in fields:
        report.add(fields["window"], "No time is signed, so there is nothing to judge.", "Remove `window`.")
    delivery_id = _place(fields.get("deliveryId"), report)
    occurred_at = _place(fields.get("occurredAt"), report)
    rate = _within(fields.get("rate"), report, HIGHEST_RATE, DEFAULT_RATE)
    if signature is None or len(report.findings) > before:
        return None
    return Push(signature, datasets, window, delivery_id, topic, occurred_at, rate)


def _signature(node: Node, report: Report) -> Signature | None:
    fields = report.mapping(node, _SIGNATURE_KEYS, required=("scheme",))
    scheme = report.choice(fields.get("scheme"), [str(each) for each in Scheme], Scheme.HMAC)
    if "scheme" not in fields:
        return None
    if scheme != Scheme.HMAC:
        for key in _SIGNATURE_KEYS[1:]:
            if key in fields:
                report.add(fields[key], f"`{scheme}` has its own `{key}`.", _FIXED)
        encoding = Encoding.BASE64 if scheme == Scheme.SHOPIFY else Encoding.HEX
        return Signature(Scheme(scheme), HEADERS[Scheme(scheme)], encoding)
    if "header" not in fields:
        report.add(node, "`header` is missing.", "Name the header that holds the signature.")
    return Signature(
        Scheme.HMAC,
        _header(fields.get("header"), report) or "",
        Encoding(report.choice(fields.get("encoding"), [str(each) for each in Encoding], Encoding.HEX)),
        report.text(fields.get("prefix")),
        _header(fields.get("timestampHeader"), report),
    )


def _place(node: Node | None, report: Report) -> Place | None:
    """A header or a field."""
    if node is None:
        return None
    fields = report.mapping(node, ("header", "field"))
    if len(fields) != 1:
        if node.mapping is not None:
            report.add(node, "This is not one place.", "Write `{header: X-Name}` or `{field: name}`.")
        return None
    return Place(_header(fields.get("header"), report), _field(fields.get("field"), report))


def _header(node: Node | None, report: Report) -> str | None:
    """A header's name, in lower case, as the door gets them."""
    name = report.text(node)
    if node is None or not node.is_string:
        return None
    if not _HEADER.fullmatch(name):
        report.add(node, "This is not a header's name.", "Write letters, digits and hyphens, e.g. `X-Signature`.")
    return name.lower()


def _field(node: Node | None, report: Report) -> str | None:
    name = report.text(node)
    if node is None or not node.is_string:
        return None
    if not _FIELD.fullmatch(name):
        report.add(node, "This is not a field.", "Write names with dots between them, e.g. `data.object`.")
    return name


def _datasets(node: Node, report: Report, *, has_topic: bool) -> dict[str, PushDataset]:
    if node.mapping is None or not node.mapping:
        report.add(node, "There is no dataset.", "Write `<dataset>: {topics: …}`, one for each that is sent.")
        return {}
    return {name: _dataset(each, report, has_topic=has_topic) for name, each in node.mapping.items()}


def _dataset(node: Node, report: Report, *, has_topic: bool) -> PushDataset:
    if node.is_null:  # `orders:` alone
        node_fields: Mapping[str, Node] = {}
    else:
        node_fields = report.mapping(node, ("records", "topics"))
    if has_topic and "topics" not in node_fields:
        report.add(node, "It is not said which topics are taken.", "Write `topics: {<topic>: upsert}`.")
    if not has_topic and "topics" in node_fields:
        report.add(node_fields["topics"], "It is not said where the topic is.", "Write `topic:` beside `datasets`.")
    topics = _topics(node_fields["topics"], report) if "topics" in node_fields else None
    return PushDataset(_field(node_fields.get("records"), report), topics)


def _topics(node: Node, report: Report) -> dict[str, Action]:
    if node.mapping is None or not node.mapping:
        report.add(node, "There is no topic.", "Write `<topic>: upsert` or `<topic>: delete` lines.")
        return {}
    choices = [str(each) for each in Action]
    return {topic: Action(report.choice(each, choices, Action.UPSERT)) for topic, each in node.mapping.items()}


def _within(node: Node | None, report: Report, most: int, default: int) -> int:
    """A whole number from 1 to `most`."""
    number = report.number(node)
    if node is not None and number is not None and number > most:
        report.add(node, "This is too much.", f"Write at most {most}.")
    return number or default
