"""`watershed rebuild` on the local AWS: the same rows, another contract, files that land meanwhile, and failures."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from watershed import names
from watershed.names import Stage
from watershed.rebuild.intake import Intake
from watershed.rebuild.switch import Switch

from local import cli, sample
from local.aws import LocalAWS
from local.config import regions
from local.paths import LAKE
from local.region import Region
from local.synth import Synthesis
from tests.local.stages import switch

pytestmark = pytest.mark.slow  # `make drills`

PLACE = regions()[0].region
STORES = ("stores", "store_installs", "store_subscriptions")
Rows = list[list[str | None]]
Step = Callable[[], None]


@dataclass
class Shop:
    """A deployed region with files in it, and a way to drop more of them."""

    aws: LocalAWS
    region: Region
    stores: str  # the text of a file with stores
    folder: Path
    dropped: int = 0
    waiting: list[Step] = field(default_factory=list)  # done once each, when the command waits for silver

    def rows(self, *tables: str) -> list[Rows]:
        """All rows of silver's tables."""
        return [sorted(self.region.athena.rows(f"SELECT * FROM silver.{name}")[1], key=str) for name in tables]

    def more_stores(self) -> None:
        """Drop a file with stores that were never there, and let the functions take it."""
        self.dropped += 1
        path = self.folder / f"stores-{self.dropped}.csv"
        path.write_text(self.stores.replace("Store_1", f"Store_{self.dropped + 1}"), encoding="utf-8")
        self.region.drop(f"stores/{path.name}", path)
        self.aws.pump()

    def rebuild(self, dataset: str, *more: str) -> int:
        return cli.main(["rebuild", PLACE, dataset, *more])

    def tables(self) -> set[str]:
        found = self.region.client("glue").get_tables(DatabaseName=names.SILVER_DB)["TableList"]
        return {table["Name"] for table in found}

    def sleep(self, _: float) -> None:
        if self.waiting:
            self.waiting.pop(0)()
        self.aws.pump()


def dropped(region: Region, folder: Path) -> str:
    """Drop the sample's files of some datasets; the text of the file with stores."""
    files = [file for file in sample.write(folder, 60) if file.region == PLACE]
    for file in files:
        if file.dataset in {"products", "stores", "transactions"}:
            region.drop(f"{file.dataset}/{file.path.name}", file.path)
    return next(file.path.read_text(encoding="utf-8") for file in files if file.dataset == "stores")


def other_lake(folder: Path) -> Path:
    """Product's weight is a decimal now, and names are shorter: the table would not fit any more."""
    shutil.copytree(LAKE, folder)
    path = folder / "contracts" / "products.yaml"
    text = path.read_text(encoding="utf-8")
    for before, after in (
        ("physicalType: double", 'physicalType: "decimal(12,3)"'),
        ("{maxLength: 200}", "{maxLength: 14}"),
        ("version: 1.0.0", "version: 2.0.0"),
    ):
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return folder


def products(region: Region) -> Rows:
    """All that does not differ from one drop of the same files to the next."""
    query = "SELECT product_id, name, base_price, weight, updated_at, _source_key, _row_number FROM silver.products"
    return sorted(region.athena.rows(query)[1], key=str)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The products of a lake that never knew another contract."""
    lake = other_lake(tmp_path_factory.mktemp("other") / "lake")
    synthesis = Synthesis(tmp_path_factory.mktemp("synth") / "cdk.out", lake=lake)
    with LocalAWS() as aws:
        aws.deploy(synthesis.result(), [PLACE])
        region = Region.on(aws, PLACE)
        switch(region, Stage.GOLD, on=False)
        dropped(region, tmp_path_factory.mktemp("data"))
        aws.pump()
        return products(region)


@pytest.fixture(scope="module")
def shop(fresh: Rows, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with LocalAWS() as aws:
        aws.deploy(shipped, [PLACE])
        region = Region.on(aws, PLACE)
        switch(region, Stage.GOLD, on=False)
        stores = dropped(region, tmp_path_factory.mktemp("data"))
        aws.pump()
        yield Shop(aws, region, stores, tmp_path_factory.mktemp("more"))


@pytest.fixture(autouse=True)
def connected(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the test's lake, and what it waits for happens."""
    if "shop" in request.fixturenames:
        shop: Shop = request.getfixturevalue("shop")
        shop.waiting.clear()
        monkeypatch.setattr("local.commands.rebuild.reached", lambda *_, **__: shop.region)
        monkeypatch.setattr("local.commands.rebuild.sleep", shop.sleep)


