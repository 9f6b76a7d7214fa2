"""A source's bronze rows, typed and judged: one SELECT a table, made of the stages that `silver.render` also takes."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed.backfill.conversions import fails, made, making
from watershed.backfill.sql import column, first, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.silver.steps import RowPlan

FAILURE = "_failure"  # index into RowPlan.tests of the first test that is true; NULL for a good row


def typed(rows: exp.Query, plan: RowPlan, carried: Sequence[str]) -> exp.Select:
    """Apply `plan` to `rows`.

    Args:
        rows: Text columns as the plan reads them, flag columns as its tests name them, and the `carried` ones.
        plan: What to do.
        carried: Columns of `rows` that come along as they are.

    Returns:
        The carried columns, the plan's columns in their types, and `_failure`. Values of failed rows mean nothing.
    """
    staged = rows
    for stage in zip_longest(*(making(each, plan.null_values) for each in plan.columns)):
        staged = more(staged, *(expression for expression in stage if expression is not None))
    types = {each.name: each.type for each in plan.columns}
    failure = first([(fails(test, types), value(index)) for index, (test, _) in enumerate(plan.tests)])
    return select(
        *map(column, carried),
        *(exp.alias_(made("value", name), name, quoted=True) for name in types),
        exp.alias_(exp.cast(failure, "integer"), FAILURE, quoted=True),
    ).from_(staged.subquery("r"))


def more(rows: exp.Query, *expressions: exp.Expr) -> exp.Select:
    """The rows with further columns."""
    return select("*", *expressions).from_(rows.subquery("r"))
