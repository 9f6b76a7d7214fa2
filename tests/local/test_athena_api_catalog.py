"""The catalog as Athena's metadata calls and its SHOW and DESCRIBE tell it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.local.athena_shop import BUCKET, DATABASE, ORDERS, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

GLUE = "AwsDataCatalog"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        shop.glue.create_database(DatabaseInput={"Name": "other", "Description": "of others"})
        shop.succeeded("CREATE VIEW paid AS SELECT id, amount FROM orders WHERE note = 'paid'")
        yield shop


def test_catalogs(shop: Shop) -> None:
    assert {"CatalogName": GLUE, "Type": "GLUE"} in shop.athena.list_data_catalogs()["DataCatalogsSummary"]
    assert shop.athena.get_data_catalog(Name=GLUE)["DataCatalog"]["Type"] == "GLUE"
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="not found"):
        shop.athena.get_data_catalog(Name="other")


def test_databases(shop: Shop) -> None:
    found = shop.athena.list_databases(CatalogName=GLUE)["DatabaseList"]
    assert [item["Name"] for item in found] == ["other", DATABASE]
    assert shop.athena.get_database(CatalogName="awsdatacatalog", DatabaseName="other")["Database"] == found[0]
    assert found[0]["Description"] == "of others"
    first = shop.athena.list_databases(CatalogName=GLUE, MaxResults=1)
    rest = shop.athena.list_databases(CatalogName=GLUE, NextToken=first["NextToken"])
    assert [*first["DatabaseList"], *rest["DatabaseList"]] == found


def test_tables(shop: Shop) -> None:
    found = shop.athena.list_table_metadata(CatalogName=GLUE, DatabaseName=DATABASE)["TableMetadataList"]
    assert [(item["Name"], item["TableType"]) for item in found] == [
        ("events", "EXTERNAL_TABLE"),
        ("orders", "EXTERNAL_TABLE"),
        ("paid", "VIRTUAL_VIEW"),
    ]
    for item in found:
        asked = {"CatalogName": GLUE, "DatabaseName": DATABASE, "TableName": item["Name"].upper()}
        assert shop.athena.get_table_metadata(**asked)["TableMetadata"] == item


def test_a_table(shop: Shop) -> None:
    asked = {"CatalogName": GLUE, "DatabaseName": DATABASE}
    orders = shop.athena.get_table_metadata(TableName="orders", **asked)["TableMetadata"]
    assert {column["Name"]: column["Type"] for column in orders["Columns"]} == ORDERS
    assert orders["PartitionKeys"] == []
    assert orders["Parameters"]["location"] == f"s3://{BUCKET}/orders/"
    assert orders["Parameters"]["inputformat"].endswith("MapredParquetInputFormat")
    events = shop.athena.get_table_metadata(TableName="events", **asked)["TableMetadata"]
    assert events["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    view = shop.athena.get_table_metadata(TableName="paid", **asked)["TableMetadata"]
    assert [column["Type"] for column in view["Columns"]] == ["bigint", "decimal(10,2)"]


def test_a_view_is_stored_as_trino_and_athena_store_it(shop: Shop) -> None:
    sql = "SELECT id, note AS \"Note\", at AT TIME ZONE 'UTC' AS zoned, ARRAY[amount] AS amounts FROM orders"
    shop.succeeded(f"CREATE OR REPLACE VIEW stored AS {sql};")
    found = shop.glue.get_table(DatabaseName=DATABASE, Name="stored")["Table"]
    assert (found["TableType"], found["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    assert found["Parameters"] == {"presto_view": "true", "comment": "Presto View"}
    assert found["Owner"]  # Trino refuses a view of nobody's
    encoded = found["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    assert json.loads(base64.b64decode(encoded)) == {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": DATABASE,
        "columns": [
            {"name": "id", "type": "bigint"},
            {"name": "note", "type": "varchar"},
            {"name": "zoned", "type": "timestamp(3) with time zone"},
            {"name": "amounts", "type": "array(decimal(10,2))"},
        ],
    }
    described = {column["Name"]: column["Type"] for column in found["StorageDescriptor"]["Columns"]}
    assert described == {"id": "bigint", "note": "string", "zoned": "timestamp", "amounts": "array<decimal(10,2)>"}
    shop.succeeded("CREATE OR REPLACE VIEW stored AS SELECT 1 AS x")
    assert shop.rows("SELECT * FROM stored") == [["1"]]
    assert shop.reason("CREATE VIEW stored AS SELECT 1 AS x").startswith("VIEW_ALREADY_EXISTS")
    shop.succeeded("DROP VIEW stored")


def test_a_view_that_trino_stored(shop: Shop) -> None:
    view = {
        "originalSql": "SELECT\n  id\n, note\nFROM\n  awsdatacatalog.shop.orders\n",
        "catalog": "awsdatacatalog",
        "schema": DATABASE,
        "columns": [{"name": "id", "type": "bigint"}, {"name": "note", "type": "varchar"}],
        "owner": "somebody",
        "runAsInvoker": False,
        "path": [],
    }
    made = {
        "Name": "trinos",
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "StorageDescriptor": {"Columns": [{"Name": "dummy", "Type": "string"}], "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(json.dumps(view).encode()).decode()} */",
        "ViewExpandedText": "/* Presto View */",
    }
    shop.glue.create_table(DatabaseName=DATABASE, TableInput=made)
    assert shop.rows("SELECT * FROM trinos ORDER BY id") == [["1", "paid"], ["2", "new"]]
    shop.succeeded("DROP VIEW trinos")


@pytest.mark.parametrize(
    ("expression", "names"),
    [("or*", ["orders"]), (".*e.*", ["events", "orders"]), ("^e", ["events"]), ("nope", [])],
)
def test_tables_by_name(shop: Shop, expression: str, names: list[str]) -> None:
    found = shop.athena.list_table_metadata(CatalogName=GLUE, DatabaseName=DATABASE, Expression=expression)
    assert [item["Name"] for item in found["TableMetadataList"]] == names


def test_tables_in_pages(shop: Shop) -> None:
    asked = {"CatalogName": GLUE, "DatabaseName": DATABASE, "MaxResults": 2}
    first = shop.athena.list_table_metadata(**asked)
    rest = shop.athena.list_table_metadata(NextToken=first["NextToken"], **asked)
    names = [item["Name"] for page in (first, rest) for item in page["TableMetadataList"]]
    assert names == ["events", "orders", "paid"]


def test_what_is_not_there(shop: Shop) -> None:
    athena = shop.athena
    for action, asked in (
        ("get_database", {"DatabaseName": "nope"}),
        ("list_table_metadata", {"DatabaseName": "nope"}),
        ("get_table_metadata", {"DatabaseName": "nope", "TableName": "orders"}),
        ("get_table_metadata", {"DatabaseName": DATABASE, "TableName": "nope"}),
    ):
        with pytest.raises(athena.exceptions.MetadataException, match="EntityNotFoundException"):
            getattr(athena, action)(CatalogName=GLUE, **asked)
    with pytest.raises(athena.exceptions.InvalidRequestException, match="Catalog other was not found"):
        athena.list_databases(CatalogName="other")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SHOW DATABASES", [["other"], [DATABASE]]),
        ("SHOW SCHEMAS LIKE 'sh*'", [[DATABASE]]),
        ("SHOW TABLES", [["events"], ["orders"], ["paid"]]),
        ("SHOW TABLES IN other", []),
        ("SHOW TABLES 'o*|e*'", [["events"], ["orders"]]),
        ("SHOW VIEWS", [["paid"]]),
        ("SHOW COLUMNS IN events", [["id"], ["payload"], ["day"]]),
        ("SHOW PARTITIONS events", [["day=2026-01-01"], ["day=2026-01-02"], ["day=2026-01-03"]]),
        ("DESCRIBE paid", [["id", "bigint", ""], ["amount", "decimal(10,2)", ""]]),
    ],
)
def test_listings(shop: Shop, sql: str, rows: list[list[str]]) -> None:
    assert shop.results(shop.succeeded(sql)) == rows
