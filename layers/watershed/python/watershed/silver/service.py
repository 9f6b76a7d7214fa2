"""Silver's job: consecutive parts of one dataset become typed, merged, accounted for, and announced to gold."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from watershed import names
from watershed.alarms import Alarm
from watershed.contracts.model import Contract, Source
from watershed.errors import ConfigurationError, LedgerImbalance
from watershed.log import logger
from watershed.messages import BronzePart, Refresh
from watershed.names import Layer
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.silver import engine, lineage
from watershed.silver.accounts import Accounts
from watershed.silver.decision import Verdict
from watershed.silver.lakehouse import Lakehouse
from watershed.silver.merging import Merger, TypedPart
from watershed.silver.quarantine import of_another_jurisdiction, quarantined
from watershed.silver.stopping import stopped, too_many_are_bad
from watershed.silver.together import together
from watershed.silver.transform import transform_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from watershed.silver.transform import TypedRows

# One commit takes as many parts as fit; a single part may be larger, up to what bronze makes.
_ROWS_AT_ONCE = 500_000
_BYTES_AT_ONCE = 256 * 1024 * 1024
_SMALL_ROWS = 20_000  # of parts that are typed together


@dataclass(frozen=True)
class Silver:
    """Silver of one region, with what it needs from outside."""

    settings: Settings
    contracts: Mapping[str, Contract]  # by dataset
    s3: S3
    lakehouse: Lakehouse
    accounts: Accounts
    refresh: Callable[[Refresh], None]  # tells gold

    def take(self, dataset: str, messages: Iterable[BronzePart]) -> Iterator[BronzePart]:
        """Take parts of one dataset into silver, in their order, several in one commit.

        Everything may be repeated. A part in the ledger is settled. Before that, rows held back are written before the
        commit, under the same keys each time; the commit carries the parts' numbers, so a repeat finds them and enters
        them in the ledger; gold is told each time, because the attempt before may have died just before telling it.

        Yields:
            Each message when all of it is done.

        Raises:
            WatershedError: about the first message that was not yielded; its class says whether to try again.
        """
        if dataset not in self.contracts:
            raise ConfigurationError(
                f"There is no contract for the dataset {dataset}.", remedy="Deploy it, then redrive the message."
            )
        contract = self.contracts[dataset]
        with engine.connect() as connection:
            for into, some in itertools.groupby(messages, key=lambda message: message.into):
                merger = Merger(connection, self.lakehouse.beside(into) if into else self.lakehouse, contract)
                for batch in together(self._typed(connection, merger, contract, some), _fit_a_commit):
                    yield from self._settled(merger, contract, batch)

    def _settled(self, merger: Merger, contract: Contract, batch: list[TypedPart]) -> Iterator[BronzePart]:
        """Settle a batch together; if that fails, part by part, so that a bad one holds up only those behind it."""
        try:
            self._settle(merger, contract, batch)
        except Exception:
            if len(batch) == 1:
                raise
            for one in batch:
                yield from self._settled(merger, contract, [one])
        else:
            yield from (each.message for each in batch)

    def _settle(self, merger: Merger, contract: Contract, batch: list[TypedPart]) -> None:
        pending = [each for each in batch if not each.settled]
        tallies = merger.merge(pending) if pending else []
        settled = [(each, [by_part[each.message.id] for by_part in tallies]) for each in pending]
        self.accounts.release(
            (each.message, table)
            for each, some in settled
            for one, table in zip(some, contract.tables, strict=True)
            if not one.quarantined
        )
        for each, some in settled:
            entries = [one.entry(each.message, table.name) for one, table in zip(some, contract.tables, strict=True)]
            if each.message.replay:
                self.accounts.replayed(each.message, contract.version)
            self.accounts.enter(each.message, entries)
            for entry in entries:  # without control sums: the sum of a single row would be a row's value
                counts = {str(name): getattr(entry, name) for name in ("rows_in", *Verdict, "quarantined")}
                logger.info("in silver", extra={"batch_id": entry.batch_id, "table": entry.table_name, **counts})
        if any(not each.message.into for each in batch):
            tables = tuple(f"{names.SILVER_DB}.{table.name}" for table in contract.tables)
            self.refresh(Refresh(tables, "silver-commit"))

    def _typed(
        self, connection: DuckDBPyConnection, merger: Merger, contract: Contract, messages: Iterable[BronzePart]
    ) -> Iterator[TypedPart]:
        """Type the parts, small ones together; where that fails, one by one."""
        # Decided by what the messages say, so that no part waits in memory for one that will not join it.
        for some in together(messages, _are_small):
            for alike in together((self._read(contract, message) for message in some), _have_equal_columns):
                try:
                    typed = self._transformed(connection, contract, alike)
                except Exception:
                    if len(alike) == 1:
                        raise
                    for part in alike:
                        (tables,) = self._transformed(connection, contract, [part])
                        yield self._without_bad_rows(connection, merger, contract, part, tables)
                else:
                    for part, tables in zip(alike, typed, strict=True):
                        yield self._without_bad_rows(connection, merger, contract, part, tables)

    def _read(self, contract: Contract, message: BronzePart) -> _Part:
        if self.accounts.settled(message):
            return _Part(message, None, None)
        source = _source(contract, message.source)
        return _Part(message, source, _asked_for(message, self._bronze(message)))

    def _bronze(self, message: BronzePart) -> pa.Table:
        with self.s3.open(self.settings.bucket(Layer.BRONZE), message.bronze_key) as stream:
            return parquet.read_table(io.BytesIO(stream.read()))

    def _transformed(
        self, connection: DuckDBPyConnection, contract: Contract, parts: Sequence[_Part]
    ) -> list[list[TypedRows]]:
        """The parts' typed tables; of one that is settled, none."""
        tables = [part.table for part in parts if part.table is not None]
        source = next((part.source for part in parts if part.source is not None), None)
        if source is None:
            return [[] for _ in parts]
        typed = iter(transform_together(connection, contract, source, self.settings.jurisdiction, tables))
        return [[] if part.table is None else next(typed) for part in parts]

    def _without_bad_rows(
        self,
        connection: DuckDBPyConnection,
        merger: Merger,
        contract: Contract,
        part: _Part,
        typed: list[TypedRows],
    ) -> TypedPart:
        """The part as it goes into silver; its bad rows are in quarantine then."""
        message = part.message
        if part.table is None or part.source is None:
            return TypedPart(message, [])
        if self._is_to_be_stopped(connection, contract, part, typed[0]):
            logger.error(
                "Too many rows of a part are bad: it is held back whole.",
                extra={"alarm": Alarm.BATCH_STOPPED, "dataset": contract.name, "batch_id": message.batch_id},
            )
            typed = stopped(typed)
        if foreign := sum(of_another_jurisdiction(rows) for rows in typed):
            logger.warning(
                "Rows of another jurisdiction are held back.",
                extra={
                    "alarm": Alarm.RESIDENCY_VIOLATION,
                    "dataset": contract.name,
                    "batch_id": message.batch_id,
                    "rows": foreign,
                },
            )
        # What is committed keeps what was held back then: another contract would judge otherwise, in vain.
        for rows in typed:
            if not merger.holds(message, rows.table):
                bad = quarantined(message, part.table, contract, part.source, rows)
                self.accounts.quarantine(message, rows.table, bad)
        return TypedPart(message, typed)

    def _is_to_be_stopped(
        self, connection: DuckDBPyConnection, contract: Contract, part: _Part, own: TypedRows
    ) -> bool:
        """Whether too many rows are bad.

        Most of the rows of a replay may be: they were held back before. That the file is a wrong one, only all rows of
        its part can tell.
        """
        are_too_many = too_many_are_bad(contract, own)
        if not are_too_many or not part.message.only:
            return are_too_many
        whole = _Part(part.message, part.source, self._bronze(part.message))
        ((all_rows, *_),) = self._transformed(connection, contract, [whole])
        return too_many_are_bad(contract, all_rows)


