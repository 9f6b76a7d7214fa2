"""What is in a bucket, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from watershed import remainder
from watershed.object_version import ObjectVersion
from watershed.s3 import mapped

if TYPE_CHECKING:
    from collections.abc import Iterator


class ListingClient(Protocol):
    """The part of boto3's S3 client used to list."""

    def head_object(self, **request: Any) -> dict[str, Any]:
        """HeadObject."""

    def list_object_versions(self, **request: Any) -> dict[str, Any]:
        """ListObjectVersions."""

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """ListObjectsV2."""


class Listing:
    """What is in a bucket, page by page."""

    def __init__(self, client: ListingClient) -> None:
        self._client = client

    def versions(self, bucket: str) -> Iterator[ObjectVersion]:
        """Every version of every object; delete markers are none. A remainder counts as what it stands for.

        Raises:
            Terminal: if the bucket is gone or may not be listed.
            Transient: if S3 does not answer.
        """
        at: dict[str, str] = {}
        while True:
            with mapped(bucket, ""):
                page = self._client.list_object_versions(Bucket=bucket, **at)
            for found in page.get("Versions", []):
                version = ObjectVersion(bucket, found["Key"], found["VersionId"], found["Size"], found["LastModified"])
                yield self.resolved(version)
            if not page.get("IsTruncated"):
                return
            at = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def resolved(self, found: ObjectVersion) -> ObjectVersion:
        """The object version that `found` stands for, if it is a remainder.

        Raises:
            Terminal: if it is gone.
            Transient: if S3 does not answer.
        """
        if not found.key.startswith(remainder.PREFIX):
            return found
        with mapped(found.bucket, found.key):
            noted = self._client.head_object(Bucket=found.bucket, Key=found.key, VersionId=found.version)
        return remainder.resolved(found, noted.get("Metadata", {}))

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`.

        Raises:
            Terminal: if the bucket is gone or may not be listed.
            Transient: if S3 does not answer.
        """
        at: dict[str, str] = {}
        while True:
            with mapped(bucket, prefix):
                page = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, **at)
            yield from (found["Key"] for found in page.get("Contents", []))
            if not page.get("IsTruncated"):
                return
            at = {"ContinuationToken": page["NextContinuationToken"]}
