"""CREATE TABLE … AS with partitions and as Iceberg: the files, what Glue says, and how many partitions may be open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.athena_shop import BUCKET, DATABASE, DAYS, EVENTS_A_DAY, RESULTS, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN = "lenient"  # a workgroup that lets statements say where tables go


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        configuration = {"EnforceWorkGroupConfiguration": False, "ResultConfiguration": {"OutputLocation": RESULTS}}
        shop.athena.create_work_group(Name=OPEN, Configuration=configuration)
        yield shop


def glue(shop: Shop, name: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]
    return found


def many(partitions: int, kind: str = "partitioned_by") -> str:
    """A statement whose rows fall into so many partitions."""
    where = f"location = 's3://{BUCKET}/many/', table_type = 'ICEBERG', is_external = false, "
    properties = f"{where if kind == 'partitioning' else ''}{kind} = ARRAY['part']"
    return f"CREATE TABLE many WITH ({properties}) AS SELECT id, id % {partitions} AS part FROM events"


def test_a_partitioned_table(shop: Shop) -> None:
    where = f"s3://{BUCKET}/by-day/"
    sql = (
        f"CREATE TABLE by_day WITH (table_type = 'HIVE', is_external = true, format = 'parquet', "
        f"external_location = '{where}', partitioned_by = ARRAY['day']) AS SELECT id, day FROM events WHERE id < 10"
    )
    found = shop.run(sql, WorkGroup=OPEN)
    assert found["Status"]["State"] == "SUCCEEDED"
    described = glue(shop, "by_day")
    assert described["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert [column["Name"] for column in described["StorageDescriptor"]["Columns"]] == ["id"]
    files = shop.object(found["Statistics"]["DataManifestLocation"]).decode().split("\n")
    assert sorted(file.removeprefix(where).split("/")[0] for file in files) == [f"day={day}" for day in DAYS]
    assert shop.rows(f"SELECT count(*), max(id) FROM by_day WHERE day = '{DAYS[1]}'") == [["10", "9"]]
    shop.succeeded(f"INSERT INTO by_day SELECT id, '2026-02-01' FROM events WHERE day = '{DAYS[0]}'")
    assert shop.results(shop.succeeded("SHOW PARTITIONS by_day"))[-1] == ["day=2026-02-01"]
    assert shop.rows("SELECT count(*) FROM by_day") == [[str(30 + EVENTS_A_DAY)]]


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("'id'", "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns"),
        ("'id', 'day'", "INVALID_TABLE_PROPERTY: Table contains only partition columns"),
        ("'month'", "INVALID_TABLE_PROPERTY: Partition columns [month] not present in schema"),
    ],
)
def test_partition_columns_come_last(shop: Shop, keys: str, code: str) -> None:
    sql = f"CREATE TABLE t WITH (partitioned_by = ARRAY[{keys}]) AS SELECT id, day FROM orders"
    assert shop.reason(sql).startswith(code)


def test_a_statement_opens_100_partitions_at_most(shop: Shop) -> None:
    reason = shop.reason(many(101))
    assert reason.startswith("HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets")
    assert ["many"] not in shop.results(shop.succeeded("SHOW TABLES"))
    shop.succeeded(many(100))
    assert len(shop.results(shop.succeeded("SHOW PARTITIONS many"))) == 100
    more = "INSERT INTO many SELECT id, id % 101 FROM events"
    assert shop.reason(more).startswith("HIVE_TOO_MANY_OPEN_PARTITIONS: ")
    assert shop.rows("SELECT count(*) FROM many") == [[str(3 * EVENTS_A_DAY)]]
    shop.succeeded("DROP TABLE many")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE late AS",
        "CREATE TABLE late WITH (partitioned_by = ARRAY['x']) AS",
        f"CREATE TABLE late WITH (table_type = 'ICEBERG', location = 's3://{BUCKET}/late/') AS",
        "INSERT INTO pairs",
    ],
)
def test_a_failure_in_a_late_row_is_told_as_in_the_first(shop: Shop, statement: str) -> None:
    shop.succeeded("CREATE TABLE IF NOT EXISTS pairs AS SELECT BIGINT '1' AS y, BIGINT '1' AS x")
    rows = f"SELECT a.id * {EVENTS_A_DAY} + b.id AS n FROM events a, events b WHERE a.day = b.day"
    sql = f"{statement} SELECT 1 / ({EVENTS_A_DAY**2 - 1} - n) AS y, n % 2 AS x FROM ({rows})"
    assert shop.reason(sql) == "DIVISION_BY_ZERO: / by zero"
    assert ["late"] not in shop.results(shop.succeeded("SHOW TABLES"))
    assert shop.rows("SELECT count(*) FROM pairs") == [["1"]]


def test_an_iceberg_table_opens_as_many(shop: Shop) -> None:
    assert shop.reason(many(101, "partitioning")).startswith("ICEBERG_TOO_MANY_OPEN_PARTITIONS: ")
    assert ["many"] not in shop.results(shop.succeeded("SHOW TABLES"))


def test_an_iceberg_table(shop: Shop) -> None:
    sql = (
        "CREATE TABLE ice WITH (table_type = 'ICEBERG', is_external = false, format = 'PARQUET', "
        f"location = 's3://{BUCKET}/ice/', partitioning = ARRAY['day(at)', 'bucket(id, 4)', 'note']) AS "
        "SELECT id, note, amount, day, CAST(at AS timestamp(6)) AS at, open, ARRAY[ROW(id, note)] AS nested FROM orders"
    )
    found = shop.run(sql)
    assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
    assert glue(shop, "ice")["Parameters"]["table_type"] == "ICEBERG"
    assert shop.rows("SELECT id, note, amount, day, at, open, nested FROM ice ORDER BY id") == [
        ["1", "paid", "1.50", "2026-01-01", "2026-01-01 10:00:00.000000", "true", "[{field0=1, field1=paid}]"],
        ["2", "new", "2.50", "2026-01-02", "2026-01-02 10:00:00.000000", "false", "[{field0=2, field1=new}]"],
    ]
    merge = (
        "MERGE INTO ice USING (SELECT 2 AS id, 'done' AS note) AS s ON ice.id = s.id "
        "WHEN MATCHED THEN UPDATE SET note = s.note"
    )
    shop.succeeded(merge)
    assert shop.rows("SELECT note FROM ice ORDER BY id") == [["paid"], ["done"]]


@pytest.mark.parametrize(
    ("properties", "query", "code"),
    [
        ("", "SELECT at FROM orders", "NOT_SUPPORTED: Timestamp precision (3) not supported for Iceberg"),
        ("", "SELECT TINYINT '1' AS a", "NOT_SUPPORTED: Type not supported for Iceberg: tinyint"),
        (", partitioning = ARRAY['day(']", "SELECT day FROM orders", "INVALID_TABLE_PROPERTY: Unable to parse"),
        (", partitioning = ARRAY['nope']", "SELECT day FROM orders", "INVALID_TABLE_PROPERTY: Unable to parse"),
        (", partitioning = ARRAY['hour(day)']", "SELECT day FROM orders", "NOT_SUPPORTED: "),
        (", bucketed_by = ARRAY['id']", "SELECT id FROM orders", "NOT_SUPPORTED: "),
        (", is_external = true", "SELECT id FROM orders", "NOT_SUPPORTED: "),
    ],
)
def test_what_an_iceberg_table_cannot_be(shop: Shop, properties: str, query: str, code: str) -> None:
    sql = f"CREATE TABLE t WITH (table_type = 'ICEBERG', location = 's3://{BUCKET}/t/'{properties}) AS {query}"
    assert shop.reason(sql).startswith(code)
    assert ["t"] not in shop.results(shop.succeeded("SHOW TABLES"))


def test_an_iceberg_table_says_where_it_is(shop: Shop) -> None:
    sql = "CREATE TABLE t WITH (table_type = 'ICEBERG') AS SELECT id FROM orders"
    assert shop.reason(sql).startswith("INVALID_TABLE_PROPERTY: ")