@dataclass(frozen=True)
class _Part:
    """A part as bronze has it; without rows if it is settled."""

    message: BronzePart
    source: Source | None
    table: pa.Table | None


def _are_small(messages: Sequence[BronzePart]) -> bool:
    one = messages[0]
    return all(each.source == one.source for each in messages) and sum(each.rows for each in messages) <= _SMALL_ROWS


def _have_equal_columns(parts: Sequence[_Part]) -> bool:
    tables = [part.table for part in parts if part.table is not None]
    return all(table.schema.equals(tables[0].schema) for table in tables)


def _fit_a_commit(parts: Sequence[TypedPart]) -> bool:
    """Whether the parts are not too much at once, and none is there twice."""
    numbers = {(part.message.batch_id, part.message.part) for part in parts}
    return (
        len(numbers) == len(parts)
        and sum(part.rows for part in parts) <= _ROWS_AT_ONCE
        and sum(part.bytes for part in parts) <= _BYTES_AT_ONCE
    )


def _asked_for(message: BronzePart, part: pa.Table) -> pa.Table:
    """The rows of the part that the message is about.

    Raises:
        LedgerImbalance: if bronze's part does not hold them.
    """
    if message.only:
        part = part.filter(pc.is_in(part[lineage.ROW_NUMBER], pa.array(message.only, pa.int64())))
    wanted = len(message.only) or message.rows
    if part.num_rows != wanted:
        raise LedgerImbalance(
            f"{message.bronze_key} holds {part.num_rows} of the {wanted} rows that were announced. "
            "Nothing was committed.",
            remedy="Bronze was changed behind Watershed's back: run `watershed reconcile`.",
        )
    return part


def _source(contract: Contract, name: str) -> Source:
    for source in contract.sources:
        if source.name == name:
            return source
    raise ConfigurationError(
        f"The contract {contract.name} has no source {name} any more.",
        remedy="Put the source back into the contract, then redrive the message.",
    )
