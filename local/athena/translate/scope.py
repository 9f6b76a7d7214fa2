"""Which names an expression may use, and what each one means: Trino's rules of name resolution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from local.athena.errors import Position, StatementFailed
from local.athena.translate.statement import Scan
from local.athena.translate.typed import Typed


@dataclass(frozen=True)
class Column:
    """One column that a relation offers.

    Args:
        name: Lower case; None if it has none and so cannot be referred to.
        value: How to refer to it, with its type; absent if its type is not proven (`problem` says why).
        source: The scan and the column it is, unchanged: for leaving files unread and for counting bytes.
        problem: Raised when the column is used.
        label: The name as it was written, for the result's header.
    """

    name: str | None
    value: Typed | None
    source: tuple[Scan, str] | None = None
    problem: StatementFailed | None = None
    label: str | None = None

    def use(self) -> Typed:
        """The column's value.

        Raises:
            StatementFailed: if its type is not proven.
        """
        if self.value is None:
            raise self.problem or StatementFailed("GENERIC_INTERNAL_ERROR", f"Column '{self.name}' has no value")
        return self.value


@dataclass(frozen=True)
class Relation:
    """What one item of FROM offers. `qualifier` is its alias, or the parts of its full name."""

    qualifier: tuple[str, ...]
    columns: tuple[Column, ...]

    def matches(self, prefix: tuple[str, ...]) -> bool:
        """Whether `prefix.column` may mean a column of this relation."""
        return not prefix or (bool(self.qualifier) and self.qualifier[-len(prefix) :] == prefix)

    def with_names(self, names: list[str], position: Position | None) -> Relation:
        """The relation with its columns called `names`; as it is, if there are none.

        Raises:
            StatementFailed: `MISMATCHED_COLUMN_ALIASES` if there are not as many.
        """
        if not names:
            return self
        if len(names) != len(self.columns):
            message = f"Column alias list has {len(names)} entries but there are {len(self.columns)} columns available"
            raise StatementFailed("MISMATCHED_COLUMN_ALIASES", message, position)
        renamed = (replace(column, name=name, label=name) for column, name in zip(self.columns, names, strict=True))
        return replace(self, columns=tuple(renamed))


@dataclass
class Scope:
    """The relations of one FROM, inside the scope of the query around it.

    Args:
        relations: In the order in which `*` lists them.
        parent: The query around this one, whose columns a correlated subquery may use.
        translate: What a column means here rather than in its relation: grouping replaces it by a group key.
    """

    relations: list[Relation]
    parent: Scope | None = None
    translate: Callable[[Column, Position | None], Column] | None = None

    def find(self, parts: tuple[str, ...], position: Position | None) -> Column | None:
        """The column that `parts` (qualifier and name, lower case) names here or further out.

        Raises:
            StatementFailed: `AMBIGUOUS_NAME` if it names two.
        """
        prefix, name = parts[:-1], parts[-1]
        found = [c for r in self.relations if r.matches(prefix) for c in r.columns if c.name == name]
        if len(found) > 1:
            raise StatementFailed("AMBIGUOUS_NAME", f"Column '{'.'.join(parts)}' is ambiguous", position)
        if found:
            return self.take(found[0], position)
        return self.parent.find(parts, position) if self.parent else None

    def take(self, column: Column, position: Position | None) -> Column:
        """`column` as seen from here, noted as used."""
        if column.source:
            scan, name = column.source
            scan.used.add(name)
        return self.translate(column, position) if self.translate else column

    def columns(self, prefix: tuple[str, ...] = ()) -> list[Column]:
        """What `*`, or `prefix.*`, stands for."""
        return [column for relation in self.relations if relation.matches(prefix) for column in relation.columns]
