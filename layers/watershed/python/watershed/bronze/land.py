"""Lands one raw object: bronze parts, quarantine, ledger, and word to silver.

All keys and bytes are functions of the object version, so landing it again overwrites what is there with itself; once
all of it is in the ledger, it is not landed again.
Silver hears of parts only when the whole file was read: a file that turns out broken at its last byte leaves nothing
behind but the record of its refusal.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyarrow import parquet

from watershed import names, records, remainder
from watershed.bronze import readers
from watershed.bronze.accounts import Origin
from watershed.bronze.parts import Lineage, encode, parts, with_lineage
from watershed.bronze.route import route
from watershed.contracts.model import Contract, SchemaChange
from watershed.errors import FileRejected, ObjectGone, Terminal
from watershed.messages import BronzePart
from watershed.names import Layer
from watershed.records import LedgerEntry
from watershed.s3 import S3
from watershed.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from watershed.bronze.batch import Batch
    from watershed.bronze.event import Arrival
    from watershed.bronze.route import Route
    from watershed.object_version import ObjectVersion
    from watershed.s3 import ObjectStream


@dataclass(frozen=True)
class Surroundings:
    """What landing needs from outside."""

    settings: Settings
    contracts: Mapping[str, Contract]  # by dataset
    s3: S3
    announce: Callable[[Sequence[BronzePart]], None]  # tells silver; raises Transient if it cannot


@dataclass(frozen=True)
class Landed:
    """What became of one object version."""

    dataset: str
    batch_id: str
    parts: int = 0  # announced to silver
    rows_read: int = 0
    rows_out: int = 0
    malformed: int = 0
    rejected: FileRejected | None = None  # why the whole file was refused


def land(arrival: Arrival, around: Surroundings) -> Landed:
    """Land the object version that arrived.

    Raises:
        Terminal: if it is not in this region's raw bucket, or the version is gone.
        Transient: if AWS did not answer; silver was told nothing then, or will be told the same again.
    """
    raw = around.settings.bucket(Layer.RAW)
    if arrival.bucket != raw:
        raise Terminal(
            f"The message is about the bucket {arrival.bucket}; this function lands {raw} only.",
            remedy="Delete it, and put each region's files into that region's raw bucket.",
        )
    try:
        opened = around.s3.open(arrival.bucket, arrival.key, arrival.version)
    except ObjectGone:
        if arrival.replay or not arrival.key.startswith(remainder.PREFIX):
            raise
        # Another erasure replaced the remainder since; there would have been nothing to land.
        return Landed(names.UNKNOWN_DATASET, names.batch_id(raw, arrival.key, str(arrival.version)))
    with opened as stream:
        if stream.version.place and not arrival.replay:  # whoever erased rows did it in bronze and the ledger as well
            return Landed(names.UNKNOWN_DATASET, names.batch_id(raw, stream.version.key, stream.version.version))
        return _land(stream, around, arrival.replay)


def _land(stream: ObjectStream, around: Surroundings, replay: str) -> Landed:
    origin = Origin(stream.version, None, replay)
    written = _Written(around)
    try:
        chosen = route(stream.version.key, around.settings.region, around.contracts)
        origin = Origin(stream.version, chosen, replay)
        if before := _entered(origin, around):
            return _announced(origin, before, around)
        is_remainder = stream.version.place is not None
        if replay and chosen.contract.schema_change is SchemaChange.FREEZE:
            _read_through(stream.version, chosen, around)
        batches = readers.read(stream, stream.version.size, chosen, is_remainder=is_remainder)
        entries = _put_parts(batches, origin, written)
    except FileRejected as rejection:
        written.take_back()
        refused = origin.refused(rejection)
        written.put(Layer.QUARANTINE, origin.account_key(names.QUARANTINE_TABLE, 0), refused)
        _enter([origin.ledger_entry(0, None, rejected=True)], origin, written)
        return Landed(origin.dataset, origin.batch_id, rejected=rejection)
    entries = entries or [origin.ledger_entry(0, None)]
    _enter(entries, origin, written)
    return _announced(origin, entries, around)


def _entered(origin: Origin, around: Surroundings) -> list[LedgerEntry]:
    """What this pass entered before, if it came so far; a repeat of its message then only tells silver again.

    Silver may have taken some of the parts already. Were they made again under a contract that was deployed since, what
    that one reads otherwise would be neither in silver nor in quarantine.
    """
    bucket, entries = around.settings.bucket(Layer.LEDGER), list[LedgerEntry]()
    while found := around.s3.read(bucket, origin.account_key(names.LEDGER_TABLE, len(entries))):
        entries += records.from_arrow(LedgerEntry, parquet.read_table(io.BytesIO(found[0])))
    return [] if any(entry.rejected_file for entry in entries) else entries  # of a refused file silver was told nothing


def _announced(origin: Origin, entries: Sequence[LedgerEntry], around: Surroundings) -> Landed:
    messages = [origin.message(entry) for entry in entries if entry.rows_out]
    around.announce(messages)
    return Landed(
        dataset=origin.dataset,
        batch_id=origin.batch_id,
        parts=len(messages),
        rows_read=sum(entry.rows_read for entry in entries),
        rows_out=sum(entry.rows_out for entry in entries),
        malformed=sum(entry.malformed for entry in entries),
    )


def _read_through(version: ObjectVersion, chosen: Route, around: Surroundings) -> None:
    """Read the object to its end, for nothing.

    A contract that was frozen since may refuse what an earlier pass took: then the parts that it wrote must stay, as
    silver has their rows, and so must not be overwritten and taken back.

    Raises:
        FileRejected: as reading does.
    """
    with around.s3.open(version.bucket, *version.stored) as stream:
        for _ in readers.read(stream, version.size, chosen, is_remainder=version.place is not None):
            pass


def _put_parts(batches: Iterator[Batch], origin: Origin, written: _Written) -> list[LedgerEntry]:
    """Write rows and rows held back, part by part; what to enter in the ledger for each."""
    entries = []
    lineage = Lineage(origin.version.key, origin.version.version, origin.version.last_modified, origin.batch_id)
    for number, part in enumerate(parts(batches)):
        if part.table.num_rows:
            written.put(Layer.BRONZE, origin.bronze_key(number), with_lineage(part.table, lineage))
        if part.bad:
            key = origin.account_key(names.QUARANTINE_TABLE, number)
            written.put(Layer.QUARANTINE, key, origin.quarantined(number, part.bad))
        entries.append(origin.ledger_entry(number, part))
    return entries


def _enter(entries: Sequence[LedgerEntry], origin: Origin, written: _Written) -> None:
    """Enter what became of each part; after a replay also that what was held back before is settled.

    The first part last: when it is entered, all are.
    """
    for entry in reversed(entries):
        if origin.replay:
            key = origin.account_key(names.REPLAYS_TABLE, entry.part)
            written.put(Layer.LEDGER, key, origin.replayed(entry.part))
        key = origin.account_key(names.LEDGER_TABLE, entry.part)
        written.put(Layer.LEDGER, key, records.to_arrow(LedgerEntry, [entry]))


class _Written:
    """Puts tables as Parquet objects, and can take them back."""

    def __init__(self, around: Surroundings) -> None:
        self._s3 = around.s3
        self._settings = around.settings
        self._keys: dict[Layer, list[str]] = {}

    def put(self, layer: Layer, key: str, table: pa.Table) -> None:
        self._keys.setdefault(layer, []).append(key)
        self._s3.put(self._settings.bucket(layer), key, encode(table))

    def take_back(self) -> None:
        for layer, keys in self._keys.items():
            self._s3.delete(self._settings.bucket(layer), keys)
        self._keys.clear()
