"""Dates and times: units, parts, formats, zones, sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.functions.call import Call
from local.athena.translate.registry import function, rule
from local.athena.translate.rules.casts import local_time
from local.athena.translate.rules.literals import zone_name
from local.athena.translate.typed import Typed, binary, call, case, cast, number, text
from local.athena.translate.types import (
    BIGINT,
    DATE,
    DAY_INTERVAL,
    DEFAULT_PRECISION,
    DOUBLE,
    INTEGERS,
    MONTH_INTERVAL,
    UNKNOWN,
    VARCHAR,
    Type,
    array,
    is_timestamp,
    is_timestamp_tz,
    timestamp,
    timestamp_tz,
    varchar,
)

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder

_DATE_UNITS = ("day", "week", "month", "quarter", "year")
_TIME_UNITS = ("millisecond", "second", "minute", "hour")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_BUILDERS = {
    "millisecond": "to_milliseconds",
    "second": "to_seconds",
    "minute": "to_minutes",
    "hour": "to_hours",
    "day": "to_days",
    "week": "to_weeks",
}
# Trino's name -> DuckDB's function of a date or timestamp.
_PARTS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "week_of_year": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "dayofyear",
    "doy": "dayofyear",
    "year_of_week": "isoyear",
    "yow": "isoyear",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
    "millisecond": "trino_millisecond",
}


def _temporal(made: Call, place: int) -> Typed:
    """The date or timestamp at `place`, as wall-clock time: one with a zone is read in its zone."""
    value = made.binder.bind(made.arguments[place])
    if is_timestamp_tz(value.type):
        return Typed(local_time(value), timestamp(value.type.numbers[0]))
    if value.type != DATE and not is_timestamp(value.type):
        raise made.unexpected([value.type])
    return value


def _unit(made: Call, kind: Type) -> str:
    unit = made.literal_text(0, "unit").lower()
    allowed = _DATE_UNITS if kind == DATE else (*_TIME_UNITS, *_DATE_UNITS)
    if unit not in allowed:
        what = "DATE" if kind == DATE else "Timestamp"
        raise made.binder.failure("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid {what} field", made.node)
    return unit


@function("date_trunc")
def date_trunc(made: Call) -> Typed:
    """The type stays; DuckDB makes a date a timestamp."""
    made.expect(2)
    given = made.binder.bind(made.arguments[1])
    value = _temporal(made, 1)
    unit = text(_unit(made, value.type))
    if is_timestamp_tz(given.type):
        macro = "trino_trunc_time" if unit.this in _TIME_UNITS else "trino_trunc_day"
        utc = call("timezone", text("UTC"), given.node)
        return Typed(call(macro, unit, utc, text(given.type.zone or "UTC")), given.type)
    truncated = call("date_trunc", unit, value.node)
    return Typed(cast(truncated, DATE) if value.type == DATE else truncated, value.type)


@function("date_diff")
def date_diff(made: Call) -> Typed:
    """Units that have passed in full; DuckDB counts boundaries that are crossed."""
    made.expect(3)
    values = [made.binder.bind(argument) for argument in made.arguments[1:]]
    kind = made.binder.common_type(values, made.node, "Arguments of date_diff")
    if kind != DATE and not is_timestamp(kind) and not is_timestamp_tz(kind):
        raise made.unexpected([varchar(), *(value.type for value in values)])
    unit = _unit(made, kind)
    first, second = (made.binder.coerce(value, kind, made.node) for value in values)
    if is_timestamp_tz(kind):
        if unit in _DATE_UNITS and kind.zone != "UTC":
            raise made.refusal(
                f"date_diff in {unit}s between timestamps with a time zone", "Cast both to timestamp or date."
            )
        first, second = (
            Typed(call("timezone", text("UTC"), value.node), timestamp(kind.numbers[0])) for value in (first, second)
        )
    macro = "trino_date_diff_days" if kind == DATE else "trino_date_diff"
    return Typed(call(macro, text(unit), first.node, second.node), BIGINT)


@function("date_add")
def date_add(made: Call) -> Typed:
    """The type stays; the end of a month is not passed."""
    made.expect(3)
    amount = made.value(1, BIGINT)
    value = made.binder.bind(made.arguments[2])
    if is_timestamp_tz(value.type):
        raise made.refusal("date_add on a timestamp with time zone", "Add to the UTC timestamp, then use AT TIME ZONE.")
    if value.type != DATE and not is_timestamp(value.type):
        raise made.unexpected([varchar(), BIGINT, value.type])
    unit = _unit(made, value.type)
    if unit in _MONTHS:
        months = binary(exp.Mul, amount.node, exp.Literal.number(_MONTHS[unit]))
        step = call("to_months", cast(months, INTEGERS[2]))
    else:
        narrow = unit in {"day", "week"}
        step = call(_BUILDERS[unit], cast(amount.node, INTEGERS[2]) if narrow else amount.node)
    moved = binary(exp.Add, value.node, step)
    if value.type == DATE:
        return Typed(cast(moved, DATE), DATE)
    digits = value.type.numbers[0]
    if unit == "millisecond" and digits < DEFAULT_PRECISION:
        moved = call("trino_round_timestamp", moved, number(digits))
    return Typed(moved, value.type)


@function(*_PARTS)
def date_part(made: Call) -> Typed:
    """One part of a date or timestamp, as bigint; weeks are ISO weeks, Sunday is 7."""
    made.expect(1)
    return _part(made, made.name)


def _part(made: Call, name: str) -> Typed:
    value = _temporal(made, 0)
    if name in {"hour", "minute", "second", "millisecond"} and value.type == DATE:
        value = Typed(cast(value.node, timestamp(0)), timestamp(0))
    return Typed(cast(call(_PARTS[name], value.node), BIGINT), BIGINT)


@rule(exp.Extract)
def extract(binder: Binder, node: exp.Extract) -> Typed:
    """EXTRACT(part FROM x): the function of the same name."""
    name = node.this.name.lower()
    if name not in _PARTS or name == "millisecond":
        raise binder.refusal(f"EXTRACT({name.upper()} FROM …)", "Use year, month, day, hour, minute or second.", node)
    return _part(Call(binder, name, node, [node.expression]), name)


@function("date")
def to_date(made: Call) -> Typed:
    """date(x) is CAST(x AS date)."""
    made.expect(1)
    return made.binder.bind(exp.Cast(this=made.arguments[0], to=exp.DataType.build("date")))


@function("now")
def now(made: Call) -> Typed:
    """current_timestamp."""
    made.expect(0)
    return made.binder.bind(exp.CurrentTimestamp())


@rule(exp.AtTimeZone, parts="this zone")
def at_time_zone(binder: Binder, node: exp.AtTimeZone) -> Typed:
    """The same instant, shown in another zone. DuckDB gives the local time instead."""
    if binder.bind(node.args["zone"]).type == DAY_INTERVAL:
        raise binder.refusal("AT TIME ZONE with an interval", "Name a zone, for example 'Asia/Dhaka'.", node)
    return _shown_in(Call(binder, "at_timezone", node, [node.this, node.args["zone"]]))


@function("at_timezone")
def at_timezone(made: Call) -> Typed:
    """AT TIME ZONE as a function."""
    made.expect(2)
    return _shown_in(made)


def _shown_in(made: Call) -> Typed:
    value = made.binder.bind(made.arguments[0])
    if value.type == DATE or (not is_timestamp(value.type) and not is_timestamp_tz(value.type)):
        message = f"Type of value must be a time or timestamp with or without time zone (actual {value.type})"
        raise made.binder.failure("TYPE_MISMATCH", message, made.node)
    zone = zone_name(made.binder, made.literal_text(1, "time zone"), made.node)
    instant = (
        made.binder.coerce(value, timestamp_tz(value.type.numbers[0], value.type.zone or "UTC"), made.node)
        if is_timestamp(value.type)
        else value
    )
    return Typed(instant.node, timestamp_tz(value.type.numbers[0], zone))


@function("with_timezone")
def with_timezone(made: Call) -> Typed:
    """The instant at which clocks in the zone show the timestamp; of two, not always the one a literal means."""
    made.expect(2)
    value = made.binder.bind(made.arguments[0])
    if not is_timestamp(value.type):
        raise made.unexpected([value.type, varchar()])
    zone = zone_name(made.binder, made.literal_text(1, "time zone"), made.node)
    return Typed(call("trino_with_timezone", value.node, text(zone)), timestamp_tz(value.type.numbers[0], zone))


@function("from_unixtime")
def from_unixtime(made: Call) -> Typed:
    """Seconds since 1970 to a timestamp(3) with time zone, in UTC unless a zone is named."""
    made.expect(1, 2)
    zone = zone_name(made.binder, made.literal_text(1, "time zone"), made.node) if made.arguments[1:] else "UTC"
    utc = call("trino_from_unixtime", made.value(0, DOUBLE).node)
    return Typed(call("timezone", text("UTC"), utc), timestamp_tz(3, zone))


@function("to_unixtime")
def to_unixtime(made: Call) -> Typed:
    """Seconds since 1970, with milliseconds."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    if not is_timestamp_tz(value.type):
        value = made.value(0, timestamp_tz(6, "UTC"))
    return Typed(call("trino_to_unixtime", call("timezone", text("UTC"), value.node)), DOUBLE)


