"""What a readable contract must obey. Pure: a `Fault` has a path; `odcs` finds its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.rules.files import faults_among
from watershed.contracts.rules.renames import rename_faults
from watershed.contracts.rules.sources import source_faults
from watershed.contracts.rules.tables import table_faults
from watershed.contracts.rules.values import value_faults

if TYPE_CHECKING:
    from collections.abc import Collection

    from watershed.contracts.model import Contract
    from watershed.contracts.rules.fault import Fault

__all__ = ["faults_among", "faults_of"]


def faults_of(contract: Contract, stem: str, regions: Collection[str] = ()) -> list[Fault]:
    """All faults of one contract, given its file's name without ending and, if known, the regions that exist."""
    return [
        *table_faults(contract, stem),
        *(fault for table in contract.tables for fault in value_faults(table)),
        *rename_faults(contract),
        *source_faults(contract, regions),
    ]
