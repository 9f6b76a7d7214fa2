"""The data files of an Iceberg table: which of them hold given keys, and what stands there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import AlwaysTrue, And, BooleanExpression, GreaterThanOrEqual, In, LessThanOrEqual, Reference
from pyiceberg.expressions.literals import Literal, literal
from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow

from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection
    from pyiceberg.table import FileScanTask
    from pyiceberg.table import Table as IcebergTable

ROWS_AT_ONCE = 500_000  # whole rows in memory, unless one file has more
_KEYS_AT_ONCE = 4_000_000  # keys in memory
_EXACT_KEYS = 200  # up to as many, pyiceberg prunes by the keys themselves, not only by their range
_READERS = 8
ALWAYS_TRUE = AlwaysTrue()
_FILE = "_file"  # a file's place in a list of tasks


def planned(table: IcebergTable, condition: BooleanExpression = ALWAYS_TRUE) -> list[FileScanTask]:
    """The data files that may hold rows meeting the condition, each with the files that delete some of its rows.

    Raises:
        ConfigurationError: if rows are deleted by their values, which pyiceberg cannot read. Nothing of Watershed's
            writes such files, nor does Athena.
    """
    try:
        return list(table.scan(row_filter=condition).plan_files())
    except ValueError as error:
        if "equality deletes" not in str(error):
            raise
        name = ".".join(table.name())
        raise ConfigurationError(
            f"{name} has equality delete files, which silver cannot read.",
            remedy=f"Run OPTIMIZE {name} REWRITE DATA USING BIN_PACK in Athena, then redrive the message.",
        ) from error


def holding(
    connection: DuckDBPyConnection, table: IcebergTable, keys: pa.Table, among: Sequence[FileScanTask] | None = None
) -> list[FileScanTask]:
    """The files that hold a row with one of `keys`, wherever they lie: a row may have moved between partitions.

    Column statistics rule most files out; of the others only the key columns are read.
    """
    if keys.num_rows == 0:
        return []
    candidates = planned(table, _might_hold(keys)) if among is None else among
    hits: list[FileScanTask] = []
    for tasks in grouped(candidates, _KEYS_AT_ONCE):
        tables = read(table, tasks, keys.column_names)
        marked = [rows.append_column(_FILE, pa.repeat(pa.scalar(i), rows.num_rows)) for i, rows in enumerate(tables)]
        found = joined(connection, pa.concat_tables(marked, promote_options="permissive"), keys, "semi")
        hits += [tasks[i] for i in sorted(pc.unique(found[_FILE]).to_pylist())]
    return hits


def standing(
    connection: DuckDBPyConnection,
    table: IcebergTable,
    tasks: Sequence[FileScanTask],
    keys: pa.Table,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """The rows of the files `tasks` that have one of `keys`: all columns, or those asked for."""
    names = list(columns or table.schema().column_names)
    schema = schema_to_pyarrow(table.schema().select(*names), include_field_ids=False)
    found = [
        joined(connection, rows, keys, "semi").select(names).cast(schema)
        for group in grouped(tasks, ROWS_AT_ONCE)
        for rows in read(table, group, names)
    ]
    return pa.concat_tables([schema.empty_table(), *found])


def grouped(tasks: Sequence[FileScanTask], rows: int) -> Iterator[list[FileScanTask]]:
    """The files in groups of at most `rows` rows, or of one file."""
    group: list[FileScanTask] = []
    held = 0
    for task in tasks:
        if group and held + task.file.record_count > rows:
            yield group
            group, held = [], 0
        group.append(task)
        held += task.file.record_count
    if group:
        yield group


def read(table: IcebergTable, tasks: Sequence[FileScanTask], columns: Sequence[str] | None = None) -> list[pa.Table]:
    """The rows of each file, without those that a position delete file removes: Athena's MERGE and DELETE leave such.

    As many files at once as there are readers, each with its own delete files, whatever the number of files.
    """
    schema = table.schema() if columns is None else table.schema().select(*columns)
    scan = ArrowScan(table.metadata, table.io, schema, ALWAYS_TRUE)
    with ThreadPoolExecutor(_READERS) as readers:  # a pool of its own: pyiceberg's waits for itself inside to_table
        return list(readers.map(lambda task: scan.to_table([task]), tasks))


def joined(connection: DuckDBPyConnection, rows: pa.Table, keys: pa.Table, how: str) -> pa.Table:
    """The rows that have one of `keys` ("semi"), or none of them ("anti")."""
    left, right = connection.from_arrow(rows), connection.from_arrow(keys)
    found: pa.Table = left.join(right, keys.column_names, how=how).to_arrow_table()
    return found


def _might_hold(keys: pa.Table) -> BooleanExpression:
    """A filter that is true of every row with one of `keys`, and of few others."""
    return reduce(And, [condition for name in keys.column_names for condition in _column_might_hold(keys, name)])


def _column_might_hold(keys: pa.Table, name: str) -> Iterator[BooleanExpression]:
    distinct = pc.unique(keys[name])
    ends = pc.min_max(distinct).as_py()
    yield GreaterThanOrEqual(term=Reference(name), value=_literal(ends["min"]))
    yield LessThanOrEqual(term=Reference(name), value=_literal(ends["max"]))
    if len(distinct) <= _EXACT_KEYS:
        yield In(term=Reference(name), values={_literal(value) for value in distinct.to_pylist()})


def _literal(value: Any) -> Literal[Any]:
    """As pyiceberg takes it: dates and times as ISO text."""
    return literal(value.isoformat() if hasattr(value, "isoformat") else value)
