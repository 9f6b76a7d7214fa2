"""Literals: what type a number, a text, a typed literal and an interval have."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate import zones
from local.athena.translate.registry import rule
from local.athena.translate.rules.castable import check_castable
from local.athena.translate.rules.casts import convert
from local.athena.translate.typed import NULL, Typed, call, cast, integer_value, number, text, text_value
from local.athena.translate.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_INTERVAL,
    DOUBLE,
    MAX_PRECISION,
    MICROSECONDS,
    MONTH_INTERVAL,
    VARBINARY,
    Type,
    decimal,
    from_expression,
    is_decimal,
    is_timestamp,
    is_timestamp_tz,
    timestamp,
    timestamp_tz,
)

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder

_TIMESTAMP = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?(?: ?(\S+))?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d*)\.?(\d*)", re.ASCII)
_INTERVAL = re.compile(r"[+-]?\d+", re.ASCII)
_FRACTION = re.compile(r"[+-]?\d*\.\d+", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]*")
_CODE_POINT = re.compile(r"\\\\|\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6}))?")
_BIGINT_DIGITS = 2**63


@rule(exp.Null, parts="")
def null(binder: Binder, node: exp.Null) -> Typed:
    """NULL has the type `unknown`, which every other type accepts."""
    del binder, node
    return NULL


@rule(exp.Boolean, parts="this")
def boolean(binder: Binder, node: exp.Boolean) -> Typed:
    """TRUE and FALSE."""
    del binder
    return Typed(exp.Boolean(this=bool(node.this)), BOOLEAN)


@rule(exp.Literal, parts="this is_string")
def literal(binder: Binder, node: exp.Literal) -> Typed:
    """`'x'` is varchar(1), `7` integer, `1.50` decimal(3,2), `1e0` double; DuckDB's decimals differ in precision."""
    written: str = node.this
    if node.is_string:
        return text_value(written)
    if "e" in written.lower():
        return Typed(cast(text(written), DOUBLE), DOUBLE)
    if "." in written:
        return _decimal(binder, node, written)
    if not written.isdecimal() or int(written) >= _BIGINT_DIGITS:
        raise binder.failure("SYNTAX_ERROR", f"Invalid numeric literal: {written}", node)
    return integer_value(int(written))


@rule(exp.HexString, parts="this")
def hex_string(binder: Binder, node: exp.HexString) -> Typed:
    """X'00FF': bytes."""
    digits = str(node.this).replace(" ", "")
    if len(digits) % 2 or not _HEX.fullmatch(digits):
        raise binder.failure("INVALID_LITERAL", "Binary literal must contain pairs of hexadecimal digits", node)
    return Typed(call("unhex", text(digits)), VARBINARY)


@rule(exp.UnicodeString, parts="this escape")
def unicode_string(binder: Binder, node: exp.UnicodeString) -> Typed:
    r"""U&'\0041' is A, and U&'\+01F600' an emoji."""
    if node.args.get("escape"):
        raise binder.refusal("UESCAPE", "Use the backslash.", node)
    try:
        return text_value(_CODE_POINT.sub(_decoded, str(node.this)))
    except (ValueError, OverflowError) as error:
        raise binder.failure("INVALID_LITERAL", "Invalid escape sequence in a Unicode text", node) from error


def _decoded(match: re.Match[str]) -> str:
    if match[0] == "\\\\":
        return "\\"
    if not (match[1] or match[2]):
        raise ValueError("An escape needs four or six digits.")
    return chr(int(match[1] or match[2], 16))


def _decimal(binder: Binder, node: exp.Expr, written: str) -> Typed:
    """Precision and scale are the digits that are written, without leading zeros."""
    match = _DECIMAL.fullmatch(written)
    if match is None or not any(match.groups()):
        raise binder.failure("INVALID_LITERAL", "Invalid decimal literal", node)
    whole, fraction = match.group(1).lstrip("0"), match.group(2)
    precision = max(1, len(whole) + len(fraction))
    if precision > MAX_PRECISION:
        raise binder.failure("INVALID_LITERAL", f"Invalid decimal literal: more than {MAX_PRECISION} digits", node)
    kind = decimal(precision, len(fraction))
    return Typed(cast(text(written), kind), kind)


