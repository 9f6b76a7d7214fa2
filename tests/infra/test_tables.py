"""The Glue catalog: databases, bronze tables from contracts, and the tables that account for every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from watershed import catalog, names, records
from watershed.names import Layer
from watershed.silver import lineage

from infra.tables import bronze_columns
from local.paths import LAKE
from tests.infra.conftest import ORDERS
from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources


def table(resources: Resources, database: str, name: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [
        each["Properties"]["TableInput"]
        for each in resources.of("Glue::Table").values()
        if (each["Properties"]["DatabaseName"], each["Properties"]["TableInput"]["Name"]) == (database, name)
    ]
    return found


def columns(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(each["Name"], each["Type"]) for each in found]


def test_the_databases_are_the_layers_and_ops(resources: Resources) -> None:
    made = {
        each["Properties"]["DatabaseInput"]["Name"]: each["Properties"]
        for each in resources.of("Glue::Database").values()
    }
    assert set(made) == {names.BRONZE_DB, names.SILVER_DB, names.GOLD_DB, names.OPS_DB}
    assert {flat(each["CatalogId"]) for each in made.values()} == {"1234"}


def test_tables_come_after_their_database(resources: Resources) -> None:
    databases = {
        each["Properties"]["DatabaseInput"]["Name"]: logical for logical, each in resources.of("Glue::Database").items()
    }
    for each in resources.of("Glue::Table").values():
        assert databases[each["Properties"]["DatabaseName"]] in each["DependsOn"]


def test_there_are_no_tables_that_functions_make(resources: Resources) -> None:
    made = {
        (each["Properties"]["DatabaseName"], each["Properties"]["TableInput"]["Name"])
        for each in resources.of("Glue::Table").values()
    }
    ops = ("ledger", "quarantine", "replays", "masking_key")
    assert made == {(names.BRONZE_DB, "orders"), *((names.OPS_DB, name) for name in ops)}


def test_bronze_columns_are_the_sources_as_text_then_the_lineage() -> None:
    assert bronze_columns(ORDERS) == [
        ("bestellnr", "string"),
        ("total", "string"),
        ("address", "string"),  # address.city reaches into a JSON column
        ("id", "string"),
        ("number", "string"),
        ("city", "string"),
        ("lines", "string"),  # the child table's array
        ("_source_key", "string"),
        ("_source_version", "string"),
        ("_row_number", "bigint"),
        ("_ingested_at", "timestamp"),
        ("_batch_id", "string"),
    ]


def test_the_lineage_is_the_one_that_silver_reads() -> None:
    assert tuple(name for name, _ in records.LINEAGE_COLUMNS) == lineage.COLUMNS


def test_a_bronze_table_is_where_bronze_writes(resources: Resources) -> None:
    made = table(resources, names.BRONZE_DB, "orders")
    assert columns(made["StorageDescriptor"]["Columns"]) == bronze_columns(ORDERS)
    assert columns(made["PartitionKeys"]) == [("ingest_date", "date")]
    (bucket,) = [
        logical
        for logical, each in resources.of("S3::Bucket").items()
        if flat(each["Properties"]["BucketName"]) == names.bucket(Layer.BRONZE, "1234", "eu-central-1")
    ]
    assert flat(made["StorageDescriptor"]["Location"]) == f"s3://<{bucket}>/orders/"
    template = flat(made["Parameters"]["storage.location.template"])
    assert template == f"s3://<{bucket}>/orders/ingest_date=${{ingest_date}}"


@pytest.mark.parametrize(
    ("name", "layer", "record"),
    [
        (names.LEDGER_TABLE, Layer.LEDGER, records.LedgerEntry),
        (names.QUARANTINE_TABLE, Layer.QUARANTINE, records.QuarantinedRow),
    ],
)
def test_the_accounts_have_the_records_columns(
    resources: Resources, name: str, layer: Layer, record: type[records.LedgerEntry | records.QuarantinedRow]
) -> None:
    made = table(resources, names.OPS_DB, name)
    assert columns(made["StorageDescriptor"]["Columns"]) == records.glue_columns(record)
    assert columns(made["PartitionKeys"]) == list(records.PARTITION_COLUMNS)
    parameters = made["Parameters"]
    assert parameters["projection.dataset.type"] == "enum"
    assert parameters["projection.dataset.values"] == f"orders,{names.UNKNOWN_DATASET}"
    assert parameters["projection.ingest_date.range"].endswith(",NOW")
    (bucket,) = [
        logical
        for logical, each in resources.of("S3::Bucket").items()
        if flat(each["Properties"]["BucketName"]) == names.bucket(layer, "1234", "eu-central-1")
    ]
    template = flat(parameters["storage.location.template"])
    assert template == f"s3://<{bucket}>/{name}/dataset=${{dataset}}/ingest_date=${{ingest_date}}"


def test_partitions_are_projected_from_dates(resources: Resources) -> None:
    tables = [each["Properties"]["TableInput"] for each in resources.of("Glue::Table").values()]
    for made in (each for each in tables if each["Name"] != names.MASKING_KEY_TABLE):
        assert made["TableType"] == "EXTERNAL_TABLE"
        assert made["Parameters"]["projection.enabled"] == "true"
        assert made["Parameters"]["projection.ingest_date.type"] == "date"
        assert made["Parameters"]["projection.ingest_date.format"] == "yyyy-MM-dd"


def test_an_array_has_a_column_for_each_name_that_a_source_gives_it() -> None:
    found = dict(bronze_columns(catalog.build(LAKE).contracts["stores"]))
    assert {"installhistory", "installationen", "installs", "subscriptions"} <= found.keys()
