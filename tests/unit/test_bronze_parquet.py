"""Parquet of any types: text that says exactly what the value was."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq
from watershed.bronze import parquet
from watershed.bronze.arrowtext import to_text
from watershed.bronze.batch import ROW_NUMBER
from watershed.errors import FileRejected

from tests.unit.bronze_lake import BronzeLake


def written(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


NOON = datetime(2024, 2, 29, 12, 0, 0, 5)  # noqa: DTZ001  naive on purpose
BERLIN_WINTER = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (pa.int64(), -(2**63), "-9223372036854775808"),
        (pa.uint64(), 2**64 - 1, "18446744073709551615"),
        (pa.int8(), 7, "7"),
        (pa.bool_(), True, "true"),
        (pa.float64(), 0.1, "0.1"),
        (pa.float64(), 1e300, "1" + "0" * 300),
        (pa.float64(), float("nan"), "nan"),
        (pa.float32(), 0.1, "0.1"),
        (pa.decimal128(38, 10), Decimal("0.0000000001"), "0.0000000001"),
        (pa.decimal128(18, 2), Decimal("-12345678901234.50"), "-12345678901234.50"),
        (pa.decimal256(60, 0), Decimal(10) ** 50, "1" + "0" * 50),
        (pa.string(), "", ""),
        (pa.large_string(), "é", "é"),
        (pa.binary(), b"abc", "abc"),
        (pa.binary(3), b"abc", "abc"),
        (pa.uuid(), UUID(int=2**128 - 1), "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        (pa.date32(), date(2024, 2, 29), "2024-02-29"),
        (pa.time64("us"), time(1, 2, 3, 4), "01:02:03.000004"),
        (pa.timestamp("us"), NOON, "2024-02-29 12:00:00.000005"),
        (pa.timestamp("ms"), NOON.replace(microsecond=0), "2024-02-29 12:00:00.000000"),
        (pa.timestamp("ns"), NOON, "2024-02-29 12:00:00.000005"),
        (pa.timestamp("ns"), 1, "1970-01-01 00:00:00.000000001"),
        (pa.timestamp("us", "UTC"), NOON.replace(tzinfo=UTC), "2024-02-29T12:00:00.000005+00:00"),
        (pa.timestamp("us", "Europe/Berlin"), NOON.replace(tzinfo=BERLIN_WINTER), "2024-02-29T11:00:00.000005+00:00"),
        (pa.list_(pa.int32()), [1, None], "[1,null]"),
        (pa.list_(pa.decimal128(10, 2)), [Decimal("1.10")], "[1.10]"),
        (pa.list_(pa.float64()), [1.5, float("nan")], '[1.5,"nan"]'),
        (pa.struct([("a", pa.string()), ("b", pa.bool_())]), {"a": '"', "b": None}, '{"a":"\\"","b":null}'),
        (pa.map_(pa.string(), pa.int8()), [("k", 1)], '[{"key":"k","value":1}]'),
        (pa.list_(pa.struct([("t", pa.timestamp("us"))])), [{"t": NOON}], '[{"t":"2024-02-29 12:00:00.000005"}]'),
    ],
)
def test_each_type_becomes_exact_text(kind: pa.DataType, value: object, text: str) -> None:
    lake = BronzeLake()
    ids = pa.array([1, 2, 3])
    table = pa.table({"id": ids, "name": ["a", "b", "c"], "V ": pa.array([value, None, value], kind)})
    assert lake.drop("orders/f.parquet", written(table)).rows_out == 3
    assert [row["v"] for row in lake.source_rows()] == [text, None, text]


def test_dictionaries_and_nulls_are_unpacked() -> None:
    assert to_text(pa.array(["a", None, "a"]).dictionary_encode()).to_pylist() == ["a", None, "a"]
    assert to_text(pa.nulls(2)).to_pylist() == [None, None]


def test_times_of_spark_and_hive_are_those_that_were_written() -> None:
    times = [NOON, NOON.replace(9999, 2, 28), NOON.replace(4), None]
    nested = pa.array([[time] for time in times], pa.list_(pa.timestamp("us")))
    table = pa.table({"id": range(4), "name": list("abcd"), "t": pa.array(times, pa.timestamp("us")), "l": nested})
    lake = BronzeLake()
    lake.drop("orders/f.parquet", written(table, use_deprecated_int96_timestamps=True))
    texts = ["2024-02-29 12:00:00.000005", "9999-02-28 12:00:00.000005", "0004-02-29 12:00:00.000005", None]
    assert [row["t"] for row in lake.source_rows()] == texts
    assert [json.loads(row["l"]) for row in lake.source_rows()] == [[text] for text in texts]


NESTED = pa.list_(pa.struct([("a", pa.list_(pa.int8())), ("m", pa.map_(pa.string(), pa.string()))]))
PAIR = st.tuples(st.text("ab", max_size=2), st.none() | st.text('"x', max_size=2))
ENTRY = st.fixed_dictionaries(
    {
        "a": st.none() | st.lists(st.none() | st.integers(-9, 9), max_size=3),
        "m": st.none() | st.lists(PAIR, max_size=2),
    }
)


@given(st.lists(st.none() | st.lists(st.none() | ENTRY, max_size=3), max_size=6), st.integers(0, 5))
def test_nested_values_are_the_json_they_would_be(values: list[Any], start: int) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return {"key": value[0], "value": value[1]}
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        return value

    texts = to_text(pa.array(values, NESTED).slice(start)).to_pylist()
    assert [None if text is None else json.loads(text) for text in texts] == plain(values[start:])


def test_rows_that_are_not_text_are_held_back_alone() -> None:
    notes = pa.array([b"fine", b"\xff\xfe", b"nul\x00", b"fine"]).cast(pa.string(), safe=False)
    nested = pa.array([[b"fine"], [b"fine"], [b"fine"], [b"\xff"]]).cast(pa.list_(pa.string()), safe=False)
    table = pa.table({"id": [1, 2, 3, 4], "name": list("abcd"), "note": notes, "more": nested})
    lake = BronzeLake()
    landed = lake.drop("orders/f.parquet", written(table))
    assert (landed.rows_read, landed.rows_out, landed.malformed) == (4, 1, 3)
    assert lake.fates() == [(2, "invalid_encoding"), (3, "invalid_encoding"), (4, "invalid_encoding")]


def test_row_groups_and_batches_are_numbered_through() -> None:
    table = pa.table({"id": range(20_000), "name": ["x"] * 20_000})
    data = written(table, row_group_size=700)
    batches = list(parquet.read(io.BytesIO(data), lambda _: None))
    assert len(batches) > 1
    numbers = [number for batch in batches for number in batch.table[ROW_NUMBER].to_pylist()]
    assert numbers == list(range(1, 20_001))


GOOD = written(pa.table({"id": range(1000), "name": [str(n) * 50 for n in range(1000)]}))


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"id,name\n1,a\n",
        GOOD[:-1],
        GOOD[: len(GOOD) // 2],
        GOOD[4:],
        GOOD[:-9] + b"\xff" * 9,
    ],
)
def test_a_broken_file_is_unreadable(broken: bytes) -> None:
    with pytest.raises(FileRejected) as refused:
        list(parquet.read(io.BytesIO(broken), lambda _: None))
    assert refused.value.reason == "unreadable_file"


def test_damaged_pages_never_pass_in_silence() -> None:
    checked = written(pa.table({"id": range(1000), "name": ["x" * 50] * 1000}), compression="zstd")
    damaged = bytearray(checked)
    damaged[10:40] = bytes(30)
    with pytest.raises(FileRejected, match="truncated, corrupt or encrypted"):
        list(parquet.read(io.BytesIO(bytes(damaged)), lambda _: None))


def test_a_file_that_explodes_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "RATIO_COUNTS_FROM", 1_000_000)
    bomb = written(pa.table({"id": pa.repeat(1, 100_000), "name": pa.repeat("x" * 1000, 100_000)}))
    with pytest.raises(FileRejected, match="more than 200 times") as refused:
        list(parquet.read(io.BytesIO(bomb), lambda _: None))
    assert refused.value.reason == "decompression_bomb"
