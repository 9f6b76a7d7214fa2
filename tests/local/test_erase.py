"""`watershed erase` on the local AWS: after it, no object or version of any bucket holds a trace of the person."""

from __future__ import annotations

import functools
import gzip
import io
import json
import shutil
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from watershed import catalog, names
from watershed.bronze.event import Arrival, again
from watershed.erase.plan import Receipt, Receipts
from watershed.names import Layer, Stage

from local import cli, sample
from local.aws import LocalAWS
from local.config import regions
from local.paths import LAKE
from local.region import Region
from tests.local.every_byte import traces, versions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # `make drills`

PLACE = regions()[0].region
PERSON, OTHER, STORE = 990_017, 990_018, "Store_1001"
WORDS = ("Quittenbaum", "quittenbaum@", "Wunschfiliale", "61616", "Rufnummer 0815")
REPLAY = "20260101t000000000000_00000000"
BUILD = functools.cache(catalog.build)
Rows = list[list[str | None]]


def person(number: int, name: str, day: int) -> dict[str, Any]:
    mail = f"{name.rsplit(maxsplit=1)[-1].lower()}@example.org"
    return {"customer_id": number, "customer_name": name, "gender": "true", "birth_date": "1980-01-01",
            "region": "Hessen", "email": mail, "country": "DE", "updated_at": f"2025-03-0{day} 10:00:00"}  # fmt: skip


MINE = [person(PERSON, f"Zacharias Quittenbaum {i}", i) for i in range(1, 9)]
OTHERS = [person(OTHER, f"Wilma Anders {i}", i) for i in range(1, 9)]


def german(number: int, name: str, birth: str) -> str:
    mail = f"{name.rsplit(maxsplit=1)[-1].lower()}@example.org"
    return f"{number};{name};ja;{birth};Hessen;{mail};DE;01.02.2025 10:00:00\r\n"


def files(folder: Path) -> list[tuple[str, bytes]]:
    """(raw key, body) in order: the sample, and two people in files of every format, twice under one key."""
    made = sample.write(folder, 30)
    texts = {f"{file.dataset}/{file.path.name}": file.path.read_bytes() for file in made if file.region == PLACE}
    customers, old = texts["customers/kunden.csv"], texts["customers/kunden-altsystem.csv"]
    mine = german(PERSON, "Zacharias Quittenbaum", "01.01.1980") + german(PERSON, "Bad Quittenbaum", "kein Datum")
    broken = f"{PERSON};Zacharias Quittenbaum;ja\r\n"  # too few fields
    texts["customers/kunden.csv"] = customers + mine.encode() + german(OTHER, "Wilma Anders", "02.02.1980").encode()
    texts["customers/kunden-altsystem.csv"] = old + broken.encode("latin-1")
    orders = "".join(
        f"{each}01;10.01.2024 03:00:14;1;{branch};{each};6;717,17;{amount};1;Completed;DE;17.01.2024 04:00:14\r\n"
        for each, branch, amount in ((PERSON, "Wunschfiliale", "61.616,16"), (OTHER, "Zeil", "71.717,17"))
    )
    texts["transactions/bestellungen-1.csv"] += orders.encode()
    words = (
        'conv_q;user_q;Quittenbaum;quittenbaum@example.org;msg_q;"Ruf\nnummer, Rufnummer 0815";RATING;'
        f"04.11.2024 09:51:00;nein;;nein;nein;44;page_15;{PERSON};DE;11.11.2024 09:51:00\r\n"
    )
    texts["conversations/nachrichten.csv"] += words.encode()
    lines = "".join(json.dumps(row) + "\n" for row in (MINE[1], OTHERS[1]))
    return [
        *texts.items(),
        ("customers/kunden.csv", customers + german(PERSON, "Zacharias Ohm-Quittenbaum", "01.01.1980").encode()),
        ("customers/a.json", json.dumps([OTHERS[2], MINE[2]], indent=1).encode()),
        ("customers/b.jsonl.gz", gzip.compress(lines.encode())),
        ("customers/c.parquet", packed([OTHERS[3], MINE[3]])),
        ("customers/only.jsonl", json.dumps(MINE[4]).encode()),
        ("customers/gone.jsonl", json.dumps(MINE[5]).encode()),
        ("customers/expired.jsonl", "".join(json.dumps(row) + "\n" for row in (MINE[6], OTHERS[6])).encode()),
    ]


