"""One call of a function: its arguments, and the checks that rules share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.binder import Binder
from local.athena.translate.functions.known import takes
from local.athena.translate.typed import Typed, call
from local.athena.translate.types import UNKNOWN, Type, can_coerce, is_varchar, map_of

if TYPE_CHECKING:
    from local.athena.errors import StatementFailed


@dataclass(frozen=True)
class Call:
    """A function's name (lower case), its arguments as written, and the binder for them."""

    binder: Binder
    name: str
    node: exp.Expr
    arguments: list[exp.Expr]

    def expect(self, least: int, most: int | None = 0) -> None:
        """Check the number of arguments: exactly `least`, or up to `most` (None: any number).

        Raises:
            StatementFailed: `FUNCTION_NOT_FOUND`, as Trino does.
        """
        highest = least if most == 0 else most
        if len(self.arguments) < least or (highest is not None and len(self.arguments) > highest):
            raise self.unexpected([self.binder.bind(argument).type for argument in self.arguments])

    def unexpected(self, kinds: list[Type]) -> StatementFailed:
        """The failure to raise for arguments that no rule takes: Trino's own, unless Trino would take them."""
        given = ", ".join(map(str, kinds))
        if takes(self.name, kinds):
            return self.refusal(f"Function '{self.name}({given})'", "Use another form of it.")
        return self.binder.failure(
            "FUNCTION_NOT_FOUND", f"Unexpected parameters ({given}) for function {self.name}", self.node
        )

    def value(self, place: int, *accepted: Type) -> Typed:
        """The argument at `place` (0-based), implicitly cast to the first of `accepted` that takes it.

        Raises:
            StatementFailed: `FUNCTION_NOT_FOUND` if none does.
        """
        bound = self.binder.bind(self.arguments[place])
        for kind in accepted:
            if can_coerce(bound.type, kind):
                return self.binder.coerce(bound, kind, self.arguments[place])
        raise self.unexpected([self.binder.bind(argument).type for argument in self.arguments])

    def literal_text(self, place: int, what: str) -> str:
        """The text that is written as the argument at `place`.

        Raises:
            StatementFailed: if it is computed: its translation must be known beforehand.
        """
        argument = self.arguments[place]
        if isinstance(argument, exp.Literal) and argument.is_string:
            return str(argument.this)
        bound = self.binder.bind(argument)
        if not is_varchar(bound.type) and bound.type != UNKNOWN:
            raise self.unexpected([self.binder.bind(one).type for one in self.arguments])
        raise self.refusal(f"A computed {what} in function '{self.name}'", "Write it as a literal.")

    def literal_integer(self, place: int, what: str) -> int:
        """The integer that is written as the argument at `place`.

        Raises:
            StatementFailed: if it is computed.
        """
        argument = self.arguments[place]
        negative = isinstance(argument, exp.Neg)
        literal = argument.this if negative else argument
        if isinstance(literal, exp.Literal) and literal.is_int:
            return -int(literal.this) if negative else int(literal.this)
        raise self.refusal(f"A computed {what} in function '{self.name}'", "Write it as a literal.")

    def map_type(self, key: Type, value: Type) -> Type:
        """`map(key, value)`.

        Raises:
            StatementFailed: for keys that are arrays, rows or maps: Trino refuses NULLs inside them.
        """
        if key.items:
            raise self.refusal(f"A map whose keys are of type {key}", "Use texts, numbers or dates as keys.")
        return map_of(key, value)

    def refusal(self, construct: str, alternative: str) -> StatementFailed:
        """The failure to raise for what Athena knows and the proven list does not."""
        return self.binder.refusal(construct, alternative, self.node)


@dataclass(frozen=True)
class AggregateCall(Call):
    """A call of an aggregate or window function, with what is written around it.

    Args:
        distinct: Whether the argument is DISTINCT.
        order: ORDER BY inside the call, translated.
        decorate: Puts FILTER and OVER around a DuckDB aggregate; every aggregate of the rule goes through it.
        windowed: Whether it stands over a window.
        ordered_window: Whether that window has an ORDER BY.
        framed: Whether that window has a frame.
    """

    distinct: bool = False
    order: list[exp.Expr] = field(default_factory=list)
    decorate: Callable[[exp.Expr], exp.Expr] = lambda node: node
    windowed: bool = False
    ordered_window: bool = False
    framed: bool = False
    ignore_nulls: bool = False

    def apply(self, name: str, *arguments: exp.Expr) -> exp.Expr:
        """DuckDB's aggregate `name` over `arguments`, with DISTINCT, ORDER BY, FILTER and OVER as written."""
        given: list[exp.Expr] = list(arguments)
        if self.distinct:
            given = [exp.Distinct(expressions=given)]
        if self.order:
            given[-1] = exp.Order(this=given[-1], expressions=[item.copy() for item in self.order])
        return self.decorate(call(name, *given))

    def plain(self) -> None:
        """Refuse DISTINCT and ORDER BY, for functions where they have no proven meaning."""
        if self.distinct or self.order:
            raise self.refusal(f"DISTINCT or ORDER BY inside '{self.name}'", "Leave it out.")
