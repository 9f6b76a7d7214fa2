"""pyiceberg's view of S3: the same objects, read in process."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile

from local.athena.objects import Objects

if TYPE_CHECKING:
    from pyiceberg.typedef import Properties

ACCOUNT, REGION = "watershed.account", "watershed.region"


class _Input(InputFile):
    def __init__(self, location: str, objects: Objects) -> None:
        super().__init__(location)
        self._objects = objects

    def __len__(self) -> int:
        found = self._objects.find(self.location)
        return found.size if found else 0

    def exists(self) -> bool:
        return self._objects.find(self.location) is not None

    def open(self, seekable: bool = True) -> InputStream:
        del seekable
        return io.BytesIO(self._objects.read(self.location))


class MemoryFileIO(FileIO):
    """Reads what moto holds. Queries never write Iceberg files."""

    def __init__(self, properties: Properties | None = None) -> None:
        super().__init__(properties or {})
        self._objects = Objects(self.properties[ACCOUNT], self.properties[REGION], Path())

    def new_input(self, location: str) -> InputFile:
        """The object at `location`."""
        return _Input(location, self._objects)

    def new_output(self, location: str) -> OutputFile:
        """Refused."""
        raise NotImplementedError(f"A query does not write {location}.")

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Refused."""
        raise NotImplementedError(f"A query does not delete {location}.")
