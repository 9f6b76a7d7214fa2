"""One Iceberg snapshot that swaps data files. On top of pyiceberg's overwrite, it keeps the list of manifests short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.expressions import AlwaysTrue
from pyiceberg.manifest import ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _ManifestMergeManager, _OverwriteFiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.metadata import TableMetadata

_MANIFEST_BYTES = 8 * 1024 * 1024
_MANY_MANIFESTS = 24  # planning reads them all: one more than this, and a commit makes them few


class _Swap(_OverwriteFiles):
    """pyiceberg 0.12's overwrite merges no manifests, and carries along those that only say what was deleted before.

    Both would make planning slower with every commit.
    """

    deletes: Collection[str] | None = None  # the delete files still needed; None if that is not known

    def _existing_manifests(self) -> list[ManifestFile]:
        return [each for each in super()._existing_manifests() if self._is_needed(each)]

    def _is_needed(self, manifest: ManifestFile) -> bool:
        if manifest.content == ManifestContent.DELETES and self.deletes is not None:
            entries = manifest.fetch_manifest_entry(self._io, discard_deleted=True)
            return any(entry.data_file.file_path in self.deletes for entry in entries)
        return manifest.has_added_files() or manifest.has_existing_files()

    def _process_manifests(self, manifests: list[ManifestFile]) -> list[ManifestFile]:
        data = [each for each in manifests if each.content == ManifestContent.DATA]
        deletes = [each for each in manifests if each.content == ManifestContent.DELETES]
        merger = _ManifestMergeManager(_MANIFEST_BYTES, _MANY_MANIFESTS, merge_enabled=True, snapshot_producer=self)
        return merger.merge_manifests(data) + deletes


class _Forgetting(_Swap):
    """Remembers nothing of what it replaces: a manifest's entry of a deleted file still has its columns' bounds."""

    def _existing_manifests(self) -> list[ManifestFile]:
        return [kept for each in super()._existing_manifests() for kept in self._living(each)]

    def _living(self, manifest: ManifestFile) -> list[ManifestFile]:
        entries = manifest.fetch_manifest_entry(self._io, discard_deleted=False)
        living = [each for each in entries if each.status != ManifestEntryStatus.DELETED]
        if len(living) == len(entries):
            return [manifest]
        with self.new_manifest_writer(self.spec(manifest.partition_spec_id)) as writer:
            for entry in living:
                writer.existing(entry)
        return [writer.to_manifest_file()] if living else []

    def _deleted_entries(self) -> list[ManifestEntry]:
        super()._deleted_entries()  # which checks that the files are there
        return []


class _Transaction(Transaction):
    """pyiceberg 0.12 copies the metadata, with every snapshot in it, each time a commit looks at it: a dozen times."""

    @property
    def table_metadata(self) -> TableMetadata:
        return super().table_metadata if self._updates else self._table.metadata


def swap(
    table: IcebergTable,
    removed: Iterable[DataFile],
    added: Iterable[DataFile],
    properties: dict[str, str],
    deletes: Collection[str] | None = None,
) -> None:
    """Commit one snapshot of `table` without the files `removed` and with the files `added`, or nothing at all.

    Args:
        table: As it was when the files were chosen.
        removed: Data files that go.
        added: Data files that come.
        properties: The snapshot's.
        deletes: The delete files that still concern a data file, by address: manifests of none but others go as well.
            Without this all stay; what they say of files that are gone does no harm.

    Raises:
        CommitFailedException: if another writer committed since `table` was loaded.
        ValidationException: if a file to remove is gone.
    """
    removed = list(removed)
    operation = Operation.OVERWRITE if removed else Operation.APPEND
    with _Transaction(table) as transaction:
        swapping = _Swap(operation, transaction, table.io, None, properties)
        swapping.deletes = deletes
        _exchange(table, swapping, removed, added)


def forget(table: IcebergTable, removed: Iterable[DataFile], added: Iterable[DataFile]) -> None:
    """As `swap`, so that neither rows of files `removed` nor their statistics are in what the snapshot refers to.

    No file that is left may have delete files.
    """
    removed = list(removed)
    operation = Operation.OVERWRITE if removed else Operation.APPEND
    with _Transaction(table) as transaction:
        swapping = _Forgetting(operation, transaction, table.io, None, {})
        swapping.deletes = ()
        _exchange(table, swapping, removed, added)


def _exchange(table: IcebergTable, swapping: _Swap, removed: list[DataFile], added: Iterable[DataFile]) -> None:
    with swapping:
        for data_file in removed:
            swapping.delete_data_file(data_file)
        for data_file in added:
            swapping.append_data_file(data_file)
        if removed and table.spec().is_unpartitioned():
            # The manifests to look into are found by partition, of which there are none here: look into all.
            swapping.delete_by_predicate(AlwaysTrue())
