"""Exact decimal arithmetic with Trino's precision, scale and rounding (half up, away from zero).

Rules: "Decimal functions and operators" of Trino's documentation. Where the result would need more than 38 digits both
engines fail when a value overflows. Trino divides in 256 bits, DuckDB in 128: what is too long for those is refused.
"""

from __future__ import annotations

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.translate.typed import Typed, binary, call, cast, number, text
from local.athena.translate.types import MAX_PRECISION, VARCHAR, Type, decimal

_LONG = 18  # digits beyond which DuckDB switches to 128 bits


def arithmetic(operator: type[exp.Binary], left: Typed, right: Typed) -> Typed:
    """`left operator right` for two decimals."""
    kind = result_type(operator, left.type, right.type)
    if operator is exp.Div:
        return Typed(_quotient(left, right, kind), kind)
    if operator is exp.Mod:
        # DuckDB takes the rest of wide decimals as doubles.
        return Typed(from_digits(_rest(left, right, kind.numbers[1]), kind), kind)
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


def _quotient(left: Typed, right: Typed, kind: Type) -> exp.Expr:
    """scaled(left) * 10^shift / scaled(right), rounded once, is the quotient's digits."""
    (p1, s1), (p2, s2) = left.type.numbers, right.type.numbers
    a, b, shift = digits(left), digits(right), kind.numbers[1] + s2 - s1
    if p1 + shift <= MAX_PRECISION:
        return from_digits(call("trino_divide", _shifted(a, shift), b), kind)
    if shift >= MAX_PRECISION:
        made = call("trino_divide_never", a, b)
    elif p2 + shift <= MAX_PRECISION:
        made = call("trino_divide_scaled", a, b, power_of_ten(shift))
    else:
        made = call("trino_divide_long", a, b, power_of_ten(shift), power_of_ten(MAX_PRECISION - shift))
    return from_digits(call("trino_38_digits", made), kind)


def _rest(left: Typed, right: Typed, scale: int) -> exp.Expr:
    """The digits of `left % right` with `scale` digits after the point, which is the larger scale of the two."""
    (p1, s1), (p2, s2) = left.type.numbers, right.type.numbers
    a, b, shift = digits(left), digits(right), scale - min(s1, s2)
    most = power_of_ten(MAX_PRECISION - shift)
    if s1 >= s2:
        if p2 + shift > MAX_PRECISION:
            return call("trino_rest_of_small", a, b, power_of_ten(shift), most)
        return binary(exp.Mod, a, _shifted(b, shift))
    if p1 + shift <= MAX_PRECISION:
        return binary(exp.Mod, _shifted(a, shift), b)
    if p2 + shift <= MAX_PRECISION:
        return call("trino_rest_scaled", a, b, power_of_ten(shift))
    return call("trino_rest_long", a, b, power_of_ten(shift), most)


def digits(value: Typed) -> exp.Expr:
    """The decimal's digits as a 128-bit integer."""
    precision, scale = value.type.numbers
    if precision + scale > MAX_PRECISION:
        return call("trino_digits_of_text", cast(value.node, VARCHAR))
    return call("trino_digits", cast(value.node, Type("decimal", (MAX_PRECISION, scale))), power_of_ten(scale))


def _shifted(node: exp.Expr, shift: int) -> exp.Expr:
    """With so many zeros more."""
    return node if shift == 0 else binary(exp.Mul, node, power_of_ten(shift))


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
    return from_digits(call("trino_divide", digits(total), count), kind)


def rounded(value: Typed, places: int, kind: Type) -> exp.Expr:
    """Rounded half away from zero to `places` digits after the point; the type keeps its scale."""
    scale = value.type.numbers[1]
    if places >= scale:
        return cast(value.node, kind)
    return cast(call("round", cast(value.node, Type("decimal", (MAX_PRECISION, scale))), number(places)), kind)
