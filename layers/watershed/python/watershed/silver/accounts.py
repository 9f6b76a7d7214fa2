"""Where silver writes down what became of each part: quarantine and ledger, as Parquet under keys of their own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyarrow import parquet

from watershed import names, records
from watershed.names import Layer, Stage
from watershed.records import LedgerEntry, QuarantinedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from watershed.messages import BronzePart
    from watershed.s3 import S3
    from watershed.settings import Settings


class Accounts:
    """Quarantine and ledger of one region."""

    def __init__(self, s3: S3, settings: Settings) -> None:
        self._s3 = s3
        self._settings = settings

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
            key = names.quarantine_key(*_where(message))
            self._s3.put(self._settings.bucket(Layer.QUARANTINE), key, buffer.getvalue())

    def enter(self, message: BronzePart, entries: Sequence[LedgerEntry]) -> None:
        """Enter one part's numbers, one entry a table. What was entered first stays: a repeat has less to tell."""
        buffer = io.BytesIO()
        parquet.write_table(records.to_arrow(LedgerEntry, entries), buffer, compression="zstd")
        self._s3.put_new(self._settings.bucket(Layer.LEDGER), names.ledger_key(*_where(message)), buffer.getvalue())


def _where(message: BronzePart) -> tuple[str, datetime, str, int, Stage]:
    return message.dataset, message.arrived, message.batch_id, message.part, Stage.SILVER
