"""What messages announce, and where keys lead."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed import names
from watershed.bronze.event import Arrival, arrivals
from watershed.bronze.format import Compression, Format, format_of
from watershed.bronze.route import route
from watershed.errors import FileRejected, Terminal
from watershed.names import Layer

from tests.unit.bronze_lake import SETTINGS, BronzeLake, contract, notification

SAFE_PATH = re.compile(
    r"(?:(?:quarantine|ledger)/dataset=)?(?:orders|unknown)/ingest_date=[-0-9]{10}/[0-9a-f]{32}-[-0-9a-z]+\.parquet"
)


@pytest.mark.parametrize("key", ["orders/a b+c%20.csv", "orders/größe/日本.csv", "orders/a&b=c;d,e.csv"])
def test_keys_are_decoded(key: str) -> None:
    assert arrivals(notification(key)) == [Arrival(SETTINGS.bucket(Layer.RAW), key, "v1", 1)]


def test_a_message_may_announce_several_objects_or_be_a_test() -> None:
    several = {"Records": [json.loads(notification(key, version=None))["Records"][0] for key in ("a/b", "c/d")]}
    assert [(found.key, found.version) for found in arrivals(json.dumps(several))] == [("a/b", None), ("c/d", None)]
    assert arrivals('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}') == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        "null",
        "{}",
        '{"Records": 1}',
        '{"Records": [{}]}',
        notification("a/b").replace("ObjectCreated:Put", "ObjectRemoved:Delete"),
        notification("a/b").replace("a/b", "a/%ff"),
        notification("a/b").replace('"size": 1', '"size": "much"'),
        "[" * 100_000,
    ],
)
def test_anything_else_is_refused_with_a_remedy(body: str) -> None:
    with pytest.raises(Terminal, match=r"not a notification .* Delete it"):
        arrivals(body)


def test_only_an_empty_object_with_a_folders_name_is_a_folder_marker() -> None:
    assert Arrival("b", "orders/", None, 0).is_folder_marker
    assert not Arrival("b", "orders/", None, 1).is_folder_marker
    assert not Arrival("b", "orders/f.csv", None, 0).is_folder_marker


@pytest.mark.parametrize("ending", [*Format])
@pytest.mark.parametrize(("more", "compression"), [("", "none"), (".gz", "gzip"), (".zst", "zstd"), (".GZ", "gzip")])
def test_the_name_tells_format_and_compression(ending: Format, more: str, compression: str) -> None:
    assert format_of(f"x.y.{ending}{more}") == (ending, Compression(compression))
    assert format_of(f"X.{ending.upper()}{more}") == (ending, Compression(compression))


@pytest.mark.parametrize(
    "name", ["x", "csv", ".csv", "x.txt", "x.csv.zip", "x.gz", "x.csv.", "x.csv.gz.gz", "", "x.csvx"]
)
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(FileRejected, match=r"\.csv, \.tsv, \.json, \.jsonl or \.parquet") as refused:
        format_of(name)
    assert refused.value.reason == "unknown_format"


CONTRACTS = {each.name: each for each in (contract("orders"), contract("returns", regions=("us-east-1",)))}


@pytest.mark.parametrize(
    "key", ["orders/f.csv", "orders/2024/05/f.csv", "ordersdb.csv", "ORDERSDB.csv", "orders/ .csv"]
)
def test_a_key_finds_its_contract(key: str) -> None:
    assert route(key, "eu-central-1", CONTRACTS).contract.name == "orders"


HOSTILE_KEYS = [
    "orders/../returns/f.csv",
    "../orders/f.csv",
    "orders/./f.csv",
    "orders//f.csv",
    "/orders/f.csv",
    "orders/..",
    "orders/",
    "orders/%2e%2e/f.csv/..",
    "orders\\f.csv",
    "orders/..\\..\\f.csv",
    "orders/a\nb.csv",
    "orders/a\x00.csv",
    "orders/\u202evsc.csv",
    "orders/\u200b.csv",
    "\u043erders/f.csv",  # a Cyrillic letter
    "\uff4frders/f.csv",  # a full-width letter
    "orders\u2215f.csv",
    "Orders/f.csv",
    "orders /f.csv",
    "dataset=orders/f.csv",
    "unknown/f.csv",
    "f.csv",
    "returns/f.csv",  # a contract without a source for this region
    "",
]


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_any_other_key_is_refused_and_leads_nowhere(key: str) -> None:
    lake = BronzeLake(*CONTRACTS.values())
    landed = lake.drop(key, b"id,name\n1,a\n")
    assert (landed.dataset, landed.parts) == ("unknown", 0)
    assert lake.fates() == [(None, "unknown_dataset")]
    assert [row["source_key"] for row in lake.rows(Layer.QUARANTINE)] == [key]
    assert all(SAFE_PATH.fullmatch(path) for _, path in lake.written())


ANY_KEY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PATH_LIKE_KEY = st.text("./\\%2ef:~\n\x00").map("orders/{}.csv".format)


@given(ANY_KEY | PATH_LIKE_KEY)
def test_no_key_shapes_an_output_path(key: str) -> None:
    lake = BronzeLake()
    lake.drop(key, b"id,name\n1,a\n2\n")
    batch = names.batch_id(SETTINGS.bucket(Layer.RAW), key, "v1")
    assert lake.written()
    for _, path in lake.written():
        assert SAFE_PATH.fullmatch(path)
        assert batch in path
