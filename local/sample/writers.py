"""Writes records to a file of any format, one at a time, so that memory stays flat."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from local.sample.columns import STANDARD_COLUMNS
from local.sample.faults import Spoiled, Torn
from local.sample.habits import standard_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from local.sample.deliveries import Delivery
    from local.sample.faults import Fault
    from local.sample.habits import Habits
    from local.sample.shop import Record

Row = tuple["Record", "Fault | None"]

_GROUP = 20_000  # rows of a Parquet row group
_ARROW = {
    int: pa.int64(),
    str: pa.string(),
    float: pa.float64(),
    Decimal: pa.decimal128(18, 2),
    datetime: pa.timestamp("us"),
}
_TORN_JSON = 5  # characters missing at the end of a torn line


def has_faults(name: str) -> bool:
    """Whether a file of this name can hold faulty rows: Parquet's columns are typed, so it cannot."""
    return not name.endswith(".parquet")


def write_file(path: Path, delivery: Delivery, habits: Habits, rows: Iterable[Row]) -> None:
    """Write one file in the format its name promises: CSV in the region's habits, JSONL and Parquet as machines do."""
    if ".parquet" in delivery.name:
        _write_parquet(path, delivery, habits, rows)
    elif ".jsonl" in delivery.name:
        with _opened(path, "utf-8") as file:
            file.writelines(_json_lines(delivery, habits, rows))
    else:
        with _opened(path, delivery.encoding) as file:
            writer = csv.writer(file, delimiter=habits.delimiter, lineterminator=habits.line_end)
            writer.writerows(_csv_records(delivery, habits, rows))


@contextlib.contextmanager
def _opened(path: Path, encoding: str) -> Iterator[IO[str]]:
    """The file as text; what its name's ending says compresses it. Equal rows give equal bytes."""
    with contextlib.ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            raw = stack.enter_context(gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0))
        elif path.suffix == ".zst":
            raw = stack.enter_context(pa.CompressedOutputStream(raw, "zstd"))
        yield stack.enter_context(io.TextIOWrapper(raw, encoding=encoding, newline=""))


def _csv_records(delivery: Delivery, habits: Habits, rows: Iterable[Row]) -> Iterator[list[str]]:
    columns = habits.columns[delivery.dataset]
    header, note = habits.people.note
    extra = [note] if delivery.extra_column else []
    text = habits.writers  # looked up here rather than through `Habits.text`: this is most of the time
    yield [*columns.values(), *([header] if extra else [])]
    for right, fault in rows:
        record = fault.apply(habits, right) if isinstance(fault, Spoiled) else right
        fields = [text[type(value)](value) for value in map(record.__getitem__, columns)] + extra
        if isinstance(fault, Torn):
            fields = [*fields, *["?"] * fault.fields] if fault.fields > 0 else fields[: fault.fields]
        yield fields


def _json_lines(delivery: Delivery, habits: Habits, rows: Iterable[Row]) -> Iterator[str]:
    for right, fault in rows:
        record = fault.apply(habits, right) if isinstance(fault, Spoiled) else right
        line = json.dumps(standard(delivery.dataset, habits, record), default=str, ensure_ascii=False)
        yield f"{line[:-_TORN_JSON] if isinstance(fault, Torn) else line}\n"


def _write_parquet(path: Path, delivery: Delivery, habits: Habits, rows: Iterable[Row]) -> None:
    records = (standard(delivery.dataset, habits, record, texts=False) for record, _ in rows)
    group = list(islice(records, _GROUP))
    schema = pa.schema([(name, _ARROW[type(value)]) for name, value in group[0].items()])
    with pq.ParquetWriter(path, schema) as writer:
        while group:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            group = list(islice(records, _GROUP))


def standard(dataset: str, habits: Habits, record: Record, *, texts: bool = True) -> Record:
    """The record under the standard's names, in UTC; with `texts`, times as text."""
    columns = STANDARD_COLUMNS[dataset]
    return {name: _standard_value(habits, record[column], texts=texts) for column, name in columns.items()}


def _standard_value(habits: Habits, value: Any, *, texts: bool) -> Any:
    if isinstance(value, datetime):
        instant = habits.utc(value)
        return standard_timestamp(instant) if texts else instant.replace(tzinfo=None)
    return value.isoformat() if texts and isinstance(value, date) else value
