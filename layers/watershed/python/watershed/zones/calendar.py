"""Where SQL asks a timestamp for its day or hour: the only places in which a time zone matters.

A comparison, an order, a difference or a `MAX` is about instants, which are the same everywhere. The lists are closed:
of a function that is in neither, nobody knows, and lint refuses it for timestamps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMESTAMPS = (exp.DType.TIMESTAMP, exp.DType.DATETIME)
_CALENDAR = (
    exp.Date,
    exp.TsOrDsToDate,
    exp.Extract,
    exp.Year,
    exp.Quarter,
    exp.Month,
    exp.Week,
    exp.WeekOfYear,
    exp.Day,
    exp.DayOfMonth,
    exp.DayOfWeek,
    exp.DayOfWeekIso,
    exp.DayOfYear,
    exp.Hour,
    exp.Minute,
    exp.Second,
    exp.TimeToStr,
)
_INSTANTS = (
    exp.AtTimeZone,
    exp.Case,
    exp.If,
    exp.Coalesce,
    exp.Nullif,
    exp.Greatest,
    exp.Least,
    exp.Min,
    exp.Max,
    exp.ArgMin,
    exp.ArgMax,
    exp.Count,
    exp.ApproxDistinct,
    exp.ArrayAgg,
    exp.FirstValue,
    exp.LastValue,
    exp.Lag,
    exp.Lead,
    exp.DateAdd,
    exp.DateSub,
    exp.DateDiff,
    exp.And,
    exp.Or,
)
_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)


def operands(tree: exp.Expr) -> list[exp.Expr]:
    """The timestamps of which a query asks the day, the hour or the like: what is to be made local.

    Args:
        tree: With every expression's type noted.
    """
    return [operand for node in tree.walk() if _asks(node) for operand in _given(node) if _is_timestamp(operand)]


def unclear(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """Where nobody could say what the query means in another time zone, and what to write instead.

    Args:
        tree: With every expression's type noted.
    """
    for node in tree.walk():
        remedy = _remedy(node, _given(node))
        if remedy:
            yield node, remedy


def _remedy(node: exp.Expr, given: list[exp.Expr]) -> str:
    timestamps, days = any(map(_is_timestamp, given)), any(each.is_type(exp.DType.DATE) for each in given)
    if isinstance(node, _COMPARISONS):
        return "Compare `CAST(… AS date)` with the day." if timestamps and days else ""
    if isinstance(node, _TRUNCATIONS):  # the result would be a timestamp that is no instant any more
        return "Truncate `CAST(… AS date)`, or EXTRACT the hour." if timestamps else ""
    if isinstance(node, exp.Cast):
        if _is_timestamp(node):
            return "Leave the day a date." if days else ""
        return "Cast what is inside to timestamp or date first." if _asks(node) and _untyped(node.this) else ""
    if isinstance(node, exp.Func) and not isinstance(node, (*_CALENDAR, *_INSTANTS)):
        return "Ask with CAST(… AS date), EXTRACT or DATE_FORMAT." if timestamps else ""
    return ""


def _asks(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.is_type(exp.DType.DATE, exp.DType.TIME, *exp.DataType.TEXT_TYPES)
    return isinstance(node, _CALENDAR)


def _given(node: exp.Expr) -> list[exp.Expr]:
    return [child for child in node.iter_expressions() if not isinstance(child, exp.DataType)]


def _is_timestamp(node: exp.Expr) -> bool:
    return node.is_type(*_TIMESTAMPS)


def _untyped(node: exp.Expr) -> bool:
    if isinstance(node, _TRUNCATIONS):
        return _untyped(node.this)
    return node.type is None or node.is_type(exp.DType.UNKNOWN)
