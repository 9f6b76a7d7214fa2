"""Which snapshots of an Iceberg table are too old, and which files then belong to none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from moto.s3.models import s3_backends

from local.athena.fileio import ACCOUNT
from local.athena.iceberg_commit import committing
from local.athena.objects import split_uri

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

    from local.athena.objects import Objects

# Athena's table properties and their defaults: https://docs.aws.amazon.com/athena/latest/ug/vacuum-statement.html
_AGE = ("vacuum_max_snapshot_age_seconds", 432_000)
_FEWEST = ("vacuum_min_snapshots_to_keep", 1)
_DATA = "data/"


@dataclass(frozen=True)
class Vacuumed:
    """How many snapshots and files went."""

    snapshots: int
    files: int


def vacuum(table: Table, objects: Objects, now: datetime) -> Vacuumed:
    """Expire what is too old; then delete the files of expired snapshots, and old strays in the data folder.

    A file that a remaining snapshot refers to stays, and so does every metadata file.

    Raises:
        StatementFailed: `ICEBERG_COMMIT_ERROR` if another writer committed since the table was read.
    """
    before = now - timedelta(seconds=_property(table, *_AGE))
    expired = [each.snapshot_id for each in _expired(table, before)]
    reachable = _files(table, table.metadata.snapshots)
    if expired:
        with committing(table):
            table.maintenance.expire_snapshots().by_ids(expired).commit()
    kept = _files(table, table.metadata.snapshots)
    gone = (reachable - kept) | (_strays(table, objects, before) - kept)
    deleted = 0
    for uri in sorted(gone):
        found = objects.find(uri)
        if found is not None:
            objects.delete(found)
            deleted += 1
    return Vacuumed(len(expired), deleted)


def _expired(table: Table, before: datetime) -> list[Snapshot]:
    """Snapshots older than allowed, but for the newest few on the way to the current one, and what has a name."""
    by_id = {each.snapshot_id: each for each in table.metadata.snapshots}
    named = {ref.snapshot_id for ref in table.metadata.refs.values()}
    keep, at = set(named), table.metadata.current_snapshot_id
    for _ in range(_property(table, *_FEWEST)):
        if at not in by_id:
            break
        keep.add(at)
        at = by_id[at].parent_snapshot_id
    limit = before.timestamp() * 1000
    return [each for each in table.metadata.snapshots if each.snapshot_id not in keep and each.timestamp_ms < limit]


def _files(table: Table, snapshots: Iterable[Snapshot]) -> set[str]:
    """The manifest lists, manifests, data and delete files of the snapshots."""
    found: set[str] = set()
    manifests = {}
    for snapshot in snapshots:
        found.add(snapshot.manifest_list)
        manifests.update({each.manifest_path: each for each in snapshot.manifests(table.io)})
    for path, manifest in manifests.items():
        found.add(path)
        found |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)}
    return found


def _strays(table: Table, objects: Objects, before: datetime) -> set[str]:
    """Objects in the table's data folder from before that time: abandoned commits leave such."""
    folder = f"{table.location().rstrip('/')}/{_DATA}"
    backend = s3_backends[table.io.properties[ACCOUNT]]["aws"]
    keys = backend.get_bucket(split_uri(folder)[0]).keys
    return {item.uri for item in objects.list(folder) if keys[item.key].last_modified < before.replace(tzinfo=None)}


def _property(table: Table, name: str, default: int) -> int:
    return int(table.properties.get(name, default))
