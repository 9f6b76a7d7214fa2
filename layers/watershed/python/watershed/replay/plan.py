"""From rows in quarantine to the messages that have them taken again. Pure."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.bronze.event import Arrival
from watershed.bronze.route import route
from watershed.errors import FileRejected
from watershed.messages import BronzePart
from watershed.names import Stage
from watershed.reasons import Reason
from watershed.replay.held import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from watershed.contracts.model import Contract

ROWS_A_MESSAGE = 2_000  # ten messages are sent at once, and may have 256 KiB together
NOT_A_WHOLE_FILE = "not a row any more: correct it, and drop the file again"
ERASED = "about a person who was erased: leave them out if the file is sent again"
NO_CONTRACT = "no contract takes the file"
NO_PART = "held back by a backfill in Athena: run that again"


@dataclass
class Plan:
    """What a replay does."""

    parts: list[BronzePart] = field(default_factory=list)  # rows of bronze's parts, for silver
    files: list[Arrival] = field(default_factory=list)  # whole objects, for bronze
    left: Counter[str] = field(default_factory=Counter)  # why some stay where they are -> how many

    @property
    def rows(self) -> int:
        """How many rows are taken again, apart from whole files."""
        return sum(len(part.only) for part in self.parts)


def plan(
    held: Iterable[Sequence[Any]], replay: str, raw_bucket: str, region: str, contracts: Mapping[str, Contract]
) -> Plan:
    """Plan the replay of `held`.

    Args:
        held: Answers to `held.rows`, typed, in its order.
        replay: The replay's id.
        raw_bucket: The region's.
        region: The AWS region.
        contracts: By dataset, as they are now.
    """
    found = Plan()
    for key, group in itertools.groupby((dict(zip(ROW, row, strict=True)) for row in held), key=_part):
        members = list(group)
        stage, number = members[0]["stage"], members[0]["part"]
        if stage == Stage.BRONZE:
            whole = [each for each in members if each["row_number"] is None]
            rows = (each["reason"] for each in members if each["row_number"] is not None)
            found.left.update(ERASED if reason == Reason.ERASED else NOT_A_WHOLE_FILE for reason in rows)
            if whole:
                # S3 tells the size when bronze opens it; here it only says that this is no folder marker.
                found.files.append(Arrival(raw_bucket, key[4], key[5], 1, replay))
        elif number is None:
            found.left[NO_PART] += len(members)
        else:
            _plan_rows(found, members, replay, region, contracts)
    found.left = +found.left
    return found


def _plan_rows(
    found: Plan, members: Sequence[Mapping[str, Any]], replay: str, region: str, contracts: Mapping[str, Contract]
) -> None:
    one = members[0]
    try:
        chosen = route(one["source_key"], region, contracts)
    except FileRejected:
        chosen = None
    if chosen is None or chosen.contract.name != one["dataset"]:
        found.left[NO_CONTRACT] += len(members)
        return
    arrived: datetime = one["quarantined_at"].replace(tzinfo=UTC)
    numbers = sorted({each["row_number"] for each in members})
    for start in range(0, len(numbers), ROWS_A_MESSAGE):
        only = tuple(numbers[start : start + ROWS_A_MESSAGE])
        found.parts.append(
            BronzePart(
                dataset=one["dataset"],
                source=chosen.source.name,
                batch_id=one["batch_id"],
                part=one["part"],
                bronze_key=names.bronze_key(one["dataset"], arrived, one["batch_id"], one["part"]),
                rows=len(only),
                source_key=one["source_key"],
                source_version=one["source_version"],
                ingested_at=arrived.isoformat(),
                replay=replay,
                only=only,
            )
        )


def _part(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("dataset", "batch_id", "part", "stage", "source_key", "source_version"))
