"""A piece of DuckDB SQL together with the Trino type of its value, and the few shapes such pieces are built from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from local.athena.translate.types import BIGINT, INTEGER, UNKNOWN, Type, duckdb_type, varchar


@dataclass(frozen=True)
class Typed:
    """DuckDB expression and Trino type. DuckDB's own type of the expression is always `types.duckdb_name(type)`."""

    node: exp.Expr
    type: Type


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a DuckDB function, or of a macro of `macros`."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(node: exp.Expr, kind: Type) -> exp.Expr:
    """DuckDB's cast to the type that holds `kind`."""
    return exp.Cast(this=node, to=duckdb_type(kind))


def text(value: str) -> exp.Literal:
    """A string literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """An integer literal; a negative one in parentheses."""
    literal = exp.Literal.number(abs(value))
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


def binary(operator: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """`(left operator right)`."""
    return exp.Paren(this=operator(this=left, expression=right))


def case(*branches: tuple[exp.Expr, exp.Expr], default: exp.Expr | None = None) -> exp.Case:
    """`CASE WHEN … THEN … ELSE … END`."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return exp.Case(ifs=ifs, default=default)


def is_null(node: exp.Expr) -> exp.Expr:
    """`node IS NULL`."""
    return exp.Is(this=node, expression=exp.Null())


def identifier(name: str) -> exp.Identifier:
    """A quoted name: the one place where names are quoted."""
    return exp.to_identifier(name, quoted=True)


def column(name: str) -> exp.Column:
    """A reference to a column by its generated, unique name."""
    return exp.Column(this=identifier(name))


NULL = Typed(exp.Null(), UNKNOWN)


def text_value(value: str) -> Typed:
    """A string literal with Trino's type, e.g. varchar(3)."""
    return Typed(text(value), varchar(len(value)))


def integer_value(value: int) -> Typed:
    """An integer literal: integer if it fits 32 bits, otherwise bigint."""
    kind = INTEGER if -(2**31) <= value < 2**31 else BIGINT
    return Typed(cast(number(value), kind) if kind == BIGINT else number(value), kind)
