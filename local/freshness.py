"""When each dataset's last file came, against what its contract promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp, select
from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.contracts.model import Contract

    from local.region import Region

_NOTHING = "-"


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

    @property
    def came(self) -> str:
        """When the last file came, to the minute."""
        return self.last.strftime("%Y-%m-%d %H:%M") if self.last else "none yet"

    @property
    def state(self) -> str:
        """Whether files come as promised, in words."""
        if self.promised is None:
            return "no promise"
        return "overdue" if self.late else "in time"


def read(region: Region, contracts: Iterable[Contract], now: datetime) -> tuple[Freshness, ...]:
    """Ask the region's Athena, of each dataset that comes there, by name.

    Args:
        region: Whose ledger is read.
        contracts: What is promised of each dataset.
        now: UTC, without a zone.

    Raises:
        QueryFailed: if Athena does not answer.
    """
    last = dict(region.athena.typed_rows(_last_arrivals())[1])
    expected = sorted((each for each in contracts if each.comes_to(region.name)), key=lambda contract: contract.name)
    return tuple(_freshness(contract, last.get(contract.name), now) for contract in expected)


def in_words(time: timedelta | None) -> str:
    """A time span in its largest unit, e.g. `3 days`."""
    if time is None:
        return _NOTHING
    for seconds, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if time.total_seconds() >= seconds:
            count = int(time.total_seconds() // seconds)
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return "under a minute"


def _freshness(contract: Contract, last: datetime | None, now: datetime) -> Freshness:
    promised = None if contract.freshness_hours is None else timedelta(hours=contract.freshness_hours)
    return Freshness(contract.name, last, now - last if last else None, promised)


def _last_arrivals() -> str:
    """Each dataset, and when the youngest of its files came that was not refused."""
    dataset = exp.column("dataset")
    last = exp.alias_(exp.Max(this=exp.column("recorded_at")), "last_arrival")
    taken = exp.column("rejected_file").not_()
    table = exp.table_(names.LEDGER_TABLE, db=names.OPS_DB)
    return select(dataset, last).from_(table).where(taken).group_by(dataset).order_by(dataset).sql("athena")
