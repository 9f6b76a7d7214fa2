"""`watershed reconcile` on the local AWS: a sound lake balances, and whatever is tampered with is found and named."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from watershed import names
from watershed.names import Layer, Stage

from local import cli, sample
from local.aws import LocalAWS
from local.config import regions
from local.region import Region
from tests.local.stages import switch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # an operator's tool, end to end: `make drills`. Its parts are in tests/unit
PLACE = regions()[0].region
Tell = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The region's files by raw key."""
    files = sample.write(tmp_path_factory.mktemp("data"), 40)
    return {f"{file.dataset}/{file.path.name}": file.path for file in files if file.region == PLACE}


@pytest.fixture(scope="module")
def aws(data: dict[str, Path], shipped: Path) -> Iterator[LocalAWS]:
    with LocalAWS() as aws:
        aws.deploy(shipped, [PLACE])
        switch(Region.on(aws, PLACE), Stage.GOLD, on=False)
        for key, path in data.items():
            Region.on(aws, PLACE).drop(key, path)
        Region.on(aws, PLACE).drop("nobodys/list.csv", data["products/artikel.csv"])
        Region.on(aws, PLACE).client("s3").put_object(Bucket=bucket(Layer.RAW, aws.account), Key="products/", Body=b"")
        aws.pump()
        yield aws


