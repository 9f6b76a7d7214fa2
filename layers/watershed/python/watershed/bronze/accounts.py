"""What bronze writes down about each part: its ledger entry, the rows held back, the word to silver. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from watershed import names, records
from watershed.bronze.route import Route
from watershed.messages import BronzePart
from watershed.names import Stage
from watershed.object_version import ObjectVersion
from watershed.records import LedgerEntry, QuarantinedRow, ReplayedRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.bronze.batch import BadRow
    from watershed.bronze.parts import Part
    from watershed.errors import FileRejected


@dataclass(frozen=True)
class Origin:
    """One object version, the contract that takes it, if any does, and which pass over it this is."""

    version: ObjectVersion
    route: Route | None
    replay: str = ""  # id of the replay that asks for it again; empty: the first pass

    @cached_property
    def batch_id(self) -> str:
        """Identity of the object version."""
        return names.batch_id(self.version.bucket, self.version.key, self.version.version)

    @property
    def dataset(self) -> str:
        """The contract's name."""
        return self.route.contract.name if self.route else names.UNKNOWN_DATASET

    def bronze_key(self, part: int) -> str:
        """Where the part's rows go."""
        return names.bronze_key(self.dataset, self.version.last_modified, self.batch_id, part)

    def account_key(self, table: str, part: int) -> str:
        """Where this pass writes the part's rows of `table`; see `names.account_key`."""
        part_id = names.part_id(self.batch_id, part, self.replay)
        return names.account_key(table, self.dataset, self.version.last_modified, part_id, Stage.BRONZE)

    def ledger_entry(self, number: int, part: Part | None, *, rejected: bool = False) -> LedgerEntry:
        """What became of the part's records; without a part, of a file that has none or was refused."""
        rows, malformed = (part.table.num_rows, len(part.bad)) if part else (0, 0)
        return LedgerEntry(
            batch_id=self.batch_id,
            part=number,
            stage=Stage.BRONZE,
            table_name=self.route.contract.table.name if self.route else "",
            source_key=self.version.key,
            source_version=self.version.version,
            source_name=self._source_name,
            contract_version=self._contract_version,
            recorded_at=self.version.last_modified,
            rows_read=rows + malformed,
            rows_out=rows,
            malformed=malformed,
            rejected_file=rejected,
            replay=self.replay,
        )

    def replayed(self, part: int) -> pa.Table:
        """What says that this pass settles whatever an earlier one held back of the part's file or rows."""
        row = ReplayedRow(
            batch_id=self.batch_id,
            part=part,
            stage=Stage.BRONZE,
            row_number=None,
            replay=self.replay,
            contract_version=self._contract_version,
            source_key=self.version.key,
            source_version=self.version.version,
        )
        return records.to_arrow(ReplayedRow, [row])

    def quarantined(self, number: int, bad: Sequence[BadRow]) -> pa.Table:
        """The rows held back, as the columns of `QuarantinedRow`. Made by column: there may be as many as rows."""
        schema = records.to_arrow(QuarantinedRow, ()).schema
        columns = {
            "reason": [row.reason.value for row in bad],
            "column_name": [row.column for row in bad],
            "rule": [row.rule for row in bad],
            "remedy": [row.reason.remedy for row in bad],
            "raw": [row.raw for row in bad],
            "row_number": [row.row_number for row in bad],
            "line_number": [row.line_number for row in bad],
        }
        same = {
            "batch_id": self.batch_id,
            "part": number,
            "stage": Stage.BRONZE.value,
            "source_key": self.version.key,
            "source_version": self.version.version,
            "source_name": self._source_name,
            "contract_version": self._contract_version,
            "quarantined_at": self.version.last_modified.replace(tzinfo=None),
            "replay": self.replay,
        }
        arrays = [
            pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.repeat(pa.scalar(same[field.name], field.type), len(bad))
            for field in schema
        ]
        return pa.table(arrays, schema=schema)

    def refused(self, rejection: FileRejected) -> pa.Table:
        """The whole file, held back, as one row of `QuarantinedRow`."""
        row = QuarantinedRow(
            batch_id=self.batch_id,
            part=0,
            stage=Stage.BRONZE,
            reason=rejection.reason,
            column_name=rejection.column,
            rule=rejection.message,
            remedy=rejection.remedy,
            raw=None,
            row_number=None,
            line_number=None,
            source_key=self.version.key,
            source_version=self.version.version,
            source_name=self._source_name,
            contract_version=self._contract_version,
            quarantined_at=self.version.last_modified,
            replay=self.replay,
        )
        return records.to_arrow(QuarantinedRow, [row])

    def message(self, entry: LedgerEntry) -> BronzePart:
        """Word to silver that the part is ready."""
        return BronzePart(
            dataset=self.dataset,
            source=self._source_name,
            batch_id=self.batch_id,
            part=entry.part,
            bronze_key=self.bronze_key(entry.part),
            rows=entry.rows_out,
            source_key=self.version.key,
            source_version=self.version.version,
            ingested_at=self.version.last_modified.isoformat(),
            replay=self.replay,
        )

    @property
    def _source_name(self) -> str:
        return self.route.source.name if self.route else ""

    @property
    def _contract_version(self) -> str:
        return self.route.contract.version if self.route else ""
