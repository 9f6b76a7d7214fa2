"""pyiceberg's view of S3 for statements that change a table: it writes and deletes as well."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyiceberg.io import InputFile, OutputFile, OutputStream

from local.athena.fileio import MemoryFileIO

if TYPE_CHECKING:
    from local.athena.objects import Objects


class _Stream(io.BytesIO):
    """Bytes that become an object when they are closed."""

    def __init__(self, location: str, objects: Objects) -> None:
        super().__init__()
        self._location, self._objects = location, objects

    def close(self) -> None:
        if not self.closed:
            self._objects.write(self._location, self.getvalue())
        super().close()


class _Output(OutputFile):
    def __init__(self, location: str, files: WritingFileIO, objects: Objects) -> None:
        super().__init__(location)
        self._files, self._objects = files, objects

    def __len__(self) -> int:
        found = self._objects.find(self.location)
        return found.size if found else 0

    def exists(self) -> bool:
        return self._objects.find(self.location) is not None

    def to_input_file(self) -> InputFile:
        return self._files.new_input(self.location)

    def create(self, overwrite: bool = False) -> OutputStream:
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Stream(self.location, self._objects)


class WritingFileIO(MemoryFileIO):
    """Reads, writes and deletes what moto holds."""

    def new_output(self, location: str) -> OutputFile:
        """The object to be at `location`."""
        return _Output(location, self, self._objects)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete the object, if it is there."""
        found = self._objects.find(location if isinstance(location, str) else location.location)
        if found is not None:
            self._objects.delete(found)