@pytest.fixture
def lake(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> Region:
    region = Region.on(aws, PLACE)
    monkeypatch.setattr("local.commands.reconcile.reached", lambda *_, **__: region)
    return region


@pytest.fixture
def tell(lake: Region, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Runs the command with further words; its exit code and what it printed on one line."""

    def run(*words: str) -> tuple[int, str]:
        code = cli.main(["reconcile", PLACE, *words])
        return code, capsys.readouterr().out

    return run


def bucket(layer: Layer, account: str) -> str:
    return names.bucket(layer, account, PLACE)


class Objects:
    """The Parquet objects of one layer that belong to one dataset and end in `ending`."""

    def __init__(self, lake: Region, layer: Layer, dataset: str, ending: str = ".parquet") -> None:
        self._s3, self._bucket = lake.client("s3"), bucket(layer, lake.account)
        listed = self._s3.list_objects_v2(Bucket=self._bucket).get("Contents", [])
        self.keys = [found["Key"] for found in listed if dataset in found["Key"] and found["Key"].endswith(ending)]

    @contextmanager
    def first_is(self, change: Callable[[pa.Table], pa.Table | None]) -> Iterator[None]:
        """The first of them changed, or gone, for as long as the `with` lasts."""
        body = self._s3.get_object(Bucket=self._bucket, Key=self.keys[0])["Body"].read()
        table = change(parquet.read_table(io.BytesIO(body)))
        if table is None:
            self._s3.delete_object(Bucket=self._bucket, Key=self.keys[0])
        else:
            self._s3.put_object(Bucket=self._bucket, Key=self.keys[0], Body=encoded(table))
        yield
        self._s3.put_object(Bucket=self._bucket, Key=self.keys[0], Body=body)

    @contextmanager
    def first_also_as(self, rename: Callable[[str], str]) -> Iterator[None]:
        """A copy of the first of them under another key, for as long as the `with` lasts."""
        key = rename(self.keys[0])
        self._s3.copy_object(Bucket=self._bucket, Key=key, CopySource={"Bucket": self._bucket, "Key": self.keys[0]})
        yield
        self._s3.delete_object(Bucket=self._bucket, Key=key)


def encoded(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()


def with_values(**values: Any) -> Callable[[pa.Table], pa.Table]:
    """Sets columns of the first row."""

    def change(table: pa.Table) -> pa.Table:
        first, *rest = table.to_pylist()
        return pa.Table.from_pylist([first | values, *rest], table.schema)

    return change


def test_a_sound_lake_balances_and_no_value_is_told(lake: Region, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["reconcile", PLACE]) == 0
    told = capsys.readouterr()
    assert "DIFFERS" not in told.out
    assert "note" not in told.out
    lines = {line.split()[0]: line.split()[1:] for line in told.out.splitlines() if line.strip()}
    by_dataset = "SELECT dataset, {} FROM ops.{} GROUP BY dataset"
    read, held = (
        {dataset: count for dataset, count in lake.athena.rows(by_dataset.format(*what))[1]}  # noqa: C416  # for mypy
        for what in (("sum(rows_read)", "ledger"), ("count(*)", "quarantine"))
    )
    for dataset in ("customers", "products", "stores", "transactions"):
        count = str(lake.athena.rows(f"SELECT count(*) FROM silver.{dataset}")[1][0][0])
        assert lines[dataset][1:] == [read[dataset], held[dataset], count, count, "0", "ok"]
    assert lines["unknown"] == ["1", "0", "1", "ok"]
    assert lines["store_installs"][0] == lines["store_installs"][1] != "0"
    assert "object 1 of 1: products/artikel.csv" in told.err
    people = [value for row in lake.athena.rows("SELECT email FROM silver.customers")[1] for value in row if value]
    assert people
    assert not any(value in told.out + told.err for value in people)


def gone(_: pa.Table) -> None:
    """Nothing is left."""


ACCOUNTS = [
    # what is tampered with, how, what is said
    ("silver's entry", (Layer.LEDGER, "-silver.parquet"), gone, ["not processed yet: no entry in silver's ledger"]),
    ("bronze's entry", (Layer.LEDGER, "-bronze.parquet"), gone, ["bronze's ledger entries. Expected 1, found 0"]),
    (
        "bronze's counts",
        (Layer.LEDGER, "-bronze.parquet"),
        with_values(rows_read=7, malformed=900),
        ["records read, by bronze's ledger. Expected", "found 7.", "malformed records, by bronze's", "found 900."],
    ),
    (
        "a refusal",
        (Layer.LEDGER, "-bronze.parquet"),
        with_values(rejected_file=True),
        ["file refused, by bronze's ledger. Expected False, found True"],
    ),
    (
        "silver's counts",
        (Layer.LEDGER, "-silver.parquet"),
        with_values(inserted=901, quarantined=902, rows_in=903),
        ["rows merged, by silver's ledger", "found 901", "rows quarantined", "found 902", "rows in,", "found 903"],
    ),
    (
        "money",
        (Layer.LEDGER, "-silver.parquet"),
        with_values(control_sums='{"price": "3.14"}'),
        ["sums of money. Expected the recount's, found others", "Delete ledger/dataset=products/ingest_date="],
    ),
    ("a part", (Layer.BRONZE, ".parquet"), gone, ["rows in bronze's part. Expected", "found no object"]),
    ("a part's row", (Layer.BRONZE, ".parquet"), lambda table: table.slice(1), ["rows in bronze's part. Expected"]),
    (
        "what silver holds back",
        (Layer.QUARANTINE, "-silver.parquet"),
        gone,
        ["ops.quarantine: rows held back by silver. Expected", "found 0"],
    ),
    (
        "what bronze holds back",
        (Layer.QUARANTINE, "-bronze.parquet"),
        gone,
        ["ops.quarantine: rows held back by bronze. Expected", "found 0"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("where", "change", "expected"), [case[1:] for case in ACCOUNTS],
                         ids=[case[0] for case in ACCOUNTS])  # fmt: skip
def test_accounts_that_were_tampered_with_are_named(
    lake: Region, tell: Tell, where: tuple[Layer, str], change: Callable[[pa.Table], Any], expected: list[str]
) -> None:
    with Objects(lake, where[0], "products", where[1]).first_is(change):
        code, told = tell("products")
    assert code == 1
    assert "DIFFERS  products/artikel.csv (version " in told
    for words in expected:
        assert words in told


def test_what_is_there_twice_is_named(lake: Region, tell: Tell) -> None:
    copies = [
        (Layer.LEDGER, "-silver.parquet", ("-silver", "-copy"), "silver's ledger entries. Expected 1, found 2"),
        (Layer.BRONZE, ".parquet", ("-00000", "-00001"), "part 1: bronze's parts. Expected 0, found 1"),
        (Layer.QUARANTINE, "-silver.parquet", ("-silver", "-copy"), "rows held back by silver. Expected"),
    ]
    for layer, ending, (old, new), expected in copies:
        with Objects(lake, layer, "products", ending).first_also_as(lambda key: key.replace(old, new)):  # noqa: B023
            code, told = tell("products")
        assert code == 1
        assert expected in told


def test_what_belongs_to_nobody_is_named(lake: Region, tell: Tell) -> None:
    batch = "0" * 32
    bronze = Objects(lake, Layer.BRONZE, "products")
    held = Objects(lake, Layer.QUARANTINE, "products", "-silver.parquet")
    with bronze.first_also_as(lambda _: f"products/ingest_date=2026-01-01/{batch}-00000.parquet"):
        code, told = tell("products")
    assert code == 1
    assert f"{batch}-00000.parquet (version -), part 0: a part names an object that neither raw nor the" in told
    with held.first_is(with_values(batch_id=batch)):
        code, told = tell("products")
    assert code == 1
    assert "what is held back names an object that neither raw nor the ledger knows. Expected 0, found 1" in told


@contextmanager
def changed(lake: Region, statement: str) -> Iterator[None]:
    """A silver table after the statement, for as long as the `with` lasts."""
    glue, name = lake.client("glue"), statement.partition("silver.")[2].split()[0]
    before = glue.get_table(DatabaseName="silver", Name=name)["Table"]
    lake.athena.run(statement)
    yield
    after = glue.get_table(DatabaseName="silver", Name=name)["Table"]
    kept = {key: before[key] for key in ("Name", "TableType", "Parameters", "StorageDescriptor") if key in before}
    glue.update_table(DatabaseName="silver", TableInput=kept, VersionId=after["VersionId"])


STATEMENTS = [
    ("a row is gone", "transactions", "DELETE FROM silver.transactions WHERE transaction_id = {0}",
     ["silver.transactions: rows that must stand are missing (e.g. transactions/", "rows in all. Expected"]),
    ("a row more", "transactions",
     "INSERT INTO silver.transactions SELECT {0} + 1, {1} FROM silver.transactions WHERE transaction_id = {0}",
     ["rows stand that no file gives, or no longer (e.g. transactions/"]),
    ("a row of nobody", "transactions",
     "UPDATE silver.transactions SET _source_version = 'none' WHERE transaction_id = {0}",
     ["rows name an object that neither raw nor the ledger knows"]),
    ("other content", "transactions",
     "UPDATE silver.transactions SET total_amount = total_amount + 1 WHERE transaction_id = {0}",
     ["rows have another content than their file gives", "sum of total_amount. Expected the recount's,"]),
    ("a row twice", "transactions",
     "INSERT INTO silver.transactions SELECT * FROM silver.transactions WHERE transaction_id = {0}",
     ["keys stand more than once (e.g. transactions/", "rows in all. Expected"]),
    ("an element is gone", "stores", "DELETE FROM silver.store_installs WHERE position = 1",
     ["silver.store_installs: rows that must stand are missing (e.g. stores/laeden.csv"]),
    ("other money", "stores", "UPDATE silver.store_subscriptions SET price = price + 1",
     ["silver.store_subscriptions: rows have another content", "sum of price. Expected the recount's,"]),
]  # fmt: skip


@pytest.mark.parametrize(("dataset", "statement", "expected"), [case[1:] for case in STATEMENTS],
                         ids=[case[0] for case in STATEMENTS])  # fmt: skip
def test_silver_rows_that_were_tampered_with_are_named(
    lake: Region, tell: Tell, dataset: str, statement: str, expected: list[str]
) -> None:
    one = lake.athena.rows("SELECT max(transaction_id) FROM silver.transactions")[1][0][0]
    columns = lake.athena.rows("SELECT * FROM silver.transactions LIMIT 1")[0]
    with changed(lake, statement.format(one, ", ".join(columns[1:]))):
        code, told = tell(dataset)
    assert code == 1
    for words in expected:
        assert words in told


def test_days_narrow_what_is_recounted(lake: Region, tell: Tell) -> None:
    for words in (["--since", "2999-01-01"], ["--until", "2001-01-01"]):
        with Objects(lake, Layer.LEDGER, "products", "-bronze.parquet").first_is(with_values(rows_read=7)):
            code, told = tell("products", *words)
        assert code == 0
        assert any(line.split()[:5] == ["products", "0", "0", "0", "0"] for line in told.splitlines())


def test_words_that_do_not_fit_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for words, expected in (
        (["order"], "There is no dataset order"),
        (["products", "--since", "2026-02-01", "--until", "2026-01-01"], "--until is before --since"),
        (["products", "--aws"], "say so with --in-region"),
    ):
        assert cli.main(["reconcile", PLACE, *words]) == 1
        assert expected in " ".join(capsys.readouterr().err.split())


def test_what_waits_and_what_expired(aws: LocalAWS, lake: Region, tell: Tell, data: dict[str, Path]) -> None:
    """A file that no one took yet is missing; once taken it balances; when raw lets it go, that is only noted."""
    lake.drop("conversations/nachrichten-neu.csv", data["conversations/nachrichten.csv"])
    code, told = tell("conversations")
    assert code == 1
    assert "conversations/nachrichten-neu.csv (version " in told
    assert "not processed yet: no entry in the ledger. Expected 1 or more, found 0. Wait until" in told
    assert told.count("DIFFERS") == 1

    aws.pump()
    code, told = tell("conversations")
    assert code == 0
    count = lake.athena.rows("SELECT count(*) FROM silver.conversations")[1][0][0]

    s3, raw = lake.client("s3"), bucket(Layer.RAW, lake.account)
    listed = s3.list_object_versions(Bucket=raw, Prefix="conversations/nachrichten-neu.csv")["Versions"]
    s3.delete_object(Bucket=raw, Key=listed[0]["Key"], VersionId=listed[0]["VersionId"])
    code, told = tell("conversations")
    assert code == 0
    assert "conversations/nachrichten-neu.csv (version " in told
    assert "raw is gone; what silver has of it was not compared" in told
    (line,) = (line.split() for line in told.splitlines() if line.startswith("conversations "))
    assert int(line[5]) + int(line[6]) == int(str(count))
    assert int(line[6]) > 0


def test_what_is_done_while_it_runs_is_not_lost(
    aws: LocalAWS, lake: Region, tell: Tell, data: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is in raw when it is listed, and done before the second look at the ledger."""
    lake.drop("products/artikel-neu.csv", data["products/artikel.csv"])
    looks: list[str] = []

    def rows(athena: Any, sql: str, **named: Any) -> Any:
        looks.append(sql)
        if sum('"ledger"' in each and "'products'" in each for each in looks) == 2:
            aws.pump()
        return plain(athena, sql, **named)

    plain = type(lake.athena).typed_rows
    monkeypatch.setattr(type(lake.athena), "typed_rows", rows)
    code, told = tell("products")
    assert code == 0
    assert "products/artikel-neu.csv (version " in told
    assert "was processed while this ran" in told