def packed(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


@pytest.fixture(scope="module")
def aws(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAWS]:
    with LocalAWS() as aws:
        aws.deploy(shipped, [PLACE])
        region = Region.on(aws, PLACE)
        s3, raw = region.client("s3"), names.bucket(Layer.RAW, aws.account, PLACE)
        put = {
            key: s3.put_object(Bucket=raw, Key=key, Body=body) for key, body in files(tmp_path_factory.mktemp("data"))
        }
        aws.pump()
        s3.delete_object(Bucket=raw, Key="customers/gone.jsonl")
        s3.delete_object(
            Bucket=raw, Key="customers/expired.jsonl", VersionId=put["customers/expired.jsonl"]["VersionId"]
        )
        key = "transactions/bestellungen-1.csv"
        sqs = region.client("sqs")
        url = sqs.get_queue_url(QueueName=names.queue(Stage.BRONZE))["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=again(Arrival(raw, key, put[key]["VersionId"], 1, REPLAY)))
        aws.pump()
        time.sleep(1.1)  # S3 tells times in seconds
        yield aws


@pytest.fixture
def region(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> Region:
    region = Region.on(aws, PLACE)
    for command in ("erase", "reconcile", "status"):
        monkeypatch.setattr(f"local.commands.{command}.reached", lambda *_, **__: region)
    monkeypatch.setattr("watershed.catalog.build", BUILD)
    return region


def erase(number: int | str, *more: str, column: str = "customer_id") -> int:
    return cli.main(["erase", PLACE, "--subject", f"{column}={number}", *more])


def rows(region: Region, but: int) -> dict[str, Rows]:
    """All rows of silver that are not about the person."""
    found = {}
    for table in region.client("glue").get_tables(DatabaseName=names.SILVER_DB)["TableList"]:
        header, all_rows = region.athena.rows(f"SELECT * FROM silver.{table['Name']}")
        place = header.index("customer_id") if "customer_id" in header else None
        found[table["Name"]] = sorted((row for row in all_rows if place is None or row[place] != str(but)), key=str)
    return found


def receipts(region: Region) -> list[Receipt]:
    s3, bucket = region.client("s3"), names.bucket(Layer.LEDGER, region.account, PLACE)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="erasures/")["Contents"]
    bodies = [s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed]
    return sorted((Receipt.from_json(body.decode()) for body in bodies), key=lambda each: each.id)


def assert_balanced(region: Region, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    code = cli.main(["reconcile", PLACE])
    told = capsys.readouterr().out
    assert code == 0, told
    code = cli.main(["status", PLACE])
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("subject", "wrong"),
    [
        ("nobody=1", "Use one of: customer_id"),
        ("customer_id", "Write a column and a value"),
        ("customer_id=", "Write a column and a value"),
        ("customer_id=x", "Give the person's number"),
        ("customer_id=123456789", "Nothing was changed"),
    ],
)
def test_a_subject_that_is_none_changes_nothing(
    region: Region, subject: str, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(versions(region))
    assert cli.main(["erase", PLACE, "--subject", subject]) == 1
    assert wrong in " ".join(capsys.readouterr().err.split())
    assert {key for _, key, _ in {*versions(region)} - before} <= {"_erasures/key"}


def test_a_dry_run_says_what_would_go_and_changes_nothing(region: Region, capsys: pytest.CaptureFixture[str]) -> None:
    glue = region.client("glue")
    for database in (names.SILVER_DB, names.GOLD_DB):  # of a child table and a model that were taken out of the lake
        glue.create_table(DatabaseName=database, TableInput={"Name": "retired"})
    before = set(versions(region))
    assert erase(PERSON, "--dry-run") == 0
    told = capsys.readouterr()
    assert erase(123456789) == 1
    for output in (told.out, capsys.readouterr().out):
        assert "2 raw objects and tables could not be searched" in output
        assert "silver.retired" in output
        assert "gold.retired" in output
    for database in (names.SILVER_DB, names.GOLD_DB):
        glue.delete_table(DatabaseName=database, Name="retired")
    assert "Not looked at, as their contracts have no such `subject`: products, stores" in told.out
    assert "customers/expired.jsonl" in told.out
    assert ", which only bronze has" in told.out
    assert "customer_distribution" in told.out
    assert not any(word in told.out + told.err for word in (*WORDS, str(PERSON)))
    assert {key for bucket, key, _ in {*versions(region)} - before if "results" not in bucket} <= {"_erasures/key"}


def test_a_locked_object_stops_it_before_anything_is_changed(
    region: Region, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watershed.erase.raw.Raw._is_locked", lambda _, place, __: place[0] == "customers/a.json")
    before = {each for each in versions(region) if "results" not in each[0]}
    assert erase(PERSON) == 1
    assert "Object Lock holds 1 raw objects that are to be erased: customers/a.json" in capsys.readouterr().err
    assert {each for each in versions(region) if "results" not in each[0]} == before


def test_what_waits_stops_it(region: Region, capsys: pytest.CaptureFixture[str]) -> None:
    sqs = region.client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(Stage.GOLD))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    assert erase(PERSON) == 1
    assert "The region is at work: messages wait for, or are with, gold." in capsys.readouterr().err
    sqs.purge_queue(QueueUrl=url)


def test_nothing_is_left_though_each_step_is_done_twice(
    aws: LocalAWS, region: Region, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert traces(region, WORDS, {"number": PERSON})
    others = rows(region, PERSON)
    region.athena.rows(f"SELECT * FROM silver.customers WHERE customer_id = {PERSON}")
    save, crashed = Receipts.save, set[str]()

    def dies_first(self: Receipts, receipt: Receipt) -> Any:
        """The process ends after each step, before that is written down."""
        new = receipt.steps.keys() - crashed
        if new:
            crashed.update(new)
            raise KeyboardInterrupt
        return save(self, receipt)

    monkeypatch.setattr(Receipts, "save", dies_first)
    while (code := erase(PERSON)) != 0:
        assert code == 130, capsys.readouterr().err  # as the command says it
        time.sleep(1.1)
    assert crashed == {"raw", "bronze", "quarantine", "ledger", "silver", "gold", "proof", "results"}
    aws.pump()  # bronze hears of what is left in raw
    assert traces(region, WORDS, {"number": PERSON}) == []
    assert rows(region, PERSON) == others
    (receipt,) = receipts(region)
    assert receipt.ended
    assert receipt.before["silver.customers"] == receipt.before["silver.transactions"] == 1
    assert not any(receipt.after.values())
    assert [each["result"] for each in receipt.proof] == [0, 0, 0, 0]
    told = capsys.readouterr()
    assert not any(word in told.out + told.err for word in (*WORDS, str(PERSON)))
    assert_balanced(region, capsys)


def test_raw_read_again_brings_nothing_back_and_to_repeat_does_nothing(
    aws: LocalAWS, region: Region, capsys: pytest.CaptureFixture[str]
) -> None:
    s3, raw = region.client("s3"), names.bucket(Layer.RAW, aws.account, PLACE)
    others = rows(region, PERSON)
    sqs = region.client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(Stage.BRONZE))["QueueUrl"]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=raw):
        for found in page["Versions"]:
            body = again(Arrival(raw, found["Key"], found["VersionId"], 1, REPLAY.replace("2026", "2027")))
            sqs.send_message(QueueUrl=url, MessageBody=body)
    aws.pump()
    assert rows(region, PERSON) == others
    before = {each for each in versions(region) if "results" not in each[0]}
    assert erase(PERSON) == 0
    assert "Nothing is left of this person" in capsys.readouterr().out
    assert {each for each in versions(region) if "results" not in each[0]} == before


def test_a_second_person_in_the_same_files_while_nobody_else_is_erased(
    region: Region, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that goes on after another's would bring back the other's counts, and not find the files it began with."""
    time.sleep(1.1)
    others = rows(region, OTHER)
    assert traces(region, ("Wilma Anders",), {"number": OTHER})
    with monkeypatch.context() as dying:
        dying.setattr("watershed.erase.steps.Steps.bronze", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert erase(OTHER) == 130
    capsys.readouterr()
    assert erase(int(others["customers"][0][0] or 0)) == 1
    assert "An erasure of another person did not end" in capsys.readouterr().err
    assert erase(OTHER) == 0
    assert_balanced(region, capsys)
    assert traces(region, ("Wilma Anders",), {"number": OTHER}) == []
    assert rows(region, OTHER) == others


def test_what_comes_later_is_new(aws: LocalAWS, region: Region) -> None:
    raw = names.bucket(Layer.RAW, aws.account, PLACE)
    region.client("s3").put_object(Bucket=raw, Key="customers/new.jsonl", Body=json.dumps(MINE[7]).encode())
    aws.pump()
    time.sleep(1.1)
    assert traces(region, WORDS, {})
    assert erase(PERSON) == 0
    assert traces(region, WORDS, {"number": PERSON}) == []


def test_elements_go_with_their_owner(
    region: Region, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(LAKE, tmp_path / "lake")
    path = tmp_path / "lake" / "contracts" / "stores.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("  - property: sources\n", "  - {property: subject, value: store_id}\n  - property: sources\n")
    )
    monkeypatch.setattr("local.commands.erase.LAKE", tmp_path / "lake")
    before = rows(region, 0)
    assert erase(STORE, column="store_id") == 0
    (receipt,) = [each for each in receipts(region) if each.column == "store_id"]
    assert receipt.before["silver.stores"] == 1
    assert receipt.before["silver.store_installs"] > 0
    assert traces(region, (STORE,), {}) == []
    assert rows(region, 0) == {name: [row for row in found if STORE not in row] for name, found in before.items()}
    assert_balanced(region, capsys)
