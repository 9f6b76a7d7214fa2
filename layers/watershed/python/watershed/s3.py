"""The one way to S3: open an exact object version as a stream, put, delete. Errors come out of the one error tree."""

from __future__ import annotations

import io
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from watershed import remainder
from watershed.errors import ObjectGone, Terminal, Transient
from watershed.object_version import UNVERSIONED, ObjectVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from botocore.response import StreamingBody

_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"})  # the last: a delete marker
_EXISTS = frozenset({"PreconditionFailed", "412"})
_TRY_AGAIN = frozenset(
    {
        "ConditionalRequestConflict",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "RequestTimeout",
        "RequestTimeTooSkewed",
    }
)
_KEYS_PER_DELETE = 1000
_SERVER_ERROR = 500


class S3Client(Protocol):
    """The part of boto3's S3 client used here."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        """GetObject."""

    def head_object(self, **request: Any) -> dict[str, Any]:
        """HeadObject."""

    def put_object(self, **request: Any) -> dict[str, Any]:
        """PutObject."""

    def delete_objects(self, **request: Any) -> dict[str, Any]:
        """DeleteObjects."""


class ObjectStream(io.RawIOBase):
    """The bytes of one object version, read once, forward. Close it, or use it in a `with`.

    Reading raises `Transient` when the connection breaks, so a short read never looks like a short object.
    """

    def __init__(self, version: ObjectVersion, body: StreamingBody) -> None:
        super().__init__()
        self.version = version
        self._body = body

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        """Fill `buffer` from the object; 0 at its end."""
        with mapped(self.version.bucket, self.version.key):
            data: bytes = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._body.close()
        super().close()


class S3:
    """Objects by bucket and key."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def open(self, bucket: str, key: str, version: str | None = None) -> ObjectStream:
        """Open one version, or the latest, for reading.

        Raises:
            Terminal: if the object or this version of it is gone, or may not be read.
            Transient: if S3 does not answer.
        """
        chosen = {} if version is None else {"VersionId": version}
        with mapped(bucket, key):
            answer = self._client.get_object(Bucket=bucket, Key=key, **chosen)
        found = ObjectVersion(
            bucket=bucket,
            key=key,
            version=answer.get("VersionId", UNVERSIONED),
            size=answer["ContentLength"],
            last_modified=answer["LastModified"],
        )
        return ObjectStream(remainder.resolved(found, answer.get("Metadata", {})), answer["Body"])

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is such an object.

        Raises:
            Terminal: if that may not be known.
            Transient: if S3 does not answer.
        """
        with mapped(bucket, key):
            try:
                self._client.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _GONE:
                    return False
                raise
        return True

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        metadata: Mapping[str, str] = MappingProxyType({}),
        tag: tuple[str, str] | None = None,
    ) -> str:
        """Write one object, whole or not at all; the version's id.

        Args:
            bucket: Its name.
            key: The object's.
            body: All of it, or a file to be read from where it stands.
            metadata: What is noted beside it.
            tag: A name and a value by which lifecycle rules choose; asks for a permission of its own.

        Raises:
            Terminal: if this may not be written.
            Transient: if S3 does not answer.
        """
        with mapped(bucket, key):
            noted = {"Metadata": dict(metadata)} if metadata else {}
            tagged = {"Tagging": urlencode([tag])} if tag else {}
            answer = self._client.put_object(Bucket=bucket, Key=key, Body=body, **noted, **tagged)
        return str(answer.get("VersionId", UNVERSIONED))

    def put_new(self, bucket: str, key: str, body: bytes) -> bool:
        """Write one object unless it exists.

        Returns:
            Whether it was written now; False: it stays as it was.

        Raises:
            Terminal: if this may not be written.
            Transient: if S3 does not answer.
        """
        with mapped(bucket, key):
            try:
                self._client.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] in _EXISTS:
                    return False
                raise
        return True

    def read(self, bucket: str, key: str) -> tuple[bytes, str] | None:
        """A small object and its entity tag, by which `put_if` knows it; None if there is none.

        Raises:
            Terminal: if it may not be read.
            Transient: if S3 does not answer.
        """
        with mapped(bucket, key):
            try:
                answer = self._client.get_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _GONE:
                    return None
                raise
            return answer["Body"].read(), str(answer["ETag"])

    def put_if(self, bucket: str, key: str, body: bytes, tag: str | None) -> str | None:
        """Write one object if it is still the one that was read.

        Args:
            bucket: Its name.
            key: The object's.
            body: All of it.
            tag: The entity tag that `read` gave; None: there must be no such object.

        Returns:
            The new entity tag; None: somebody else wrote it meanwhile, and it stays as that is.

        Raises:
            Terminal: if this may not be written.
            Transient: if S3 does not answer.
        """
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        with mapped(bucket, key):
            try:
                answer = self._client.put_object(Bucket=bucket, Key=key, Body=body, **condition)
            except ClientError as error:
                if error.response["Error"]["Code"] in _EXISTS | _GONE:
                    return None
                raise
        return str(answer["ETag"])

    def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete the objects that exist among `keys`.

        Raises:
            Terminal: if they may not be deleted.
            Transient: if S3 does not answer, or leaves one.
        """
        for start in range(0, len(keys), _KEYS_PER_DELETE):
            self._delete(bucket, [{"Key": key} for key in keys[start : start + _KEYS_PER_DELETE]])

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """Delete one version for good, if it is there.

        Raises:
            Terminal: if it may not be deleted.
            Transient: if S3 does not answer.
        """
        self._delete(bucket, [{"Key": key, "VersionId": version}])

    def _delete(self, bucket: str, some: Sequence[Mapping[str, str]]) -> None:
        with mapped(bucket, some[0]["Key"]):
            answer = self._client.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
        if answer.get("Errors"):
            failed = answer["Errors"][0]
            raise Transient(
                f"s3://{bucket}/{failed['Key']} could not be deleted ({failed['Code']}).",
                remedy="The queue repeats the message.",
            )

    def facts(self, bucket: str, key: str, version: str) -> dict[str, Any] | None:
        """What HeadObject tells of one version; None if it is gone.

        Raises:
            Terminal: if that may not be known.
            Transient: if S3 does not answer.
        """
        with mapped(bucket, key):
            try:
                return self._client.head_object(Bucket=bucket, Key=key, VersionId=version)
            except ClientError as error:
                if error.response["Error"]["Code"] in _GONE:
                    return None
                raise


@contextmanager
def mapped(bucket: str, key: str) -> Iterator[None]:
    """Turn botocore's errors into ours: what decides is whether a later attempt may succeed."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _GONE:
            raise ObjectGone(
                f"s3://{bucket}/{key} or the version asked for no longer exists ({code}).",
                remedy="Put the object again; versions must outlive the queue's retries.",
            ) from error
        if code in _TRY_AGAIN or status >= _SERVER_ERROR:
            raise Transient(
                f"S3 did not serve s3://{bucket}/{key} ({code}).", remedy="The queue repeats the message."
            ) from error
        raise Terminal(
            f"S3 refused s3://{bucket}/{key} ({code}).", remedy="Check the function's role and the bucket's policy."
        ) from error
    except BotoCoreError as error:
        raise Transient(
            f"The connection to s3://{bucket}/{key} broke ({type(error).__name__}).",
            remedy="The queue repeats the message.",
        ) from error
