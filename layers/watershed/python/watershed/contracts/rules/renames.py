"""Rules about renamed columns: each old name leads to one column, in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.rules.fault import Fault
from watershed.contracts.rules.tables import has_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.contracts.model import Contract, Table


def rename_faults(contract: Contract) -> Iterator[Fault]:
    """Faults of the contract's `renamedFrom`."""
    for table in contract.tables:
        yield from _table_faults(table)
    for child in contract.children:
        yield from _inherited_faults(child, contract.table)


def _table_faults(table: Table) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for column in table.columns:
        old = column.renamed_from
        if old is None:
            continue
        path = _path(table, column.name)
        if has_column(table, old):  # so no chain and no circle is possible either
            message = f"`{old}` is a column of this table still."
            yield Fault(path, message, f"Remove `renamedFrom`, or the column `{old}`.")
        elif old in taken:
            yield Fault(path, f"`{taken[old]}` was called `{old}` too.", "Remove one `renamedFrom`.")
        taken.setdefault(old, column.name)


def _inherited_faults(child: Table, parent: Table) -> Iterator[Fault]:
    """A child's key is renamed together with its parent's."""
    for name in parent.primary_key:
        if not has_column(child, name) or not has_column(parent, name):
            continue
        old = parent.column(name).renamed_from
        if child.column(name).renamed_from != old:
            remedy = f"Write `renamedFrom: {old}` here too." if old else "Remove `renamedFrom`, or add it there too."
            yield Fault(_path(child, name), f"`{name}` was called otherwise in `{parent.name}`.", remedy)


def _path(table: Table, column: str) -> str:
    return f"schema.{table.name}.properties.{column}.customProperties.renamedFrom"
