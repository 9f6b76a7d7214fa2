"""Which data files of an Iceberg table are worth rewriting together, and doing so in one commit."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.io.pyarrow import ArrowScan, _dataframe_to_data_files, schema_to_pyarrow
from pyiceberg.table import FileScanTask, Table
from pyiceberg.utils.bin_packing import PackingIterator
from watershed.silver.snapshot import swap

from local.athena.iceberg import ALL_ROWS, planned
from local.athena.iceberg_commit import committing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.manifest import DataFile

# Athena's table properties and their defaults.
# https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
_TARGET = ("write_target_data_file_size_bytes", 512 * 1024 * 1024)
_FEWEST_FILES = ("optimize_rewrite_data_file_threshold", 5)
_FEWEST_DELETES = ("optimize_rewrite_delete_file_threshold", 2)
_SMALLEST, _LARGEST = "optimize_rewrite_min_data_file_size_bytes", "optimize_rewrite_max_data_file_size_bytes"
_SMALL, _LARGE = 0.75, 1.8  # of the target


@dataclass(frozen=True)
class Plan:
    """The groups of files to rewrite, each into as few as the target size allows."""

    table: Table
    groups: tuple[tuple[FileScanTask, ...], ...]

    @property
    def replaced(self) -> list[DataFile]:
        """The data files that go."""
        return [task.file for group in self.groups for task in group]

    def carry_out(self) -> int:
        """Write the rows again and commit; nothing to do, nothing is committed. Returns the number of new files.

        Raises:
            StatementFailed: `ICEBERG_COMMIT_ERROR` if another writer committed since the table was read.
        """
        if not self.groups:
            return 0
        with committing(self.table):
            added = [file for group in self.groups for file in _rewritten(self.table, group)]
            swap(self.table, self.replaced, added, {}, self._deletes())
        return len(added)

    def _deletes(self) -> set[str]:
        """The delete files that concern what stays."""
        gone = set(self.replaced)
        stays = (task for task in planned(self.table) if task.file not in gone)
        return {each.file_path for task in stays for each in task.delete_files}


def plan(table: Table, condition: BooleanExpression) -> Plan:
    """What to rewrite of the files that may hold rows meeting `condition`."""
    if table.metadata.current_snapshot_id is None:
        return Plan(table, ())
    by_partition: dict[tuple[int, object], list[FileScanTask]] = defaultdict(list)
    for task in planned(table, condition):
        by_partition[task.file.spec_id, task.file.partition].append(task)
    groups = (group for tasks in by_partition.values() for group in _groups(table, tasks))
    return Plan(table, tuple(groups))


def _groups(table: Table, tasks: Sequence[FileScanTask]) -> Iterable[tuple[FileScanTask, ...]]:
    """The files of one partition that are too small or too large, or lose rows to delete files, by target size."""
    target = _property(table, *_TARGET)
    smallest, largest = (
        _property(table, _SMALLEST, int(target * _SMALL)),
        _property(table, _LARGEST, int(target * _LARGE)),
    )
    deleted = [task for task in tasks if len(task.delete_files) >= _property(table, *_FEWEST_DELETES)]
    sizes = [task for task in tasks if not smallest <= task.file.file_size_in_bytes <= largest and task not in deleted]
    if len(sizes) + len(deleted) < _property(table, *_FEWEST_FILES):
        sizes = []
    for group in PackingIterator(
        [*deleted, *sizes], target, lookback=len(tasks), weight_func=lambda task: task.file.file_size_in_bytes
    ):
        if len(group) > 1 or group[0] in deleted or group[0].file.file_size_in_bytes > largest:
            yield tuple(group)


def _property(table: Table, name: str, default: int) -> int:
    return int(table.properties.get(name, default))


def _rewritten(table: Table, group: Sequence[FileScanTask]) -> Iterable[DataFile]:
    """The rows of the files, without those that delete files remove, in new ones."""
    scan = ArrowScan(table.metadata, table.io, table.schema(), ALL_ROWS)
    rows = scan.to_table(group).cast(schema_to_pyarrow(table.schema(), include_field_ids=False))
    return _dataframe_to_data_files(table.metadata, rows, table.io, uuid.uuid4()) if rows.num_rows else ()
