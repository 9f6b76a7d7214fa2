"""Counts one raw object again, with bronze's own readers and silver's own transform: one part in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from watershed import names
from watershed.bronze import readers
from watershed.bronze.parts import Lineage, parts, with_lineage
from watershed.bronze.route import route
from watershed.contracts.model import Contract
from watershed.errors import FileRejected
from watershed.reconcile import money
from watershed.reconcile.money import Sums
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.silver import lineage
from watershed.silver.stopping import stopped, too_many_are_bad
from watershed.silver.transform import TypedRows, transform

if TYPE_CHECKING:
    import pyarrow as pa

    from watershed.bronze.parts import Part
    from watershed.bronze.route import Route
    from watershed.object_version import ObjectVersion
    from watershed.s3 import ObjectStream

Keep = Callable[[int, list[TypedRows]], None]  # takes a part's number and its rows


@dataclass(frozen=True)
class TableCount:
    """One part's share of one silver table: rows or elements, and the money in the good ones."""

    table: str
    rows_in: int
    quarantined: int
    sums: Sums


@dataclass(frozen=True)
class PartCount:
    """One part of a file."""

    rows: int
    malformed: int
    tables: tuple[TableCount, ...]  # in the contract's order; none if there is no row


@dataclass(frozen=True)
class Recount:
    """One object version."""

    parts: tuple[PartCount, ...] = ()
    rejected: bool = False  # the whole file is refused

    @property
    def records(self) -> int:
        """Rows and records that stay text."""
        return sum(part.rows + part.malformed for part in self.parts)


@dataclass(frozen=True)
class Counter:
    """Counts objects of one region again."""

    settings: Settings
    contracts: Mapping[str, Contract]  # by dataset
    s3: S3
    connection: DuckDBPyConnection  # from silver's engine.connect

    def recount(self, version: ObjectVersion, keep: Keep) -> Recount:
        """Read the object version and hand its typed rows to `keep`, part by part.

        What was kept of a file that turns out `rejected` does not count.

        Raises:
            Terminal: if it is gone since it was listed, or may not be read.
            Transient: if S3 does not answer.
        """
        with self.s3.open(version.bucket, *version.stored) as stream:
            try:
                chosen = route(version.key, self.settings.region, self.contracts)
                return self._read(stream, chosen, keep)
            except FileRejected:
                return Recount(rejected=True)

    def _read(self, stream: ObjectStream, chosen: Route, keep: Keep) -> Recount:
        version = stream.version
        batch = names.batch_id(version.bucket, version.key, version.version)
        origin = Lineage(version.key, version.version, version.last_modified, batch)
        batches = readers.read(stream, version.size, chosen, is_remainder=version.place is not None)
        counts = []
        for number, part in enumerate(parts(batches)):
            typed = self._typed(chosen, part, origin) if part.table.num_rows else []
            keep(number, typed)
            counts.append(PartCount(part.table.num_rows, len(part.bad), tuple(map(_count, typed))))
        return Recount(tuple(counts))

    def _typed(self, chosen: Route, part: Part, origin: Lineage) -> list[TypedRows]:
        rows = plain(with_lineage(part.table, origin))
        typed = transform(self.connection, chosen.contract, chosen.source, self.settings.jurisdiction, rows)
        return stopped(typed) if too_many_are_bad(chosen.contract, typed[0]) else typed


def _count(typed: TypedRows) -> TableCount:
    return TableCount(typed.table.name, typed.rows_in, typed.bad.num_rows, money.sums(typed.table, typed.good))


def plain(rows: pa.Table) -> pa.Table:
    """The rows as they are read back from Parquet: without dictionaries."""
    for name, kind in lineage.TYPES.items():
        rows = rows.set_column(rows.column_names.index(name), name, rows[name].cast(kind))
    return rows
