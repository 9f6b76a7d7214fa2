"""How a region's data are: what became of every row, what is held back, and whether files come as promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed.reasons import Reason
from watershed.replay import held

from local import freshness, report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from watershed.contracts.model import Contract

    from local.region import Region


@dataclass(frozen=True)
class Held:
    """What is held back for one reason."""

    reason: str
    rows: int
    files: int
    remedy: str


@dataclass(frozen=True)
class Health:
    """All of it."""

    accounts: tuple[report.Account, ...]
    held: tuple[Held, ...]
    freshness: tuple[freshness.Freshness, ...]

    @property
    def missing(self) -> int:
        """How many rows nobody can account for."""
        return sum(abs(account.missing) for account in self.accounts)

    @property
    def rows_held(self) -> int:
        """How many rows are held back."""
        return sum(each.rows for each in self.held)

    @property
    def late(self) -> tuple[str, ...]:
        """The datasets of which files are overdue."""
        return tuple(each.dataset for each in self.freshness if each.late)


def read(region: Region, contracts: Mapping[str, Contract], now: datetime) -> Health:
    """Ask the region's Athena.

    Args:
        region: Whose ledger and quarantine are read.
        contracts: What is promised of each dataset.
        now: UTC, without a zone.

    Raises:
        QueryFailed: if Athena does not answer.
    """
    accounts = tuple(report.accounts(region))
    _, rows = region.athena.typed_rows(held.by_reason())
    return Health(
        accounts,
        tuple(Held(reason, count, files, Reason(reason).remedy) for reason, count, files in rows),
        freshness.read(region, contracts.values(), now),
    )
