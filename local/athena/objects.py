"""S3 as one query sees it: its own region's buckets, read straight from moto's memory, cached on disk by version."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from moto.s3.exceptions import MissingBucket
from moto.s3.models import FakeDeleteMarker, FakeKey, s3_backends

from local.athena.errors import StatementFailed

if TYPE_CHECKING:
    from pathlib import Path

_PARTITION = "aws"  # moto keeps all buckets of an account in one backend, whatever their region


@dataclass(frozen=True)
class S3Object:
    """One object version. `size` is in bytes."""

    bucket: str
    key: str
    size: int
    etag: str
    version: str

    @property
    def uri(self) -> str:
        """`s3://bucket/key`."""
        return f"s3://{self.bucket}/{self.key}"


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key (or prefix) of an `s3://` address.

    Raises:
        StatementFailed: if it is none.
    """
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme not in {"s3", "s3a", "s3n"} or not parts.netloc:
        raise StatementFailed("GENERIC_USER_ERROR", f"'{uri}' is not an Amazon S3 location.")
    key = uri.split("://", 1)[1].partition("/")[2]
    return parts.netloc, key


class Objects:
    """The objects of one account that a query in one region may touch.

    Args:
        account: The AWS account.
        region: The query's region: buckets of another one are refused, as the lake promises.
        cache: A private folder for local copies, named by version, so that nothing is ever stale.
    """

    def __init__(self, account: str, region: str, cache: Path) -> None:
        self._backend = s3_backends[account][_PARTITION]
        self._region = region
        self._cache = cache

    def _bucket(self, name: str) -> object:
        try:
            bucket = self._backend.get_bucket(name)
        except MissingBucket:
            raise StatementFailed("GENERIC_USER_ERROR", f"The S3 bucket '{name}' does not exist.") from None
        if bucket.region_name != self._region:
            where = f"The S3 bucket '{name}' is in {bucket.region_name}, the query in {self._region}"
            message = f"{where}: no row crosses regions."
            raise StatementFailed("PERMISSION_DENIED", message)
        return bucket

    def list(self, uri: str) -> list[S3Object]:
        """The objects whose address begins with `uri`, by key. Empty objects and folder markers are left out."""
        name, prefix = split_uri(uri)
        bucket = self._bucket(name)
        found = [
            _described(name, key)
            for key_name, key in bucket.keys.items()  # type: ignore[attr-defined] # moto's own dictionary of versions
            if key_name.startswith(prefix) and not isinstance(key, FakeDeleteMarker) and key.size > 0
        ]
        return sorted(found, key=lambda item: item.key)

    def find(self, uri: str) -> S3Object | None:
        """The object at `uri`, or None."""
        key = self._key(uri)
        return _described(split_uri(uri)[0], key) if key else None

    def read(self, uri: str) -> bytes:
        """The bytes at `uri`.

        Raises:
            StatementFailed: if there is no object.
        """
        key = self._key(uri)
        if key is None:
            raise StatementFailed("GENERIC_USER_ERROR", f"The object '{uri}' does not exist.")
        return bytes(key.value)

    def _key(self, uri: str) -> FakeKey | None:
        name, key_name = split_uri(uri)
        key = self._bucket(name).keys.get(key_name)  # type: ignore[attr-defined] # as in list()
        return None if key is None or isinstance(key, FakeDeleteMarker) else key

    def write(self, uri: str, content: bytes) -> None:
        """Puts an object; S3's notifications follow as for any other."""
        name, key = split_uri(uri)
        self._bucket(name)
        self._backend.put_object(name, key, content)

    def delete(self, item: S3Object) -> None:
        """Deletes an object."""
        self._backend.delete_object(item.bucket, item.key)

    def local_copy(self, item: S3Object) -> Path:
        """A file with the object's bytes. One version is copied once, whichever query asks first."""
        identity = f"{item.bucket}\x00{item.key}\x00{item.etag}\x00{item.version}\x00{item.size}"
        path = self._cache / f"{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}.bin"
        if not path.exists():
            partial = path.with_suffix(f".{threading.get_ident()}.partial")
            partial.write_bytes(self.read(item.uri))
            partial.replace(path)
        return path


def _described(bucket: str, key: FakeKey) -> S3Object:
    return S3Object(bucket, key.name, key.size, key.etag.strip('"'), key.version_id)
