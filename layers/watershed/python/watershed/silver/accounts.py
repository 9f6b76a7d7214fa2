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

    from watershed.contracts.model import Table
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

    def quarantine(self, message: BronzePart, table: Table, rows: Iterable[Sequence[QuarantinedRow]]) -> None:
        """Hold back rows of one part for one table, given some thousands at a time; writes nothing if there are none.

        Rows of another jurisdiction go into an object of their own, with the tag by which it expires sooner. A repeat
        overwrites the objects with themselves; what an attempt under another contract held back, and this one does
        not, is taken back here if there is any other, and by `release` if there is none.
        """
        here, elsewhere = _Held(), _Held()
        for some in rows:
            here.add([row for row in some if row.reason != Reason.RESIDENCY_VIOLATION])
            elsewhere.add([row for row in some if row.reason == Reason.RESIDENCY_VIOLATION])
        bucket = self._settings.bucket(Layer.QUARANTINE)
        key, key_elsewhere = _quarantine_keys(message, table)
        for at, held, other, tag in ((key, here, elsewhere, None), (key_elsewhere, elsewhere, here, names.ELSEWHERE)):
            if held.rows:
                self._s3.put(bucket, at, held.parquet(), tag=tag)
            elif other.rows:
                self._s3.delete(bucket, [at])

    def release(self, taken: Iterable[tuple[BronzePart, Table]]) -> None:
        """Leave nothing in quarantine of parts and tables of which all rows were taken. To be done before `enter`.

        An attempt under an earlier contract may have held some back, and died before its commit.
        """
        keys = [key for message, table in taken for key in _quarantine_keys(message, table)]
        self._s3.delete(self._settings.bucket(Layer.QUARANTINE), keys)

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


def _quarantine_keys(message: BronzePart, table: Table) -> tuple[str, str]:
    """Of the rows held back, and of those among them that belong to another jurisdiction.

    Each table has its own, because each is committed by itself: what one holds stays as it was held back.
    """
    of = f"-of-{table.name}" if table.parent else ""
    here, elsewhere = of, f"{of}{names.ELSEWHERE_SUFFIX}"
    return _key(names.QUARANTINE_TABLE, message, here), _key(names.QUARANTINE_TABLE, message, elsewhere)


def _key(table: str, message: BronzePart, suffix: str = "") -> str:
    return names.account_key(table, message.dataset, message.arrived, message.id + suffix, Stage.SILVER)
