"""Zips a folder so that equal contents give equal bytes."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_READABLE_FILE = 0o100644 << 16


@dataclass(frozen=True)
class Contents:
    """What went into an archive."""

    digest: str  # SHA-256 over names and bytes: the same on every machine, whatever its zlib
    unzipped: int  # bytes


def archive(folder: Path, target: Path) -> Contents:
    """Write all files of `folder` to the zip `target`, in order of name, without times, owners or modes."""
    digest, unzipped = hashlib.sha256(), 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name, data = file.relative_to(folder).as_posix(), file.read_bytes()
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _READABLE_FILE
            zipped.writestr(entry, data)
            digest.update(f"{name}\0{len(data)}\0".encode())
            digest.update(data)
            unzipped += len(data)
    return Contents(digest.hexdigest(), unzipped)
