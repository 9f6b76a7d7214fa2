"""PyAthena and SQLAlchemy, unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyathena
import pytest
import sqlalchemy
from pyathena.pandas.cursor import PandasCursor

from tests.clients.conftest import COLUMNS, REGION, ROWS, WORKGROUP, expected_row

if TYPE_CHECKING:
    from collections.abc import Iterator

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
