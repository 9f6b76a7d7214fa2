"""A folder that stands in for the raw buckets: what appears under `<region>/<dataset>/` is dropped there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from local.demo.loose import Drop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Signature = tuple[int, int]  # size in bytes, modification time in nanoseconds


class DropFolder:
    """Finds new and changed files. A file counts once it has looked the same twice, so no half-written one is taken.

    Args:
        folder: the folder; `<region>/<dataset>/` is made in it for every pair.
        regions: the lake's regions.
        datasets: the lake's datasets.
    """

    def __init__(self, folder: Path, regions: Iterable[str], datasets: Iterable[str]) -> None:
        self._regions = {region: folder / region for region in regions}
        for home in self._regions.values():
            for dataset in datasets:
                (home / dataset).mkdir(parents=True, exist_ok=True)
        self._seen: dict[Path, Signature] = {}
        self._taken: dict[Path, Signature] = {}

    def ready(self) -> list[Drop]:
        """The files that have appeared or changed and stand still; each is given once."""
        ready: list[Drop] = []
        for region, home in self._regions.items():
            for path, signature in _files(home):
                if self._taken.get(path) != signature and self._seen.get(path) == signature:
                    self._taken[path] = signature
                    ready.append(Drop(region, path.relative_to(home).as_posix(), path))
                self._seen[path] = signature
        return ready


def _files(home: Path) -> Iterator[tuple[Path, Signature]]:
    """The files below a folder, by name. What goes while this looks, as editors' own files do, is not there."""
    for path in sorted(Path(folder, name) for folder, _, names in os.walk(home) for name in names):
        try:
            status = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and not path.name.startswith("."):
            yield path, (status.st_size, status.st_mtime_ns)
