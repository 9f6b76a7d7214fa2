"""How a region's data are: what became of every row, what is held back, and whether files come as promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp, select
from watershed import names
from watershed.reasons import Reason
from watershed.replay import held

from local import report

if TYPE_CHECKING:
    from collections.abc import Mapping

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
class Freshness:
    """When a dataset's last file came, against what its contract promises."""

    dataset: str
    last: datetime | None  # UTC; None if none has come
    age: timedelta | None
    promised: timedelta | None

    @property
    def late(self) -> bool:
        """Whether the promise is broken; without a promise it never is."""
        return self.promised is not None and (self.age is None or self.age > self.promised)


@dataclass(frozen=True)
class Health:
    """All of it."""

    accounts: tuple[report.Account, ...]
    held: tuple[Held, ...]
    freshness: tuple[Freshness, ...]

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
    _, came = region.athena.typed_rows(_last_arrivals())
    last = dict(came)
    return Health(
        accounts,
        tuple(Held(reason, count, files, Reason(reason).remedy) for reason, count, files in rows),
        tuple(_freshness(contract, last.get(name), now) for name, contract in sorted(contracts.items())),
    )


def _freshness(contract: Contract, last: datetime | None, now: datetime) -> Freshness:
    promised = None if contract.freshness_hours is None else timedelta(hours=contract.freshness_hours)
    return Freshness(contract.name, last, now - last if last else None, promised)


def _last_arrivals() -> str:
    """Each dataset, and when the youngest of its files came."""
    dataset = exp.column("dataset")
    last = exp.alias_(exp.Max(this=exp.column("recorded_at")), "last_arrival")
    table = exp.table_(names.LEDGER_TABLE, db=names.OPS_DB)
    return select(dataset, last).from_(table).group_by(dataset).order_by(dataset).sql("athena")
