"""pyiceberg's door to S3, through boto3: the client that the rest of Watershed uses, in Lambda and on the laptop alike.

pyarrow's own S3 client would be a second one, with its own credentials, endpoints and start-up cost.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from watershed.ranges import RangeReader

if TYPE_CHECKING:
    from types import TracebackType

    from pyiceberg.typedef import Properties

IMPLEMENTATION = "watershed.silver.file_io.S3FileIO"  # value of the catalog property `py-io-impl`
CLIENT = "watershed.s3"  # catalog property: the boto3 client
_ABSENT = frozenset({"404", "NoSuchKey"})
_TAKEN = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})


class S3FileIO(FileIO):
    """Reads by range, writes whole objects, deletes nothing."""

    def __init__(self, properties: Properties) -> None:
        super().__init__(properties)
        self._client = properties[CLIENT]

    def new_input(self, location: str) -> S3InputFile:
        """The object at `location`, for reading."""
        return S3InputFile(location, self._client)

    def new_output(self, location: str) -> S3OutputFile:
        """The object at `location`, for writing."""
        return S3OutputFile(location, self._client)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Leave the object to maintenance, which removes what no snapshot refers to.

        pyiceberg deletes a commit's files when Glue reports a conflict. But if the answer to a successful commit was
        lost, the client's own repeat of the request is what conflicts: the files are the table's, and must stay.
        """


class S3InputFile(InputFile):
    """One object."""

    def __init__(self, location: str, client: Any) -> None:
        super().__init__(location)
        self._client = client

    def __len__(self) -> int:
        """Bytes."""
        return int(_head(self._client, self.location)["ContentLength"])

    def exists(self) -> bool:
        """Whether the object is there."""
        return _exists(self._client, self.location)

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002  # pyiceberg's signature
        """The object's bytes.

        Raises:
            FileNotFoundError: if it is not there.
        """
        return RangeReader(self._client, *_split(self.location))


class S3OutputFile(OutputFile):
    """One object to be."""

    def __init__(self, location: str, client: Any) -> None:
        super().__init__(location)
        self._client = client
        self._upload: Upload | None = None

    def __len__(self) -> int:
        """Bytes, once written."""
        if self._upload is not None and self._upload.closed:
            return self._upload.size
        return len(self.to_input_file())

    def exists(self) -> bool:
        """Whether the object is there."""
        return _exists(self._client, self.location)

    def to_input_file(self) -> S3InputFile:
        """The same object, for reading."""
        return S3InputFile(self.location, self._client)

    def create(self, overwrite: bool = False) -> OutputStream:  # pyiceberg's signature
        """A stream whose bytes become the object when it is closed.

        Raises:
            FileExistsError: on closing, if the object is there and `overwrite` is false.
        """
        self._upload = Upload(self.location, self._client, overwrite=overwrite)
        return self._upload


class Upload(io.BytesIO):
    """An object's bytes on their way: written whole on closing, not at all if the `with` ends in an error."""

    def __init__(self, location: str, client: Any, *, overwrite: bool) -> None:
        super().__init__()
        self._location, self._client, self._overwrite = location, client, overwrite
        self.size = 0  # bytes, once closed

    def close(self) -> None:
        """Write the object.

        Raises:
            FileExistsError: if it is there and may not be overwritten.
        """
        if self.closed:
            return
        data = self.getvalue()
        self.size = len(data)
        super().close()
        bucket, key = _split(self._location)
        condition = {} if self._overwrite else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=data, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                raise FileExistsError(self._location) from error
            raise

    def __del__(self) -> None:
        """Drop what nobody closed: an interpreter that clears up must not write half an object."""
        super().close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the object, or drop it after an error."""
        if error is None:
            self.close()
        else:
            super().close()


def _split(location: str) -> tuple[str, str]:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bucket, key


def _head(client: Any, location: str) -> dict[str, Any]:
    bucket, key = _split(location)
    answer: dict[str, Any] = client.head_object(Bucket=bucket, Key=key)
    return answer


def _exists(client: Any, location: str) -> bool:
    try:
        _head(client, location)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return False
        raise
    return True
