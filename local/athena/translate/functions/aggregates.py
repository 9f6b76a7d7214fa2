"""Aggregate functions, each also over a window: Trino's result types and its treatment of NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.registry import aggregate, function
from local.athena.translate.rules import decimals
from local.athena.translate.typed import Typed, call, case, cast
from local.athena.translate.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    INTEGERS,
    MAX_PRECISION,
    VARCHAR,
    array,
    decimal,
    duckdb_type,
    is_decimal,
    is_numeric,
)

if TYPE_CHECKING:
    from local.athena.translate.functions.call import AggregateCall, Call

_UNORDERED = ("map", "json", "row", "array", "unknown")


def _number(made: AggregateCall, place: int = 0) -> Typed:
    value = made.binder.bind(made.arguments[place])
    if not is_numeric(value.type):
        raise made.unexpected([value.type])
    return value


@aggregate("count")
def count(made: AggregateCall) -> Typed:
    """All rows, or those where the argument is not NULL."""
    made.expect(0, 1)
    if not made.arguments or isinstance(made.arguments[0], exp.Star):
        return Typed(made.apply("count", exp.Star()), BIGINT)
    if made.arguments[0].find(exp.Star):
        message = "label.* syntax is only supported as the only argument of row pattern count function"
        raise made.binder.failure("INVALID_FUNCTION_ARGUMENT", message, made.node)
    return Typed(made.apply("count", made.binder.bind(made.arguments[0]).node), BIGINT)


@aggregate("count_if")
def count_if(made: AggregateCall) -> Typed:
    """How often the condition is true; 0 where it is always NULL, for which DuckDB says NULL."""
    made.expect(1)
    made.plain()
    condition = made.binder.bind_boolean(made.arguments[0], "Argument of count_if")
    return Typed(made.apply("count", case((condition, exp.Literal.number(1)))), BIGINT)


@aggregate("sum")
def total(made: AggregateCall) -> Typed:
    """Integers give bigint (DuckDB: 128 bits), decimal(p,s) gives decimal(38,s); overflow fails in both."""
    made.expect(1)
    value = _number(made)
    kind = BIGINT if value.type in INTEGERS else value.type
    kind = decimal(MAX_PRECISION, kind.numbers[1]) if is_decimal(kind) else kind
    return Typed(cast(made.apply("sum", value.node), kind), kind)


@aggregate("avg")
def average(made: AggregateCall) -> Typed:
    """avg(decimal) is a decimal of the same scale, rounded half up; DuckDB gives a double."""
    made.expect(1)
    value = _number(made)
    if not is_decimal(value.type):
        return Typed(made.apply("avg", cast(value.node, DOUBLE)), DOUBLE)
    kind = decimal(MAX_PRECISION, value.type.numbers[1])
    summed = Typed(cast(made.apply("sum", value.node), kind), kind)
    # Without a row the count is 0, which must not divide.
    counted = exp.Nullif(this=made.apply("count", value.node), expression=exp.Literal.number(0))
    hugeint = exp.Cast(this=counted, to=exp.DataType.build("HUGEINT", dialect="duckdb"))
    return Typed(decimals.average(summed, hugeint, value.type), value.type)


@aggregate("min", "max")
def extreme(made: AggregateCall) -> Typed:
    """NULLs are left out, and NaN unless there is nothing else."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    if value.type.name in _UNORDERED:
        raise made.unexpected([value.type])
    plain = made.apply(made.name, value.node)
    if value.type != DOUBLE:
        return Typed(plain, value.type)
    return Typed(
        exp.Coalesce(this=made.apply(made.name, call("trino_not_nan", value.node)), expressions=[plain]), DOUBLE
    )


@aggregate("arbitrary", "any_value")
def arbitrary(made: AggregateCall) -> Typed:
    """Some value that is not NULL; which one, Trino does not say either."""
    made.expect(1)
    made.plain()
    value = made.binder.bind(made.arguments[0])
    return Typed(made.apply("any_value", value.node), value.type)


@aggregate("bool_and", "every", "bool_or")
def all_or_any(made: AggregateCall) -> Typed:
    """NULLs are left out."""
    made.expect(1)
    made.plain()
    condition = made.binder.bind_boolean(made.arguments[0], f"Argument of {made.name}")
    return Typed(made.apply("bool_or" if made.name == "bool_or" else "bool_and", condition), BOOLEAN)


