"""The shipped contracts say what the lake promises, in the standard's own words."""

from __future__ import annotations

import importlib
import importlib.resources
import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from watershed.catalog import Catalog
from watershed.contracts.model import Contract, Kind, MissingResidency, Partition
from watershed.contracts.odcs import read_contracts

FOLDER = Path(__file__).parents[2] / "layers" / "lake" / "contracts"
FILES = sorted(FOLDER.glob("*.yaml"))
REGIONS = ("eu-central-1", "us-east-1", "ap-southeast-1")

S, I, N, F, B, D, T = "string", "bigint", "decimal(18,2)", "double", "boolean", "date", "timestamp"  # noqa: E741
TABLES = {
    "customers": {
        "customer_id": I, "customer_name": S, "gender": B, "birth_date": D, "region": S, "email": S, "country": S,
        "updated_at": T, "deleted_at": T,
    },
    "products": {
        "product_id": I, "name": S, "category_id": I, "category_name": S, "base_price": N, "unit": S, "weight": F,
        "created_date": T, "updated_at": T, "deleted_at": T,
    },
    "orders": {
        "order_id": I, "order_name": S, "ordered_at": T, "customer_id": I, "email": S, "country": S, "currency": S,
        "total_amount": N, "current_amount": N, "payment_status": S, "fulfillment_status": S, "cancelled_at": T,
        "cancel_reason": S, "updated_at": T, "deleted_at": T,
    },
    "order_lines": {
        "order_id": I, "position": I, "line_id": I, "product_id": I, "title": S, "sku": S, "quantity": I,
        "current_quantity": I, "price": N, "total_discount": N,
    },
    "transactions": {
        "transaction_id": I, "order_date": T, "branch_id": I, "branch_name": S, "customer_id": I, "total_amount": N,
        "status": I, "status_value": S, "product_id": I, "price": N, "country": S, "updated_at": T,
    },
    "conversations": {
        "conversation_id": S, "from_id": S, "from_name": S, "from_email": S, "message_id": S, "message": S, "type": S,
        "inserted_at": T, "has_phone": B, "phone_info": S, "is_hidden": B, "is_removed": B, "like_count": I,
        "page_id": S, "customer_id": I, "country": S, "updated_at": T,
    },
    "stores": {"store_id": S, "updated_at": T},
    "store_installs": {
        "store_id": S, "position": I, "to_now": B, "start_type": S, "from_date": T, "end_type": S, "to_date": T,
    },
    "store_subscriptions": {
        "store_id": S, "position": I, "price": N, "plan_name": S, "from_date": T, "to_date": T, "billing_on_date": T,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    """Those that ship: whoever adds a dataset adds one file, and need not say so here."""
    return {name: contract for name, contract in read_contracts(FOLDER).items() if name in TABLES}


def test_tables_and_columns(contracts: dict[str, Contract]) -> None:
    tables = {table.name: table for contract in contracts.values() for table in contract.tables}
    assert {name: {c.name: c.athena_type for c in table.columns} for name, table in tables.items()} == TABLES
    assert {name: list(table.primary_key) for name, table in tables.items()} == {
        "customers": ["customer_id"],
        "products": ["product_id"],
        "orders": ["order_id"],
        "order_lines": ["order_id", "position"],
        "transactions": ["transaction_id"],
        "conversations": ["conversation_id"],
        "stores": ["store_id"],
        "store_installs": ["store_id", "position"],
        "store_subscriptions": ["store_id", "position"],
    }
    assert {name: (t.parent, t.explode) for name, t in tables.items() if t.parent} == {
        "order_lines": ("orders", "line_items"),
        "store_installs": ("stores", "installhistory"),
        "store_subscriptions": ("stores", "subscriptionhistory"),
    }
    assert {name: t.version_column for name, t in tables.items()} == {
        name: None if table.parent else "updated_at" for name, table in tables.items()
    }
    assert {name: t.partition for name, t in tables.items() if t.partition} == {
        "transactions": Partition("order_date", "month"),
        "conversations": Partition("inserted_at", "month"),
        "orders": Partition("order_id", "bucket", 16),
    }


def test_money_and_personal_data_are_marked(contracts: dict[str, Contract]) -> None:
    columns = [(t.name, c) for contract in contracts.values() for t in contract.tables for c in t.columns]
    assert {(table, c.name) for table, c in columns if c.money} == {
        ("products", "base_price"),
        ("transactions", "total_amount"),
        ("transactions", "price"),
        ("store_subscriptions", "price"),
        ("orders", "total_amount"),
        ("orders", "current_amount"),
        ("order_lines", "price"),
        ("order_lines", "total_discount"),
    }
    assert {(table, c.name) for table, c in columns if c.pii} == {
        ("customers", "customer_name"),
        ("customers", "birth_date"),
        ("customers", "email"),
        ("orders", "email"),
        ("conversations", "from_name"),
        ("conversations", "from_email"),
        ("conversations", "message"),
        ("conversations", "phone_info"),
    }
    assert all(c.description for _, c in columns)


def test_no_transaction_has_a_value_that_gold_cannot_hold(contracts: dict[str, Contract]) -> None:
    amount, price = (contracts["transactions"].tables[0].column(name) for name in ("total_amount", "price"))
    for amounts, prices in itertools.product((amount.minimum, amount.maximum), (price.minimum, price.maximum)):
        assert amounts is not None
        assert prices is not None
        assert abs(Decimal(amounts) * Decimal(prices)) < Decimal(10) ** 16  # gold.sales: decimal(18,2)


def test_who_must_say_where_a_row_belongs(contracts: dict[str, Contract]) -> None:
    residency = {name: contract.residency for name, contract in contracts.items()}
    assert {name for name, it in residency.items() if it.column == "country"} == {
        "customers",
        "orders",
        "transactions",
        "conversations",
    }
    assert all(it.missing is MissingResidency.ACCEPT for it in residency.values())
    assert all(it.column or it.reason for it in residency.values())


@pytest.mark.parametrize(
    ("dataset", "file"),
    [
        ("customers", "customerdb.csv"),
        ("products", "product.csv"),
        ("transactions", "transaction.csv"),
        ("conversations", "conversation.csv"),
        ("stores", "dataset_sample.csv"),
    ],
)
def test_the_plain_files_are_known_by_name_and_read_the_standard_way_in_every_region(
    contracts: dict[str, Contract], dataset: str, file: str
) -> None:
    assert file in contracts[dataset].files
    for region in (*REGIONS, "sa-east-1"):
        source = contracts[dataset].source_for(region, file)
        assert source is not None
        assert (source.name, source.delimiter, source.decimal_mark, source.time_zone) == ("standard", ",", ".", "UTC")


@pytest.mark.parametrize("dataset", ["conversations", "customers", "products", "stores", "transactions"])
@pytest.mark.parametrize(
    ("region", "file", "expected"),
    [
        ("eu-central-1", "anything.csv", ("frankfurt", ";", "Europe/Berlin")),
        ("us-east-1", "anything.csv", ("virginia", ",", "America/New_York")),
        ("ap-southeast-1", "anything.csv", ("singapore", ",", "Asia/Singapore")),
        # Machines write JSON and Parquet, and they do so alike everywhere.
        ("eu-central-1", "feed.jsonl.gz", ("standard", ",", "UTC")),
        ("us-east-1", "feed.parquet", ("standard", ",", "UTC")),
    ],
)
def test_a_region_s_own_files_are_read_by_its_habits(
    contracts: dict[str, Contract], dataset: str, region: str, file: str, expected: tuple[str, str, str]
) -> None:
    found = contracts[dataset].source_for(region, file)
    assert found is not None
    assert (found.name, found.delimiter, found.time_zone) == expected


def test_the_old_system_s_files_are_latin_1(contracts: dict[str, Contract]) -> None:
    source = contracts["customers"].source_for("eu-central-1", "kunden-altsystem.csv")
    assert source is not None
    assert source.encoding == "latin-1"
    elsewhere = contracts["customers"].source_for("us-east-1", "kunden-altsystem.csv")
    assert elsewhere is not None
    assert elsewhere.encoding == "utf-8"


def test_names_are_compared_as_bronze_spells_them(contracts: dict[str, Contract]) -> None:
    standard = contracts["customers"].source_for("eu-central-1", "customerdb.csv")
    assert standard is not None
    assert standard.names_of("birth_date") == ("birthdate", "birth_date")
    assert standard.names_of("email") == ("email",)
    stores = contracts["stores"].source_for("eu-central-1", "x.csv")
    assert stores is not None
    assert stores.names_of("installhistory") == ("installationen",)


def test_the_values_of_the_standard_become_the_model_s(contracts: dict[str, Contract]) -> None:
    transactions = contracts["transactions"].table
    assert transactions.column("status_value").valid_values == ("Pending", "Completed", "Failed")
    assert transactions.column("price").minimum == "0"
    assert transactions.column("order_date").required
    email = contracts["customers"].table.column("email")
    assert (email.kind, email.pattern, email.max_length) == (Kind.STRING, r"[^@\s]+@[^@\s]+", 320)
    assert contracts["customers"].freshness_hours == 24
    assert {contract.owner for contract in contracts.values()} == {"commerce-data"}


def test_the_compiled_catalog_carries_them_whole(contracts: dict[str, Contract]) -> None:
    assert Catalog.from_json(Catalog(contracts, {}, {}).to_json()).contracts == contracts


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_contract_is_one_of_the_standard(path: Path) -> None:
    written: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    read = OpenDataContractStandard(**written)
    # The standard's model drops nested keys it does not know: what comes back must be all that was written.
    assert read.model_dump(by_alias=True, exclude_unset=True) == written
    schema_file = importlib.resources.files("open_data_contract_standard").joinpath("schema.json")
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    importlib.import_module("jsonschema").validate(written, schema)
