"""Databases, tables over Parquet and CSV, table properties and new names, through SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.athena.errors import LOCAL_NOTE
from tests.local.athena_shop import BUCKET, DATABASE, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        yield shop


def csv_table(shop: Shop, name: str, content: bytes, more: str = "") -> None:
    shop.s3.put_object(Bucket=BUCKET, Key=f"{name}/1.csv", Body=content)
    columns = "`a` string, b string COMMENT 'the second, or \\'b\\''"
    shop.succeeded(
        f"CREATE EXTERNAL TABLE `{DATABASE}`.`{name}` ({columns}) {CSV} LOCATION 's3://{BUCKET}/{name}/' {more}"
    )


def test_databases(shop: Shop) -> None:
    shop.succeeded(f"CREATE SCHEMA IF NOT EXISTS `fresh` COMMENT 'new' LOCATION 's3://{BUCKET}/fresh/';")
    found = shop.glue.get_database(Name="fresh")["Database"]
    assert (found["Description"], found["LocationUri"]) == ("new", f"s3://{BUCKET}/fresh/")
    shop.succeeded("create database if not exists fresh")
    assert shop.reason("CREATE DATABASE fresh").endswith("Database fresh already exists")
    shop.succeeded("CREATE TABLE fresh.t AS SELECT 1 AS x")
    assert "is not empty" in shop.reason("DROP DATABASE fresh")
    shop.succeeded("DROP DATABASE fresh CASCADE")
    assert shop.reason("DROP SCHEMA fresh").endswith("Database does not exist: fresh")
    shop.succeeded("DROP SCHEMA IF EXISTS fresh")


def test_a_table_over_parquet(shop: Shop) -> None:
    sql = f"""
        -- a comment; and another
        CREATE EXTERNAL TABLE IF NOT EXISTS mine (id BIGINT, `payload` string) COMMENT 'theirs'
        PARTITIONED BY (day string) STORED AS PARQUET LOCATION 's3://{BUCKET}/events/'
        TBLPROPERTIES ('classification' = 'parquet', 'projection.enabled' = 'true', 'projection.day.type' = 'enum',
          'projection.day.values' = '2026-01-01,2026-01-02')"""
    shop.succeeded(sql)
    shop.succeeded(sql)
    assert shop.rows("SELECT count(*), max(day) FROM mine") == [["1000", "2026-01-02"]]
    again = sql.replace("IF NOT EXISTS", "")
    assert shop.reason(again).endswith("AlreadyExistsException(message:Table mine already exists)")
    shop.succeeded("ALTER TABLE mine SET TBLPROPERTIES ('projection.day.values' = '2026-01-03', 'note' = 'it''s')")
    assert shop.rows("SELECT count(*), max(day) FROM mine") == [["500", "2026-01-03"]]
    shop.succeeded("DROP TABLE mine")
    assert "Contents" in shop.s3.list_objects_v2(Bucket=BUCKET, Prefix="events/")  # files stay


def test_a_table_over_csv(shop: Shop) -> None:
    content = 'a,b\n1,plain\n2,"quoted, with ""quotes"""\n3,\n"4"\n5,a,more\nö,"  "\n'.encode()
    csv_table(shop, "texts", content, "TBLPROPERTIES ('skip.header.line.count'='1')")
    found = shop.run("SELECT a, b FROM texts ORDER BY a")
    assert shop.results(found["QueryExecutionId"])[1:] == [
        ["1", "plain"],
        ["2", 'quoted, with "quotes"'],
        ["3", ""],
        ["4", None],
        ["5", "a"],
        ["ö", "  "],
    ]
    assert found["Statistics"]["DataScannedInBytes"] == len(content)  # text is read as a whole
    assert shop.rows("SELECT sum(CAST(a AS integer)) FROM texts WHERE a <> 'ö'") == [["15"]]


@pytest.mark.parametrize("content", [b"1,back\\slash\n", b'1,"two\nlines"\n', b"1,\xff\n"])
def test_csv_that_depends_on_the_readers_finer_points_is_refused(shop: Shop, content: bytes) -> None:
    name = f"odd_{len(content)}_{content[2]}"
    csv_table(shop, name, content)
    assert LOCAL_NOTE in shop.reason(f"SELECT * FROM {name}")
    assert LOCAL_NOTE in shop.reason(f"INSERT INTO {name} VALUES ('1', '2')")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (f"CREATE EXTERNAL TABLE t (a int) {CSV} LOCATION 's3://b/t/'", "NOT_SUPPORTED: Type int in a table over CSV"),
        ("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/t/'", "NOT_SUPPORTED: line 1:33: This file format"),
        ("CREATE EXTERNAL TABLE t (a int) STORED AS ORC LOCATION 's3://b/t/'", "NOT_SUPPORTED: line 1:33: This file"),
        ("CREATE EXTERNAL TABLE t (a nonsense) STORED AS PARQUET LOCATION 's3://b/t/'", "NOT_SUPPORTED: Column type"),
        ("CREATE EXTERNAL TABLE t (a int STORED AS PARQUET", "SYNTAX_ERROR: line 1:49: mismatched input '<EOF>'"),
        ("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET", "SYNTAX_ERROR: "),
        (
            "CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/' x",
            "SYNTAX_ERROR: line 1:70: mismatched",
        ),
        ("CREATE EXTERNAL TABLE nope.t (a int) STORED AS PARQUET LOCATION 's3://b/'", "FAILED: SemanticException"),
        ("ALTER TABLE orders RENAME TO others", "NOT_SUPPORTED: RENAME"),
        ("ALTER TABLE nope SET TBLPROPERTIES ('a' = 'b')", "FAILED: SemanticException [Error 10001]"),
        ("ALTER TABLE orders SET LOCATION 's3://b/'", "NOT_SUPPORTED: line 1:20: This ALTER TABLE"),
    ],
)
def test_what_is_not_run_is_refused_and_changes_nothing(shop: Shop, sql: str, reason: str) -> None:
    assert shop.reason(sql).startswith(reason)
    assert ["t"] not in shop.results(shop.succeeded("SHOW TABLES"))


def test_an_iceberg_table_gets_another_name(shop: Shop) -> None:
    where = f"table_type = 'ICEBERG', is_external = false, location = 's3://{BUCKET}/named/'"
    shop.succeeded(f"CREATE TABLE named WITH ({where}) AS SELECT id FROM orders")
    assert shop.reason("ALTER TABLE named RENAME TO orders").endswith("Table orders already exists)")
    shop.succeeded(f"ALTER TABLE `{DATABASE}`.`named` RENAME TO `{DATABASE}`.`renamed`")
    assert shop.rows("SELECT count(*) FROM renamed") == [["2"]]
    shop.succeeded("INSERT INTO renamed SELECT 3")
    assert shop.rows("SELECT count(*) FROM renamed") == [["3"]]
    assert shop.reason("SELECT * FROM named").startswith("TABLE_NOT_FOUND")