@aggregate("array_agg")
def array_agg(made: AggregateCall) -> Typed:
    """NULLs are kept; no rows give NULL."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    return Typed(made.apply("array_agg", value.node), array(value.type))


@aggregate("listagg")
def listagg(made: AggregateCall) -> Typed:
    """LISTAGG(x, separator) WITHIN GROUP (ORDER BY …); NULLs are left out."""
    made.expect(2)
    if not made.order:
        raise made.binder.failure("SYNTAX_ERROR", "mismatched input. Expecting: 'WITHIN'", made.node)
    value, separator = made.value(0, VARCHAR), made.literal_text(1, "separator")
    if made.distinct:
        raise made.refusal("listagg(DISTINCT …)", "Select the distinct rows in a subquery.")
    # The order must follow the separator: DuckDB reads string_agg(x, s ORDER BY y).
    return Typed(made.apply("string_agg", value.node, exp.Literal.string(separator)), VARCHAR)


@aggregate("max_by", "min_by")
def by(made: AggregateCall) -> Typed:
    """X where y is greatest, even if that x is NULL, which DuckDB would skip; NaN only if there is nothing else."""
    made.expect(2)
    made.plain()
    value, key = (made.binder.bind(argument) for argument in made.arguments)
    if key.type.name in _UNORDERED:
        raise made.unexpected([value.type, key.type])
    name = "arg_max_null" if made.name == "max_by" else "arg_min_null"
    plain = made.apply(name, value.node, key.node)
    if key.type != DOUBLE:
        return Typed(plain, value.type)
    number = call("trino_not_nan", key.node)
    only_nan = exp.EQ(this=made.apply("count", number), expression=exp.Literal.number(0))
    return Typed(case((only_nan, plain), default=made.apply(name, value.node, number)), value.type)


@aggregate("approx_distinct")
def approx_distinct(made: AggregateCall) -> Typed:
    """The exact count: within the bounds of every approximation."""
    made.expect(1, 2)
    made.plain()
    value = made.binder.bind(made.arguments[0]).node
    return Typed(made.decorate(exp.Anonymous(this="count", expressions=[exp.Distinct(expressions=[value])])), BIGINT)


@aggregate("approx_percentile")
def approx_percentile(made: AggregateCall) -> Typed:
    """The exact item at that share, counted as Trino's digests count: within the bounds of every approximation."""
    made.expect(2)
    made.plain()
    value = made.value(0, BIGINT, DOUBLE)
    if is_decimal(made.binder.bind(made.arguments[0]).type):
        raise made.refusal("approx_percentile of decimals, which Trino makes real,", "Cast them to double.")
    shares = made.binder.bind(made.arguments[1])
    kind = array(DOUBLE) if shares.type.name == "array" else DOUBLE
    _check_shares(made)
    share = made.binder.coerce(shares, kind, made.node).node
    result = array(value.type) if kind != DOUBLE else value.type
    macro = "trino_percentile" if kind == DOUBLE else "trino_percentiles"
    return Typed(cast(call(macro, made.apply("list", value.node), share), result), result)


def _check_shares(made: AggregateCall) -> None:
    written = made.arguments[1]
    for share in written.expressions if isinstance(written, exp.Array) else [written]:
        negative = isinstance(share, exp.Neg)
        literal = share.this if negative else share
        if not isinstance(literal, exp.Literal) or literal.is_string:
            raise made.refusal("A computed share in approx_percentile", "Write it as a literal.")
        if not 0 <= float(literal.this) <= 1 or (negative and float(literal.this)):
            raise made.binder.failure("INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1", made.node)


_STATISTICS = {
    "stddev": "stddev_samp",
    "stddev_samp": "stddev_samp",
    "stddev_pop": "stddev_pop",
    "variance": "var_samp",
    "var_samp": "var_samp",
    "var_pop": "var_pop",
    "geometric_mean": "geomean",
}


@aggregate(*_STATISTICS)
def statistic(made: AggregateCall) -> Typed:
    """Doubles; equal but for the last bits, which depend on the order of rows in both engines."""
    made.expect(1)
    made.plain()
    if made.name == "geometric_mean" and is_decimal(_number(made).type):
        raise made.refusal("geometric_mean of decimals, which Trino makes real,", "Cast them to double.")
    return Typed(made.apply(_STATISTICS[made.name], made.value(0, DOUBLE).node), DOUBLE)


@aggregate("map_agg")
def map_agg(made: AggregateCall) -> Typed:
    """A map of the pairs; of a repeated key the first, and none without a key."""
    made.expect(2)
    made.plain()
    key, value = (made.binder.bind(argument) for argument in made.arguments)
    keys, values = made.apply("list", key.node), made.apply("list", value.node)
    kind = made.map_type(key.type, value.type)
    return Typed(exp.Cast(this=call("trino_map_agg", keys, values), to=duckdb_type(kind)), kind)


@aggregate("histogram")
def histogram(made: AggregateCall) -> Typed:
    """How often each value occurs."""
    made.expect(1)
    made.plain()
    value = made.binder.bind(made.arguments[0])
    kind = made.map_type(value.type, BIGINT)
    return Typed(exp.Cast(this=made.apply("histogram", value.node), to=duckdb_type(kind)), kind)


@function("grouping")
def grouping(made: Call) -> Typed:
    """Which of the group keys are rolled up in this row, as bits."""
    made.expect(1, None)
    if made.binder.group_key is None:
        raise made.binder.failure(
            "GROUPING",
            "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
            made.node,
        )
    if made.binder.clause == "ORDER BY":
        message = "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY"
        raise made.binder.failure("INVALID_ARGUMENTS", message, made.node)
    keys = [made.binder.bind(argument).node for argument in made.arguments]
    return Typed(cast(exp.Anonymous(this="grouping", expressions=keys), INTEGER), INTEGER)
