"""Which files each region sends, in the order in which they arrive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Part(Enum):
    """Which rows a file holds."""

    WHOLE = "every record, as first sent"
    FIRST_HALF = "the first half of the records, as first sent"
    SECOND_HALF = "the second half"
    CHANGES = "newer versions of some records, older versions of others, and repeats, mixed"
    HEADER_ONLY = "a header and no rows"
    EMPTY = "nothing, not even a header"


@dataclass(frozen=True)
class Delivery:
    """One file. Format and compression follow from its name."""

    dataset: str
    name: str
    part: Part
    encoding: str = "utf-8"  # utf-8-sig writes a byte order mark
    extra_column: bool = False  # one that no contract knows


DELIVERIES: dict[str, tuple[Delivery, ...]] = {
    "eu-central-1": (
        Delivery("customers", "kunden.csv", Part.WHOLE, encoding="utf-8-sig"),
        Delivery("products", "artikel.csv", Part.WHOLE),
        Delivery("transactions", "bestellungen-1.csv", Part.FIRST_HALF),
        Delivery("conversations", "nachrichten-feiertag.csv", Part.EMPTY),
        Delivery("conversations", "nachrichten.csv", Part.WHOLE),
        Delivery("transactions", "bestellungen-2.csv.gz", Part.SECOND_HALF),
        Delivery("transactions", "bestellungen-nachtrag.csv", Part.CHANGES, extra_column=True),
        Delivery("customers", "kunden-altsystem.csv", Part.CHANGES, encoding="latin-1"),
        Delivery("stores", "laeden.csv", Part.WHOLE),
    ),
    "us-east-1": (
        Delivery("customers", "members.csv", Part.WHOLE),
        Delivery("customers", "members-new.csv", Part.HEADER_ONLY),
        Delivery("products", "catalog.parquet", Part.WHOLE),
        Delivery("products", "catalog-changes.csv", Part.CHANGES),
        Delivery("transactions", "orders-1.csv", Part.FIRST_HALF),
        Delivery("transactions", "orders-2.csv.zst", Part.SECOND_HALF),
        Delivery("transactions", "orders-corrections.csv", Part.CHANGES),
        Delivery("conversations", "messages.csv", Part.WHOLE, extra_column=True),
        Delivery("stores", "shops.csv", Part.WHOLE),
        Delivery("stores", "shops-changes.csv", Part.CHANGES),
    ),
    "ap-southeast-1": (
        Delivery("stores", "stores-export.csv", Part.WHOLE),
        Delivery("products", "range.csv", Part.WHOLE, extra_column=True),
        Delivery("customers", "people.csv", Part.WHOLE),
        Delivery("transactions", "outlets-1.csv", Part.FIRST_HALF),
        # Out of order: it also changes orders that only the next file brings.
        Delivery("transactions", "outlets-changes.csv", Part.CHANGES),
        Delivery("transactions", "outlets-2.csv", Part.SECOND_HALF),
        Delivery("conversations", "chat-1.csv", Part.FIRST_HALF),
        Delivery("conversations", "chat-2.jsonl", Part.SECOND_HALF),
    ),
}
