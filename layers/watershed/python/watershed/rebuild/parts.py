"""What bronze holds of a dataset, by the ledger, as messages that ask silver to take it in again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from watershed import names
from watershed.backfill.sql import DIALECT, sql
from watershed.bronze.route import route
from watershed.errors import ConfigurationError, FileRejected
from watershed.messages import BronzePart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from watershed.athena import Athena
    from watershed.contracts.model import Contract

# A pass takes a whole object: what an earlier one made of it counts no more, also if the later one refused the file.
_PARTS = """
SELECT batch_id, part, rows_out, source_key, source_version, source_name, recorded_at
FROM (
  SELECT *, COALESCE(replay, '') AS pass, MAX(COALESCE(replay, '')) OVER (PARTITION BY batch_id) AS latest
  FROM ops.ledger
  WHERE dataset = :dataset AND stage = 'bronze'
) AS passes
WHERE pass = latest AND rows_out > 0
ORDER BY recorded_at, batch_id, part
"""

PartKey = tuple[str, int]  # batch id, part
_FEW = 5  # files that an error names


def key_of(part: BronzePart) -> PartKey:
    """Which part a message is about, whatever pass."""
    return part.batch_id, part.part


def parts(athena: Athena, dataset: str) -> list[BronzePart]:
    """The parts that bronze holds of a dataset, as bronze announced them, in the order in which the files came.

    Raises:
        QueryFailed: if Athena refused the statement.
    """
    _, rows = athena.typed_rows(sql(_PARTS, dataset=dataset).sql(DIALECT))
    found = []
    for batch, part, count, key, version, source, recorded_at in rows:
        arrived = recorded_at.replace(tzinfo=UTC)
        found.append(
            BronzePart(
                dataset=dataset,
                source=source or "",
                batch_id=batch,
                part=part,
                bronze_key=names.bronze_key(dataset, arrived, batch, part),
                rows=count,
                source_key=key,
                source_version=version,
                ingested_at=arrived.isoformat(),
            )
        )
    return found


def routed(
    found: Iterable[BronzePart], contract: Contract, contracts: Mapping[str, Contract], region: str
) -> list[BronzePart]:
    """The parts, each with the source that takes its file by the contracts as they are now.

    A file that no source takes any more keeps the source by which it came.

    Raises:
        ConfigurationError: naming files, if the contract has no source for them any more.
    """
    known = {source.name for source in contract.sources}
    made = [replace(part, source=_source(part, contracts, region) or part.source) for part in found]
    lost = sorted({part.source_key for part in made if part.source not in known})
    if lost:
        more = f" and {len(lost) - _FEW} more" if len(lost) > _FEW else ""
        raise ConfigurationError(
            f"No source of {contract.name} takes {', '.join(lost[:_FEW])}{more} any more.",
            remedy="Put a source for them back into the contract and deploy it; nothing was sent to silver.",
        )
    return made


def _source(part: BronzePart, contracts: Mapping[str, Contract], region: str) -> str | None:
    try:
        chosen = route(part.source_key, region, contracts)
    except FileRejected:
        return None
    return chosen.source.name if chosen.contract.name == part.dataset else None
