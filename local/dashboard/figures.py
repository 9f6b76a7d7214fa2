"""What gold answered: rows, with the columns that describe them. All tables and charts are made from these."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from watershed.gold.model import GoldColumn

from local.dashboard import formats
from local.report import gold_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from watershed.athena import Athena

    from local.dashboard.queries import PageQuery

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

AT_ONCE = 4  # statements that Athena is asked at a time


@dataclass(frozen=True)
class Figures:
    """A table of the page.

    Attributes:
        about: What it is, one sentence.
        columns: What describes each column.
        rows: Athena's values, in Python's types.
        waits_for: The gold tables that are not there yet; there are no rows then.
    """

    about: str
    columns: tuple[GoldColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    waits_for: tuple[str, ...] = ()

    def column(self, name: str) -> GoldColumn:
        """The column called `name`."""
        return next(column for column in self.columns if column.name == name)

    def place(self, name: str) -> int:
        """Where in a row the column called `name` is."""
        return self.columns.index(self.column(name))

    def records(self) -> list[dict[str, Any]]:
        """The rows by column name."""
        known = [column.name for column in self.columns]
        return [dict(zip(known, row, strict=True)) for row in self.rows]

    def document(self) -> dict[str, Any]:
        """For the page's script: exact decimals as text, dates in ISO's form."""
        columns = [
            {
                "name": column.name,
                "title": formats.title(column),
                "format": column.format,
                "unit": formats.unit(column),
            }
            for column in self.columns
        ]
        return {"columns": columns, "rows": [[_plain(value) for value in row] for row in self.rows]}


def read(athena: Athena, queries: Mapping[str, PageQuery]) -> dict[str, Figures]:
    """Ask a region's gold all queries.

    Raises:
        QueryFailed: if Athena does not answer one.
    """
    there = gold_tables(athena)

    def ask(query: PageQuery) -> Figures:
        waits_for = tuple(table for table in query.reads if table not in there)
        rows = [] if waits_for else athena.typed_rows(query.sql)[1]
        return Figures(query.model.description, query.columns, tuple(map(tuple, rows)), waits_for)

    return dict(zip(queries, at_once(ask, queries.values()), strict=True))


def at_once(ask: Callable[[Asked], Answer], what: Iterable[Asked]) -> list[Answer]:
    """Ask for several things, a few at a time; the answers in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, what))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
