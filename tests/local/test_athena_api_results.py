"""What a statement leaves in S3: the result, its metadata, the manifest, and the files of CTAS and UNLOAD."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from tests.local.athena_shop import BUCKET, DATABASE, EVENTS_A_DAY, RESULTS, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        yield shop


@pytest.mark.parametrize(
    ("sql", "content"),
    [
        ("SELECT id, note FROM orders ORDER BY id", '"id","note"\n"1","paid"\n"2","new"\n'),
        ("SELECT CAST(NULL AS varchar) AS a, '' AS b, NULL AS c", '"a","b","c"\n,"",\n'),
        ("SELECT CAST(NULL AS varchar) AS only", '"only"\n\n'),
        ('SELECT \'say "hi", ok\' AS "a ""b", \'x\ny\' AS c', '"a ""b","c"\n"say ""hi"", ok","x\ny"\n'),
        ("SELECT id FROM orders WHERE false", '"id"\n'),
        ("SELECT 1, 'Straße 😀'", '"_col0","_col1"\n"1","Straße 😀"\n'),
        (
            "SELECT true AS b, 1.50 AS d, 1e10 AS e, DATE '2026-01-02' AS day, TIMESTAMP '2026-01-02 03:04:05' AS at",
            '"b","d","e","day","at"\n"true","1.50","1.0E10","2026-01-02","2026-01-02 03:04:05"\n',
        ),
        (
            "SELECT ARRAY[1, NULL] AS a, MAP(ARRAY['k'], ARRAY[1]) AS m, X'4142' AS x",
            '"a","m","x"\n"[1, null]","{k=1}","41 42"\n',
        ),
    ],
    ids=["values", "nothing", "a row of nothing", "quotes", "no rows", "unicode", "types", "nested types"],
)
def test_a_query_leaves_its_rows_as_csv(shop: Shop, sql: str, content: str) -> None:
    found = shop.run(sql)
    location = found["ResultConfiguration"]["OutputLocation"]
    assert location == f"{RESULTS}{found['QueryExecutionId']}.csv"
    assert shop.object(location) == content.encode()
    assert shop.object(f"{location}.metadata") is not None


@pytest.mark.parametrize(
    ("sql", "content"),
    [("SHOW TABLES", "events\norders"), ("SHOW PARTITIONS events", "day=2026-01-01\nday=2026-01-02\nday=2026-01-03")],
)
def test_a_listing_leaves_text(shop: Shop, sql: str, content: str) -> None:
    found = shop.run(sql)
    location = found["ResultConfiguration"]["OutputLocation"]
    assert location == f"{RESULTS}{found['QueryExecutionId']}.txt"
    assert shop.object(location).decode() == content
    assert shop.results(found["QueryExecutionId"]) == [[line] for line in content.split("\n")]  # and no header


def test_a_failed_query_leaves_nothing(shop: Shop) -> None:
    query = shop.run("SELECT 1 / (id - id) FROM orders")["QueryExecutionId"]
    assert "Contents" not in shop.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"results/{query}")


def test_ctas_leaves_a_table_and_a_manifest_of_its_files(shop: Shop) -> None:
    sql = "CREATE TABLE copied WITH (write_compression = 'SNAPPY') AS SELECT id, payload FROM events"
    found = shop.run(sql)
    query = found["QueryExecutionId"]
    assert (found["StatementType"], found["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert found["Statistics"]["DataManifestLocation"] == f"{RESULTS}{query}-manifest.csv"
    files = shop.object(found["Statistics"]["DataManifestLocation"]).decode().split("\n")
    table = shop.athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=DATABASE, TableName="copied")
    location = table["TableMetadata"]["Parameters"]["location"]
    assert location == f"{RESULTS}tables/{query}/"
    assert files
    assert all(file.startswith(location) for file in files)
    rows = [pq.read_table(io.BytesIO(shop.object(file))).num_rows for file in files]
    assert sum(rows) == 3 * EVENTS_A_DAY
    assert shop.athena.get_query_results(QueryExecutionId=query)["UpdateCount"] == 3 * EVENTS_A_DAY
    assert shop.rows("SELECT count(*) FROM copied") == [[str(3 * EVENTS_A_DAY)]]
    assert shop.reason(sql).startswith(f"TABLE_ALREADY_EXISTS: line 1:1: Table 'awsdatacatalog.{DATABASE}.copied'")
    assert shop.run(sql.replace("TABLE copied", "TABLE IF NOT EXISTS copied"))["Status"]["State"] == "SUCCEEDED"


def test_unload_leaves_files_and_a_manifest(shop: Shop) -> None:
    target = f"s3://{BUCKET}/unloaded/"
    sql = f"UNLOAD (SELECT id FROM orders ORDER BY id) TO '{target}' WITH (format = 'PARQUET')"
    found = shop.run(sql)
    assert (found["StatementType"], found["SubstatementType"]) == ("DML", "UNLOAD")
    [file] = shop.object(found["Statistics"]["DataManifestLocation"]).decode().split("\n")
    assert file.startswith(target)
    assert pq.read_table(io.BytesIO(shop.object(file))).to_pydict() == {"id": [1, 2]}
    assert shop.reason(sql).startswith("HIVE_PATH_ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UNLOAD (SELECT 1 AS x) TO 's3://shop-lake/u/'", "INVALID_TABLE_PROPERTY"),
        ("UNLOAD (SELECT 1 AS x) TO 's3://shop-lake/u/' WITH (format = 'AVRO')", "NOT_SUPPORTED"),
        ("UNLOAD (SELECT 1 AS x) TO 'u/' WITH (format = 'PARQUET')", "GENERIC_USER_ERROR"),
        ("CREATE TABLE t AS SELECT 1", "MISSING_COLUMN_NAME"),
        ("CREATE TABLE t AS SELECT 1 AS a, 2 AS A", "DUPLICATE_COLUMN_NAME"),
        ("CREATE TABLE t AS SELECT NULL AS a", "COLUMN_TYPE_UNKNOWN"),
        ("CREATE TABLE t WITH (format = 'ORC') AS SELECT 1 AS a", "NOT_SUPPORTED"),
        ("CREATE TABLE t WITH (nonsense = 1) AS SELECT 1 AS a", "NOT_SUPPORTED"),
        ("CREATE TABLE nope.t AS SELECT 1 AS a", "SCHEMA_NOT_FOUND"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_no_table(shop: Shop, sql: str, code: str) -> None:
    assert shop.reason(sql).startswith(f"{code}:")
    assert ["t"] not in shop.results(shop.succeeded("SHOW TABLES"))
