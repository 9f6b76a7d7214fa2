"""SQL from templates: text with `:name` where expressions or values go. sqlglot does the quoting."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

if TYPE_CHECKING:
    from collections.abc import Sequence

DIALECT = "athena"
Part = exp.Expr | str | int

_BINDS_TIGHTLY = (exp.Column, exp.Literal, exp.Func, exp.Case, exp.Cast, exp.Paren, exp.Null, exp.Boolean)


def sql(template: str, **parts: Part) -> exp.Expr:
    """An expression or statement.

    Args:
        template: Athena's SQL. `:name` stands for a part, whose own operators keep together.
        parts: Expressions as they are; a text or a number is a literal.
    """
    made = {name: _kept_together(value(part)) for name, part in parts.items()}
    return exp.replace_placeholders(_parsed(template).copy(), **made)


def value(part: Part) -> exp.Expr:
    """A literal of a text or number; an expression as it is."""
    if isinstance(part, str):
        return exp.Literal.string(part)
    return exp.Literal.number(part) if isinstance(part, int) else part


def column(name: str, table: str | None = None) -> exp.Column:
    """A column, quoted."""
    return exp.column(name, table=table, quoted=True)


def table(database: str, name: str) -> exp.Table:
    """A table, quoted."""
    return exp.table_(name, db=database, quoted=True)


def literals(values: tuple[str, ...]) -> list[exp.Expr]:
    """Texts, for the list on the right of IN."""
    return [exp.Literal.string(each) for each in values]


def first(branches: Sequence[tuple[exp.Expr, exp.Expr]]) -> exp.Expr:
    """The value of the first branch whose condition is true; NULL if none is."""
    case = exp.Case()
    for condition, result in branches:
        case = case.when(condition, result)
    return case if branches else exp.null()


def coalesce(values: list[exp.Expr]) -> exp.Expr:
    """The first value that is not NULL."""
    return values[0] if len(values) == 1 else exp.Coalesce(this=values[0], expressions=values[1:])


def both(conditions: list[exp.Expr]) -> exp.Expr:
    """All of the conditions."""
    return exp.and_(*conditions)


def either(conditions: list[exp.Expr]) -> exp.Expr:
    """At least one of the conditions."""
    return exp.or_(*conditions)


@functools.cache
def _parsed(template: str) -> exp.Expr:
    return parse_one(template, dialect=DIALECT)


def _kept_together(part: exp.Expr) -> exp.Expr:
    part = part.copy()
    is_query = isinstance(part, exp.Query | exp.Table | exp.Tuple)
    return part if is_query or isinstance(part, _BINDS_TIGHTLY) else exp.paren(part, copy=False)
