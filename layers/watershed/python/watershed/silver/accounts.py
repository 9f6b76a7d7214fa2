"""Where silver writes down what became of each part: quarantine, ledger, replays, as Parquet under their own keys."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyarrow import parquet

from watershed import names, records
from watershed.names import Layer, Stage
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

        A repeat overwrites the object with itself.
        """
        schema = records.to_arrow(QuarantinedRow, []).schema
        buffer = io.BytesIO()
        written = 0
        with parquet.ParquetWriter(buffer, schema, compression="zstd") as writer:
            for some in rows:
                writer.write_table(records.to_arrow(QuarantinedRow, some))
                written += len(some)
        if written:
            key = _key(names.QUARANTINE_TABLE, message)
            self._s3.put(self._settings.bucket(Layer.QUARANTINE), key, buffer.getvalue())

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


def _key(table: str, message: BronzePart) -> str:
    return names.account_key(table, message.dataset, message.arrived, message.id, Stage.SILVER)
