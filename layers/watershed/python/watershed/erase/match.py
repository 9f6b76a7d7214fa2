"""Which rows of a file are about the person: decided by silver's own reading of the one column that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from watershed.bronze.parts import Lineage, with_lineage
from watershed.contracts.model import Column, Contract, Residency, SchemaChange, Source, Table
from watershed.erase.subject import Subject
from watershed.reconcile.recount import plain
from watershed.silver import lineage
from watershed.silver.transform import transform

if TYPE_CHECKING:
    import pyarrow as pa


_NOWHERE = Lineage("", "", datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True)
class Matcher:
    """Finds the person's rows among those of one source of a dataset."""

    connection: DuckDBPyConnection
    contract: Contract
    source: Source
    subject: Subject

    def rows(self, found: pa.Table) -> list[int]:
        """The numbers of the person's rows, whatever else is wrong with them.

        Args:
            found: Text columns named as in the file, and `_row_number`; lineage or not.
        """
        if not found.num_rows:
            return []
        if lineage.BATCH_ID not in found.column_names:
            found = plain(with_lineage(found, _NOWHERE))
        own = transform(self.connection, self._alone, self.source, (), found)[0].good
        value = self.subject.typed(self._column)
        numbers: list[int] = own.filter(pc.equal(own[self._column.name], value))[lineage.ROW_NUMBER].to_pylist()
        return sorted(numbers)

    @property
    def _column(self) -> Column:
        column = self.contract.table.column(self.subject.column)
        return Column(column.name, column.kind, renamed_from=column.renamed_from)

    @property
    def _alone(self) -> Contract:
        """The contract with nothing but this column, and no rule that a row might break."""
        table = Table(self.contract.table.name, (self._column,), primary_key=())
        none = Residency(None)
        return replace(self.contract, tables=(table,), residency=none, schema_change=SchemaChange.EVOLVE, bad_rows=None)
