"""The rows of one run of a gold model, as PostgreSQL's COPY takes them: CSV, a batch of rows at a time."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import csv, parquet

from watershed import names
from watershed.errors import Terminal, Transient
from watershed.listing import Listing
from watershed.publish.columns import arrow_type
from watershed.ranges import RangeReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.gold.model import GoldModel
    from watershed.messages import GoldRun

ROWS_AT_ONCE = 65_536
NUL, REPLACEMENT = "\x00", "\ufffd"  # PostgreSQL's text holds every character but the first

# Text in quotes, NULL without: so COPY tells an empty text from none.
_CSV = csv.WriteOptions(include_header=False, quoting_style="needed")


@dataclass
class Count:
    """What went by."""

    rows: int = 0
    replaced: int = 0  # texts in which a NUL became a replacement character


@dataclass(frozen=True)
class GoldRows:
    """The gold bucket, for reading.

    Args:
        client: boto3's `s3` client.
        bucket: The gold bucket.
    """

    client: Any
    bucket: str

    def files(self, shown: GoldRun) -> list[str] | None:
        """The keys of a run's files, none if it has no rows; None if its files are gone, for a newer run has come.

        Raises:
            Terminal: if the bucket may not be listed.
            Transient: if S3 does not answer.
        """
        folder = names.gold_run_prefix(shown.model, shown.run)
        every = names.gold_run_prefix(shown.model, "").removesuffix("/")
        keys = list(Listing(self.client).keys(self.bucket, every))
        found = [key for key in keys if key.startswith(folder)]
        return None if not found and any(key > folder for key in keys) else found

    def csv(self, model: GoldModel, keys: list[str], count: Count) -> Iterator[bytes]:
        """The rows of some files in the model's columns and types, as CSV without a header.

        Args:
            model: Of which they are.
            keys: The files.
            count: Is told what goes by.

        Raises:
            Terminal: if a file lacks a column or holds what does not fit its type.
            Transient: if S3 does not answer, or the file is gone, for which a repeat finds the newer run.
        """
        for key in keys:
            try:
                yield from self._csv_of(model, key, count)
            except FileNotFoundError as error:
                raise Transient(
                    f"s3://{self.bucket}/{key} is gone.", remedy="The queue repeats the message."
                ) from error
            except (BotoCoreError, ClientError) as error:
                raise Transient(
                    f"S3 did not serve s3://{self.bucket}/{key} ({type(error).__name__}).",
                    remedy="The queue repeats the message.",
                ) from error
            except pa.ArrowException as error:  # its text may quote a value
                raise Terminal(
                    f"s3://{self.bucket}/{key} does not hold what the header of {model.name} says "
                    f"({type(error).__name__}).",
                    remedy="Have gold refreshed; if that does not help, compare the header with the SELECT.",
                ) from None

    def _csv_of(self, model: GoldModel, key: str, count: Count) -> Iterator[bytes]:
        wanted = pa.schema([(column.name, arrow_type(column)) for column in model.columns])
        with parquet.ParquetFile(RangeReader(self.client, self.bucket, key), pre_buffer=False) as file:
            absent = [name for name in wanted.names if name not in file.schema_arrow.names]
            if absent:
                raise Terminal(
                    f"s3://{self.bucket}/{key} has no column {', '.join(absent)}, which {model.name} has by now.",
                    remedy="Have gold refreshed: the model was changed after this run.",
                )
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=wanted.names, use_threads=False):
                rows = pa.Table.from_batches([batch]).select(wanted.names).cast(wanted)
                count.rows += rows.num_rows
                yield _written(_without_nul(rows, count))


def _without_nul(rows: pa.Table, count: Count) -> pa.Table:
    for place, field in enumerate(rows.schema):
        if field.type == pa.string():
            bad = pc.sum(pc.match_substring(rows.column(place), NUL)).as_py() or 0
            if bad:
                count.replaced += bad
                clean = pc.replace_substring(rows.column(place), NUL, REPLACEMENT)
                rows = rows.set_column(place, field, clean)
    return rows


def _written(rows: pa.Table) -> bytes:
    out = io.BytesIO()
    csv.write_csv(rows, out, _CSV)
    return out.getvalue()
