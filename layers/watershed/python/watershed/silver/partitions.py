"""Which partition of an Iceberg table rows and files belong to. Contracts have at most one partition column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.typedef import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import FileScanTask
    from pyiceberg.table import Table as IcebergTable

Partition = tuple[int, Record]  # spec id, and the values of its fields


def partition_of(task: FileScanTask) -> Partition:
    """The partition of a file."""
    return task.file.spec_id, task.file.partition


def partition_key(table: IcebergTable, rows: pa.Table) -> PartitionKey | None:
    """The partition, as pyiceberg writes it, of rows that are all in one; None if the table has no partitions."""
    first = _transformed(table, rows.slice(0, 1))[0].as_py()
    return _key(table, first) if table.spec().fields else None


class Coming:
    """Rows to be written, which are taken partition by partition."""

    def __init__(self, table: IcebergTable, rows: pa.Table) -> None:
        self._rows = rows
        self._values = _transformed(table, rows)
        spec = table.spec().spec_id
        self._left = {(spec, _key(table, value).partition): value for value in pc.unique(self._values).to_pylist()}

    def partitions(self) -> list[Partition]:
        """Where there are rows left."""
        return list(self._left)

    def take(self, partition: Partition) -> pa.Table:
        """The rows of one partition, the first time."""
        values = [self._left.pop(partition)] if partition in self._left else []
        return self._rows.filter(pc.is_in(self._values, value_set=pa.array(values, self._values.type)))

    def rest(self) -> Iterator[pa.Table]:
        """The rows that were not taken, by partition."""
        for partition in self.partitions():
            yield self.take(partition)


def _transformed(table: IcebergTable, rows: pa.Table) -> pa.ChunkedArray:
    """What the partition's transform makes of each row; one value for all if there are no partitions."""
    for field in table.spec().fields:
        source = table.schema().find_field(field.source_id)
        values = field.transform.pyarrow_transform(source.field_type)(rows[source.name])
        return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    return pa.chunked_array([pa.repeat(pa.scalar(value=True), rows.num_rows)])


def _key(table: IcebergTable, value: Any) -> PartitionKey:
    spec = table.spec()
    return PartitionKey([PartitionFieldValue(field, value) for field in spec.fields], spec, table.schema())
