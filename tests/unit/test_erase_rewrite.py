"""Erasing rows from raw files: what remains are exactly the other rows, byte for byte where the format allows it."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from watershed.bronze import readers
from watershed.bronze.batch import ROW_NUMBER
from watershed.bronze.parts import parts
from watershed.bronze.route import Route
from watershed.contracts.model import Column, Kind, Source, Table
from watershed.erase.rewrite import rewritten
from watershed.errors import FileRejected, Terminal
from watershed.reasons import Reason

from tests.unit.bronze_lake import contract

PERSON = "PERSON"
ODD = st.text(st.sampled_from('ab"\n\r,; ß-\\🙂{}[]'), max_size=6)
LINES = st.lists(st.lists(ODD, min_size=1, max_size=4).map(",".join), max_size=12)


def route(name: str, **source: Any) -> Route:
    table = Table("orders", (Column("id", Kind.INTEGER), Column("name", Kind.STRING)), primary_key=("id",))
    return Route(dataclasses.replace(contract(), tables=(table,)), Source("default", **source), name)


def read(body: bytes, chosen: Route) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    found = list(parts(readers.read(io.BytesIO(body), len(body), chosen, is_remainder=True)))
    good = [row for part in found for row in part.table.to_pylist()]
    plain = [{key: value for key, value in row.items() if value is not None} for row in good]
    return plain, [(row.row_number, row.reason, row.raw) for part in found for row in part.bad]


def check(body: bytes, chosen: Route, rows: set[int]) -> bytes:
    """Erase `rows`, and see that the others are as they were."""
    good, bad = read(body, chosen)
    made = rewritten(body, chosen, rows)
    left, left_bad = read(made, chosen)
    assert left == [row for row in good if row[ROW_NUMBER] not in rows]
    assert [row for row in left_bad if row[0] not in rows] == [row for row in bad if row[0] not in rows]
    numbers = {row[ROW_NUMBER] for row in good} | {row[0] for row in bad}
    assert {row[0] for row in left_bad if row[1] is Reason.ERASED} >= rows & numbers
    return made


def chosen_of(draw: st.DataObject, body: bytes, chosen: Route) -> set[int]:
    try:
        good, bad = read(body, chosen)
    except FileRejected:
        assume(False)  # hypothesis' own signature
    numbers = [row[ROW_NUMBER] for row in good] + [row[0] for row in bad]
    return draw.draw(st.sets(st.sampled_from(numbers))) if numbers else set()


@pytest.mark.parametrize("space", ["\u00a0", "\x1c", "\u2003", "\x85"])
def test_a_line_of_odd_spaces_is_a_row_of_its_own(space: str) -> None:
    body = f'{{"id": 1}}\n{space}\n \t\r\n{{"id": 3}}\n{{"id": 4}}\n'.encode()
    made = check(body, route("a.jsonl"), {3})
    assert made == body.replace(b'{"id": 3}', b"{-------}")


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(LINES, st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16"]), st.sampled_from(["\n", "\r\n"]), st.data())
def test_any_delimited_file_keeps_its_other_rows(
    lines: list[str], encoding: str, end: str, data: st.DataObject
) -> None:
    text = end.join(["id,name", *lines])
    body, chosen = text.encode(encoding, "replace"), route("a.csv", encoding=encoding)
    rows = chosen_of(data, body, chosen)
    try:
        made = check(body, chosen, rows)
    except Terminal:  # refused, and nothing is lost: without a stray quote, other rows would be read in another way
        assert '"' in text
    else:
        assert rows or made == body


VALUES = st.recursive(st.none() | st.integers() | ODD, lambda one: st.lists(one, max_size=2), max_leaves=3)
ODD_RECORDS = ["7", '"x"', "[1]", '{"a": }', '{"id": 1, "ID": 2}', "{}", '{"ß": "\\ud800"}', '{"name": "ß🙂"}']
RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["id", "name", "x", "y"]), VALUES).map(json.dumps) | st.sampled_from(ODD_RECORDS),
    max_size=8,
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(RECORDS, st.sampled_from(["a.jsonl", "a.json", "a.json.gz", "a.jsonl.zst"]), st.booleans(), st.data())
def test_any_json_file_keeps_its_other_records(
    records: list[str],
    name: str,
    apart: bool,
    data: st.DataObject,  # hypothesis passes it by place
) -> None:
    text = "\n".join(records) if "jsonl" in name or apart else f"[{' , '.join(records)}\n]"
    body = text.encode()
    packed = gzip.compress(body) if name.endswith("gz") else pa.compress(body, "zstd", asbytes=True) if (
        name.endswith("zst")) else body  # fmt: skip
    check(packed, route(name), chosen_of(data, packed, route(name)))


@settings(max_examples=20)
@given(st.lists(st.tuples(st.none() | st.integers(0, 9), ODD, st.lists(st.integers(0, 3), max_size=2)), max_size=30),
       st.integers(1, 9), st.data())  # fmt: skip
def test_any_parquet_file_keeps_its_other_rows(rows: list[tuple[Any, ...]], group: int, data: st.DataObject) -> None:
    table = pa.table({
        "id": pa.array([row[0] for row in rows], pa.int64()),
        "name": pa.array([row[1] for row in rows], pa.string()).dictionary_encode(),
        "list": pa.array([row[2] for row in rows], pa.list_(pa.int8())),
    })  # fmt: skip
    sink = io.BytesIO()
    parquet.write_table(table, sink, row_group_size=group)
    check(sink.getvalue(), route("a.parquet"), chosen_of(data, sink.getvalue(), route("a.parquet")))


@pytest.mark.parametrize(
    ("body", "rows", "left"),
    [
        (b"id,name\r\n1,x\r\n2,PERSON\r\n3,y", {2}, b"id,name\r\n1,x\r\n--------\r\n3,y"),
        (b'\xef\xbb\xbfid,name\n1,"PER\n\nSON"\n2,y\n', {1}, b"\xef\xbb\xbfid,name\n------------\n2,y\n"),
        (b"id\nPERSON\n2\n", {1}, b"id\n,,,,,,\n2\n"),
        (b'id,name\n1,"PERSON\n2,y\n', {1}, b"id,name\n---------\n2,y\n"),
        (b"id,name\n1,PERSON,7\n2,y\n", {1}, b"id,name\n----------\n2,y\n"),
    ],
)
def test_bytes_of_other_rows_stay(body: bytes, rows: set[int], left: bytes) -> None:
    assert check(body, route("a.csv"), rows) == left


def test_bytes_that_are_no_text_stay() -> None:
    body = "id,name\n1,ü\x81\n2,PERSON ü\n3,ö\x81\n".encode("latin-1")
    made = check(body, route("a.csv", encoding="cp1252"), {2})
    assert made == body.replace(b"2,PERSON \xfc", b"-" * 11)


CATEGORIES = pa.array(["x", PERSON, "y"]).dictionary_encode()
FULL = pa.struct([pa.field("a", pa.string(), nullable=False)])


@pytest.mark.parametrize(
    "column",
    [
        CATEGORIES,
        pa.ListArray.from_arrays([0, 1, 2, 3], CATEGORIES),
        pa.LargeListArray.from_arrays([0, 1, 2, 3], CATEGORIES),
        pa.StructArray.from_arrays([CATEGORIES], ["a"]),
        pa.MapArray.from_arrays([0, 1, 2, 3], CATEGORIES, CATEGORIES),
        pa.array([{"a": "x"}, {"a": PERSON}, {"a": "y"}], FULL),
        pa.array([[{"a": "x"}], [{"a": PERSON}], []], pa.list_(FULL)),
        pa.array([["x"], [PERSON], ["y"]], pa.list_(pa.string(), 1)),
        pa.array(["x", PERSON, "y"], pa.string_view()),
        pa.array([b"x", PERSON.encode(), None], pa.binary_view()),
        pa.StructArray.from_arrays([pa.array([bytes(16)] * 3, pa.uuid()), CATEGORIES], ["a", "b"]),
    ],
    ids=lambda column: str(column.type),
)
def test_nothing_of_a_row_is_left_in_parquet(column: pa.Array) -> None:
    table = pa.table({"id": [1, 2, 3], "name": ["x", PERSON, "y"], "v": column})
    assert PERSON.encode() in uncompressed(table)
    made = check(uncompressed(table), route("a.parquet"), {2})
    assert PERSON.encode() not in uncompressed(parquet.read_table(io.BytesIO(made)))


def uncompressed(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="none")
    return sink.getvalue()


def test_times_of_spark_and_hive_stay_in_parquet() -> None:
    times = [datetime(9999, 12, 31), datetime(2024, 2, 29, 12)]  # noqa: DTZ001  naive on purpose
    sink = io.BytesIO()
    parquet.write_table(
        pa.table({"id": [1, 2], "name": ["x", PERSON], "until": times}), sink, use_deprecated_int96_timestamps=True
    )
    made = check(sink.getvalue(), route("a.parquet"), {2})
    assert parquet.read_table(io.BytesIO(made))["until"].to_pylist() == [times[0], None]


def test_a_large_file_falls_into_the_same_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watershed.bronze.parts.PART_BYTES", 3_000_000)
    body = b"id,name\n" + b"".join(b'%d,"name %d\n, %s"\n' % (i, i, b"x" * (i % 90)) for i in range(150_000))
    check(body, route("a.csv"), {1, 2, 77_777, 149_999, 150_000})


def test_a_second_person_goes_too() -> None:
    body = b"id,name\n1,x\n2,PERSON\n3,OTHER\n"
    once = check(body, route("a.csv"), {2})
    twice = rewritten(once, route("a.csv"), {3})
    assert twice == b"id,name\n1,x\n--------\n-------\n"
