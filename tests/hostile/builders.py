"""Files that a table cannot hold as text: large ones, compressed ones, Parquet. And what may be done to any file."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from tests.hostile.neighbours import AFTER, BEFORE, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HEADER = "id,name,note\n"
GOOD_BEFORE = "".join(f"{n},name {n},note {n}\n" for n in BEFORE)
GOOD_AFTER = "".join(f"{n},name {n},note {n}\n" for n in AFTER)
MIB = 1024 * 1024

# --- what may be done to a file: bytes in, bytes out


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def gzipped_as(data: bytes, name: str) -> bytes:
    """With `name` for what is in it."""
    buffer = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=buffer, mtime=0) as member:
        member.write(data)
    return buffer.getvalue()


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("notes.csv", data)
    return buffer.getvalue()


def taped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("notes.csv")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def bzipped(data: bytes) -> bytes:
    return bz2.compress(data)


def xzipped(data: bytes) -> bytes:
    return lzma.compress(data)


def zstandard(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data))


def cut(data: bytes, size: int) -> bytes:
    """Without its last `size` bytes."""
    return data[:-size]


def behead(data: bytes, size: int) -> bytes:
    return data[size:]


def append(data: bytes, text: str) -> bytes:
    return data + text.encode("latin-1")


def prepend(data: bytes, text: str) -> bytes:
    return text.encode("latin-1") + data


def damage(data: bytes, place: int, text: str) -> bytes:
    """With other bytes at `place`, counted from the end if negative."""
    place %= len(data)
    new = text.encode("latin-1")
    return data[:place] + new + data[place + len(new) :]


def encoded(data: bytes, encoding: str) -> bytes:
    return data.decode().encode(encoding)


def in_two_members(data: bytes) -> bytes:
    """Two gzip members, cut in the middle of a row."""
    middle = len(data) // 2
    return gzipped(data[:middle]) + gzipped(b"") + gzipped(data[middle:])


def in_two_frames(data: bytes) -> bytes:
    middle = len(data) // 2
    return zstandard(data[:middle]) + zstandard(data[middle:])


# --- large or deep text


def rows_between(row: str, times: int = 1) -> bytes:
    """CSV: good rows, this row some times, good rows."""
    return (HEADER + GOOD_BEFORE + f"{row}\n" * times + GOOD_AFTER).encode()


def row_of(text: str, times: int) -> bytes:
    return rows_between(text * times)


def long_field(mebibytes: int, opening: str = "", closing: str = "") -> bytes:
    return rows_between(f"5,e,{opening}{'z' * (mebibytes * MIB)}{closing}")


def long_name(size: int) -> bytes:
    """CSV with a column whose name is `size` characters long."""
    return (rows_between("5,e,f").replace(b"\n", b",x\n")).replace(b",x\n", b"," + b"n" * size + b"\n", 1)


def long_line(mebibytes: int) -> bytes:
    """JSONL, of which one line is long."""
    good = [json.dumps({"id": str(n), "name": f"name {n}", "note": f"note {n}"}) for n in (*BEFORE, *AFTER)]
    good.insert(2, json.dumps({"id": "5", "name": "e", "note": "z" * (mebibytes * MIB)}))
    return "\n".join(good).encode()


def many_columns(count: int) -> bytes:
    """CSV of `count` columns, most of which nobody knows."""
    more = count - 3
    names = HEADER.strip() + "".join(f",c{n}" for n in range(more))
    lines = [f"{n},name {n},note {n}" + ",x" * more for n in (*BEFORE, *AFTER)]
    return "\n".join([names, *lines, ""]).encode()


def many_members(count: int) -> bytes:
    """JSONL, of which one record has `count` members."""
    good = [json.dumps({"id": str(n), "name": f"name {n}", "note": f"note {n}"}) for n in (*BEFORE, *AFTER)]
    good.insert(2, json.dumps({"id": "5", "name": "e"} | {f"c{n}": n for n in range(count - 2)}))
    return "\n".join(good).encode()


def deep(depth: int, key: str = "note") -> bytes:
    """JSONL, of which one record holds arrays within arrays."""
    good = [json.dumps({"id": str(n), "name": f"name {n}", "note": f"note {n}"}) for n in (*BEFORE, *AFTER)]
    good.insert(2, f'{{"id":"5","name":"e","{key}":{"[" * depth}{"]" * depth}}}')
    return "\n".join(good).encode()


def deep_element(depth: int) -> bytes:
    """The same as one JSON array."""
    return b"[" + deep(depth).replace(b"\n", b",") + b"]"


def shop_with(array: str) -> bytes:
    """CSV of shops, one of which has the text `array` where a JSON array belongs."""
    numbered = {n: (str(n), "Ulm", "5", "") for n in (*BEFORE, *AFTER)}
    rows = [("shop", "city", "size", "lines"), *(numbered[n] for n in BEFORE), ("5", "Bonn", "1", array)]
    return "\n".join(written(row, ",") for row in (*rows, *(numbered[n] for n in AFTER))).encode()


def deep_lines(depth: int, text: str = "x") -> bytes:
    """CSV of shops, one of which has a JSON array with something deep in its first element."""
    return shop_with(f'[{{"sku":{"[" * depth}"{text}"{"]" * depth}}}]')


def long_array(count: int) -> bytes:
    """CSV of shops, one of which has a JSON array of `count` elements."""
    return shop_with("[" + ",".join(['{"sku":"s","price":0.10}'] * count) + "]")


def half_a_pair() -> bytes:
    """UTF-16 with half of a surrogate pair."""
    return rows_between("5,@,f").decode().replace("@", "\ud83d").encode("utf-16", "surrogatepass")


def bomb(mebibytes: int) -> bytes:
    """Rows that a compressor makes a thousandth of."""
    row = b"1,a," + b"x" * 9000 + b"\n"
    return HEADER.encode() + row * (mebibytes * MIB // len(row))


# --- Parquet


def parquet_file(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, **options)
    return sink.getvalue()


def parquet_rows(column: str, hostile: str) -> bytes:
    """Parquet in which `column` has the type and the hostile value that `hostile` names, between good rows."""
    type_, value = PARQUET_VALUES[hostile]
    numbers = [*BEFORE, 5, *AFTER]
    columns: dict[str, pa.Array] = {
        "id": pa.array([str(n) for n in numbers]),
        "name": pa.array([f"name {n}" for n in numbers]),
        "note": pa.array([f"note {n}" for n in numbers]),
    }
    columns[column] = pa.array([value if n == 5 else None for n in numbers], type_)
    return parquet_file(pa.table(columns))


def parquet_strings(names: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> bytes:
    """Parquet of texts."""
    return parquet_file(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}))


def parquet_good() -> bytes:
    numbers = (*BEFORE, *AFTER)
    named = {name: [f"{name} {n}" for n in numbers] for name in ("name", "note")}
    return parquet_file(pa.table({"id": numbers, **named}))


def parquet_large() -> bytes:
    """Parquet with a page of text long enough to be damaged in its middle."""
    numbers = range(5000)
    named = {name: [f"{name} {n}" for n in numbers] for name in ("name", "note")}
    return parquet_file(pa.table({"id": numbers, **named}), compression="gzip", use_dictionary=False)


def parquet_empty(*names: str) -> bytes:
    return parquet_file(pa.table({name: pa.array([], pa.string()) for name in names}))


def parquet_without(column: str) -> bytes:
    return parquet_file(pa.table({name: ["1"] for name in ("id", "name", "note") if name != column}))


def parquet_named(*names: str) -> bytes:
    return parquet_file(pa.Table.from_arrays([pa.array(["1"])] * len(names), names))


PARQUET_VALUES: dict[str, tuple[pa.DataType, Any]] = {
    "text": (pa.string(), "e"),
    "formula": (pa.string(), "=1+1"),
    "nul": (pa.string(), "a\x00b"),
    "not utf-8": (pa.binary(), b"caf\xe9"),
    "bytes of text": (pa.binary(), "Käse".encode()),
    "float": (pa.float64(), 0.1),
    "nan": (pa.float64(), float("nan")),
    "infinity": (pa.float64(), float("inf")),
    "huge float": (pa.float64(), 1e300),
    "large float": (pa.float64(), 2e18),
    "small float": (pa.float64(), 1.5e-7),
    "half": (pa.float16(), 1.5),
    "uint64": (pa.uint64(), 2**64 - 1),
    "whole float": (pa.float64(), 5.0),
    "broken float": (pa.float64(), 5.5),
    "boolean": (pa.bool_(), True),
    "decimal": (pa.decimal128(38, 10), Decimal("0.0000000001")),
    "wide decimal": (pa.decimal256(76, 2), Decimal("1e70")),
    "date": (pa.date32(), date(2024, 2, 29)),
    "early date": (pa.date32(), date(1, 1, 1)),
    "nanoseconds": (pa.timestamp("ns"), 1),
    "zoned": (pa.timestamp("us", "Asia/Kathmandu"), datetime(2024, 3, 1, 6, 15, tzinfo=UTC)),
    "time": (pa.time64("us"), 1),
    "duration": (pa.duration("s"), 90),
    "struct": (pa.struct([("a", pa.int64()), ("b", pa.string())]), {"a": 1, "b": 'say "hi"'}),
    "list": (pa.list_(pa.int64()), [1, None, 3]),
    "map": (pa.map_(pa.string(), pa.int64()), [("a", 1)]),
    "nul in a list": (pa.list_(pa.string()), ["a\x00b"]),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), "e"),
    "null type": (pa.null(), None),
    "long": (pa.string(), "z" * (17 * MIB)),
}

MADE: dict[str, Callable[..., bytes]] = {
    each.__name__: each
    for each in (
        gzipped, gzipped_as, zipped, taped, bzipped, xzipped, zstandard, in_two_members, in_two_frames,
        cut, behead, append, prepend, damage, encoded,
        rows_between, row_of, long_field, long_line, long_name, many_columns, many_members, half_a_pair,
        deep, deep_element, shop_with, deep_lines, long_array, bomb,
        parquet_rows, parquet_good, parquet_large, parquet_empty, parquet_without, parquet_named,
    )
}  # fmt: skip


def made(step: Any, *data: bytes) -> bytes:
    """The result of one step of a table: a name, or a list of a name and arguments."""
    name, *arguments = [step] if isinstance(step, str) else step
    return MADE[name](*data, *arguments)
