"""Gold's columns as QuickSight has them: its types, what it says of them, and its folders of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watershed.gold.header import decimal_digits

if TYPE_CHECKING:
    from watershed.gold.model import GoldColumn, GoldModel

Properties = dict[str, Any]

LONGEST_DESCRIPTION = 500
# SPICE keeps a fixed decimal in 18 digits, four of them behind the point; all others as a binary float of 15 to 16.
_FIXED_DIGITS, _FIXED_SCALE = 18, 4
_TYPES = {
    "bigint": "INTEGER",
    "integer": "INTEGER",
    "varchar": "STRING",
    "boolean": "BOOLEAN",  # which QuickSight shows as the numbers 1 and 0
    "date": "DATETIME",  # at midnight
    "timestamp": "DATETIME",
    "double": "DECIMAL",
}


def column_type(gold: str) -> str:
    """QuickSight's type for Athena's.

    Raises:
        ValueError: for a type that no header may have.
    """
    if gold in _TYPES:
        return _TYPES[gold]
    decimal_digits(gold)
    return "DECIMAL"


def sub_type(gold: str) -> str:
    """How SPICE keeps a number with a decimal point: `FIXED` or `FLOAT`; empty for all other types."""
    if column_type(gold) != "DECIMAL":
        return ""
    precision, scale = (_FIXED_DIGITS + 1, 0) if gold == "double" else decimal_digits(gold)
    return "FIXED" if precision <= _FIXED_DIGITS and scale <= _FIXED_SCALE else "FLOAT"


def input_columns(model: GoldModel, *, spice: bool) -> list[Properties]:
    """The columns of the physical table, in the model's order. Only SPICE distinguishes kinds of decimals."""
    columns = [{"Name": column.name, "Type": column_type(column.type)} for column in model.columns]
    if spice:
        for made, column in zip(columns, model.columns, strict=True):
            if kind := sub_type(column.type):
                made["SubType"] = kind
    return columns


def described(column: GoldColumn) -> Properties:
    """The step of a dataset that tells what a column means."""
    text = column.comment[:LONGEST_DESCRIPTION]
    return {"TagColumnOperation": {"ColumnName": column.name, "Tags": [{"ColumnDescription": {"Text": text}}]}}


def folders(model: GoldModel) -> dict[str, Properties]:
    """The model's columns by what they are for: keys, measures, and the rest."""
    sorted_out: dict[str, tuple[str, list[str]]] = {
        "Keys": (f"What tells one row from another: {model.grain}."[:LONGEST_DESCRIPTION], []),
        "Measures": ("Numbers; each says how it adds up.", []),
        "Attributes": ("What rows are grouped by and filtered by.", []),
    }
    for column in model.columns:
        kind = "Keys" if column.name in model.keys else "Measures" if column.aggregate is not None else "Attributes"
        sorted_out[kind][1].append(column.name)
    return {
        name: {"Description": description, "Columns": columns}
        for name, (description, columns) in sorted_out.items()
        if columns
    }
