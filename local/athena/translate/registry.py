"""The proven list: which nodes and functions have a rule. Whatever has none is refused.

A rule turns one node of Trino's tree into typed DuckDB SQL. It is registered for a node type (`@rule`), or for a
function's name (`@function`, `@aggregate`, `@window_function`). Functions that need nothing but a signature are lines
of `functions/signatures.txt`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sqlglot import exp

    from local.athena.translate.typed import Typed

NodeRule = Callable[[Any, Any], "Typed"]  # (binder, node); nodes are narrowed by the registration
FunctionRule = Callable[[Any], "Typed"]  # (call)
_F = TypeVar("_F", bound=Callable[..., "Typed"])

NODES: dict[type[exp.Expr], NodeRule] = {}
# Which of a node's parts its rule reads; a tree with another part filled in is refused.
PARTS: dict[type[exp.Expr], frozenset[str]] = {}
FUNCTIONS: dict[str, FunctionRule] = {}
AGGREGATES: dict[str, FunctionRule] = {}
WINDOW_FUNCTIONS: dict[str, FunctionRule] = {}


def rule(*nodes: type[exp.Expr], parts: str = "this expression") -> Callable[[_F], _F]:
    """Register a rule for node types; `parts` lists the parts it reads."""

    def register(function: _F) -> _F:
        for node in nodes:
            NODES[node] = function
            PARTS[node] = frozenset(parts.split())
        return function

    return register


def function(*names: str) -> Callable[[_F], _F]:
    """Register a rule for scalar functions."""
    return _named(FUNCTIONS, names)


def aggregate(*names: str) -> Callable[[_F], _F]:
    """Register a rule for aggregate functions; each may also be used over a window."""
    return _named(AGGREGATES, names)


def window_function(*names: str) -> Callable[[_F], _F]:
    """Register a rule for functions that need a window."""
    return _named(WINDOW_FUNCTIONS, names)


def _named(table: dict[str, FunctionRule], names: tuple[str, ...]) -> Callable[[_F], _F]:
    def register(rule_function: _F) -> _F:
        for name in names:
            table[name] = rule_function
        return rule_function

    return register
