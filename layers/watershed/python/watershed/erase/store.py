"""One region's buckets, as an erasure needs them: Parquet by key, whole prefixes, and every version of an object."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyarrow import parquet

from watershed import names
from watershed.bronze.parts import encode
from watershed.listing import Listing
from watershed.names import Layer
from watershed.s3 import S3
from watershed.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pyarrow as pa

    from watershed.erase.plan import Affected

Doomed = Callable[[str, "datetime"], bool]  # key, last modified -> whether it goes


@dataclass(frozen=True)
class Store:
    """Reads, rewrites and removes objects.

    Args:
        settings: Where they are.
        client: boto3's S3 client.
    """

    settings: Settings
    client: Any

    @property
    def s3(self) -> S3:
        """The objects."""
        return S3(self.client)

    @property
    def listing(self) -> Listing:
        """What there is."""
        return Listing(self.client)

    def table(self, layer: Layer, key: str) -> pa.Table:
        """The rows of a Parquet object."""
        with self.s3.open(self.settings.bucket(layer), key) as stream:
            return parquet.read_table(io.BytesIO(stream.read()))

    def put(self, layer: Layer, key: str, table: pa.Table) -> None:
        """Write rows as a Parquet object, or remove the object if there are none; no earlier version of it stays."""
        bucket = self.settings.bucket(layer)
        if table.num_rows:
            elsewhere = layer is Layer.QUARANTINE and f"{names.ELSEWHERE_SUFFIX}-" in key
            self.s3.put(bucket, key, encode(table), tag=names.ELSEWHERE if elsewhere else None)
        self.remove(layer, [key], lambda found, _: found == key and not table.num_rows)

    def accounts(self, table: str, affected: Affected) -> list[str]:
        """Keys of what was written down about an object's parts in the ledger's or quarantine's `table`."""
        layer = {names.LEDGER_TABLE: Layer.LEDGER, names.QUARANTINE_TABLE: Layer.QUARANTINE}[table]
        of = affected.identity(self.settings.bucket(Layer.RAW))
        batch = affected.batch(of.bucket)
        head = f"{table}/dataset={affected.dataset}/ingest_date={of.last_modified:%Y-%m-%d}/{batch}-"
        return sorted(self.listing.keys(self.settings.bucket(layer), head))

    def parts(self, affected: Affected) -> dict[int, str]:
        """Part -> key, of what bronze holds of an object."""
        of = affected.identity(self.settings.bucket(Layer.RAW))
        first = names.bronze_key(affected.dataset, of.last_modified, affected.batch(of.bucket), 0)
        head = first.removesuffix(f"{0:05d}.parquet")
        keys = self.listing.keys(self.settings.bucket(Layer.BRONZE), head)
        return {int(key.removeprefix(head).removesuffix(".parquet")): key for key in sorted(keys)}

    def remove(self, layer: Layer, prefixes: Iterable[str], doomed: Doomed) -> int:
        """Delete objects for good, with all versions; of those that stay, all versions but the latest.

        Args:
            layer: The bucket.
            prefixes: Which objects are looked at.
            doomed: Which of them go.

        Returns:
            How many objects went.
        """
        bucket, gone = self.settings.bucket(layer), set()
        for prefix in prefixes:
            for found in list(self._versions(bucket, prefix)):
                goes = doomed(found["Key"], found["LastModified"])
                if goes or not found["IsLatest"]:
                    self.s3.delete_version(bucket, found["Key"], found["VersionId"])
                if goes and found["IsLatest"]:
                    gone.add(found["Key"])
        return len(gone)

    def versions(self, bucket: str, key: str) -> Iterator[dict[str, Any]]:
        """Every version of one object, and every delete marker, as S3 lists them."""
        return (found for found in self._versions(bucket, key) if found["Key"] == key)

    def _versions(self, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
        """Also delete markers, which are versions of a deleted object."""
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            yield from page.get("Versions", [])
            yield from page.get("DeleteMarkers", [])
