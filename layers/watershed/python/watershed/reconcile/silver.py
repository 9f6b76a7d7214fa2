"""Silver's tables, each as one snapshot, read some files at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.silver import lineage
from watershed.silver.data_files import ROWS_AT_ONCE, grouped, planned, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyiceberg.table import Table as IcebergTable

    from watershed.contracts.model import Contract, Table
    from watershed.silver.lakehouse import Lakehouse

Pinned = list["IcebergTable | None"]


def pin(lakehouse: Lakehouse, contract: Contract) -> Pinned:
    """The contract's tables as they are now, in its order; None for one that was never made.

    Children are looked at before their parent, which silver commits first: so none is ahead of its parent here.
    """
    return [lakehouse.look(table) for table in reversed(contract.tables)][::-1]


def rows(iceberg: IcebergTable | None, table: Table) -> Iterator[pa.Table]:
    """The table's rows in pieces: those of the contract's columns that it has, and lineage.

    Raises:
        ConfigurationError: if rows are deleted by their values, which silver cannot read.
    """
    if iceberg is None:
        return
    present = set(iceberg.schema().column_names)
    names = [name for name in (*(column.name for column in table.columns), *lineage.COLUMNS) if name in present]
    for tasks in grouped(planned(iceberg), ROWS_AT_ONCE):
        yield from (piece.select(names) for piece in read(iceberg, tasks, names))
