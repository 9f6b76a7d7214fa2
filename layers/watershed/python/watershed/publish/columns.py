"""What a gold column is in Arrow and in PostgreSQL: no type loses a digit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa

from watershed.gold.model import Export

if TYPE_CHECKING:
    from watershed.gold.model import GoldColumn, GoldModel

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_TYPES = {
    "bigint": ("bigint", pa.int64()),
    "integer": ("integer", pa.int32()),
    "double": ("double precision", pa.float64()),
    "boolean": ("boolean", pa.bool_()),
    "date": ("date", pa.date32()),
    "timestamp": ("timestamp with time zone", pa.timestamp("us")),
    "varchar": ("text", pa.string()),
}
_DAYS = ("date", "timestamp")
_DIMENSIONS = (Export.DIMENSION, Export.OVERLAPPING)


def postgres_type(column: GoldColumn) -> str:
    """The column's type as PostgreSQL writes it itself, e.g. `numeric(18,2)`."""
    decimal = _DECIMAL.fullmatch(column.type)
    return f"numeric({decimal[1]},{decimal[2]})" if decimal else _TYPES[column.type][0]


def arrow_type(column: GoldColumn) -> pa.DataType:
    """What a value of the column is on its way."""
    decimal = _DECIMAL.fullmatch(column.type)
    return pa.decimal128(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[column.type][1]


def indexed(model: GoldModel) -> tuple[str, ...]:
    """The columns that people filter and join by and that the primary key does not find, in the table's order.

    The primary key finds rows by its first column. Each of its others, each day and each exported dimension gets an
    index of its own.
    """
    first = model.keys[0]
    return tuple(
        column.name
        for column in model.columns
        if column.name != first and (column.name in model.keys or column.type in _DAYS or column.export in _DIMENSIONS)
    )
