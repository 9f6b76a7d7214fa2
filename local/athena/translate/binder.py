"""Gives one expression its meaning: resolves names, finds the rule of each node, inserts Trino's implicit casts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed, not_proven
from local.athena.translate import registry
from local.athena.translate.rules.casts import convert
from local.athena.translate.scope import Relation, Scope
from local.athena.translate.statement import Statement
from local.athena.translate.typed import Typed
from local.athena.translate.types import BOOLEAN, UNKNOWN, Type, can_coerce, common_super_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.athena.translate.scope import Column

# What the parser knows from other dialects and Trino's grammar has not.
_FOREIGN = (exp.ILike, exp.Glob, exp.SimilarTo, exp.RegexpLike, exp.Concat, exp.JSONExtract, exp.Slice)
# Parts that say nothing about the meaning.
_SILENT_PARTS = frozenset({"typed", "safe", "coalesce", "nested", "value_constructor", "copy"})


@dataclass
class Binder:
    """Binds the expressions of one clause of one SELECT.

    Args:
        statement: The statement around it.
        scope: What names mean in this clause.
        query: Binds a subquery; given by `query.py`, which in turn needs this class.
        clause: For messages, e.g. `WHERE`.
        aggregates: The binder for the arguments of aggregate functions; None where none may stand.
        windows: Whether window functions may stand here.
        group_key: Gives the group key that equals a whole expression, if the query is grouped.
        named_windows: The specifications of the WINDOW clause, by name.
    """

    statement: Statement
    scope: Scope
    query: Callable[[exp.Expr, Scope, Statement], tuple[exp.Expr, Relation]]
    clause: str
    aggregates: Binder | None = None
    windows: bool = False
    group_key: Callable[[exp.Expr], Typed | None] | None = None
    named_windows: dict[str, exp.Window] | None = None

    def bind(self, node: exp.Expr) -> Typed:
        """The DuckDB expression for `node`, with its type.

        Raises:
            StatementFailed: for whatever Trino refuses, and for what is not proven.
        """
        key = self.group_key(node) if self.group_key else None
        if key is not None:
            return key
        found = registry.NODES.get(type(node))
        if isinstance(node, _FOREIGN):
            raise StatementFailed("SYNTAX_ERROR", f"mismatched input '{node.key}'", self.statement.position(node))
        if found is None:
            raise not_proven(f"'{node.key}'", "Write it with the documented functions.", self.statement.position(node))
        check_parts(node, self.statement)
        return found(self, node)

    def bind_boolean(self, node: exp.Expr, what: str) -> exp.Expr:
        """A condition. `what` names it in the message, e.g. `WHERE clause`."""
        value = self.bind(node)
        if not can_coerce(value.type, BOOLEAN):
            message = f"{what} must evaluate to a boolean: actual type {value.type}"
            raise self.failure("TYPE_MISMATCH", message, node)
        return self.coerce(value, BOOLEAN, node).node

    def coerce(self, value: Typed, target: Type, node: exp.Expr) -> Typed:
        """`value` as `target`, by an implicit cast.

        Raises:
            StatementFailed: `TYPE_MISMATCH` where Trino asks for an explicit cast.
        """
        if value.type == target:
            return value
        if not can_coerce(value.type, target):
            raise self.failure("TYPE_MISMATCH", f"Cannot convert {value.type} to {target}", node)
        return convert(value, target)

    def common_type(self, values: Sequence[Typed], node: exp.Expr, what: str) -> Type:
        """The type that all `values` meet in; `what` names the construct in the message."""
        kind = UNKNOWN
        for value in values:
            meeting = common_super_type(kind, value.type)
            if meeting is None:
                raise self.failure(
                    "TYPE_MISMATCH",
                    f"{what} must be the same type or coercible to a common type: {kind}, {value.type}",
                    node,
                )
            kind = meeting
        return kind

    def bind_common(self, nodes: Sequence[exp.Expr], what: str) -> tuple[list[exp.Expr], Type]:
        """Several expressions, each cast to the type they meet in."""
        values = [self.bind(node) for node in nodes]
        kind = self.common_type(values, nodes[0], what)
        return [self.coerce(value, kind, node).node for value, node in zip(values, nodes, strict=True)], kind

    def resolve(self, parts: tuple[str, ...], node: exp.Expr) -> Column | None:
        """The column that dotted lower-case `parts` name, or None."""
        return self.scope.find(parts, self.statement.position(node))

    def within(self, scope: Scope) -> Binder:
        """The same clause with further names: a lambda's parameters."""
        return replace(self, scope=scope)

    def failure(self, code: str, message: str, node: exp.Expr) -> StatementFailed:
        """The failure to raise, with the position of `node`."""
        return StatementFailed(code, message, self.statement.position(node))

    def refusal(self, construct: str, alternative: str, node: exp.Expr) -> StatementFailed:
        """The failure to raise for what Athena knows and the proven list does not."""
        return not_proven(construct, alternative, self.statement.position(node))


def check_parts(node: exp.Expr, statement: Statement) -> None:
    """Refuse a node with a part that its rule does not read: the rule would leave it out silently.

    Raises:
        StatementFailed: naming the part.
    """
    read = registry.PARTS[type(node)]
    for part, value in node.args.items():
        if value not in (None, False, []) and part not in read and part not in _SILENT_PARTS:
            raise not_proven(f"'{part.strip('_')}' of '{node.key}'", "Leave it out.", statement.position(node))