@rule(exp.Cast, parts="this to")
def typed_literal_or_cast(binder: Binder, node: exp.Cast) -> Typed:
    """`DATE '2024-01-01'` and its like; otherwise CAST(… AS …). Only literals become timestamps with a time zone."""
    kind = from_expression(node.to)
    is_typed = bool(node.meta.get("typed_literal"))
    literal_zone = not is_typed and is_timestamp_tz(kind) and isinstance(node.this, exp.Literal)
    if not is_typed and not literal_zone:
        value = binder.bind(node.this)
        check_castable(binder, value.type, kind, node)
        return convert(value, kind)
    written = node.this.name
    if is_decimal(kind) and not node.to.expressions:
        return _decimal(binder, node, written)
    if kind == DATE:
        return _date(binder, node, written)
    if is_timestamp(kind) or is_timestamp_tz(kind):
        made = _timestamp(binder, node, written)
        return convert(made, timestamp_tz(kind.numbers[0], made.type.zone or "UTC")) if literal_zone else made
    return convert(text_value(written), kind)


def _date(binder: Binder, node: exp.Expr, written: str) -> Typed:
    value = _calendar_day(written) if _DATE.fullmatch(written) else None
    if value is None:
        raise binder.failure("INVALID_LITERAL", f"'{written}' is not a valid DATE literal", node)
    return Typed(cast(text(value.isoformat()), DATE), DATE)


def _calendar_day(written: str) -> date | None:
    year, month, day = (int(part) for part in written.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _timestamp(binder: Binder, node: exp.Expr, written: str) -> Typed:
    """The precision is the number of fraction digits; a zone at the end makes it a timestamp with time zone."""
    match = _TIMESTAMP.fullmatch(written)
    day = _calendar_day(match.group(1)) if match else None
    if match is None or day is None:
        raise binder.failure("INVALID_LITERAL", f"'{written}' is not a valid TIMESTAMP literal", node)
    fraction, zone = match.group(5) or "", match.group(6)
    if len(fraction) > MICROSECONDS:
        raise binder.refusal("A timestamp finer than microseconds", "Write at most six fraction digits.", node)
    hour, minute, second = (int(match.group(place) or 0) for place in (2, 3, 4))
    try:
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise binder.failure("INVALID_LITERAL", f"'{written}' is not a valid TIMESTAMP literal", node) from error
    digits = f"{local:%Y-%m-%d %H:%M:%S}.{fraction or 0}"
    naive = Typed(cast(text(digits), timestamp(len(fraction))), timestamp(len(fraction)))
    if not zone:
        return naive
    if node.meta.get("typed_literal") and not zones.is_fixed_offset(zone) and not zones.shows(local, zone):
        raise binder.failure("INVALID_LITERAL", f"'{written}' is not a valid TIMESTAMP literal", node)
    return in_zone(naive, zone_name(binder, zone, node))


def zone_name(binder: Binder, name: str, node: exp.Expr) -> str:
    """The canonical name of a time zone that both engines know.

    Raises:
        StatementFailed: for a name that is none, and for fixed offsets other than UTC.
    """
    if zones.is_fixed_offset(name):
        raise binder.refusal(f"The fixed offset '{name}'", "Name a zone, for example 'Asia/Dhaka'.", node)
    found = zones.canonical(name)
    if found is None:
        raise binder.failure("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid time zone", node)
    return found


def in_zone(naive: Typed, zone: str) -> Typed:
    """The instant at which clocks in `zone` show `naive`: of two the earlier; in a gap, moved forward by its length."""
    node = call("trino_with_zone", naive.node, text(zone))
    return Typed(node, timestamp_tz(naive.type.numbers[0], zone))


_UNITS: dict[str, tuple[str, int, Type]] = {
    "SECOND": ("to_seconds", 1, DAY_INTERVAL),
    "MINUTE": ("to_minutes", 1, DAY_INTERVAL),
    "HOUR": ("to_hours", 1, DAY_INTERVAL),
    "DAY": ("to_days", 1, DAY_INTERVAL),
    "MONTH": ("to_months", 1, MONTH_INTERVAL),
    "YEAR": ("to_months", 12, MONTH_INTERVAL),
}


@rule(exp.Interval, parts="this unit")
def interval(binder: Binder, node: exp.Interval) -> Typed:
    """Trino has two kinds that do not mix: days and smaller, months and years."""
    unit = node.args["unit"].name
    if unit not in _UNITS:
        raise binder.refusal(f"An interval in {unit}", "Add intervals of one unit.", node)
    written = node.this.this if isinstance(node.this, exp.Neg) else node.this
    negative = written is not node.this
    if unit == "SECOND" and _FRACTION.fullmatch(written.name):
        raise binder.refusal("An interval in fractions of a second", "Use date_add('millisecond', …).", node)
    if not _INTERVAL.fullmatch(written.name):
        raise binder.failure("INVALID_LITERAL", f"Invalid INTERVAL {unit} value: {written.name}", node)
    builder, factor, kind = _UNITS[unit]
    amount = number(int(written.name) * (-factor if negative else factor))
    wide = builder not in {"to_days", "to_months"}
    return Typed(call(builder, cast(amount, BIGINT) if wide else amount), kind)