@function("from_iso8601_timestamp")
def from_iso8601_timestamp(made: Call) -> Typed:
    """The zone is the text's own, so only the instant is known beforehand."""
    made.expect(1)
    return Typed(call("trino_from_iso8601_timestamp", made.value(0, VARCHAR).node), timestamp_tz(3, None))


@function("sequence")
def sequence(made: Call) -> Typed:
    """Integers, dates by days or months. Dates stay dates, and months are counted from the start."""
    made.expect(2, 3)
    values = [made.binder.bind(argument) for argument in made.arguments]
    kind = made.binder.common_type(values[:2], made.node, "Arguments of sequence")
    start, stop = (made.binder.coerce(value, kind, made.node).node for value in values[:2])
    step = values[2] if values[2:] else None
    if kind in INTEGERS:
        forward = _forward(start, stop)
        by = made.binder.coerce(step, BIGINT, made.node).node if step else cast(forward, BIGINT)
        return Typed(call("trino_sequence", cast(start, BIGINT), cast(stop, BIGINT), by), array(BIGINT))
    if kind != DATE or (step and step.type not in (DAY_INTERVAL, MONTH_INTERVAL)):
        raise made.refusal(f"sequence of {kind if kind != UNKNOWN else 'NULL'}", "Use dates or integers.")
    return Typed(_dates(made, start, stop, step), array(DATE))


def _dates(made: Call, start: exp.Expr, stop: exp.Expr, step: Typed | None) -> exp.Expr:
    if step is None:
        return call("trino_days", start, stop, _forward(start, stop))
    interval = made.arguments[2]
    if not isinstance(interval, exp.Interval):
        raise made.refusal("A computed step in function 'sequence'", "Write INTERVAL 'n' DAY, MONTH or YEAR.")
    unit = interval.args["unit"].name
    count = int(interval.this.name) if isinstance(interval.this, exp.Literal) else -int(interval.this.this.name)
    if unit == "DAY":
        return call("trino_days", start, stop, made.binder.bind(_integer(count)).node)
    if unit in {"MONTH", "YEAR"}:
        return call("trino_months", start, stop, made.binder.bind(_integer(count * (12 if unit == "YEAR" else 1))).node)
    raise made.refusal(f"sequence of dates by {unit.lower()}s", "Use INTERVAL 'n' DAY, MONTH or YEAR.")


def _forward(start: exp.Expr, stop: exp.Expr) -> exp.Expr:
    """The step that is not written: towards the end."""
    return case((exp.GTE(this=stop.copy(), expression=start.copy()), number(1)), default=number(-1))


def _integer(value: int) -> exp.Expr:
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal
