"""Where silver writes down what became of each part: quarantine, ledger, replays, as Parquet under their own keys."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyarrow import parquet

from watershed import names, records
from watershed.names import Layer, Stage
from watershed.reasons import Reason
from watershed.records import LedgerEntry, QuarantinedRow, ReplayedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from watershed.messages import BronzePart
    from watershed.s3 import S3
    from watershed.settings import Settings


class Accounts:
    """Quarantine, ledger and replays of one region."""

    def __init__(self, s3: S3, settings: Settings) -> None:
        self._s3 = s3
        self._settings = settings

    def settled(self, message: BronzePart) -> bool:
        """Whether the part is in the ledger: then nothing of it is left to do, however long ago that was."""
        return self._s3.exists(self._settings.bucket(Layer.LEDGER), _key(names.LEDGER_TABLE, message))

    def quarantine(self, message: BronzePart, rows: Iterable[Sequence[QuarantinedRow]]) -> None:
        """Hold back rows of one part, given some thousands at a time; writes nothing if there are none.

        Rows of another jurisdiction go into an object of their own, with the tag by which it expires sooner. A repeat
        overwrites the objects with themselves.
        """
        here, elsewhere = _Held(), _Held()
        for some in rows:
            here.add([row for row in some if row.reason != Reason.RESIDENCY_VIOLATION])
            elsewhere.add([row for row in some if row.reason == Reason.RESIDENCY_VIOLATION])
        bucket = self._settings.bucket(Layer.QUARANTINE)
        if here.rows:
            self._s3.put(bucket, _key(names.QUARANTINE_TABLE, message), here.parquet())
        if elsewhere.rows:
            key = _key(names.QUARANTINE_TABLE, message, suffix=names.ELSEWHERE_SUFFIX)
            self._s3.put(bucket, key, elsewhere.parquet(), tag=names.ELSEWHERE)

    def enter(self, message: BronzePart, entries: Sequence[LedgerEntry]) -> None:
        """Enter one part's numbers, one entry a table: the part is settled. What was entered first stays."""
        self._write(message, names.LEDGER_TABLE, LedgerEntry, entries)

    def replayed(self, message: BronzePart, contract_version: str) -> None:
        """Mark what earlier passes held back of the part, and this one took again. To be done before `enter`."""
        rows = [
            ReplayedRow(
                batch_id=message.batch_id,
                part=message.part,
                stage=Stage.SILVER,
                row_number=number,
                replay=message.replay,
                contract_version=contract_version,
                source_key=message.source_key,
                source_version=message.source_version,
            )
            for number in message.only or [None]
        ]
        self._write(message, names.REPLAYS_TABLE, ReplayedRow, rows)

    def _write(
        self, message: BronzePart, table: str, record: type[records.Record], rows: Sequence[records.Record]
    ) -> None:
        buffer = io.BytesIO()
        parquet.write_table(records.to_arrow(record, rows), buffer, compression="zstd")
        self._s3.put_new(self._settings.bucket(Layer.LEDGER), _key(table, message), buffer.getvalue())


class _Held:
    """Rows on their way into one object of quarantine; kept as Parquet, because there may be many."""

    def __init__(self) -> None:
        self.rows = 0
        self._buffer = io.BytesIO()
        self._writer = parquet.ParquetWriter(
            self._buffer, records.to_arrow(QuarantinedRow, []).schema, compression="zstd"
        )

    def add(self, rows: Sequence[QuarantinedRow]) -> None:
        if rows:
            self._writer.write_table(records.to_arrow(QuarantinedRow, rows))
            self.rows += len(rows)

    def parquet(self) -> bytes:
        """The object; nothing may be added after."""
        self._writer.close()
        return self._buffer.getvalue()


def _key(table: str, message: BronzePart, suffix: str = "") -> str:
    return names.account_key(table, message.dataset, message.arrived, message.id + suffix, Stage.SILVER)
