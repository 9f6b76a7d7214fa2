"""Values as a gold header's format says them: `#,##0.00`, `#,##0`, `0.00`, `0.00%`. `page.js` has the same rules."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watershed.gold.model import GoldColumn

NOTHING = "-"
_PARTS_OF_A_NAME = ("_name", "_day", "_month")  # what a column's name says about its kind, not about its meaning


def said(value: Any, column: GoldColumn) -> str:
    """A value as text; a format of another kind leaves it as it is."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal) and column.format:
        return _number(Decimal(value), column.format)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def title(column: GoldColumn) -> str:
    """A column's name as a heading, e.g. `Branch` of `branch_name`."""
    for part in _PARTS_OF_A_NAME:
        if column.name.endswith(part):
            return column.name.removesuffix(part).replace("_", " ").capitalize() + _kind(part)
    return column.name.replace("_", " ").capitalize()


def unit(column: GoldColumn) -> str:
    """The unit where the heading does not say it already; empty otherwise."""
    return "" if column.unit.lower() in title(column).lower() else column.unit


def _kind(part: str) -> str:
    return "" if part == "_name" else part.replace("_", " ")


def _number(value: Decimal, pattern: str) -> str:
    percent = pattern.endswith("%")
    places = len(pattern.removesuffix("%").partition(".")[2])
    with localcontext(prec=80):  # Athena's decimals have up to 38 digits, more than Python keeps by itself
        number = (value * 100 if percent else value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{number:,f}" if "," in pattern else f"{number:f}"
    return f"{text}\N{NO-BREAK SPACE}%" if percent else text
