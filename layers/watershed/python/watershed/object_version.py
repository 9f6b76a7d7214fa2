"""What S3 keeps: one version of one object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

UNVERSIONED = "null"  # what S3 calls the version of an object in a bucket without versioning


@dataclass(frozen=True)
class ObjectVersion:
    """One version of one object: its bytes never change, unless a person is erased from them (`remainder`)."""

    bucket: str
    key: str
    version: str
    size: int  # bytes
    last_modified: datetime  # UTC, with its zone
    place: tuple[str, str] | None = None  # key and version of the remainder that stands for it, if rows were erased

    @property
    def stored(self) -> tuple[str, str]:
        """Key and version under which its bytes are."""
        return self.place or (self.key, self.version)
