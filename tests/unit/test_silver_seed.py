"""The founding data through the lake's own contracts: all rows are good, and sums are exact."""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from watershed import names
from watershed.contracts.odcs import read_contracts
from watershed.silver.tally import control_sums
from watershed.silver.transform import TypedRows, transform

from tests.unit.silver_lab import File, shared_engine

pytestmark = pytest.mark.seed
CONTRACTS = Path(__file__).parents[2] / "layers/lake/contracts"


def rows(name: str) -> list[dict[str, str]]:
    folder = os.environ.get("WATERSHED_SEED_DATA")
    if not folder:
        pytest.skip("set WATERSHED_SEED_DATA to the founding data's folder")
    with (Path(folder) / "files" / name).open(encoding="utf-8", newline="") as file:
        return [{names.source_column(column): text for column, text in row.items()} for row in csv.DictReader(file)]


def typed(dataset: str, name: str) -> dict[str, TypedRows]:
    contract = read_contracts(CONTRACTS)[dataset]
    source = contract.source_for("eu-central-1", name)
    assert source is not None
    tables = transform(shared_engine(), contract, source, ("DE",), File(dataset, rows(name)).table)
    return {each.table.name: each for each in tables}


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("customers", "customerdb.csv"),
        ("products", "product.csv"),
        ("transactions", "transaction.csv"),
        ("conversations", "conversation.csv"),
        ("stores", "dataset_sample.csv"),
    ],
)
def test_every_row_is_good(dataset: str, name: str) -> None:
    tables = typed(dataset, name)
    assert tables[dataset].rows_in == len(rows(name))
    assert {table: found.bad.num_rows for table, found in tables.items()} == dict.fromkeys(tables, 0)


def test_money_adds_up() -> None:
    given = rows("transaction.csv")
    sums = control_sums(typed("transactions", "transaction.csv")["transactions"])
    for column, name in (("total_amount", "totalamount"), ("price", "price")):
        assert sums[column] == sum(Decimal(row[name]) for row in given)


def test_every_element_becomes_a_row() -> None:
    given = rows("dataset_sample.csv")
    tables = typed("stores", "dataset_sample.csv")
    for table, column in (("store_installs", "installhistory"), ("store_subscriptions", "subscriptionhistory")):
        assert tables[table].good.num_rows == sum(len(json.loads(row[column] or "[]")) for row in given)
