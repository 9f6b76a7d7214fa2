"""INSERT, UPDATE, DELETE and MERGE taken apart; whatever Trino's grammar does not have is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed, not_proven
from local.athena.parameters import bind_parameters
from local.athena.statements import Name
from local.athena.translate.dialect import parse, position_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Clause:
    """One WHEN: for a matched pair or an unmatched source row, what becomes of it.

    Args:
        matched: Whether it is for target rows that the source has, or for source rows that the target lacks.
        condition: What must hold besides, or None.
        action: `UPDATE`, `DELETE` or `INSERT`.
        columns: What UPDATE sets and INSERT gives; empty for an INSERT of all columns.
        values: As many expressions.
    """

    matched: bool
    condition: exp.Expr | None
    action: str
    columns: tuple[str, ...] = ()
    values: tuple[exp.Expr, ...] = ()


@dataclass(frozen=True)
class Change:
    """UPDATE and DELETE (no source), and MERGE: target rows meet source rows, the first true clause decides.

    Args:
        kind: `UPDATE`, `DELETE` or `MERGE`.
        target: The table.
        alias: What the target is called in the statement.
        source: The item after USING; None for UPDATE and DELETE, whose one clause sees the target alone.
        on: The join's condition; None without a source.
        clauses: In their order.
    """

    kind: str
    target: Name
    alias: str
    source: exp.Expr | None
    on: exp.Expr | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Insert:
    """INSERT INTO target [(columns)] query."""

    target: Name
    columns: tuple[str, ...]
    query: exp.Expr


def read(sql: str, parameters: list[str]) -> Change | Insert:
    """The statement's parts, with its parameters replaced.

    Raises:
        StatementFailed: `SYNTAX_ERROR`, or `NOT_SUPPORTED` for what is not run here.
    """
    tree = bind_parameters(parse(sql), parameters)
    return _Reader(sql).statement(tree)


class _Reader:
    def __init__(self, sql: str) -> None:
        self._sql = sql

    def statement(self, tree: exp.Expr) -> Change | Insert:
        if isinstance(tree, exp.Insert):
            return self._insert(tree)
        if isinstance(tree, exp.Delete):
            self._only(tree, "this", "where")
            clause = Clause(True, self._where(tree), "DELETE")
            return Change("DELETE", *self._target(tree.this, may_have_alias=False), None, None, (clause,))
        if isinstance(tree, exp.Update):
            self._only(tree, "this", "expressions", "where")
            columns, values = self._assignments(tree.expressions)
            clause = Clause(True, self._where(tree), "UPDATE", columns, values)
            return Change("UPDATE", *self._target(tree.this, may_have_alias=False), None, None, (clause,))
        if isinstance(tree, exp.Merge):
            return self._merge(tree)
        raise self._unexpected(tree)

    def _unexpected(self, node: exp.Expr) -> StatementFailed:
        return StatementFailed("SYNTAX_ERROR", f"mismatched input '{node.key}'", position_of(node, self._sql))

    def _only(self, node: exp.Expr, *parts: str) -> None:
        """Refuse a node with other parts: the parser knows more dialects than Trino's."""
        for part, value in node.args.items():
            if value and part not in parts:
                raise StatementFailed("SYNTAX_ERROR", f"mismatched input '{part.strip('_')}'")

    def _target(self, node: exp.Expr, *, may_have_alias: bool) -> tuple[Name, str]:
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            raise self._unexpected(node)
        self._only(node, "this", "db", "catalog", "alias")
        alias = node.args.get("alias")
        if alias is not None and (alias.columns or not may_have_alias):
            raise self._unexpected(alias)
        if node.catalog and node.catalog.lower() != "awsdatacatalog":
            raise StatementFailed("CATALOG_NOT_FOUND", f"line 1:1: Catalog '{node.catalog}' does not exist")
        return Name(node.db.lower(), node.name.lower()), (node.alias or node.name).lower()

    @staticmethod
    def _where(node: exp.Expr) -> exp.Expr | None:
        where = node.args.get("where")
        return where.this if where is not None else None

    def _assignments(self, items: Sequence[exp.Expr]) -> tuple[tuple[str, ...], tuple[exp.Expr, ...]]:
        columns, values = [], []
        for item in items:
            if not isinstance(item, exp.EQ):
                raise not_proven("This assignment", "Put its value in parentheses.", position_of(item, self._sql))
            columns.append(self._column(item.this))
            values.append(item.expression)
        return tuple(columns), tuple(values)

    def _column(self, node: exp.Expr) -> str:
        """A bare column: Trino takes no qualifier in SET and INSERT."""
        if isinstance(node, exp.Identifier):
            return node.name.lower()
        if not isinstance(node, exp.Column) or node.table or not isinstance(node.this, exp.Identifier):
            raise self._unexpected(node)
        return node.name.lower()

    def _insert(self, tree: exp.Insert) -> Insert:
        self._only(tree, "this", "expression")
        if tree.expression is None:
            raise self._unexpected(tree)
        columns: tuple[str, ...] = ()
        table = tree.this
        if isinstance(table, exp.Schema):
            columns = tuple(self._column(item) for item in table.expressions)
            table = table.this
        return Insert(self._target(table, may_have_alias=False)[0], columns, tree.expression)

    def _merge(self, tree: exp.Merge) -> Change:
        self._only(tree, "this", "using", "on", "whens")
        clauses = tuple(self._when(when) for when in tree.args["whens"].expressions)
        target, alias = self._target(tree.this, may_have_alias=True)
        return Change("MERGE", target, alias, tree.args["using"], tree.args["on"], clauses)

    def _when(self, when: exp.Expr) -> Clause:
        self._only(when, "matched", "condition", "then")
        matched, condition, then = bool(when.args["matched"]), when.args.get("condition"), when.args["then"]
        if matched and isinstance(then, exp.Update):
            self._only(then, "expressions")
            return Clause(True, condition, "UPDATE", *self._assignments(then.expressions))
        if matched and isinstance(then, exp.Var) and then.name.upper() == "DELETE":
            return Clause(True, condition, "DELETE")
        if not matched and isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
            self._only(then, "this", "expression")
            names = then.this.expressions if isinstance(then.this, exp.Tuple) else []
            if then.this and not names:
                raise self._unexpected(then)
            return Clause(
                False, condition, "INSERT", tuple(map(self._column, names)), tuple(then.expression.expressions)
            )
        raise self._unexpected(when)
