"""Which contract and source a raw object belongs to, by its key."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from watershed.contracts.model import Contract, Source
from watershed.errors import FileRejected
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Route:
    """A dataset, and the way in which it arrives."""

    contract: Contract
    source: Source
    file_name: str


def route(key: str, region: str, contracts: Mapping[str, Contract]) -> Route:
    """The contract and source that take the object `key`: `<dataset>/…/<file>`, or a file name a contract lists.

    The key chooses among contracts and never becomes part of a path, so a key cannot leave its folder; one that
    looks as if it wanted to is refused all the same, because no honest sender makes it.

    Raises:
        FileRejected: if none takes it.
    """
    folders = key.split("/")
    file_name = folders[-1]
    if any(part in {"", ".", ".."} or _has_control(part) or "\\" in part for part in folders):
        raise FileRejected(
            Reason.UNKNOWN_DATASET,
            "The key has an empty part, '.', '..', a backslash or a control character.",
            remedy="Drop the file under <dataset>/ with a plain name.",
        )
    contract = contracts.get(folders[0]) if len(folders) > 1 else _by_file_name(file_name, contracts)
    if contract is None:
        raise FileRejected(
            Reason.UNKNOWN_DATASET,
            "No contract takes this folder or file name.",
            remedy=f"Drop the file under one of: {', '.join(sorted(contracts))}; or add a contract.",
        )
    source = contract.source_for(region, file_name)
    if source is None:
        raise FileRejected(
            Reason.UNKNOWN_DATASET,
            f"No source of the contract {contract.name} takes this file name in {region}.",
            remedy="Rename the file, or add its pattern to a source of the contract.",
        )
    return Route(contract, source, file_name)


def _by_file_name(file_name: str, contracts: Mapping[str, Contract]) -> Contract | None:
    for _, contract in sorted(contracts.items()):
        if any(fnmatchcase(file_name.lower(), pattern.lower()) for pattern in contract.files):
            return contract
    return None


def _has_control(text: str) -> bool:
    """Whether `text` holds control or invisible formatting characters, which Unicode calls Cc and Cf."""
    return any(unicodedata.category(character) in {"Cc", "Cf"} for character in text)
