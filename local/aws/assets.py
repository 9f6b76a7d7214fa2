"""Uploads what templates refer to. A folder becomes a zip; each source is packed once for all regions."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

from local.aws.runtime.layers import REQUIREMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from local.aws.assembly import StackArtifact
    from local.aws.clients import Clients


class Publisher:
    """Uploads the assets of one deployment to the buckets that a bootstrapped account would have.

    Third-party layers are tens of megabytes that are never run here (see `runtime.layers`): of those only the list of
    pinned packages is uploaded.

    Args:
        clients: for S3.
        account: stands for `${AWS::AccountId}`.
    """

    def __init__(self, clients: Clients, account: str) -> None:
        self._clients = clients
        self._account = account
        self._packed: dict[Path, bytes] = {}
        self._buckets: set[str] = set()

    def publish(self, stack: StackArtifact) -> None:
        """Upload all assets of a stack into its region."""
        s3 = self._clients.client("s3", stack.region)
        for asset in stack.assets:
            bucket = self._bucket(asset.bucket, stack.region)
            if asset.source not in self._packed:
                self._packed[asset.source] = _pack(asset.source)
            s3.put_object(Bucket=bucket, Key=asset.key, Body=self._packed[asset.source])

    def _bucket(self, pattern: str, region: str) -> str:
        values = {"${AWS::AccountId}": self._account, "${AWS::Region}": region, "${AWS::Partition}": "aws"}
        for word, value in values.items():
            pattern = pattern.replace(word, value)
        if pattern not in self._buckets:
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            s3 = self._clients.client("s3", region)
            with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
                s3.create_bucket(Bucket=pattern, **place)
            self._buckets.add(pattern)
        return pattern


def _pack(source: Path) -> bytes:
    """The bytes to upload for a file or folder."""
    if source.is_dir():
        pinned = source / REQUIREMENTS
        files = [pinned] if pinned.exists() else sorted(path for path in source.rglob("*") if path.is_file())
        return _zipped({path.relative_to(source).as_posix(): path.read_bytes() for path in files})
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as packed:
            if REQUIREMENTS in packed.namelist():
                return _zipped({REQUIREMENTS: packed.read(REQUIREMENTS)})
    return source.read_bytes()


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()
