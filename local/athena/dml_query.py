"""A change of a table as one SELECT in Trino's SQL, so that the strict translation decides what every expression means.

Its columns are the target row's number, the clause that applies, and the row as that clause leaves it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.dml_types import Types, as_type, check_names, fit, listed, null
from local.athena.errors import StatementFailed, not_proven
from local.athena.translate.dialect import parse, position_of
from local.athena.translate.functions.dispatch import is_aggregate_call
from local.athena.translate.types import Type

if TYPE_CHECKING:
    from local.athena.dml_reader import Change, Clause, Insert

ROW, CASE = "$row", "$case"
_HIT = "$hit"  # like the others a name that no statement can write without quotes
NO_SOURCE, NO_CLAUSE = 0, -1  # `$case` of a target row without a source row, and of any row without a true clause

Probe = Callable[[exp.Expr], list[Type]]  # the types of a query's columns


@dataclass(frozen=True)
class Target:
    """The table that changes: its full name, and its columns with their types, in their order."""

    database: str
    name: str
    columns: Types


def changed_rows(change: Change, target: Target, sql: str, probe: Probe) -> exp.Select:
    """The SELECT for UPDATE, DELETE and MERGE: `$row`, `$case`, and a column for each of the target's.

    Clauses are numbered from 1. A row that no clause changes comes as it is.

    Raises:
        StatementFailed: as Trino, for columns and types that do not fit.
    """
    joined = _joined(change, target)
    values = [
        _values(change, number, target, sql, lambda items: probe(joined.copy().select(*items)))
        for number in range(len(change.clauses))
    ]
    number = _decided(
        change, [_number(place) for place, _ in enumerate(change.clauses, 1)], _number(NO_CLAUSE), _number(NO_SOURCE)
    )
    made = joined.select(_named(_column(ROW), ROW), _named(number, CASE))
    for name in target.columns:
        kept = exp.Column(this=_identifier(name), table=_identifier(change.alias))
        changed = any(name in each for each in values)
        outcomes = [each.get(name, kept) for each in values]
        made = made.select(_named(_decided(change, outcomes, kept, kept) if changed else kept.copy(), name))
    return made


def inserted_rows(insert: Insert, target: Target, probe: Probe) -> exp.Select:
    """The SELECT for INSERT: a column for each of the target's.

    Raises:
        StatementFailed: as Trino, for columns and types that do not fit.
    """
    given = list(insert.columns or target.columns)
    check_names(given, target.columns, "Insert column name")
    found, wanted = probe(insert.query), [target.columns[name] for name in given]
    if not fit(found, wanted):
        types = f"Table: {listed(wanted)}, Query: {listed(found)}"
        raise StatementFailed("TYPE_MISMATCH", f"line 1:1: Insert query has mismatched column types: {types}")
    names = [f"$i{place}" for place in range(len(given))]
    alias = exp.TableAlias(this=_identifier("$q"), columns=[_identifier(name) for name in names])
    items = {name: as_type(_column(inner), a, b) for name, inner, a, b in zip(given, names, found, wanted, strict=True)}
    return exp.select(*(_named(items.get(name) or null(kind), name) for name, kind in target.columns.items())).from_(
        exp.Subquery(this=insert.query.copy(), alias=alias)
    )


def _joined(change: Change, target: Target) -> exp.Select:
    """FROM: the target with numbered rows, and the source with a mark."""
    _unqualify(change, target)
    numbers = parse("SELECT row_number() OVER ()").expressions[0]
    for node in numbers.walk():
        node.meta.clear()  # positions in another text
    table = exp.Table(this=_identifier(target.name), db=_identifier(target.database))
    numbered = exp.select(exp.Star(), _named(numbers, ROW)).from_(table)
    made = exp.Select().from_(exp.Subquery(this=numbered, alias=_alias(change.alias)))
    if change.source is None:
        return made
    source = change.source
    if not isinstance(source, exp.Table | exp.Subquery | exp.Values):
        raise not_proven(f"'{source.key}' as the source of MERGE", "Use a table or a query in parentheses.")
    name = source.alias or (source.name if isinstance(source, exp.Table) else "")
    marked = exp.select(exp.Star(), _named(exp.true(), _HIT)).from_(source.copy())
    # Only a full join keeps the source rows that the target lacks.
    side = "LEFT" if all(clause.matched for clause in change.clauses) else "FULL"
    right = exp.Subquery(this=marked, alias=_alias(name) if name else None)
    return made.join(exp.Join(this=right, side=side, on=change.on))


def _unqualify(change: Change, target: Target) -> None:
    """`database.table.column` becomes `table.column`: the join knows its sides by their last names."""
    for node in (change.on, *(part for each in change.clauses for part in (each.condition, *each.values))):
        for column in node.find_all(exp.Column) if node else ():
            if column.db.lower() == target.database:
                column.set("db", None)
                column.set("catalog", None)


def _decided(change: Change, outcomes: list[exp.Expr], otherwise: exp.Expr, alone: exp.Expr) -> exp.Expr:
    """Each row's outcome: of the first true clause of its side, `otherwise`, or `alone` without a source row.

    By CASE inside CASE, so that no clause is evaluated for a row that is not its own.
    """
    sides = {}
    for matched in (True, False):
        branches = [
            exp.If(this=clause.condition.copy() if clause.condition else exp.true(), true=outcome.copy())
            for clause, outcome in zip(change.clauses, outcomes, strict=True)
            if clause.matched is matched
        ]
        sides[matched] = exp.Case(ifs=branches, default=otherwise.copy()) if branches else otherwise.copy()
    if change.source is None:
        return sides[True]
    branches = [exp.If(this=_is_null(ROW), true=sides[False]), exp.If(this=_is_null(_HIT), true=alone.copy())]
    return exp.Case(ifs=branches, default=sides[True])


def _values(
    change: Change, number: int, target: Target, sql: str, probe: Callable[[list[exp.Expr]], list[Type]]
) -> dict[str, exp.Expr]:
    """What a clause puts into which column, in the column's type. INSERT puts NULL into those it does not name."""
    clause = change.clauses[number]
    _check_scalar(clause, sql)
    if clause.action == "DELETE":
        return {}
    given = list(clause.columns or target.columns)
    if change.kind == "UPDATE":
        check_names(given, target.columns, "UPDATE SET target column", "The UPDATE SET target column {} doesn't exist")
    else:
        check_names(given, target.columns, "Merge column name")
    if len(given) != len(clause.values):
        message = f"Number of merge columns ({len(given)}) isn't equal to number of expressions ({len(clause.values)})"
        raise StatementFailed("TYPE_MISMATCH", message)
    found, wanted = probe([value.copy() for value in clause.values]), [target.columns[name] for name in given]
    if not fit(found, wanted):
        what = f"MERGE case {number}, SET expressions:" if change.kind == "MERGE" else "SET expressions:"
        what = f"for {what}" if change.kind == "MERGE" else what
        types = f"Table: {listed(wanted)}, Expressions: {listed(found)}"
        raise StatementFailed("TYPE_MISMATCH", f"line 1:1: {change.kind} table column types don't match {what} {types}")
    values = {
        name: as_type(value.copy(), a, b) for name, value, a, b in zip(given, clause.values, found, wanted, strict=True)
    }
    if clause.action == "INSERT":
        return {name: values.get(name) or null(kind) for name, kind in target.columns.items()}
    return values


def _check_scalar(clause: Clause, sql: str) -> None:
    """Aggregates and windows would see the whole join."""
    for part in (clause.condition, *clause.values):
        for node in part.walk(prune=lambda n: isinstance(n, exp.Query)) if part else ():
            if is_aggregate_call(node) or isinstance(node, exp.Window):
                message = "An expression here cannot contain aggregations, window functions or grouping operations"
                raise StatementFailed("EXPRESSION_NOT_SCALAR", message, position_of(node, sql))


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _column(name: str) -> exp.Column:
    return exp.Column(this=_identifier(name))


def _alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=_identifier(name))


def _named(value: exp.Expr, name: str) -> exp.Expr:
    made: exp.Expr = exp.alias_(value, name, quoted=True)
    return made


def _is_null(name: str) -> exp.Expr:
    return exp.Is(this=_column(name), expression=exp.Null())


def _number(value: int) -> exp.Expr:
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal
