"""The two statements that each region is sent: its large groups, and how many small ones it keeps to itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp

from watershed import names
from watershed.across.request import SMALLEST_GROUP

if TYPE_CHECKING:
    from watershed.across.request import Condition, Request, Value

DIALECT = "athena"
_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def groups(request: Request) -> str:
    """The dimensions, then the sums, of every group that is large enough; small ones never leave the engine."""
    sums = [
        exp.alias_(exp.Sum(this=_column(measure.column.name)), f"sum_{place}", quoted=True)
        for place, measure in enumerate(request.measures)
    ]
    return _grouped(request, *_dimensions(request), *sums).having(_is_large(request)).sql(DIALECT)


def held_back(request: Request) -> str:
    """How many groups are too small: one number."""
    small = _grouped(request, exp.alias_(exp.Literal.number(1), "one", quoted=True)).having(
        exp.not_(_is_large(request))
    )
    return exp.select(exp.Count(this=exp.Star())).from_(small.subquery("small")).sql(DIALECT)


def _grouped(request: Request, *selected: exp.Expr) -> exp.Select:
    table = exp.table_(request.model.name, db=names.GOLD_DB, quoted=True)
    query = exp.select(*selected).from_(table)
    if request.conditions:
        query = query.where(*(_condition(condition) for condition in request.conditions))
    return query.group_by(*_dimensions(request)) if request.dimensions else query


def _dimensions(request: Request) -> list[exp.Expr]:
    return [_column(dimension.column.name) for dimension in request.dimensions]


def _is_large(request: Request) -> exp.Condition:
    """A sum has as many people behind it as the row of it that has most; a person may be in several rows.

    A row that adds nothing to a sum has nobody behind it: many people without a like would hide the one who has some.
    """
    measures = dict.fromkeys(measure.column for measure in request.measures)
    most = (_most(_column(measure.name), _column(measure.backed_by)) for measure in measures)
    return exp.and_(*(exp.GTE(this=each, expression=_literal(SMALLEST_GROUP)) for each in most))


def _most(measure: exp.Column, backing: exp.Column) -> exp.Expr:
    """The most people behind a row of a sum that is not 0; if it is 0 in all, behind any."""
    people = exp.Coalesce(this=backing, expressions=[_literal(0)])
    adding = exp.Case(ifs=[exp.If(this=exp.NEQ(this=measure, expression=_literal(0)), true=people)])
    return exp.Coalesce(this=exp.Max(this=adding), expressions=[exp.Max(this=backing.copy()), _literal(0)])


def _condition(condition: Condition) -> exp.Expr:
    column, values = _column(condition.column.name), [_literal(value) for value in condition.values]
    if condition.operator == "IN":
        return exp.In(this=column, expressions=values)
    if condition.operator == "BETWEEN":
        return exp.Between(this=column, low=values[0], high=values[1])
    return _COMPARISONS[condition.operator](this=column, expression=values[0])


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _literal(value: Value) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.Literal.string(value)
