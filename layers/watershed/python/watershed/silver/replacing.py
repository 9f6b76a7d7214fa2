"""Carries out a decision on an Iceberg table: files that lose rows are written again without them, in one commit."""

from __future__ import annotations

import itertools
import uuid
from typing import TYPE_CHECKING

import pyarrow as pa
from pyiceberg.io.pyarrow import schema_to_pyarrow, write_file
from pyiceberg.table import WriteTask

from watershed.errors import LedgerImbalance
from watershed.silver import data_files
from watershed.silver.data_files import grouped, holding, joined, planned, read
from watershed.silver.partitions import Coming, Partition, partition_key, partition_of
from watershed.silver.snapshot import forget, swap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from duckdb import DuckDBPyConnection
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import FileScanTask
    from pyiceberg.table import Table as IcebergTable

    from watershed.silver.decision import Decision

_SMALL_ROWS, _SMALL_BYTES = 50_000, 16 * 1024 * 1024  # a file below both is small
_FEW_SMALL_FILES = 8  # in one partition; with more, the next commit that adds rows there makes them one


def replace(
    connection: DuckDBPyConnection,
    table: IcebergTable,
    held_in: Sequence[FileScanTask],
    decision: Decision,
    properties: dict[str, str],
) -> None:
    """Carry out `decision` in one snapshot. Files that lose no row stay as they are.

    Args:
        connection: From `engine.connect`.
        table: As it was when the decision was made.
        held_in: The files that hold the superseded keys, if not more.
        decision: What goes and what comes.
        properties: The snapshot's.

    Raises:
        CommitFailedException: if another writer committed since `table` was loaded.
        LedgerImbalance: if the files written do not hold what the decision says; then nothing is committed.
        ValidationException: if a file to replace is gone.
    """
    losing = holding(connection, table, decision.superseded, held_in)
    coming = Coming(table, _complete(table, decision.rows))
    replaced = [*losing, *_crowded(table, coming.partitions(), {task.file for task in losing})]
    write = _writer(table, decision.superseded.column_names)
    added: list[DataFile] = []
    stood = 0
    in_order = sorted(replaced, key=lambda task: str(partition_of(task)))
    for partition, tasks in itertools.groupby(in_order, key=partition_of):
        for piece in _pieces(table, list(tasks)):
            stood += piece.num_rows
            kept = _complete(table, joined(connection, piece, decision.superseded, "anti"))
            added += write([pa.concat_tables([kept, coming.take(partition)])])
    added += write(coming.rest())
    _check(table, stood, decision, sum(file.record_count for file in added))
    swap(table, [task.file for task in replaced], added, properties)


def erase(connection: DuckDBPyConnection, table: IcebergTable, tasks: Sequence[FileScanTask], keys: pa.Table) -> None:
    """Write the files `tasks` again without the rows that have one of `keys`, in a snapshot that forgets the others.

    Raises:
        CommitFailedException: if another writer committed since `table` was loaded.
        ValidationException: if a file to replace is gone.
    """
    write = _writer(table, keys.column_names)
    added: list[DataFile] = []
    in_order = sorted(tasks, key=lambda task: str(partition_of(task)))
    for _, of_partition in itertools.groupby(in_order, key=partition_of):
        for piece in _pieces(table, list(of_partition)):
            added += write([_complete(table, joined(connection, piece, keys, "anti"))])
    forget(table, [task.file for task in tasks], added)


def _check(table: IcebergTable, stood: int, decision: Decision, written: int) -> None:
    """Count the new files' rows against the old ones': a join that lost or doubled rows is seen here."""
    if stood - decision.going + decision.rows.num_rows != written:
        raise LedgerImbalance(
            f"{'.'.join(table.name())}: {stood} rows stood in the files to replace, {decision.going} go and "
            f"{decision.rows.num_rows} come, but the new files hold {written}. Nothing was committed.",
            remedy="Two rows with one key, or a defect of Watershed: run `watershed reconcile`, then report it.",
        )


def _pieces(table: IcebergTable, tasks: Sequence[FileScanTask]) -> Iterator[pa.Table]:
    """The rows of the files, some at a time: memory is bounded by the largest file, not by the partition."""
    for group in grouped(tasks, data_files.ROWS_AT_ONCE):
        rows = pa.concat_tables(read(table, group), promote_options="permissive")
        for start in range(0, rows.num_rows, data_files.ROWS_AT_ONCE):
            yield rows.slice(start, data_files.ROWS_AT_ONCE)


def _writer(table: IcebergTable, key: list[str]) -> Callable[[Iterable[pa.Table]], list[DataFile]]:
    """A function that writes tables, each of rows of one partition, to a file each."""
    write_id, numbers = uuid.uuid4(), itertools.count()

    def task(rows: pa.Table) -> WriteTask:
        rows = rows.sort_by([(name, "ascending") for name in key])  # narrow statistics: later merges open fewer files
        return WriteTask(write_id, next(numbers), table.schema(), rows.to_batches(), None, partition_key(table, rows))

    def write(tables: Iterable[pa.Table]) -> list[DataFile]:
        return list(write_file(table.io, table.metadata, (task(rows) for rows in tables if rows.num_rows)))

    return write


def _complete(table: IcebergTable, rows: pa.Table) -> pa.Table:
    """The rows with the table's columns in its types; those that the contract no longer has are empty."""
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _crowded(table: IcebergTable, partitions: Iterable[Partition], but: set[DataFile]) -> list[FileScanTask]:
    """The small files of those `partitions` that have too many."""
    small: dict[Partition, list[FileScanTask]] = {partition: [] for partition in partitions}
    if small:
        for task in planned(table):
            file = task.file
            is_small = file.record_count < _SMALL_ROWS and file.file_size_in_bytes < _SMALL_BYTES
            if is_small and file not in but and partition_of(task) in small:
                small[partition_of(task)].append(task)
    return [task for tasks in small.values() if len(tasks) > _FEW_SMALL_FILES for task in tasks]
