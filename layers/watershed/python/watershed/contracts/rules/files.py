"""Rules between contracts: no two take the same file or make the same table."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from watershed.contracts.globs import overlap
from watershed.contracts.rules.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watershed.contracts.model import Contract


def faults_among(contracts: Sequence[Contract]) -> Iterator[tuple[str, Fault]]:
    """Faults between contracts, each with the name of the dataset at whose file it is shown: the later one."""
    for first, second in combinations(sorted(contracts, key=lambda contract: contract.name), 2):
        taken = {table.name for table in first.tables}
        for table in second.tables:
            if table.name in taken:
                message = f"The dataset `{first.name}` has a table `{table.name}` too."
                yield second.name, Fault(f"schema.{table.name}", message, "Rename one.")
        for pattern in second.files:
            for other in first.files:
                if overlap(pattern, other):
                    message = f"`{pattern}` and `{other}` of the dataset `{first.name}` can take the same file."
                    yield second.name, Fault("customProperties.files", message, "Make the patterns narrower.")
