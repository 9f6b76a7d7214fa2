"""Subqueries inside expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.registry import rule
from local.athena.translate.typed import Typed
from local.athena.translate.types import BOOLEAN

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder


@rule(exp.Subquery, parts="this")
def scalar(binder: Binder, node: exp.Subquery) -> Typed:
    """One column; NULL without a row, a failure with two."""
    statement, relation = binder.query(node.this, binder.scope, binder.statement)
    if len(relation.columns) != 1:
        raise binder.refusal("A subquery of several columns as a value", "Select one column.", node)
    return Typed(exp.Subquery(this=statement), relation.columns[0].use().type)


@rule(exp.Exists, parts="this")
def exists(binder: Binder, node: exp.Exists) -> Typed:
    """Whether the subquery has a row."""
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    statement, _ = binder.query(inner, binder.scope, binder.statement)
    return Typed(exp.Exists(this=statement), BOOLEAN)
