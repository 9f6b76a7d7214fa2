"""A stand-in for S3 whose objects are files: moto would hold a file of 2 GB in the memory that is to be measured."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

_NOT_FOUND, _PRECONDITION = 404, 412


class FileS3:
    """The part of boto3's S3 client that bronze and silver use; an object is `<folder>/<bucket>/<key, quoted>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, bucket: str, key: str) -> Path:
        """Where an object is."""
        return self._folder / bucket / quote(key, safe="")

    def get_object(self, **request: Any) -> dict[str, Any]:
        """GetObject, whole or by `Range`."""
        path = self._present(request, "NoSuchKey")
        size, body = path.stat().st_size, path.open("rb")
        modified = self._modified(path)
        answer = {"ContentLength": size, "LastModified": modified, "ETag": modified.isoformat(), "Body": body}
        if "Range" not in request:
            return answer
        first, _, last = request["Range"].removeprefix("bytes=").partition("-")
        start = int(first) if first else max(size - int(last), 0)
        end = min(int(last), size - 1) if first and last else size - 1
        with body:
            body.seek(start)
            part = body.read(end - start + 1)
        return answer | {"Body": io.BytesIO(part), "ContentRange": f"bytes {start}-{end}/{size}"}

    def head_object(self, **request: Any) -> dict[str, Any]:
        """HeadObject."""
        path = self._present(request, "404")
        return {"ContentLength": path.stat().st_size, "LastModified": self._modified(path)}

    def put_object(self, **request: Any) -> dict[str, Any]:
        """PutObject, with `IfNoneMatch`."""
        path = self.path(request["Bucket"], request["Key"])
        if "IfNoneMatch" in request and path.exists():
            raise _refusal("PreconditionFailed", _PRECONDITION)
        path.parent.mkdir(parents=True, exist_ok=True)
        body: bytes | BinaryIO = request["Body"]
        path.write_bytes(body if isinstance(body, bytes) else body.read())
        return {}

    def delete_objects(self, **request: Any) -> dict[str, Any]:
        """DeleteObjects."""
        for each in request["Delete"]["Objects"]:
            self.path(request["Bucket"], each["Key"]).unlink(missing_ok=True)
        return {}

    def _present(self, request: dict[str, Any], code: str) -> Path:
        path = self.path(request["Bucket"], request["Key"])
        if not path.exists():
            raise _refusal(code, _NOT_FOUND)
        return path

    @staticmethod
    def _modified(path: Path) -> datetime:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _refusal(code: str, status: int) -> ClientError:
    """What boto3 raises when S3 refuses a request."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "Operation")
