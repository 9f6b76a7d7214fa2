"""Hostile files, each with its fate. Every one is landed between two good files, and neither those nor the good rows
of the file itself may suffer."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass

import pyarrow as pa
import pytest
from pyarrow import parquet
from watershed.names import Layer

from tests.unit.bronze_lake import BronzeLake, contract

MIB = 1024 * 1024
CONTRACTS = (contract("orders"), contract("german", delimiter=";", encoding="cp1252"))


@dataclass(frozen=True)
class Case:
    """One file and what must become of it: the ids that land, and (row, reason) of what is held back."""

    what: str
    name: str
    body: bytes
    ids: tuple[str, ...] = ()
    held: tuple[tuple[int | None, str], ...] = ()
    says: str = ""  # part of the rule or remedy
    rejected: bool = False  # the whole file


def refused(what: str, name: str, body: bytes, reason: str, says: str = "") -> Case:
    return Case(what, name, body, held=((None, reason),), says=says, rejected=True)


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("orders.csv", "id,name\n1,a\n")
    return archive.getvalue()


def zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data))


def parquet_of(**columns: list[object]) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue()


HEAD = b"id,name,note\n"
TWO = b"1,a,x\n2,b,y\n"
BIG = b"z" * (10 * MIB)
OVERLONG = b"z" * (17 * MIB)
GOOD_PARQUET = parquet_of(id=["1", "2"], name=["a", "b"])
BOMB = gzip.compress(HEAD + (b"1,a," + b"x" * 9000 + b"\n") * 8000)

CASES = [
    # where it belongs
    refused("unknown folder", "nowhere/f.csv", HEAD + TWO, "unknown_dataset", "orders"),
    refused("loose unknown file", "f.csv", HEAD + TWO, "unknown_dataset", "add a contract"),
    refused("climbing key", "orders/../german/f.csv", HEAD + TWO, "unknown_dataset"),
    refused("encoded climbing key", "orders/..%2fgerman/../f.csv", HEAD + TWO, "unknown_dataset"),
    refused("control character in the key", "orders/f\n.csv", HEAD + TWO, "unknown_dataset"),
    Case("encoded dots that climb nowhere", "orders/%2e%2e/f.csv", HEAD + TWO, ("1", "2")),
    refused("no ending", "orders/f", HEAD + TWO, "unknown_format", ".csv"),
    refused("unknown ending", "orders/f.xlsx", zipped(), "unknown_format"),
    refused("unknown compression", "orders/f.csv.bz2", b"BZh9", "unknown_format"),
    # nothing in it
    Case("no bytes", "orders/f.csv", b""),
    Case("no bytes, compressed", "orders/f.csv.gz", b""),
    Case("compressed nothing", "orders/f.csv.gz", gzip.compress(b"")),
    Case("only a byte order mark", "orders/f.csv", b"\xef\xbb\xbf"),
    Case("only blank lines", "orders/f.csv", b"\n\r\n \n\n"),
    Case("only a header", "orders/f.csv", HEAD),
    Case("only a header without an end", "orders/f.csv", HEAD.rstrip()),
    Case("empty JSON array", "orders/f.json", b"[]"),
    Case("empty JSONL", "orders/f.jsonl", b"\n\n"),
    Case("Parquet without rows", "orders/f.parquet", parquet_of(id=[], name=[])),
    # not what the name says
    refused("zip called csv", "orders/f.csv", zipped(), "unreadable_file", "zip"),
    refused("gzip called csv", "orders/f.csv", gzip.compress(HEAD + TWO), "unreadable_file", "gzip"),
    refused("zstd called csv", "orders/f.csv", zstd(HEAD + TWO), "unreadable_file", "zstd"),
    refused("Parquet called csv", "orders/f.csv", GOOD_PARQUET, "unreadable_file", "Parquet"),
    refused("Parquet called jsonl", "orders/f.jsonl", GOOD_PARQUET, "unreadable_file", "Parquet"),
    refused("csv called gz", "orders/f.csv.gz", HEAD + TWO, "unreadable_file", "corrupt"),
    refused("csv called zst", "orders/f.csv.zst", HEAD + TWO, "unreadable_file", "corrupt"),
    refused("gzip called zst", "orders/f.csv.zst", gzip.compress(HEAD + TWO), "unreadable_file"),
    refused("gzip in gzip", "orders/f.csv.gz", gzip.compress(gzip.compress(HEAD + TWO)), "unreadable_file", "gzip"),
    refused("csv called parquet", "orders/f.parquet", HEAD + TWO, "unreadable_file", "not Parquet"),
    refused("empty Parquet", "orders/f.parquet", b"", "unreadable_file"),
    refused("csv called json", "orders/f.json", HEAD + TWO, "unreadable_file", "not JSON on line 1"),
    Case("csv called jsonl", "orders/f.jsonl", HEAD, held=((1, "malformed_row"),)),
    refused("UTF-16 undeclared", "orders/f.csv", (HEAD + TWO).decode().encode("utf-16"), "unreadable_file", "utf-16"),
    refused("UTF-16 without mark", "orders/f.csv", (HEAD + TWO).decode().encode("utf-16-le"), "unreadable_file"),
    # broken off
    refused("truncated gzip", "orders/f.csv.gz", gzip.compress(HEAD + TWO)[:-4], "unreadable_file", "truncated"),
    refused("truncated zstd", "orders/f.csv.zst", zstd(HEAD + TWO)[:-2], "unreadable_file", "truncated"),
    refused("damaged gzip", "orders/f.csv.gz", gzip.compress(HEAD + TWO)[:-5] + b"12345", "unreadable_file"),
    refused("truncated Parquet", "orders/f.parquet", GOOD_PARQUET[:-6], "unreadable_file", "truncated"),
    refused("Parquet without its beginning", "orders/f.parquet", GOOD_PARQUET[9:], "unreadable_file"),
    refused("truncated JSON", "orders/f.json", b'[{"id":1,"name":"a"},{"id":2,', "unreadable_file", "ends within"),
    refused("gzip bomb", "orders/f.csv.gz", BOMB, "decompression_bomb", "200 times"),
    # the header
    refused("same name twice", "orders/f.csv", b"id,name,id\n1,a,2\n", "duplicate_column", "column 3"),
    refused("same name but for case and spaces", "orders/f.csv", b"id,name, ID \n1,a,2\n", "duplicate_column"),
    refused("same name in two Unicode forms", "orders/f.csv", "id,name,é,e\u0301\n".encode(), "duplicate_column"),
    refused("same name twice in Parquet", "orders/f.parquet", parquet_of(id=["1"], Id=["1"]), "duplicate_column"),
    refused("wrong delimiter", "orders/f.csv", b"id;name;note\n1;a;x\n", "missing_column", "a semicolon"),
    refused("wrong delimiter, tabs", "orders/f.csv", b"id\tname\n1\ta\n", "missing_column", "a tab"),
    refused("commas in a tsv", "orders/f.tsv", b"id,name\n1,a\n", "missing_column", "a comma"),
    refused("no key column", "orders/f.csv", b"name,note\na,x\n", "missing_column", "id"),
    refused("no required column", "orders/f.csv", b"id,note\n1,x\n", "missing_column", "name"),
    refused("no header", "orders/f.csv", TWO, "missing_column", "id"),
    refused("no key column in Parquet", "orders/f.parquet", parquet_of(name=["a"]), "missing_column", "id"),
    refused("an error page", "orders/f.csv", b"<!DOCTYPE html>\n<html>Access denied</html>\n", "missing_column"),
    refused("open quote in the header", "orders/f.csv", b'id,"name\n1,a\n', "unreadable_file", "header"),
    refused("NUL in the header", "orders/f.csv", b"id,na\x00me\n1,a\n", "unreadable_file", "header"),
    refused("header in another encoding", "orders/f.csv", b"id,name,stra\xdfe\n1,a,b\n", "unreadable_file", "encoding"),
    refused("a thousand columns too many", "orders/f.csv", b"id,name" + b"," * 3000 + b"\n", "unreadable_file", "2000"),
    Case("nameless columns", "orders/f.csv", b",id,name,\n9,1,a,9\n", ("1",)),
    Case("optional column absent, unknown one present", "orders/f.csv", b"name,colour,id\na,red,1\n", ("1",)),
    Case("our own names", "orders/f.csv", b"id,name,_batch_id,_row_number\n1,a,x,y\n", ("1",)),
    Case("header in capitals with spaces", "orders/f.csv", b" ID ,NAME\n1,a\n", ("1",)),
    Case("byte order mark", "orders/f.csv", b"\xef\xbb\xbf" + HEAD + TWO, ("1", "2")),
    Case("byte order mark and quotes", "orders/f.csv", b'\xef\xbb\xbf"id","name"\n1,a\n', ("1",)),
    # rows
    Case("too few fields", "orders/f.csv", HEAD + b"1,a,x\n2,b\n3,c,z\n", ("1", "3"), ((2, "malformed_row"),)),
    Case("too many fields", "orders/f.csv", HEAD + b"1,a,x\n2,b,y,?\n3,c,z\n", ("1", "3"), ((2, "malformed_row"),)),
    Case("one field", "orders/f.csv", HEAD + b"   \n1,a,x\n", ("1",), ((1, "malformed_row"),)),
    Case("all rows malformed", "orders/f.csv", HEAD + b"1\n2\n", (), ((1, "malformed_row"), (2, "malformed_row"))),
    Case("blank lines", "orders/f.csv", b"\n" + HEAD + b"\n1,a,x\n\n\n2,b,y\n\n", ("1", "2")),
    Case("no last line end", "orders/f.csv", HEAD + TWO.rstrip(), ("1", "2")),
    Case("CR line ends", "orders/f.csv", (HEAD + TWO).replace(b"\n", b"\r"), ("1", "2")),
    Case("CRLF line ends", "orders/f.csv", (HEAD + TWO).replace(b"\n", b"\r\n"), ("1", "2")),
    Case("mixed line ends", "orders/f.csv", HEAD + b"1,a,x\r2,b,y\r\n3,c,z\n", ("1", "2", "3")),
    Case("quoted line ends", "orders/f.csv", HEAD + b'1,"a\r\n\n",x\n2,b,y\n', ("1", "2")),
    Case("quotes in the middle", "orders/f.csv", HEAD + b'1,5" pipe,x\n2,"b"b,y\n', ("1", "2")),
    Case("open quote on the last row", "orders/f.csv", HEAD + b'1,a,x\n2,"b,y\n', ("1",), ((2, "malformed_row"),)),
    Case("open quote before good rows", "orders/f.csv", HEAD + b'1,"a,x\n' + TWO, ("1", "2"), ((1, "malformed_row"),)),
    Case("NUL in a row", "orders/f.csv", HEAD + b"1,a,x\n2,\x00,y\n3,c,z\n", ("1", "3"), ((2, "invalid_encoding"),)),
    Case("Latin-1 undeclared", "orders/f.csv", HEAD + b"1,caf\xe9,x\n2,b,y\n", ("2",), ((1, "invalid_encoding"),)),
    Case(
        "Latin-1 row, too short as well", "orders/f.csv", HEAD + b"1,\xe9\n2,b,y\n", ("2",), ((1, "invalid_encoding"),)
    ),
    Case("overlong UTF-8", "orders/f.csv", HEAD + b"1,\xc0\xaf,x\n2,b,y\n", ("2",), ((1, "invalid_encoding"),)),
    Case(
        "half a surrogate pair", "orders/f.csv", HEAD + b"1,\xed\xa0\x80,x\n2,b,y\n", ("2",), ((1, "invalid_encoding"),)
    ),
    Case(
        "unknown byte of the code page",
        "german/f.csv",
        b"id;name\n1;\x81\n2;\x80\n",
        ("2",),
        ((1, "invalid_encoding"),),
    ),
    Case("formulas and injections stay text", "orders/f.csv", HEAD + b"1,=1+1,'; DROP TABLE x --\n", ("1",)),
    Case("10 MB field", "orders/f.csv", HEAD + b"1,a," + BIG + b"\n2,b,y\n", ("1", "2")),
    Case(
        "10 MB quoted field of lines", "orders/f.csv", HEAD + b'1,a,"' + b"zzzzzzz\n" * MIB + b'"\n2,b,y\n', ("1", "2")
    ),
    Case("17 MB field", "orders/f.csv", HEAD + b"1,a," + OVERLONG + b"\n2,b,y\n", ("2",), ((1, "row_too_large"),)),
    Case("17 MB last field", "orders/f.csv", HEAD + b"1,a,x\n2,b," + OVERLONG, ("1",), ((2, "row_too_large"),)),
    # JSON
    Case(
        "broken line", "orders/f.jsonl", b'{"id":1,"name":"a"}\n{"id":2,\n{"id":3}', ("1", "3"), ((2, "malformed_row"),)
    ),
    Case("a line that is a list", "orders/f.jsonl", b'[1]\n{"id":2}\n', ("2",), ((1, "malformed_row"),)),
    Case("name twice in a record", "orders/f.json", b'[{"id":1,"id":2},{"id":3}]', ("3",), ((1, "malformed_row"),)),
    Case(
        "nested too deeply",
        "orders/f.jsonl",
        b'{"id":' + b"[" * 99999 + b"]" * 99999 + b'}\n{"id":2}',
        ("2",),
        ((1, "malformed_row"),),
    ),
    Case("a number nobody can hold", "orders/f.jsonl", b'{"id":' + b"9" * 9999 + b"}", ("9" * 9999,)),
    Case("an exponent with zeros before it", "orders/f.jsonl", b'{"id":7e-' + b"0" * 9999 + b"1}", ("0.7",)),
    Case("not a number", "orders/f.jsonl", b'{"id":NaN}', ("NaN",)),
    Case("broken element", "orders/f.json", b'[{"id":1},{"id":},{"id":3}]', ("1", "3"), ((2, "malformed_row"),)),
    Case("a line not in UTF-8", "orders/f.jsonl", b'{"id":"\xff"}\n{"id":2}', ("2",), ((1, "invalid_encoding"),)),
    Case(
        "17 MB line", "orders/f.jsonl", b'{"id":1,"n":"' + OVERLONG + b'"}\n{"id":2}', ("2",), ((1, "row_too_large"),)
    ),
    Case("10 MB value", "orders/f.json", b'[{"id":1,"n":"' + BIG + b'"},{"id":2}]', ("1", "2")),
    refused(
        "record without an end", "orders/f.json", b'[{"id":1},{"n":"' + OVERLONG + b"\n", "row_too_large", "16 MiB"
    ),
    refused("something behind the array", "orders/f.json", b'[{"id":1}] x', "unreadable_file", "follows"),
    # Parquet
    Case(
        "17 MB value in Parquet",
        "orders/f.parquet",
        parquet_of(id=["1", "2"], name=["z" * 17 * MIB, "b"]),
        ("2",),
        ((1, "row_too_large"),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_each_hostile_file_meets_its_fate_and_harms_no_other(case: Case) -> None:
    lake = BronzeLake(*CONTRACTS)
    lake.drop("orders/before.csv", HEAD + b"before,a,x\n")
    landed = lake.drop(case.name, case.body)
    lake.drop("orders/after.csv", HEAD + b"after,a,x\n")

    rows = [row for row in lake.rows(Layer.BRONZE) if row["_source_key"] == case.name]
    held = lake.rows(Layer.QUARANTINE)
    assert sorted(row["id"] for row in lake.rows(Layer.BRONZE)) == sorted((*case.ids, "before", "after"))
    assert tuple(lake.fates()) == case.held
    # every record is accounted for, in the right place
    assert landed.rows_read == landed.rows_out + landed.malformed
    numbers = [row["_row_number"] for row in rows] + [row["row_number"] for row in held if row["row_number"]]
    assert sorted(numbers) == list(range(1, landed.rows_read + 1))
    entries = [entry for entry in lake.rows(Layer.LEDGER) if entry["source_key"] == case.name]
    assert sum(entry["rows_read"] for entry in entries) == landed.rows_read
    assert [entry["rejected_file"] for entry in entries] == [case.rejected]
    assert (landed.rejected is not None) == case.rejected
    # silver hears of what landed, and of nothing else
    told = [json.loads(message["MessageBody"]) for message in lake.sqs.sent]
    assert [(each["source_key"], each["rows"]) for each in told if each["source_key"] == case.name] == (
        [(case.name, len(rows))] if rows else []
    )
    # people learn what to do
    for row in held:
        assert row["remedy"]
        assert case.says in row["rule"] + row["remedy"]
        assert (row["source_key"], row["stage"]) == (case.name, "bronze")


def test_there_are_enough_of_them() -> None:
    assert len({case.what for case in CASES}) == len(CASES) >= 60
