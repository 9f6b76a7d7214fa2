"""The founding files, as they are, by the real contracts: every row lands, every value unchanged."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from watershed.contracts.odcs import read_contracts
from watershed.names import Layer

from local.paths import LAKE
from tests.unit.bronze_lake import BronzeLake

SEED = os.environ.get("WATERSHED_SEED_DATA", "")
FILES = {
    "customerdb.csv": "customers",
    "product.csv": "products",
    "transaction.csv": "transactions",
    "conversation.csv": "conversations",
    "dataset_sample.csv": "stores",
}


@pytest.mark.seed
@pytest.mark.skipif(not SEED, reason="WATERSHED_SEED_DATA is not set")
@pytest.mark.parametrize(("name", "dataset"), FILES.items())
def test_every_row_of_the_founding_files_lands(name: str, dataset: str) -> None:
    path = Path(SEED, "files", name)
    lake = BronzeLake(*read_contracts(LAKE / "contracts").values())
    landed = lake.drop(name, path.read_bytes())
    assert (landed.dataset, landed.malformed, lake.keys(Layer.QUARANTINE)) == (dataset, 0, [])
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{column.lower(): value for column, value in row.items()} for row in csv.DictReader(file)]
    assert lake.source_rows() == rows
    assert landed.rows_out == len(rows) > 0
