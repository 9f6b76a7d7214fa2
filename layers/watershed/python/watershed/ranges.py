"""An object of S3 as a file that can be read anywhere in it, by ranges: Parquet is read from its end."""

from __future__ import annotations

import io
from typing import Any

from botocore.exceptions import ClientError

_AT_ONCE = 1024 * 1024  # bytes: one request brings small files whole, and a large one's Parquet footer
_ABSENT = frozenset({"404", "NoSuchKey"})


class RangeReader(io.RawIOBase):
    """An object's bytes, fetched in pieces of at least 1 MB as they are asked for.

    Args:
        client: boto3's `s3` client.
        bucket: The object's bucket.
        key: Its key.

    Raises:
        FileNotFoundError: if it is not there.
    """

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        super().__init__()
        self._client, self._bucket, self._key = client, bucket, key
        self._position = 0
        # The end first: a Parquet file is read from its footer, and most other files are not longer than this.
        body, self._size = self._fetch(f"bytes=-{_AT_ONCE}")
        self._start, self._bytes = self._size - len(body), body
        self._tail = (self._start, body)

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the new position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes, or all that are left; fewer only at the end."""
        left = max(self._size - self._position, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        for start, held in ((self._start, self._bytes), self._tail):
            if start <= self._position and self._position + wanted <= start + len(held):
                break
        else:
            last = min(self._position + max(wanted, _AT_ONCE), self._size) - 1
            held, _ = self._fetch(f"bytes={self._position}-{last}")
            start, self._start, self._bytes = self._position, self._position, held
        offset = self._position - start
        self._position += wanted
        return held[offset : offset + wanted]

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; 0 at the end."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _fetch(self, byte_range: str) -> tuple[bytes, int]:
        """The bytes, and the object's size."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=byte_range)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                raise FileNotFoundError(f"s3://{self._bucket}/{self._key}") from error
            raise
        with answer["Body"] as body:
            data: bytes = body.read()
        size = answer["ContentRange"].rpartition("/")[2] if "ContentRange" in answer else len(data)
        return data, int(size)