def made_again(shop: Shop) -> list[Rows]:
    """The stores' tables as another rebuild makes them, when nothing else happens."""
    assert shop.rebuild("stores") == 0
    return shop.rows(*STORES)


def test_silver_made_again_is_silver(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    tables = (*STORES, "transactions")
    before, shown = shop.rows(*tables), shop.tables()
    assert all(before)
    assert shop.rebuild("transactions", "--dry-run") == 0
    assert "frankfurt" in capsys.readouterr().out
    for dataset in ("stores", "transactions"):
        assert shop.rebuild(dataset) == 0
    told = capsys.readouterr().out
    for name, rows in zip(tables, before, strict=True):
        assert [name, str(len(rows)), str(len(rows))] in [line.split() for line in told.splitlines()]
        assert f"aws s3 rm --recursive s3://watershed-silver-{shop.aws.account}-{PLACE}/{name}/" in told
    assert shop.rows(*tables) == before
    assert shop.tables() == shown
    for table in shop.region.client("glue").get_tables(DatabaseName=names.SILVER_DB)["TableList"]:
        if table["Name"] in tables:
            assert names.is_rebuilt(table["Name"], table["StorageDescriptor"]["Location"].rpartition("/")[2])
            assert table["Parameters"]["table_type"] == "ICEBERG"
    switch(shop.region, Stage.GOLD, on=True)
    shop.aws.pump()
    switch(shop.region, Stage.GOLD, on=False)
    assert shop.region.athena.rows("SELECT count(*) FROM gold.sales")[1] != [["0"]]


def test_silver_goes_on_in_the_new_tables(shop: Shop) -> None:
    assert shop.rebuild("stores") == 0
    before = shop.rows(*STORES)
    shop.more_stores()
    after = shop.rows(*STORES)
    assert all(len(new) > len(old) for new, old in zip(after, before, strict=True))
    assert made_again(shop) == after


def test_files_that_land_meanwhile_are_in_the_tables(shop: Shop) -> None:
    before = shop.rows(*STORES)
    shop.waiting += [shop.more_stores, shop.more_stores]
    assert shop.rebuild("stores") == 0
    after = shop.rows(*STORES)
    assert all(len(new) > len(old) for new, old in zip(after, before, strict=True))
    assert made_again(shop) == after


def test_a_commit_just_before_the_switch_makes_it_look_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_own, steps = Switch.switch_own, [shop.more_stores]

    def late(self: Switch, version: str) -> None:
        while steps:
            steps.pop()()
        switch_own(self, version)

    monkeypatch.setattr(Switch, "switch_own", late)
    before = shop.rows(*STORES)
    assert shop.rebuild("stores") == 0
    assert "somebody committed meanwhile" in capsys.readouterr().err
    after = shop.rows(*STORES)
    assert all(len(new) > len(old) for new, old in zip(after, before, strict=True))
    assert made_again(shop) == after


def test_a_rebuild_that_dies_between_two_switches_is_mended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.rows(*STORES)
    with monkeypatch.context() as crash:
        crash.setattr(Switch, "switch_children", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        assert shop.rebuild("stores") == 130
    rebuild = str(re.search(r"\d{8}t\d{12}_\w{8}", capsys.readouterr().err)[0])  # type: ignore[index]
    assert shop.rows(*STORES) == before
    shop.more_stores()  # merged into the new stores, and into children that are about to go
    assert shop.rebuild("stores", "--resume", rebuild) == 0
    assert "1 parts came meanwhile" in capsys.readouterr().err
    shop.aws.pump()
    after = shop.rows(*STORES)
    assert all(len(new) > len(old) for new, old in zip(after, before, strict=True))
    assert not any("__" in table for table in shop.tables())
    assert made_again(shop) == after
    capsys.readouterr()
    assert shop.rebuild("stores", "--resume", rebuild) == 0
    assert "is done" in capsys.readouterr().out


def test_parts_that_silver_does_not_take_are_named_and_nothing_is_switched(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.rows("transactions")
    with monkeypatch.context() as stopped:
        stopped.setattr("local.commands.rebuild.sleep", lambda _: None)
        assert shop.rebuild("transactions", "--wait", "3") == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "transactions/bestellungen-1.csv part 0" in told
    resume = re.search(r"rebuild eu-central-1 transactions (--resume) (\w+)", told)
    assert resume
    assert shop.rows("transactions") == before
    assert shop.rebuild("transactions", *resume.groups()) == 0
    assert shop.rows("transactions") == before
    assert not any("__" in table for table in shop.tables())


def test_a_table_that_does_not_balance_is_not_switched(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, fill = shop.rows("products"), Intake.fill

    def lose_a_row(self: Intake) -> None:
        fill(self)
        table = names.rebuilt("products", self.rebuild)
        shop.region.athena.run(
            f"DELETE FROM silver.{table} WHERE product_id = (SELECT min(product_id) FROM silver.{table})"
        )

    monkeypatch.setattr(Intake, "fill", lose_a_row)
    location = shop.region.client("glue").get_table(DatabaseName="silver", Name="products")["Table"]["Parameters"]
    assert shop.rebuild("products") == 1
    assert "Nothing was switched" in " ".join(capsys.readouterr().err.split())
    assert shop.rows("products") == before
    assert shop.region.client("glue").get_table(DatabaseName="silver", Name="products")["Table"]["Parameters"] == (
        location
    )


def test_wrong_words_are_explained(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.rebuild("order") == 1
    assert "There is no dataset order" in capsys.readouterr().err
    assert shop.rebuild("customers") == 1
    assert "Bronze holds no rows of customers" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        shop.rebuild("stores", "--resume", "'; DROP TABLE")


def test_what_a_rollback_undoes_comes_back_by_the_command_it_prints(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("rollback", "backfill"):
        monkeypatch.setattr(f"local.commands.{command}.reached", lambda *_, **__: shop.region)
    before = shop.rows(*STORES)
    shop.more_stores()
    after = shop.rows(*STORES)
    assert cli.main(["rollback", PLACE, "stores", "--list"]) == 0
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert cli.main(["rollback", PLACE, "stores", "--to", told[-2][0]]) == 0
    printed = capsys.readouterr().out
    assert f"stores/stores-{shop.dropped}.csv" in printed
    assert shop.rows(*STORES) == before
    shop.aws.pump()
    (command,) = re.findall(r"watershed (backfill .+)", printed)
    assert cli.main([*command.split(), "--engine", "athena"]) == 0
    assert shop.rows(*STORES) == after


def test_another_contract_gives_what_a_fresh_lake_gives_and_readers_notice_nothing(
    shop: Shop, fresh: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last, because it changes the lake."""
    before = shop.rows("products")[0]
    lake = other_lake(tmp_path / "lake")
    shop.aws.deploy(Synthesis(tmp_path / "cdk.out", lake=lake).result(), [PLACE])
    assert shop.rebuild("products") == 1
    assert "by the contract's version 2.0.0; here it is 1.0.0" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setattr("local.commands.rebuild.LAKE", lake)

    # A reader looks before and after whatever the functions do. Not in a thread: handlers change the whole process.
    seen, pump = [], LocalAWS.pump

    def watched(aws: LocalAWS, *args: Any, **named: Any) -> Any:
        seen.append(shop.region.athena.rows("SELECT count(*), count(weight) FROM silver.products")[1][0][0])
        report = pump(aws, *args, **named)
        seen.append(shop.region.athena.rows("SELECT count(*), count(weight) FROM silver.products")[1][0][0])
        return report

    with monkeypatch.context() as watching:
        watching.setattr(LocalAWS, "pump", watched)
        assert shop.rebuild("products") == 0
    after = shop.rows("products")[0]
    assert len(after) < len(before)
    assert set(seen) <= {str(len(before)), str(len(after))}
    assert len(seen) > 1
    columns = shop.region.client("glue").get_table(DatabaseName="silver", Name="products")["Table"]
    kinds = {column["Name"]: column["Type"] for column in columns["StorageDescriptor"]["Columns"]}
    assert kinds["weight"] == "decimal(12,3)"

    assert products(shop.region) == fresh
