"""Takes hostile bytes through the real code: S3's event, bronze, the message to silver, silver's transformation."""

from __future__ import annotations

import functools
import io
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyarrow import parquet
from watershed.bronze.event import arrivals
from watershed.bronze.land import Landed, land
from watershed.messages import BronzePart
from watershed.names import Layer
from watershed.silver import engine, lineage
from watershed.silver.quarantine import quarantined
from watershed.silver.transform import transform

from tests.hostile.cases import CONTRACTS
from tests.unit.bronze_lake import SETTINGS, BronzeLake, notification
from tests.unit.silver_lab import SETTINGS as SILVER

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

NEIGHBOUR_FILES = {"notes/before.csv": b"id,name,note\n1,a,b\n", "notes/after.csv": b"id,name,note\n2,c,d\n"}
# No key of ours has anything in it that the sender chose.
_PLAIN_KEY = re.compile(
    r"((quarantine|ledger)/dataset=)?[a-z]+/ingest_date=[0-9-]{10}/[0-9a-f]{32}-[0-9]{5}(-bronze)?\.parquet"
)


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        landed: What bronze says.
        bronze: The rows of bronze, as text with lineage, in the order of the file.
        held: The records of quarantine, bronze's and silver's, in the order of the file.
        tables: The good rows of each of the contract's tables, typed, without lineage.
        numbers: The row numbers of the dataset's own table.
        ledger: Bronze's entries about this file.
    """

    landed: Landed
    bronze: list[dict[str, Any]]
    held: list[dict[str, Any]]
    tables: list[list[dict[str, Any]]]
    numbers: list[int]
    ledger: list[dict[str, Any]]


def outcome(key: str, body: bytes) -> Outcome:
    """Send one file, between two good ones that must fare as if they were alone."""
    lake = BronzeLake(*CONTRACTS.values())
    before, after = NEIGHBOUR_FILES
    _drop(lake, before, NEIGHBOUR_FILES[before])
    landed = _drop(lake, key, body)
    _drop(lake, after, NEIGHBOUR_FILES[after])

    written = lake.written()
    for where, content in _good_files_alone().items():
        assert written[where] == content
    for _, each in written:
        assert _PLAIN_KEY.fullmatch(each), each

    held = [row for row in lake.rows(Layer.QUARANTINE) if row["source_key"] == key]
    bronze = sorted((r for r in lake.rows(Layer.BRONZE) if r["_source_key"] == key), key=lambda r: r["_row_number"])
    messages = [BronzePart.from_json(each["MessageBody"]) for each in lake.sqs.sent]
    tables: list[list[dict[str, Any]]] = [[] for _ in (CONTRACTS[landed.dataset].tables if bronze else ())]
    numbers: list[int] = []
    for message in messages:
        if message.source_key == key:
            content = written[SETTINGS.bucket(Layer.BRONZE), message.bronze_key]
            numbers += _typed(message, parquet.read_table(io.BytesIO(content)), tables, held)
    held.sort(key=lambda row: (row["row_number"] or 0, row["rule"]))
    ledger = [row for row in lake.rows(Layer.LEDGER) if row["source_key"] == key]
    return Outcome(landed, bronze, held, tables, numbers, ledger)


def _typed(
    message: BronzePart, part: pa.Table, tables: list[list[dict[str, Any]]], held: list[dict[str, Any]]
) -> list[int]:
    """Add what silver makes of one part to `tables` and `held`; the row numbers of its good rows."""
    contract = CONTRACTS[message.dataset]
    source = next(each for each in contract.sources if each.name == message.source)
    typed = transform(_engine(), contract, source, SILVER.jurisdiction, part)
    assert message.rows == part.num_rows == typed[0].rows_in
    for rows, table in zip(typed, tables, strict=True):
        assert rows.rows_in == rows.good.num_rows + rows.bad.num_rows
        table.extend(rows.good.drop_columns(list(lineage.COLUMNS)).to_pylist())
        for some in quarantined(message, part, contract, source, rows):
            held.extend(vars(bad) for bad in some)
    found: list[int] = typed[0].good[lineage.ROW_NUMBER].to_pylist()
    return found


_OPEN = ExitStack()


@functools.cache
def _engine() -> DuckDBPyConnection:
    """One engine for all, with one thread: what it is given is small."""
    connection = _OPEN.enter_context(engine.connect())
    connection.execute("SET threads = 1")
    return connection


def _drop(lake: BronzeLake, key: str, body: bytes) -> Landed:
    """Put an object, and land it as S3's notification names it."""
    lake.s3.put_object(Bucket=SETTINGS.bucket(Layer.RAW), Key=key, Body=body)
    (arrival,) = arrivals(notification(key, size=len(body)))
    assert arrival.key == key
    return land(arrival, lake.around)


_ALONE: dict[tuple[str, str], bytes] = {}


def _good_files_alone() -> dict[tuple[str, str], bytes]:
    """What bronze writes when nothing hostile is around."""
    if not _ALONE:
        lake = BronzeLake(*CONTRACTS.values())
        for key, body in NEIGHBOUR_FILES.items():
            _drop(lake, key, body)
        _ALONE.update(lake.written())
    return _ALONE
