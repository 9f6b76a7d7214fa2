"""Exact decimal arithmetic with Trino's precision, scale and rounding (half up, away from zero).

Rules: "Decimal functions and operators" of Trino's documentation. Where the result would need more than 38 digits both
engines fail when a value overflows; DuckDB computes in 128 bits, so it may fail earlier, never differently.
"""

from __future__ import annotations

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.translate.typed import Typed, binary, call, cast, number, text
from local.athena.translate.types import MAX_PRECISION, Type, decimal

_LONG = 18  # digits beyond which DuckDB switches to 128 bits


def arithmetic(operator: type[exp.Binary], left: Typed, right: Typed) -> Typed:
    """`left operator right` for two decimals."""
    kind = result_type(operator, left.type, right.type)
    if operator is exp.Div:
        # scaled(left) * 10^shift / scaled(right), rounded once, is the quotient's digits.
        shift = kind.numbers[1] + right.type.numbers[1] - left.type.numbers[1]
        return Typed(from_digits(call("trino_divide", digits(left, shift), digits(right, 0)), kind), kind)
    if operator is exp.Mod:
        # DuckDB takes the rest of wide decimals as doubles.
        parts = (digits(side, kind.numbers[1] - side.type.numbers[1]) for side in (left, right))
        return Typed(from_digits(binary(exp.Mod, *parts), kind), kind)
    wide = Type("decimal", (MAX_PRECISION, left.type.numbers[1]))
    # DuckDB multiplies and adds short decimals in 64 bits and fails where the result needs more.
    widened = cast(left.node, wide) if kind.numbers[0] > _LONG else left.node
    return Typed(cast(binary(operator, widened, right.node), kind), kind)


def result_type(operator: type[exp.Expr], left: Type, right: Type) -> Type:
    """Trino's precision and scale of the result.

    Raises:
        StatementFailed: if a product would have more than 38 digits after the point.
    """
    (p1, s1), (p2, s2) = left.numbers, right.numbers
    if operator is exp.Mul:
        if s1 + s2 > MAX_PRECISION:
            message = f"DECIMAL scale must be in range [0, precision ({MAX_PRECISION})]: {s1 + s2}"
            raise StatementFailed("INVALID_FUNCTION_ARGUMENT", message)
        return decimal(p1 + p2, s1 + s2)
    if operator is exp.Div:
        return decimal(p1 + s2 + max(0, s2 - s1), max(s1, s2))
    if operator is exp.Mod:
        return decimal(min(p1 - s1, p2 - s2) + max(s1, s2), max(s1, s2))
    return decimal(max(p1 - s1, p2 - s2) + max(s1, s2) + 1, max(s1, s2))


def digits(value: Typed, shift: int) -> exp.Expr:
    """The decimal's digits as a 128-bit integer, with `shift` zeros more."""
    scale = value.type.numbers[1]
    unscaled = call("trino_digits", cast(value.node, Type("decimal", (MAX_PRECISION, scale))), power_of_ten(scale))
    return unscaled if shift == 0 else binary(exp.Mul, unscaled, power_of_ten(shift))


def power_of_ten(exponent: int) -> exp.Expr:
    """10 to the power of `exponent` as a 128-bit integer."""
    return exp.Cast(this=text(f"1{'0' * exponent}"), to=exp.DataType.build("HUGEINT", dialect="duckdb"))


def from_digits(node: exp.Expr, kind: Type) -> exp.Expr:
    """The decimal whose digits are a 128-bit integer: the inverse of `digits`."""
    scale = kind.numbers[1]
    whole = cast(node, decimal(MAX_PRECISION, 0))
    if scale == 0:
        return cast(whole, kind)
    unit = cast(text(f"0.{'0' * (scale - 1)}1"), decimal(scale, scale))
    return cast(binary(exp.Mul, whole, unit), kind)


def average(total: Typed, count: exp.Expr, kind: Type) -> exp.Expr:
    """A sum of decimals divided by a count, rounded half up to the scale of the items."""
    return from_digits(call("trino_divide", digits(total, 0), count), kind)


def rounded(value: Typed, places: int, kind: Type) -> exp.Expr:
    """Rounded half away from zero to `places` digits after the point; the type keeps its scale."""
    scale = value.type.numbers[1]
    if places >= scale:
        return cast(value.node, kind)
    return cast(call("round", cast(value.node, Type("decimal", (MAX_PRECISION, scale))), number(places)), kind)
