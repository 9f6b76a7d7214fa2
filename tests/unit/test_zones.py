"""Views in time zones: days are local trading days, through every change of the clocks, and no money moves."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from watershed import names
from watershed.catalog import Catalog
from watershed.contracts.document import Report
from watershed.gold import query
from watershed.gold.model import GoldColumn, GoldModel
from watershed.zones.check import collisions
from watershed.zones.derive import derive

from tests.unit.gold_on_duckdb import CONTRACTS, MODELS, VIEWS, DuckLake
from tests.unit.test_gold_models import lake_of_sales, sale

if TYPE_CHECKING:
    from collections.abc import Iterable

AS_OF = date(2025, 1, 1)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
# A UTC instant -> the local day: the last and the first microsecond of days that have 23, 25, 23.5 or 24.5 hours.
EDGES = {
    "Europe/Berlin": {
        "2024-03-30 22:59:59.999999": "2024-03-30",
        "2024-03-30 23:00:00": "2024-03-31",
        "2024-03-31 21:59:59.999999": "2024-03-31",  # 23 hours on
        "2024-03-31 22:00:00": "2024-04-01",
        "2024-10-26 22:00:00": "2024-10-27",
        "2024-10-27 22:59:59.999999": "2024-10-27",  # 25 hours on
        "2024-10-27 23:00:00": "2024-10-28",
    },
    "America/New_York": {
        "2024-03-10 05:00:00": "2024-03-10",
        "2024-03-11 03:59:59.999999": "2024-03-10",
        "2024-03-11 04:00:00": "2024-03-11",
        "2024-11-03 04:00:00": "2024-11-03",
        "2024-11-04 04:59:59.999999": "2024-11-03",
        "2024-11-04 05:00:00": "2024-11-04",
    },
    "Asia/Kolkata": {"2024-12-31 18:29:59.999999": "2024-12-31", "2024-12-31 18:30:00": "2025-01-01"},
    "Australia/Adelaide": {
        "2024-04-06 13:29:59.999999": "2024-04-06",
        "2024-04-06 13:30:00": "2024-04-07",
        "2024-04-07 14:29:59.999999": "2024-04-07",
        "2024-04-07 14:30:00": "2024-04-08",
        "2024-10-06 13:29:59.999999": "2024-10-06",
        "2024-10-06 13:30:00": "2024-10-07",
    },
    "Australia/Lord_Howe": {  # whose clocks move by half an hour
        "2024-04-06 13:00:00": "2024-04-07",
        "2024-04-07 13:29:59.999999": "2024-04-07",
        "2024-04-07 13:30:00": "2024-04-08",
        "2024-10-05 13:30:00": "2024-10-06",
        "2024-10-06 12:59:59.999999": "2024-10-06",
        "2024-10-06 13:00:00": "2024-10-07",
    },
}


def sold_at(*instants: str) -> DuckLake:
    lake = DuckLake()
    lake.fill("transactions", [sale(n, "North", n, n, ("1.00", "2.00"), on=at) for n, at in enumerate(instants)])
    lake.build(AS_OF, "sales")
    return lake


def local_day(at: datetime, zone: str) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("zone", EDGES)
def test_a_local_day_begins_and_ends_at_midnight_there(zone: str) -> None:
    lake = sold_at(*EDGES[zone])
    days = {row[0]: row[2] for row in lake.view("gold.sales", zone, AS_OF)}
    assert {number: str(day) for number, day in days.items()} == dict(enumerate(EDGES[zone].values()))
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for day in EDGES[zone].values():
        expected[day] += Decimal("2.00")
    assert {str(row[0]): row[2] for row in lake.view("gold.daily_revenue", zone, AS_OF)} == expected


CHANGES = [  # around which sales are made: clocks change in one of the zones, or a day is left out
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia went from the 29th to the 31st
    datetime(2018, 11, 4, 3, tzinfo=UTC),  # in Sao Paulo there was no midnight
    datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 4, 6, 15, tzinfo=UTC),
    datetime(2024, 10, 5, 15, 30, tzinfo=UTC),
    datetime(2024, 10, 27, 1, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC),
]
INSTANTS = st.builds(
    lambda change, away: (change + away).replace(tzinfo=None),
    st.sampled_from(CHANGES),
    st.timedeltas(timedelta(hours=-40), timedelta(hours=40)),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(ZONES),
    st.lists(st.tuples(INSTANTS, st.sampled_from(["North", "South"]), st.decimals("0", "9999", places=2)), max_size=12),
)
def test_revenue_by_local_day_is_revenue_by_utc_day_in_total(
    zone: str, sold: list[tuple[datetime, str, Decimal]]
) -> None:
    lake = DuckLake()
    lake.fill(
        "transactions",
        [sale(n, branch, n, n, (str(worth), "1.00"), on=str(at)) for n, (at, branch, worth) in enumerate(sold)],
    )
    lake.build(AS_OF, "daily_revenue", "product_sales", "customer_distribution")
    by_day: dict[Any, Decimal] = defaultdict(Decimal)
    by_month: dict[Any, Decimal] = defaultdict(Decimal)
    for at, branch, worth in sold:
        day = local_day(at, zone)
        by_day[day, branch] += worth
        by_month[day.replace(day=1), branch] += worth
    days = {(row[0], row[1]): row[2] for row in lake.view("gold.daily_revenue", zone, AS_OF)}
    assert days == by_day
    assert {(r[0], r[1]): r[5] for r in lake.view("gold.product_sales", zone, AS_OF) if r[5] or r[3]} == by_month
    assert lake.rows("SELECT COALESCE(SUM(revenue), 0) FROM gold.daily_revenue") == [(sum(days.values()),)]
    split = lake.view("gold.customer_distribution", zone, AS_OF)
    assert sum(row[-1] for row in split) == sum(days.values())


def test_in_utc_every_view_is_its_table() -> None:
    lake = lake_of_sales()
    lake.fill(
        "store_installs",
        [
            {"store_id": "a", "position": "1", "to_now": "true", "from_date": "2023-05-01 23:30:00"},
            {
                "store_id": "b",
                "position": "1",
                "to_now": "false",
                "from_date": "2023-05-01 00:00:00",
                "to_date": "2023-07-02 23:59:59.999999",
            },
        ],
    )
    lake.fill(
        "store_subscriptions",
        [{"store_id": "a", "position": "1", "price": "19.50", "from_date": "2023-05-02 00:00:00"}],
    )
    lake.build(AS_OF)
    assert any(lake.view(table, "UTC", AS_OF) for table in VIEWS)
    for table, view in VIEWS.items():
        columns = ", ".join(f'"{column.name}"' for column in view.columns)
        expected = sorted(map(repr, lake.rows(f"SELECT {columns} FROM {table}")))
        assert sorted(map(repr, lake.view(table, "UTC", AS_OF))) == expected, table


def test_open_installs_run_to_the_as_of_day_and_began_on_a_local_one() -> None:
    lake = DuckLake()
    lake.fill(
        "store_installs", [{"store_id": "a", "position": "1", "to_now": "true", "from_date": "2024-12-30 23:30:00"}]
    )
    lake.build(AS_OF)
    ((store, start, end, days, *_),) = lake.view("gold.store_lifespan", "Europe/Berlin", AS_OF)
    assert (store, start, end, days) == ("a", date(2024, 12, 31), AS_OF, 1)


def test_what_is_first_is_so_by_instants_and_not_by_clocks() -> None:
    """2:30 in summer time came before 2:10 in winter time; clocks alone would say otherwise."""
    model = GoldModel(
        name="first_talks",
        description="",
        grain="",
        keys=("customer_id",),
        columns=(
            GoldColumn("customer_id", "bigint"),
            GoldColumn("first_day", "date"),
            GoldColumn("conversation_id", "varchar"),
        ),
        reads=("silver.conversations",),
        sql="SELECT customer_id, CAST(MIN(inserted_at) AS date) AS first_day, "
        "MIN_BY(conversation_id, inserted_at) AS conversation_id FROM silver.conversations GROUP BY customer_id",
    )
    (view,) = (each for each in derive(CONTRACTS, {"first_talks": model}).values() if each.database == names.GOLD_DB)
    assert "MIN_BY(conversations.conversation_id, conversations.inserted_at)" in view.sql
    assert "AT_TIMEZONE(WITH_TIMEZONE(MIN(conversations.inserted_at), 'UTC'), '{time_zone}')" in view.sql


def test_what_has_neither_days_nor_times_has_no_view() -> None:
    assert "gold.branch_performance" not in VIEWS  # it reads gold.sales, and not its day
    assert "gold.sales" not in VIEWS["gold.datamart"].sql
    assert VIEWS["gold.datamart"].sql.count("gold") == 1  # over its own table: its rows are the same everywhere
    models = {name for name in MODELS if f"gold.{name}" in VIEWS}
    assert models == set(MODELS) - {"branch_performance"}


@pytest.mark.parametrize("model", ["sales", "daily_revenue", "product_sales", "datamart"])
def test_whoever_may_read_gold_alone_may_read_views_of_sales(model: str) -> None:
    (tree,) = sqlglot.parse(VIEWS[f"gold.{model}"].sql, read="trino")
    assert tree is not None
    assert {table.db for table in tree.find_all(exp.Table) if table.db} == {"gold"}


def test_a_view_is_called_and_commented_after_its_zone() -> None:
    view = VIEWS["gold.daily_revenue"]
    assert names.zoned("sales", "America/Argentina/Buenos_Aires") == "sales_america_argentina_buenos_aires"
    assert view.name("Asia/Ho_Chi_Minh") == "daily_revenue_asia_ho_chi_minh"
    berlin = view.within("Europe/Berlin", AS_OF)
    assert berlin.description.endswith("Days and times are those of Europe/Berlin.")
    assert [column.name for column in berlin.columns] == [column.name for column in MODELS["daily_revenue"].columns]
    assert not any("UTC" in column.description for column in berlin.columns)
    silver = VIEWS["silver.transactions"].within("Europe/Berlin", AS_OF)
    kinds = {column.name: column.type for column in silver.columns}
    assert kinds["order_date"] == "timestamp(6)"
    assert kinds["branch_name"] == "varchar"


def _said(expressions: Iterable[str]) -> list[str]:
    sql = f"SELECT {', '.join(expressions)} FROM silver.conversations AS c"
    report = Report("x.sql")
    tree = query.parse(sql, report)
    assert tree is not None
    tables = {"silver.conversations": {"inserted_at": "timestamp", "day": "date", "id": "bigint"}}
    query.outputs(tree, report, tables)
    return [finding.message + " " + finding.remedy for finding in report.findings]


@pytest.mark.parametrize(
    ("expression", "remedy"),
    [
        ("DATE_TRUNC('month', inserted_at)", "Truncate `CAST(… AS date)`, or EXTRACT the hour."),
        ("inserted_at > DATE '2024-01-01'", "Compare `CAST(… AS date)` with the day."),
        ("inserted_at BETWEEN day AND day", "Compare `CAST(… AS date)` with the day."),
        ("FORMAT_DATETIME(inserted_at, 'y')", "Ask with CAST(… AS date), EXTRACT or DATE_FORMAT."),
        ("CAST(day AS timestamp)", "Leave the day a date."),
        ("CAST(FROM_NOWHERE(id) AS date)", "Cast what is inside to timestamp or date first."),
    ],
)
def test_what_nobody_could_say_for_another_zone_is_refused(expression: str, remedy: str) -> None:
    (said,) = _said([f"{expression} AS x"])
    assert said.startswith("What `")
    assert said.endswith(f"in another time zone is not clear. {remedy}")


def test_what_is_the_same_everywhere_or_can_be_made_local_is_accepted() -> None:
    assert not _said(
        [
            "CAST(inserted_at AS date) AS a",
            "EXTRACT(HOUR FROM inserted_at) AS b",
            "DATE_FORMAT(inserted_at, '%H') AS c",
            "DATE_TRUNC('month', CAST(inserted_at AS date)) AS d",
            "DATE_DIFF('hour', inserted_at, inserted_at) AS e",
            "COALESCE(inserted_at, TIMESTAMP '2024-01-01 00:00:00') AS f",
            "inserted_at + INTERVAL '1' DAY AS g",
            "DATE_TRUNC('month', day) AS h",
            "LAG(inserted_at) OVER (ORDER BY inserted_at) AS i",
        ]
    )


def test_a_table_that_is_called_as_a_view_is_found() -> None:
    models = {**MODELS, "sales_europe_berlin": MODELS["branch_performance"]}
    (said,) = collisions(Catalog(CONTRACTS, models, {}, views=VIEWS), ["Asia/Tokyo", "Europe/Berlin"])
    assert said.startswith(
        "gold.sales_europe_berlin is a table, and the view of gold.sales in Europe/Berlin is called so."
    )


def test_views_hold_no_sql_that_trino_would_not_read() -> None:
    for view in VIEWS.values():
        sql = view.within("America/New_York", AS_OF).sql
        assert "{" not in sql
        (tree,) = sqlglot.parse(sql, read="trino")
        assert isinstance(tree, exp.Query)
        assert tree.named_selects == [column.name for column in view.columns]
