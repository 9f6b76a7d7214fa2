"""The region's masking key: made once, kept where only those who may read what it masks can read it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from watershed import names
from watershed.s3 import S3

BYTES = 32  # as long as the hash


@dataclass(frozen=True)
class MaskingKey:
    """The one row of `ops.masking_key`: 64 hexadecimal digits, with which gold's masked tables hash personal data.

    It does not change by itself, so equal values have equal hashes in every refresh. Nobody needs to know it, so nobody
    is told.

    Args:
        s3: Where to write.
        bucket: Silver's.
    """

    s3: S3
    bucket: str

    def make(self) -> None:
        """Make it, unless there is one.

        Raises:
            Terminal: if it may not be written.
            Transient: if S3 does not answer.
        """
        self.s3.put_new(self.bucket, names.MASKING_KEY, f"{secrets.token_hex(BYTES)}\n".encode())
