"""The bronze rows of one source in a window, typed and judged: the dataset's own, and the elements of its arrays.

One source at a time: its habits decide the SQL, statements stay far below Athena's limit, and any order of sources
ends in the same silver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed.backfill import bronze, elements
from watershed.backfill.bronze import LINEAGE, Window
from watershed.backfill.rows import FAILURE, more, typed
from watershed.backfill.sql import column, sql
from watershed.contracts.model import Contract, Source
from watershed.reasons import Reason
from watershed.silver.plan import POSITION, element_columns, plan_elements, plan_table
from watershed.silver.steps import Broken, Failure, RowPlan

if TYPE_CHECKING:
    from watershed.contracts.model import Table

GOOD = f'"{FAILURE}" IS NULL'


@dataclass(frozen=True)
class Judged:
    """The rows that came through `source` in `window`.

    Args:
        contract: The dataset.
        source: One of the region's.
        earlier: The region's sources before it, which take a file first.
        jurisdiction: ISO codes of the countries whose rows belong in this region.
        window: When the files came.
    """

    contract: Contract
    source: Source
    earlier: tuple[Source, ...]
    jurisdiction: tuple[str, ...]
    window: Window

    def plan(self, table: Table) -> RowPlan:
        """What is done with a row of `table`."""
        if table.parent is not None:
            return plan_elements(table, self.contract.table, self.source)
        read = {each.name: bronze.text_name(each) for each in table.columns}
        broken = [
            (Broken(_broken(child)), Failure(str(child.explode), Reason.INVALID_JSON, "a JSON array"))
            for child in self.contract.children
        ]
        return plan_table(self.contract, self.source, self.jurisdiction, read, broken)

    def rows(self, table: Table) -> exp.Select:
        """The rows of `table`, good and bad: its columns, lineage, `_failure`, and the texts in `texts(table)`."""
        return self._own() if table.parent is None else self._elements(table)

    def good(self, table: Table) -> exp.Select:
        """The table's columns and lineage of the rows that may go to silver."""
        columns = [*(each.name for each in table.columns), *LINEAGE]
        return select(*map(column, columns)).from_(self.rows(table).subquery("judged")).where(sql(GOOD))

    def texts(self, table: Table) -> dict[str, str]:
        """What is kept of a bad row: the source's column names, and the columns of `rows` that hold their texts."""
        own = self.contract.table
        kept = own.columns if table.parent is None else [own.column(name) for name in own.primary_key]
        arrays = self.contract.children if table.parent is None else (table,)
        texts = {self.source.names_of(each.name)[0]: bronze.text_name(each) for each in kept}
        return texts | {self.source.names_of(str(child.explode))[0]: elements.text_name(child) for child in arrays}

    def _own(self) -> exp.Select:
        children = self.contract.children
        rows = bronze.read(self.contract, self.source, self.earlier, self.window)
        if children:
            rows = more(rows, *(elements.counted(child) for child in children))
            broken = ((child, elements.is_no_array(child, self.source)) for child in children)
            rows = more(rows, *(exp.alias_(flag, _broken(child), quoted=True) for child, flag in broken))
        counts = [elements.count_name(child) for child in children]
        table = self.contract.table
        return typed(rows, self.plan(table), [*self.texts(table).values(), *counts, *LINEAGE])

    def _elements(self, child: Table) -> exp.Select:
        parent = self.contract.table
        carried = [*parent.primary_key, *LINEAGE, *self.texts(child).values()]
        parents = select("*").from_(self._own().subquery("judged")).where(sql(GOOD))
        rows = elements.unpacked(parents, child, element_columns(child, parent), self.source, carried)
        return typed(rows, self.plan(child), [*carried, POSITION])


def _broken(child: Table) -> str:
    return f"_broken {child.name}"
