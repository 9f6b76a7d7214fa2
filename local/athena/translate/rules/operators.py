"""Arithmetic, comparison and logic: Trino's result types, DuckDB's operators, and where the two disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.registry import rule
from local.athena.translate.rules import decimals
from local.athena.translate.typed import Typed, binary, call, cast, number, text
from local.athena.translate.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_INTERVAL,
    DOUBLE,
    INTEGER,
    INTEGERS,
    MONTH_INTERVAL,
    UNKNOWN,
    VARBINARY,
    Type,
    as_decimal,
    common_super_type,
    is_decimal,
    is_interval,
    is_numeric,
    is_timestamp,
    is_timestamp_tz,
    is_varchar,
    timestamp,
    varchar,
)

if TYPE_CHECKING:
    from local.athena.errors import StatementFailed
    from local.athena.translate.binder import Binder

_SYMBOLS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_SMALLEST = {str(2**31): INTEGER, str(2**63): BIGINT}  # without its sign, each is one too large for its type
_INTERVAL_PRECISION = 3  # an interval counts milliseconds, so what it is added to has at least those


@rule(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
def arithmetic(binder: Binder, node: exp.Binary) -> Typed:
    """Integers stay integers (7/2 is 3), decimals stay decimals (DuckDB divides them as doubles)."""
    left, right = binder.bind(node.left), binder.bind(node.right)
    made = _temporal(binder, node, left, right) or arithmetic_of(binder, node, left, right)
    if made is None:
        raise _mismatch(binder, node, left.type, right.type)
    return made


def arithmetic_of(binder: Binder, node: exp.Binary, left: Typed, right: Typed) -> Typed | None:
    """The numeric operation, or None if the operands are not two numbers."""
    kinds = [kind for kind in (left.type, right.type) if kind != UNKNOWN]
    if not kinds or not all(is_numeric(kind) for kind in kinds):
        return None
    kind = common_super_type(left.type, right.type) or DOUBLE
    if is_decimal(kind):
        # Precision and scale follow from the operands as they are, not from a common type.
        return decimals.arithmetic(type(node), *(_to_decimal(binder, side, kind, node) for side in (left, right)))
    a, b = (binder.coerce(side, kind, node).node for side in (left, right))
    if isinstance(node, exp.Div) and kind != DOUBLE:
        return Typed(binary(exp.IntDiv, a, b), kind)
    if isinstance(node, exp.Mod) and kind != DOUBLE and not isinstance(b, exp.Literal):
        return Typed(call("trino_rest", a, b), kind)
    return Typed(binary(type(node), a, b), kind)


def _to_decimal(binder: Binder, value: Typed, kind: Type, node: exp.Expr) -> Typed:
    return binder.coerce(value, kind if value.type == UNKNOWN else as_decimal(value.type), node)


def _mismatch(binder: Binder, node: exp.Expr, left: Type, right: Type) -> StatementFailed:
    return binder.failure("TYPE_MISMATCH", f"Cannot apply operator: {left} {_SYMBOLS[type(node)]} {right}", node)


def _temporal(binder: Binder, node: exp.Binary, left: Typed, right: Typed) -> Typed | None:
    """Dates and timestamps with intervals and with one another."""
    if isinstance(node, exp.Add) and is_interval(left.type) and not is_interval(right.type):
        left, right = right, left
    if isinstance(node, (exp.Add, exp.Sub)) and is_interval(right.type):
        return _shifted(binder, node, left, right)
    if isinstance(node, exp.Mul) and left.type in INTEGERS and is_interval(right.type):
        left, right = right, left
    if isinstance(node, exp.Mul) and is_interval(left.type) and right.type in INTEGERS:
        return Typed(binary(exp.Mul, left.node, right.node), left.type)
    if isinstance(node, (exp.Mul, exp.Div)) and is_interval(left.type) and is_numeric(right.type):
        raise _scaled(binder, node)
    if isinstance(node, exp.Mul) and is_numeric(left.type) and is_interval(right.type):
        raise _scaled(binder, node)
    if isinstance(node, exp.Sub):
        return _difference(binder, node, left, right)
    return None


def _scaled(binder: Binder, node: exp.Binary) -> StatementFailed:
    return binder.refusal("An interval divided, or times a fraction,", "Write the interval that is meant.", node)


def _shifted(binder: Binder, node: exp.Binary, value: Typed, by: Typed) -> Typed | None:
    """Date + interval stays a date (DuckDB makes it a timestamp); hours on a date fail."""
    moved = binary(type(node), value.node, by.node)
    if value.type == by.type:
        return Typed(moved, value.type)
    if value.type == DATE:
        if by.type == MONTH_INTERVAL:
            return Typed(cast(moved, DATE), DATE)
        step = by.node if isinstance(node, exp.Add) else binary(exp.Mul, by.node, number(-1))
        return Typed(call("trino_date_plus_interval", value.node, step), DATE)
    if is_timestamp(value.type):
        least = 0 if by.type == MONTH_INTERVAL else _INTERVAL_PRECISION
        return Typed(moved, timestamp(max(least, value.type.numbers[0])))
    if is_timestamp_tz(value.type):
        raise binder.refusal(
            "Interval arithmetic on a timestamp with time zone",
            "Compute with the UTC timestamp, then convert with AT TIME ZONE.",
            node,
        )
    return None


def _difference(binder: Binder, node: exp.Binary, left: Typed, right: Typed) -> Typed | None:
    """Date - date is an interval (DuckDB gives a number of days)."""
    temporal = (is_timestamp, is_timestamp_tz)
    kind = common_super_type(left.type, right.type)
    if kind == DATE:
        days = cast(binary(exp.Sub, left.node, right.node), INTEGERS[2])
        return Typed(call("to_days", days), DAY_INTERVAL)
    if kind is None or not any(test(kind) for test in temporal):
        return None
    a, b = (binder.coerce(side, kind, node).node for side in (left, right))
    macro = "trino_zoned_interval" if is_timestamp_tz(kind) else "trino_interval_between"
    return Typed(call(macro, b, a), DAY_INTERVAL)


@rule(exp.Neg, parts="this")
def negate(binder: Binder, node: exp.Neg) -> Typed:
    """`-x`; the literal of the smallest bigint is written -9223372036854775808."""
    written = node.this.this if isinstance(node.this, exp.Literal) and not node.this.is_string else ""
    if written in _SMALLEST:
        return Typed(cast(text(f"-{written}"), _SMALLEST[written]), _SMALLEST[written])
    value = binder.bind(node.this)
    if written and value.type == DOUBLE and float(written) == 0:
        raise binder.refusal("A negative zero", "Write 0e0.", node)
    if is_interval(value.type):
        return Typed(binary(exp.Mul, value.node, number(-1)), value.type)
    if not is_numeric(value.type):
        raise binder.failure("TYPE_MISMATCH", f"Cannot negate {value.type}", node)
    return Typed(exp.Paren(this=exp.Neg(this=value.node)), value.type)


@rule(exp.DPipe)
def concatenate(binder: Binder, node: exp.DPipe) -> Typed:
    """Texts or arrays; DuckDB would also take numbers, which Trino refuses."""
    left, right = binder.bind(node.left), binder.bind(node.right)
    if left.type.name == "array" or right.type.name == "array":
        return _append(binder, node, left, right)
    kind = common_super_type(left.type, right.type)
    if UNKNOWN in {left.type, right.type}:
        raise binder.refusal("An untyped NULL in a concatenation, which Trino takes for an array,", "Cast it.", node)
    if kind == VARBINARY:
        raise binder.refusal("A concatenation of binary values", "Concatenate them as texts.", node)
    if kind is None or not is_varchar(kind):
        message = f"Unexpected parameters ({left.type}, {right.type}) for function concat"
        raise binder.failure("FUNCTION_NOT_FOUND", message, node)
    sizes = left.type.numbers + right.type.numbers
    bounded = left.type.numbers and right.type.numbers
    result = varchar(sum(sizes) if bounded else None)
    return Typed(binary(exp.DPipe, *(binder.coerce(v, varchar(), node).node for v in (left, right))), result)


def _append(binder: Binder, node: exp.DPipe, left: Typed, right: Typed) -> Typed:
    """Array || array, array || item, item || array. NULL on either side makes all NULL."""
    if any("unknown" in str(side.type) for side in (left, right)) and left.type != right.type:
        message = "Could not choose a best candidate operator. Explicit type casts must be added."
        raise binder.failure("AMBIGUOUS_FUNCTION_CALL", message, node)
    a, b = (side.type.items[0] if side.type.name == "array" else side.type for side in (left, right))
    item = common_super_type(a, b)
    if item is None:
        raise binder.failure(
            "FUNCTION_NOT_FOUND", f"Unexpected parameters ({left.type}, {right.type}) for function concat", node
        )
    whole = Type("array", items=(item,))
    lists = [
        binder.coerce(side, whole, node).node
        if side.type.name == "array"
        else call("trino_one_item", binder.coerce(side, item, node).node)
        for side in (left, right)
    ]
    return Typed(binary(exp.DPipe, *lists), whole)


@rule(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
def comparison(binder: Binder, node: exp.Binary) -> Typed:
    """Both sides in their common type: DuckDB would compare a text with a number, Trino refuses."""
    return compare(binder, node, binder.bind(node.left), binder.bind(node.right))


def compare(binder: Binder, node: exp.Binary, left: Typed, right: Typed) -> Typed:
    """`left operator right` for operands that are bound already."""
    kind = common_super_type(left.type, right.type)
    ordered = not isinstance(node, (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ))
    if kind is None or (ordered and kind.name in {"map", "json"}):
        raise _mismatch(binder, node, left.type, right.type)
    distinct_from = isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ))
    if kind.name in {"map", "json"} or (kind.name in {"row", "array"} and not distinct_from):
        raise binder.refusal(f"Comparing values of type {kind}", "Compare their parts.", node)
    a, b = (binder.coerce(side, kind, node).node for side in (left, right))
    made = exp.Paren(this=type(node)(this=a, expression=b))
    if kind == DOUBLE and not distinct_from:
        # NaN equals nothing and is not greater than anything; to DuckDB it is the greatest value.
        return Typed(call("trino_with_nan", a, b, made, exp.Boolean(this=isinstance(node, exp.NEQ))), BOOLEAN)
    return Typed(made, BOOLEAN)


@rule(exp.And, exp.Or)
def logical(binder: Binder, node: exp.Connector) -> Typed:
    """Three-valued in both."""
    sides = [binder.bind_boolean(side, "Logical expression term") for side in (node.left, node.right)]
    return Typed(binary(type(node), *sides), BOOLEAN)


@rule(exp.Not, parts="this")
def negation(binder: Binder, node: exp.Not) -> Typed:
    """Three-valued in both."""
    return Typed(
        exp.Paren(this=exp.Not(this=binder.bind_boolean(node.this, "Value of logical NOT expression"))), BOOLEAN
    )
