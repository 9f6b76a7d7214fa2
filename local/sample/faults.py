"""What goes wrong in real files, row by row, and the reason for which the lake holds such a row back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed.reasons import Reason

from local.sample.habits import Habits

if TYPE_CHECKING:
    from local.sample.shop import Record


@dataclass(frozen=True)
class Spoiled:
    """A record with one wrong value. `keeps_row`: only an element of one of its lists is held back."""

    reason: Reason
    column: str
    value: Callable[[Habits, Any], Any]  # from the region's habits and the right value
    keeps_row: bool = False

    def apply(self, habits: Habits, record: Record) -> Record:
        """The record with the wrong value in it."""
        return {**record, self.column: self.value(habits, record[self.column])}


@dataclass(frozen=True)
class Torn:
    """A line that is not a record: so many fields too few (negative) or too many."""

    fields: int
    reason: Reason = Reason.MALFORMED_ROW


Fault = Spoiled | Torn


def _text(text: str) -> Callable[[Habits, Any], Any]:
    return lambda _habits, _value: text


def _no_such_day(habits: Habits, _value: Any) -> str:
    """The 31st of February, 10:00, as the region writes it."""
    return habits.text(datetime.fromisoformat("2024-02-28 10:00")).replace("28", "31")


def _no_such_birthday(habits: Habits, _value: Any) -> str:
    return habits.text(datetime.fromisoformat("2023-02-28").date()).replace("28", "29")


def _too_fine(habits: Habits, _value: Any) -> str:
    """Tenths of a cent."""
    return f"{habits.text(Decimal('9.99'))}9"


def _abroad(habits: Habits, _value: Any) -> str:
    return habits.people.foreign_country


def _first_spoiled(field: str, value: str | None) -> Callable[[Habits, Any], Any]:
    """A list of objects whose first has a wrong field."""
    return lambda _habits, items: [{**items[0], field: value}, *items[1:]]


def _cut_short(habits: Habits, items: Any) -> str:
    return habits.text(items)[:-4]


_TORN = (Torn(-2), Torn(1))

FAULTS: dict[str, tuple[Fault, ...]] = {
    "customers": (
        *_TORN,
        Spoiled(Reason.MISSING_VALUE, "customer_id", _text("")),
        Spoiled(Reason.INVALID_TYPE, "customer_id", _text("K-17")),
        Spoiled(Reason.INVALID_TYPE, "birth_date", _no_such_birthday),
        Spoiled(Reason.INVALID_VALUE, "email", _text("not an address")),
        Spoiled(Reason.RESIDENCY_VIOLATION, "country", _abroad),
    ),
    "products": (
        *_TORN,
        Spoiled(Reason.INVALID_TYPE, "base_price", _text("on request")),
        Spoiled(Reason.OUT_OF_RANGE, "base_price", _too_fine),
        Spoiled(Reason.INVALID_TYPE, "weight", _text("heavy")),
    ),
    "transactions": (
        *_TORN,
        Spoiled(Reason.INVALID_TYPE, "total_amount", _text("n/a")),
        Spoiled(Reason.INVALID_TYPE, "order_date", _no_such_day),
        Spoiled(Reason.INVALID_VALUE, "status_value", _text("Lost")),
        Spoiled(Reason.OUT_OF_RANGE, "price", _too_fine),
        Spoiled(Reason.MISSING_VALUE, "customer_id", _text("")),
        Spoiled(Reason.RESIDENCY_VIOLATION, "country", _abroad),
    ),
    "conversations": (
        *_TORN,
        Spoiled(Reason.INVALID_VALUE, "type", _text("FAX")),
        Spoiled(Reason.INVALID_TYPE, "inserted_at", _text("last Tuesday")),
        Spoiled(Reason.INVALID_TYPE, "has_phone", _text("maybe")),
        Spoiled(Reason.OUT_OF_RANGE, "like_count", _text("-3")),
        Spoiled(Reason.RESIDENCY_VIOLATION, "country", _abroad),
    ),
    "stores": (
        *_TORN,
        Spoiled(Reason.MISSING_VALUE, "store_id", _text("")),
        Spoiled(Reason.INVALID_JSON, "installs", _cut_short),
        Spoiled(Reason.MISSING_VALUE, "installs", _first_spoiled("fromDate", None), keeps_row=True),
        Spoiled(Reason.INVALID_TYPE, "installs", _first_spoiled("toDate", "soon"), keeps_row=True),
    ),
}
