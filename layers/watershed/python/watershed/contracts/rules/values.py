"""Rules about what the values of a column may be: limits, patterns, lists of valid values."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from watershed.contracts.model import BIGINTS, Column, Kind, Table
from watershed.contracts.rules.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHAPES = {
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a number that fits the type",
    Kind.DOUBLE: "a number",
    Kind.DATE: 'a date in quotes, "2024-12-31"',
    Kind.TIMESTAMP: 'a time in quotes, "2024-12-31 23:59:59"',
}
_LISTABLE = frozenset({Kind.STRING, Kind.INTEGER})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?|[0-9]*\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = re.compile(_DAY + r"(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
# How limits and lists are written: silver's engine reads them as text, and takes fewer spellings than Python does.
_FORMS: dict[Kind, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    Kind.INTEGER: (re.compile(r"[+-]?[0-9]+"), int),
    Kind.DECIMAL: (_NUMBER, Decimal),
    Kind.DOUBLE: (_NUMBER, float),
    Kind.DATE: (re.compile(_DAY), date.fromisoformat),
    Kind.TIMESTAMP: (_TIME, datetime.fromisoformat),
}
_ANY_TEXT = pa.array([""])
# Python compiles these; the engines that check the pattern do not.
_UNCOMMON = re.compile(r"\(\?(?:[=!>(]|<[=!]|P[=<>])|\\[1-9]|[*+?}]\+")


def value_faults(table: Table) -> Iterator[Fault]:
    """Faults of the value rules of a table's columns."""
    for column in table.columns:
        path = f"schema.{table.name}.properties.{column.name}"
        yield from _limit_faults(column, f"{path}.logicalTypeOptions")
        yield from _text_faults(column, f"{path}.logicalTypeOptions")
        yield from _list_faults(column, f"{path}.quality")
        if column.money and column.kind is not Kind.DECIMAL:
            yield Fault(path, "Money is exact.", "Write `physicalType: decimal(18,2)`.")


def _limit_faults(column: Column, path: str) -> Iterator[Fault]:
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    values: dict[str, Any] = {}
    for name, text in limits.items():
        if text is None:
            continue
        if column.kind not in _SHAPES:
            yield Fault(f"{path}.{name}", f"A {column.kind} has no {name}.", "Remove it, or use `pattern`.")
            continue
        value = parsed(column, text)
        if value is None:
            yield Fault(f"{path}.{name}", f"`{text}` is not a {column.kind}.", f"Write {_SHAPES[column.kind]}.")
        else:
            values[name] = value
    if len(values) == len(limits) and values["minimum"] > values["maximum"]:
        yield Fault(f"{path}.maximum", "The maximum is below the minimum.", "Exchange them.")


def _text_faults(column: Column, path: str) -> Iterator[Fault]:
    if column.kind is not Kind.STRING:
        for name, given in (("pattern", column.pattern), ("maxLength", column.max_length)):
            if given is not None:
                yield Fault(f"{path}.{name}", f"A {column.kind} has no {name}.", "Remove it.")
        return
    if column.pattern is None:
        return
    try:
        re.compile(column.pattern)
    except re.error as error:
        yield Fault(f"{path}.pattern", f"This is not a regular expression: {error.msg}.", "Correct it.")
        return
    if _UNCOMMON.search(column.pattern):
        message = "Look-around, back-references and possessive repeats are not understood by every engine."
        yield Fault(f"{path}.pattern", message, "Write the pattern without them.")
        return
    try:
        pc.match_substring_regex(_ANY_TEXT, column.pattern)
    except pa.ArrowInvalid as error:
        message = f"Silver's engine, RE2, does not take this: {str(error).partition(': ')[2]}."
        yield Fault(f"{path}.pattern", message, "Write it without. A pattern is of the whole value as it is.")


def _list_faults(column: Column, path: str) -> Iterator[Fault]:
    if not column.valid_values:
        return
    if column.kind not in _LISTABLE:
        message = f"A {column.kind} has no list of valid values."
        yield Fault(path, message, "Remove it, or use `minimum` and `maximum`.")
        return
    seen: set[str] = set()
    for value in column.valid_values:
        if column.kind is Kind.INTEGER and parsed(column, value) is None:
            yield Fault(path, f"The valid value `{value}` is not an integer.", "Write whole numbers.")
        if value in seen:
            yield Fault(path, f"The valid value `{value}` is here twice.", "Remove one.")
        seen.add(value)


def parsed(column: Column, text: str) -> Any:
    """The text as a value that compares, or None if it is not of the column's type."""
    written, read = _FORMS.get(column.kind, (None, None))
    if written is None or read is None or not written.fullmatch(text):
        return None
    try:
        value = read(text)
    except (ValueError, InvalidOperation):
        return None
    return value if _fits(column, value) else None


def _fits(column: Column, value: Any) -> bool:
    match column.kind:
        case Kind.INTEGER:
            return value in BIGINTS
        case Kind.DOUBLE:
            return math.isfinite(value)
        case Kind.DECIMAL:
            exponent = value.normalize().as_tuple().exponent
            return bool(-exponent <= column.scale and abs(value) < Decimal(10) ** (column.precision - column.scale))
    return True
