"""PyAthena and SQLAlchemy, unchanged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyathena
import pytest
import sqlalchemy
from pyarrow import fs
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor
from pyathena.pandas.cursor import PandasCursor

from tests.clients.conftest import BUCKET, COLUMNS, REGION, ROWS, WORKGROUP, expected_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.aws import LocalAWS

SQL = "SELECT id, amount, sold_at, branch, open FROM shop.sales ORDER BY id"


@pytest.fixture
def connection() -> Iterator[Any]:
    with pyathena.connect(region_name=REGION, work_group=WORKGROUP, poll_interval=0.05) as connection:
        yield connection


@pytest.fixture
def engine() -> Iterator[sqlalchemy.Engine]:
    engine = sqlalchemy.create_engine(
        f"awsathena+rest://:@athena.{REGION}.amazonaws.com:443/shop?work_group={WORKGROUP}&poll_interval=0.05"
    )
    yield engine
    engine.dispose()


def test_all_pages_come_with_their_types(connection: Any) -> None:
    rows = connection.cursor().execute(SQL).fetchall()
    assert rows == [expected_row(number) for number in range(ROWS)]


def test_parameters(connection: Any) -> None:
    cursor = connection.cursor().execute("SELECT count(*) FROM shop.sales WHERE id < %(limit)d", {"limit": 10})
    assert cursor.fetchall() == [(10,)]


def test_pandas_cursor(connection: Any) -> None:
    frame = connection.cursor(PandasCursor).execute(SQL).as_pandas()
    assert len(frame) == ROWS
    assert frame["amount"].sum() == sum(expected_row(number)[1] for number in range(ROWS))


@pytest.fixture
def _arrow_knows_the_address(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyarrow's S3 reads no address from the environment, and PyAthena passes it none."""
    address = {"endpoint_override": aws.endpoint.removeprefix("http://"), "scheme": "http"}
    monkeypatch.setattr(fs, "S3FileSystem", partial(fs.S3FileSystem, **address))


@pytest.mark.usefixtures("_arrow_knows_the_address")
def test_arrow_cursor(connection: Any) -> None:
    table = connection.cursor(ArrowCursor).execute(SQL).as_arrow()
    assert table.schema.field("id").type == pa.int64()
    assert table.schema.field("sold_at").type == pa.timestamp("us")
    # From a CSV, PyAthena takes decimals as text, and missing text as empty.
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        (number, f"{amount:.2f}", sold_at, branch or "", is_open)
        for number, amount, sold_at, branch, is_open in map(expected_row, range(ROWS))
    ]


@pytest.mark.usefixtures("_arrow_knows_the_address")
def test_arrow_cursor_that_unloads(connection: Any) -> None:
    cursor = connection.cursor(ArrowCursor, unload=True)
    table = cursor.execute(SQL, s3_staging_dir=f"s3://{BUCKET}/results/").as_arrow().sort_by("id")
    assert [tuple(row.values()) for row in table.to_pylist()] == [expected_row(number) for number in range(ROWS)]


def test_async_cursor(connection: Any) -> None:
    cursor = connection.cursor(AsyncCursor)
    try:
        queries = [cursor.execute(f"SELECT id FROM shop.sales WHERE id = {number}") for number in range(3)]
        assert [future.result().fetchall() for _, future in queries] == [[(0,)], [(1,)], [(2,)]]
        _, failing = cursor.execute("SELECT nothing FROM shop.sales")
        assert "COLUMN_NOT_FOUND" in failing.result().state_change_reason
    finally:
        cursor.close()


def test_an_unknown_table_is_an_error_with_athenas_reason(connection: Any) -> None:
    with pytest.raises(pyathena.OperationalError, match="TABLE_NOT_FOUND"):
        connection.cursor().execute("SELECT * FROM shop.sails")


def test_sqlalchemy_text(engine: sqlalchemy.Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM shop.sales")).scalar_one() == ROWS


def test_sqlalchemy_inspects_and_reflects(engine: sqlalchemy.Engine) -> None:
    inspector = sqlalchemy.inspect(engine)
    assert inspector.get_table_names(schema="shop") == ["sales"]
    assert [column["name"] for column in inspector.get_columns("sales", schema="shop")] == list(COLUMNS)
    sales = sqlalchemy.Table("sales", sqlalchemy.MetaData(), schema="shop", autoload_with=engine)
    query = sqlalchemy.select(sqlalchemy.func.max(sales.c.id)).where(sales.c.branch.is_(None))
    with engine.connect() as connection:
        assert connection.execute(query).scalar_one() == max(number for number in range(ROWS) if number % 7 == 0)
