"""The object versions that a dataset's rows come from, as they arrived, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from watershed import names
from watershed.bronze.route import route
from watershed.errors import FileRejected
from watershed.names import Stage
from watershed.object_version import ObjectVersion
from watershed.reconcile.accounts import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from watershed.contracts.model import Contract


class State(StrEnum):
    """How far an object version can be compared."""

    RECOUNTED = "recounted"  # in raw, done by the ledger, and asked for
    SETTLED = "settled"  # done by the ledger, but not recounted: gone from raw, or not asked for
    PENDING = "pending"  # in raw, and not done yet by the ledger


@dataclass(frozen=True)
class Known:
    """One object version."""

    version: ObjectVersion
    batch_id: str
    in_raw: bool
    entries: tuple[Entry, ...]
    state: State
    asked_for: bool  # came in the days asked for

    def is_older(self, dataset: str, contract_version: str) -> bool:
        """Whether any step took it by another version of the contract, by another dataset's, or by none."""
        return not all(entry.is_by(dataset, contract_version) for entry in self.entries)


@dataclass(frozen=True)
class Days:
    """Days on which files came, both included."""

    since: date = date.min
    until: date = date.max

    def hold(self, version: ObjectVersion) -> bool:
        """Whether the object came then."""
        return self.since <= version.last_modified.date() <= self.until


def dataset_of(version: ObjectVersion, region: str, contracts: Mapping[str, Contract]) -> str:
    """The dataset that takes the object now."""
    try:
        return route(version.key, region, contracts).contract.name
    except FileRejected:
        return names.UNKNOWN_DATASET


def known(dataset: str, raw: Sequence[ObjectVersion], ledger: Iterable[Entry], days: Days) -> list[Known]:
    """All object versions of the dataset, in raw or only in the ledger, as they arrived: a later one has a later place.

    Args:
        dataset: Its name.
        raw: The dataset's objects in the raw bucket.
        ledger: Entries of these objects, and of the dataset's objects that are gone.
        days: Which objects are asked for.
    """
    by_batch: dict[str, list[Entry]] = {}
    for entry in ledger:
        by_batch.setdefault(entry.batch_id, []).append(entry)
    found = []
    for version in raw:
        batch = names.batch_id(version.bucket, version.key, version.version)
        entries = by_batch.pop(batch, [])
        asked_for = days.hold(version)
        done = State.RECOUNTED if asked_for else State.SETTLED
        state = done if is_done(entries) else State.PENDING
        found.append(Known(version, batch, in_raw=True, entries=tuple(entries), state=state, asked_for=asked_for))
    for batch, entries in by_batch.items():
        if entries[0].dataset == dataset:
            gone = _gone(entries[0])
            found.append(Known(gone, batch, False, tuple(entries), State.SETTLED, days.hold(gone)))
    return sorted(found, key=_arrival)


def is_done(entries: Sequence[Entry]) -> bool:
    """Whether the ledger says that silver took every part which bronze wrote.

    Silver enters a part once, for all tables at a time. A child table that the contract got since has no entry, and
    never will: only later parts have one for it.
    """
    silver = {entry.part for entry in entries if entry.stage == Stage.SILVER}
    return bool(entries) and all(
        entry.part in silver for entry in entries if entry.stage == Stage.BRONZE and entry.rows_out
    )


def _gone(entry: Entry) -> ObjectVersion:
    return ObjectVersion("", entry.source_key, entry.source_version, 0, entry.recorded_at)


def _arrival(each: Known) -> tuple[object, ...]:
    """S3 tells an object's time to the second when it is read, and that is what bronze noted."""
    version = each.version
    return version.last_modified.replace(microsecond=0), version.key, version.version
