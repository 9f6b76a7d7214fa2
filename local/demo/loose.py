"""Recognises loose files by the contracts' file-name patterns, for `make demo DATA=folder`."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.contracts.model import Contract


@dataclass(frozen=True)
class Drop:
    """A file and the key under which it is dropped into a region's raw bucket."""

    region: str
    key: str
    path: Path


def drops(folder: Path, region: str, contracts: Iterable[Contract]) -> list[Drop]:
    """All files directly in `folder`, by name. A file that no contract names keeps its bare name, for quarantine.

    Raises:
        ConfigurationError: if there is no such folder or it is empty.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not a folder.", remedy="Pass a folder of files: make demo DATA=folder")
    known = list(contracts)
    found = [
        Drop(region, f"{dataset}/{path.name}" if (dataset := _dataset(path.name, known)) else path.name, path)
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    ]
    if not found:
        raise ConfigurationError(f"{folder} holds no files.", remedy="Pass a folder of CSV, JSON or Parquet files.")
    return found


def _dataset(file_name: str, contracts: Iterable[Contract]) -> str | None:
    for contract in contracts:
        if any(fnmatchcase(file_name.lower(), pattern.lower()) for pattern in contract.files):
            return contract.name
    return None
