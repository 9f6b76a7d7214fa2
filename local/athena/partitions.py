"""Partitions of Hive tables: their values, where their files are, and which of them a query can leave out."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.athena.errors import not_proven
from local.athena.translate.types import DATE, INTEGERS, VARCHAR, is_varchar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from local.athena.catalog import HiveTable
    from local.athena.translate.statement import Predicate, TableColumn

NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Partition:
    """One partition: its values as text, in the order of the table's keys, and the location of its files."""

    values: tuple[str, ...]
    location: str


def registered(table: HiveTable, predicates: Sequence[Predicate]) -> list[Partition]:
    """The partitions that Glue holds and that may have rows meeting all predicates."""
    found = []
    for item in table.partitions:
        values = tuple(str(value) for value in item["Values"])
        location = (item.get("StorageDescriptor") or {}).get("Location")
        if location is None:
            pairs = (f"{key.name}={value}" for key, value in zip(table.partition_keys, values, strict=True))
            location = "/".join([table.location.rstrip("/"), *pairs])
        keep = all(
            may_match(key, value, [p for p in predicates if p.column == key.name])
            for key, value in zip(table.partition_keys, values, strict=True)
        )
        if keep:
            found.append(Partition(values, str(location)))
    return found


def value_of(key: TableColumn, text: str) -> object | None:
    """A partition value in its column's type; None for NULL.

    Raises:
        StatementFailed: for types that partitions are not proven to have.
    """
    if text == NULL_VALUE:
        return None
    if key.type == DATE:
        return date.fromisoformat(text)
    if key.type in INTEGERS:
        return int(text)
    if key.type is not None and is_varchar(key.type):
        return text
    raise not_proven(f"A partition column of type '{key.type or VARCHAR}'", "Use string, date or an integer.")


def may_match(key: TableColumn, text: str, predicates: Sequence[Predicate]) -> bool:
    """Whether rows of this partition can meet the predicates on its column."""
    value = value_of(key, text)
    if value is None:
        return not predicates
    wanted = Decimal(value) if isinstance(value, int) else value
    for predicate in predicates:
        if any(type(other) is not type(wanted) for other in predicate.values):
            continue  # compared in another type: not decided here
        if predicate.operator == "in":
            if wanted not in predicate.values:
                return False
        elif not _COMPARE[predicate.operator](wanted, predicate.values[0]):
            return False
    return True
