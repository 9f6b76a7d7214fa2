"""What the translation of one statement knows and collects: its text, the catalog, the clock, the tables it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from local.athena.errors import StatementFailed
from local.athena.translate.dialect import position_of
from local.athena.translate.types import Type

if TYPE_CHECKING:
    from sqlglot import exp

    from local.athena.errors import Position

CATALOG = "awsdatacatalog"


@dataclass(frozen=True)
class TableColumn:
    """One column of a table: its type, or why it cannot be used."""

    name: str
    type: Type | None
    problem: StatementFailed | None = None


@dataclass(frozen=True)
class Table:
    """A table whose files hold the rows."""

    database: str
    name: str
    columns: tuple[TableColumn, ...]


@dataclass(frozen=True)
class View:
    """A stored query. `columns` are the names and types it had when it was made."""

    database: str
    name: str
    sql: str
    columns: tuple[tuple[str, Type], ...]


class Catalog(Protocol):
    """Where tables and views are looked up."""

    def find(self, database: str, name: str) -> Table | View | None:
        """The table or view, or None; names are lower case."""
        ...  # pragma: no cover

    def has_database(self, database: str) -> bool:
        """Whether the database exists."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class Predicate:
    """A condition that every row which can count must meet: `column operator values`. For leaving files unread.

    `operator` is `=`, `<`, `<=`, `>`, `>=` or `in`; `values` are Python values of the column's type.
    """

    column: str
    operator: str
    values: tuple[object, ...]


@dataclass
class Scan:
    """One use of a table. DuckDB finds its rows in a view `name` with columns `c0`, `c1`, … in the table's order."""

    name: str
    table: Table
    used: set[str] = field(default_factory=set)
    predicates: list[Predicate] = field(default_factory=list)

    def column_name(self, column: str) -> str:
        """What the scan's view calls `column`."""
        return f"c{[c.name for c in self.table.columns].index(column)}"


@dataclass
class Statement:
    """One statement being translated. `sql` is the text that positions point into."""

    sql: str
    catalog: Catalog
    database: str
    now: datetime
    scans: dict[str, Scan] = field(default_factory=dict)
    views: tuple[str, ...] = ()  # the views being unfolded, outermost first
    counter: list[int] = field(default_factory=lambda: [0])

    def position(self, node: exp.Expr) -> Position | None:
        """Where `node` stands; inside a view, nowhere: the reader does not see that text."""
        return None if self.views else position_of(node, self.sql)

    def new_name(self, kind: str) -> str:
        """A name that nothing else in the translation has."""
        self.counter[0] += 1
        return f"{kind}{self.counter[0]}"

    def scan(self, table: Table) -> Scan:
        """A new scan of `table`."""
        made = Scan(self.new_name("scan"), table)
        self.scans[made.name] = made
        return made

    def inside(self, view: View) -> Statement:
        """The same statement while it translates the text of `view`."""
        unfolding = (*self.views, f"{view.database}.{view.name}")
        return Statement(view.sql, self.catalog, view.database, self.now, self.scans, unfolding, self.counter)
