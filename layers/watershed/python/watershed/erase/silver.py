"""Silver's side of an erasure: the rows go, then the snapshots that had them, then the files nothing refers to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from duckdb import DuckDBPyConnection
from pyiceberg.io.pyarrow import schema_to_pyarrow

from watershed import names
from watershed.erase.store import Store
from watershed.errors import ConfigurationError
from watershed.names import Layer
from watershed.silver import replacing
from watershed.silver.commit import until_committed
from watershed.silver.data_files import holding, planned, standing
from watershed.silver.lakehouse import Lakehouse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pyiceberg.table import Table as IcebergTable

    from watershed.contracts.model import Contract, Table
    from watershed.erase.subject import Subject


@dataclass(frozen=True)
class Tables:
    """One region's silver.

    Args:
        lakehouse: Its tables.
        store: Its bucket.
        connection: From `engine.connect`.
    """

    lakehouse: Lakehouse
    store: Store
    connection: DuckDBPyConnection

    def require_ready(self, contract: Contract, present: Iterable[str]) -> None:
        """Check that nothing hides rows.

        Args:
            contract: The dataset.
            present: The names of all tables in the catalog.

        Raises:
            ConfigurationError: if a rebuild is under way, or somebody named a branch or tag of a table.
        """
        for table in contract.tables:
            rebuilt = sorted(name for name in present if names.is_rebuilt(table.name, name))
            if rebuilt:
                raise ConfigurationError(
                    f"A rebuild of silver.{table.name} did not end: {', '.join(rebuilt)}.",
                    remedy="Resume it, or give it up as docs/operations.md says; nothing was changed.",
                )
            iceberg = self.lakehouse.find(table)
            others = sorted(iceberg.metadata.refs.keys() - {"main"}) if iceberg else []
            if others:
                raise ConfigurationError(
                    f"silver.{table.name} has snapshots that are kept by name: {', '.join(others)}.",
                    remedy="Drop those branches and tags; nothing was changed.",
                )

    def rows(self, contract: Contract, subject: Subject) -> dict[str, int]:
        """Table -> how many of its rows are about the person: the dataset's own, and their elements."""
        own = self._own(contract, subject)
        found = {contract.table.name: own.num_rows}
        for child in contract.children:
            iceberg = self._table(child)
            found[child.name] = 0 if iceberg is None else self._standing(iceberg, own).num_rows
        return found

    def snapshots(self, contract: Contract) -> dict[str, int]:
        """Table -> how many snapshots it knows."""
        tables = {table.name: self.lakehouse.find(table) for table in contract.tables}
        return {name: len(iceberg.metadata.snapshots) for name, iceberg in tables.items() if iceberg}

    def erase(self, contract: Contract, subject: Subject) -> None:
        """Take the person's rows out of the dataset's tables; elements first, so that a repeat still finds whose.

        Raises:
            CommitConflict: if others were faster every time.
        """
        own = self._own(contract, subject)
        for child in contract.children:
            until_committed(partial(self._without, child, own))
        until_committed(partial(self._without, contract.table, self._named(contract, subject)))

    def forget(self, table: Table) -> None:
        """Make the table forget all snapshots but the current one.

        Raises:
            CommitConflict: if others were faster every time.
        """

        def attempt() -> None:
            iceberg = self.lakehouse.find(table)
            if iceberg is None:
                return
            now = iceberg.metadata.current_snapshot_id
            old = [each.snapshot_id for each in iceberg.metadata.snapshots if each.snapshot_id != now]
            if old:
                iceberg.maintenance.expire_snapshots().by_ids(old).commit()

        until_committed(attempt)

    def clear(self, table: Table, since: datetime) -> int:
        """Remove the table's files that it does not refer to, also those from before a rebuild; how many went.

        Args:
            table: The table.
            since: When nobody was writing, UTC: what is younger may be about to be committed.
        """
        iceberg = self.lakehouse.find(table)
        if iceberg is None:
            return 0
        needed = _needed(iceberg)
        dead = {each.metadata_file for each in iceberg.metadata.metadata_log} - needed
        bucket = self.store.settings.bucket(Layer.SILVER)

        def doomed(key: str, modified: datetime) -> bool:
            location = f"s3://{bucket}/{key}"
            return location not in needed and (location in dead or modified < since)

        return self.store.remove(Layer.SILVER, self._prefixes(bucket, table), doomed)

    def _table(self, table: Table) -> IcebergTable | None:
        """The table with the contract's columns, also those that were called otherwise; None if it was never made."""
        return None if self.lakehouse.find(table) is None else self.lakehouse.load(table)

    def _prefixes(self, bucket: str, table: Table) -> list[str]:
        pages = self.store.client.get_paginator("list_objects_v2")
        found = [
            each["Prefix"].rstrip("/")
            for page in pages.paginate(Bucket=bucket, Prefix=table.name, Delimiter="/")
            for each in page.get("CommonPrefixes", [])
        ]
        return [f"{each}/" for each in found if each == table.name or names.is_rebuilt(table.name, each)]

    def _own(self, contract: Contract, subject: Subject) -> pa.Table:
        """The keys of the person's rows in the dataset's own table."""
        iceberg = self._table(contract.table)
        if iceberg is None:
            return pa.table({name: pa.array([], pa.null()) for name in contract.table.primary_key})
        named = self._named(contract, subject)
        return self._standing(iceberg, named, contract.table.primary_key).select(contract.table.primary_key)

    def _named(self, contract: Contract, subject: Subject) -> pa.Table:
        iceberg, column = self._table(contract.table), contract.table.column(subject.column)
        value = pa.array([subject.typed(column)])
        if iceberg is not None:
            value = value.cast(schema_to_pyarrow(iceberg.schema().find_field(column.name).field_type))
        return pa.table({column.name: value})

    def _standing(self, iceberg: IcebergTable, keys: pa.Table, columns: Iterable[str] = ()) -> pa.Table:
        """The columns, and those of `keys`, of the rows that have one of `keys`."""
        held_in = holding(self.connection, iceberg, keys)
        return standing(self.connection, iceberg, held_in, keys, list(dict.fromkeys([*columns, *keys.column_names])))

    def _without(self, table: Table, keys: pa.Table) -> None:
        """Commit the table without the rows that have one of `keys`, and without manifests that tell of others gone.

        A file of which a delete file hides rows is written again in any case: they may be the person's.
        """
        iceberg = self._table(table)
        if iceberg is None or iceberg.metadata.current_snapshot_id is None:
            return
        losing = {task.file.file_path: task for task in holding(self.connection, iceberg, keys)}
        losing |= {task.file.file_path: task for task in planned(iceberg) if task.delete_files}
        replacing.erase(self.connection, iceberg, list(losing.values()), keys)


def _needed(iceberg: IcebergTable) -> set[str]:
    """The locations of all files that the table refers to."""
    needed = {iceberg.metadata_location}
    for snapshot in iceberg.metadata.snapshots:
        needed.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(iceberg.io):
            needed.add(manifest.manifest_path)
            entries = manifest.fetch_manifest_entry(iceberg.io, discard_deleted=True)
            needed |= {entry.data_file.file_path for entry in entries}
    statistics: Iterable[Any] = [*iceberg.metadata.statistics, *iceberg.metadata.partition_statistics]
    return needed | {each.statistics_path for each in statistics}
