"""What each gold model says about a few hand-made rows, worked out by hand or in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watershed.gold.header import decimal_digits

from tests.unit.gold_on_duckdb import MODELS, DuckLake

AS_OF = date(2025, 1, 1)
CENT = Decimal("0.01")

Row = dict[str, str | None]


def sale(
    number: int,
    branch: str,
    customer: int,
    product: int,
    worth: tuple[str, str] = ("1.00", "1.00"),  # total_amount, price
    *,
    on: str = "2023-05-01 10:00:00",
    status: str | None = "Completed",
) -> Row:
    return {
        "transaction_id": str(number),
        "order_date": on,
        "branch_name": branch,
        "customer_id": str(customer),
        "product_id": str(product),
        "total_amount": worth[0],
        "price": worth[1],
        "status_value": status,
    }


def talk(name: str, customer: int, at: str, **more: str | None) -> Row:
    return {"conversation_id": name, "customer_id": str(customer), "inserted_at": at, "type": "INBOX", **more}


SALES = [
    sale(1, "North", 1, 10, ("1.05", "0.50")),  # 0.525, half up: 0.53
    sale(2, "North", 1, 11, ("2.00", "3.00"), on="2023-05-01 23:59:59.999999", status="Pending"),
    sale(3, "North", 2, 10, ("-1.05", "0.50"), on="2023-05-02 00:00:00", status="Failed"),  # away from zero: -0.53
    sale(4, "South", 2, 12, ("10.00", "10.00"), on="2023-06-30 12:00:00"),
    sale(5, "South", 3, 12, ("0.10", "0.04"), on="2023-06-30 12:00:00", status=None),  # 0.004: 0.00
    sale(6, "South", 4, 99, ("1.00", "1.00"), on="2023-06-01 00:00:00"),
]
TALKS = [
    talk("c", 1, "2023-02-01 00:00:00"),
    talk("b", 1, "2023-01-01 00:00:00"),  # first by time
    talk("a", 1, "2023-01-01 00:00:00"),  # same time: first by id
    talk("d", 2, "2023-03-01 00:00:00"),
    talk("e", 4, "2023-03-01 00:00:00"),
    talk("f", 77, "2023-03-01 00:00:00"),  # never bought
]
PRODUCTS = [{"product_id": "10", "created_date": "2022-01-01 01:02:03"}, {"product_id": "11"}, {"product_id": "12"}]


def lake_of_sales(*wanted: str) -> DuckLake:
    lake = DuckLake()
    lake.fill("transactions", SALES)
    lake.fill("conversations", TALKS)
    lake.fill("products", PRODUCTS)
    lake.fill(
        "customers",
        [{"customer_id": "1", "region": "East"}, {"customer_id": "2"}, {"customer_id": "3", "region": "West"}],
    )
    lake.build(AS_OF, *wanted)
    return lake


def test_every_table_has_the_columns_types_and_keys_of_its_header() -> None:
    lake = lake_of_sales()
    names = {"varchar": "VARCHAR", "bigint": "BIGINT", "timestamp": "TIMESTAMP", "date": "DATE", "boolean": "BOOLEAN"}
    for model in MODELS.values():
        described = lake.rows(f"DESCRIBE gold.{model.name}")
        wanted = [
            (c.name, names.get(c.type) or "DECIMAL({},{})".format(*decimal_digits(c.type))) for c in model.columns
        ]
        assert [(name, kind) for name, kind, *_ in described] == wanted, model.name
        key = ", ".join(model.keys)
        assert not lake.rows(f"SELECT {key} FROM gold.{model.name} GROUP BY ALL HAVING COUNT(*) > 1"), model.name
        nulls = " OR ".join(f"{name} IS NULL" for name in model.keys)
        assert not lake.rows(f"SELECT {key} FROM gold.{model.name} WHERE {nulls}"), model.name


def test_no_model_holds_a_direct_identifier() -> None:
    assert not [(model.name, column.name) for model in MODELS.values() for column in model.columns if column.pii]


def test_sales_are_worth_amount_times_price_half_up() -> None:
    lake = lake_of_sales("sales")
    assert lake.rows("SELECT transaction_id, order_day, total_value FROM gold.sales ORDER BY 1") == [
        (1, date(2023, 5, 1), Decimal("0.53")),
        (2, date(2023, 5, 1), Decimal("6.00")),
        (3, date(2023, 5, 2), Decimal("-0.53")),
        (4, date(2023, 6, 30), Decimal("100.00")),
        (5, date(2023, 6, 30), Decimal("0.00")),
        (6, date(2023, 6, 1), Decimal("1.00")),
    ]


def test_datamart_has_one_row_a_transaction_of_an_engaged_customer() -> None:
    lake = lake_of_sales("datamart")
    rows = lake.rows("SELECT * FROM gold.datamart ORDER BY fact_id")
    created = datetime(2022, 1, 1, 1, 2, 3)  # noqa: DTZ001 - silver's timestamps are UTC without a zone
    assert rows == [
        (1, "a", 1, 10, 1, Decimal("1.05"), Decimal("0.53"), "Completed", created, "North"),
        (2, "a", 2, 11, 1, Decimal("2.00"), Decimal("6.00"), "Pending", None, "North"),
        (3, "d", 3, 10, 2, Decimal("-1.05"), Decimal("-0.53"), "Failed", created, "North"),
        (4, "d", 4, 12, 2, Decimal("10.00"), Decimal("100.00"), "Completed", None, "South"),
        (6, "e", 6, 99, 4, Decimal("1.00"), Decimal("1.00"), "Completed", None, "South"),  # product unknown
    ]


def test_branch_performance_compares_within_each_scope() -> None:
    lake = lake_of_sales("branch_performance")
    rows = lake.rows(
        "SELECT scope, branch_name, revenue, customers, products, transactions, transactions_per_customer, "
        "revenue_share, customers_share, products_share, transactions_share, "
        "revenue_rank, customers_rank, products_rank, transactions_rank, low_activity "
        "FROM gold.branch_performance ORDER BY scope, branch_name"
    )
    assert [row[:7] for row in rows] == [
        ("all", "North", Decimal("6.00"), 2, 2, 3, Decimal("1.5")),
        ("all", "South", Decimal("101.00"), 3, 2, 3, Decimal("1")),
        ("engaged", "North", Decimal("6.00"), 2, 2, 3, Decimal("1.5")),
        ("engaged", "South", Decimal("101.00"), 2, 2, 2, Decimal("1")),
    ]
    shares = [("0.056075", "0.5", "0.5", "0.5"), ("0.943925", "0.75", "0.5", "0.5")]
    shares += [("0.056075", "0.666667", "0.5", "0.6"), ("0.943925", "0.666667", "0.5", "0.4")]
    assert [row[7:11] for row in rows] == [tuple(Decimal(share) for share in row) for row in shares]
    assert [row[11:] for row in rows] == [
        (2, 2, 1, 1, False),
        (1, 1, 1, 1, False),
        (2, 1, 1, 1, False),
        (1, 1, 1, 2, True),  # as many customers as the average branch, fewer transactions
    ]


def test_branch_performance_of_worthless_sales_has_no_share() -> None:
    lake = DuckLake()
    lake.fill("transactions", [sale(1, "North", 1, 10, ("0.00", "5.00"))])
    lake.build(AS_OF, "branch_performance")
    assert lake.rows("SELECT revenue, revenue_share, customers_share FROM gold.branch_performance") == [
        (Decimal("0.00"), None, Decimal(1))
    ]


def test_branch_performance_stands_when_what_was_given_back_leaves_a_cent() -> None:
    lake = DuckLake()
    sales = [sale(1, "North", 1, 10, ("100.00", "1.00")), sale(2, "South", 1, 10, ("-99.99", "1.00"))]
    lake.fill("transactions", sales)
    lake.build(AS_OF, "branch_performance")
    rows = lake.rows("SELECT revenue, revenue_share FROM gold.branch_performance ORDER BY branch_name")
    assert rows == [(Decimal("100.00"), Decimal(10000)), (Decimal("-99.99"), Decimal(-9999))]


def test_daily_revenue_tells_the_statuses_apart() -> None:
    lake = lake_of_sales("daily_revenue")
    rows = lake.rows("SELECT * FROM gold.daily_revenue ORDER BY order_day, branch_name")
    d = Decimal
    assert rows == [
        (date(2023, 5, 1), "North", d("6.53"), d("0.53"), d("6.00"), d("0.00"), 2, 1, 2),
        (date(2023, 5, 2), "North", d("-0.53"), d("0.00"), d("0.00"), d("-0.53"), 1, 1, 1),
        (date(2023, 6, 1), "South", d("1.00"), d("1.00"), d("0.00"), d("0.00"), 1, 1, 1),
        (date(2023, 6, 30), "South", d("100.00"), d("100.00"), d("0.00"), d("0.00"), 2, 2, 1),
    ]


def test_product_sales_counts_months_without_a_sale_as_low() -> None:
    lake = DuckLake()
    months = ("2023-01-15", "2023-02-28", "2023-03-01")
    lake.fill(
        "transactions",
        [sale(n, "North", 1, n, on=f"{day} 00:00:00") for n, day in enumerate(months * 2, start=1)]
        + [sale(90, "South", 2, 7, ("1.00", "2.00"), on="2023-02-01 00:00:00")]
        + [sale(91, "South", 2, 7, ("1.00", "2.00"), on="2023-02-02 00:00:00")],
    )
    lake.build(AS_OF, "product_sales")
    columns = "branch_name, order_month, products, transactions, customers, revenue, products_rank"
    judgement = "low_sales, low_months, consistently_low"
    two, none, d = Decimal("2.00"), Decimal("0.00"), date
    assert lake.rows(f"SELECT {columns}, {judgement} FROM gold.product_sales ORDER BY 1, 2") == [
        ("North", d(2023, 1, 1), 2, 2, 1, two, 1, False, 0, False),
        ("North", d(2023, 2, 1), 2, 2, 1, two, 1, False, 0, False),
        ("North", d(2023, 3, 1), 2, 2, 1, two, 1, False, 0, False),
        ("South", d(2023, 1, 1), 0, 0, 0, none, 2, True, 3, True),
        ("South", d(2023, 2, 1), 1, 2, 1, Decimal("4.00"), 2, True, 3, True),
        ("South", d(2023, 3, 1), 0, 0, 0, none, 2, True, 3, True),
    ]


def test_customer_distribution_counts_a_new_customer_once_a_branch() -> None:
    lake = DuckLake()
    lake.fill("customers", [{"customer_id": "1", "region": "East"}, {"customer_id": "2"}])
    bought = [
        ("North", 1, "2023-01-31"),
        ("North", 1, "2023-01-01"),
        ("North", 1, "2023-02-01"),
        ("South", 1, "2023-03-01"),
    ]
    unknown = [("North", 2, "2023-02-01"), ("North", 3, "2023-02-05")]  # no region, no customer
    lake.fill(
        "transactions",
        [sale(n, who, c, 1, on=f"{day} 00:00:00") for n, (who, c, day) in enumerate(bought + unknown)],
    )
    lake.build(AS_OF, "customer_distribution")
    assert lake.rows("SELECT * FROM gold.customer_distribution ORDER BY 1, 2, 3") == [
        ("North", date(2023, 1, 1), "East", 1, 1, 2, Decimal("2.00")),
        ("North", date(2023, 2, 1), "East", 1, 0, 1, Decimal("1.00")),
        ("North", date(2023, 2, 1), "Unknown", 2, 2, 2, Decimal("2.00")),
        ("South", date(2023, 3, 1), "East", 1, 1, 1, Decimal("1.00")),
    ]


def test_conversation_activity() -> None:
    lake = DuckLake()
    flags: Row = {"has_phone": "true", "is_hidden": "false", "is_removed": "true", "like_count": "3", "page_id": "p"}
    lake.fill(
        "conversations",
        [
            talk("a", 1, "2023-01-01 00:00:00", **flags),
            talk("b", 1, "2023-01-01 23:59:59", **{**flags, "is_hidden": "true", "like_count": None}),
            talk("c", 2, "2023-01-01 12:00:00", type=None),
            talk("d", 2, "2023-01-02 00:00:00"),
        ],
    )
    lake.build(AS_OF, "conversation_activity")
    assert lake.rows("SELECT * FROM gold.conversation_activity ORDER BY 1, 2") == [
        (date(2023, 1, 1), "INBOX", 2, 1, 1, 2, 1, 2, 3),
        (date(2023, 1, 1), "UNKNOWN", 1, 1, 0, 0, 0, 0, 0),
        (date(2023, 1, 2), "INBOX", 1, 1, 0, 0, 0, 0, 0),
    ]


def install(store: str, position: int, start: str | None, end: str | None, *, end_type: str | None = None) -> Row:
    return {
        "store_id": store,
        "position": str(position),
        "to_now": str(end is None).lower(),
        "from_date": start and f"{start} 00:00:00",
        "to_date": end and f"{end} 23:59:59.999",
        "end_type": end_type,
    }


INSTALLS = [
    install("ended", 1, "2024-01-10", "2024-01-10"),
    install("ended", 2, "2024-02-01", "2024-02-03", end_type="CUSTOMER_CANCELLED"),
    install("open", 1, "2024-01-10", "2024-01-20", end_type="CUSTOMER_CANCELLED"),
    install("open", 2, "2024-01-10", None),
    install("future", 1, "2025-03-01", None),  # begins after the as-of day
]


def test_store_lifespan_runs_open_installs_to_the_as_of_day() -> None:
    lake = DuckLake()
    lake.fill("store_installs", INSTALLS)
    lake.build(AS_OF, "store_lifespan")
    assert lake.rows("SELECT * FROM gold.store_lifespan ORDER BY store_id") == [
        ("ended", date(2024, 1, 10), date(2024, 2, 3), 24, False, 2, AS_OF),
        ("future", date(2025, 3, 1), date(2025, 3, 1), 0, True, 1, AS_OF),
        ("open", date(2024, 1, 10), AS_OF, 357, True, 2, AS_OF),
    ]
    lake.build(date(2024, 2, 29), "store_lifespan")
    assert lake.rows("SELECT lifespan_days FROM gold.store_lifespan WHERE store_id = 'open'") == [(50,)]


def test_store_activity_counts_a_store_once_a_day_and_kind() -> None:
    lake = DuckLake()
    again = install("ended", 3, "2024-01-10", "2024-01-11", end_type="CUSTOMER_CANCELLED")
    lake.fill("store_installs", [*INSTALLS, again, install("unknown", 1, None, None)])
    lake.build(AS_OF, "store_activity_by_day")
    assert lake.rows("SELECT * FROM gold.store_activity_by_day ORDER BY 1") == [
        (date(2024, 1, 10), 1, 2, 2, 2),
        (date(2024, 2, 1), 0, 1, 1, 1),
        (date(2025, 3, 1), 1, 0, 0, 1),
    ]


def test_subscription_revenue_tells_first_ones_apart() -> None:
    lake = DuckLake()
    entries: list[tuple[str, str, str | None, str | None]] = [
        ("a", "1", "2024-01-01", "19.00"),
        ("a", "2", "2024-01-01", "19.00"),  # the same again is another subscription, not a first one
        ("a", "3", "2024-01-02", "29.00"),
        ("b", "1", "2024-01-02", "0.00"),
        ("c", "1", None, "5.00"),
        ("c", "2", "2024-01-03", None),
    ]
    lake.fill(
        "store_subscriptions",
        [
            {"store_id": store, "position": position, "from_date": day and f"{day} 01:02:03", "price": price}
            for store, position, day, price in entries
        ],
    )
    lake.build(AS_OF, "subscription_revenue_by_day")
    d, first, second = Decimal, date(2024, 1, 1), date(2024, 1, 2)
    assert lake.rows("SELECT * FROM gold.store_subscription_revenue_by_day ORDER BY 1, 2") == [
        ("a", first, 1, d("19.00"), 2, d("38.00")),
        ("a", second, 0, d("0.00"), 1, d("29.00")),
        ("b", second, 1, d("0.00"), 1, d("0.00")),
    ]
    assert lake.rows("SELECT * FROM gold.subscription_revenue_by_day ORDER BY 1") == [
        (first, 1, d("19.00"), 2, d("38.00")),
        (second, 1, d("0.00"), 2, d("29.00")),
    ]


cents = st.decimals("-99999.99", "99999.99", places=2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"),
            st.integers(1, 5),
            st.integers(1, 5),
            cents,
            cents,
            st.dates(date(2023, 1, 1), date(2023, 4, 1)),
        ),
        max_size=30,
    ),
    st.sets(st.integers(1, 5)),
)
def test_revenue_agrees_everywhere_with_plain_arithmetic(
    bought: list[tuple[str, int, int, Decimal, Decimal, date]], engaged: set[int]
) -> None:
    lake = DuckLake()
    lake.fill(
        "transactions",
        [sale(n, b, c, p, (str(a), str(x)), on=f"{day} 08:00:00") for n, (b, c, p, a, x, day) in enumerate(bought)],
    )
    lake.fill("conversations", [talk(f"{c}-{n}", c, "2023-01-01 00:00:00") for c in engaged for n in range(3)])
    lake.build(AS_OF, "branch_performance", "daily_revenue", "product_sales", "customer_distribution")
    daily: dict[Any, Decimal] = defaultdict(Decimal)
    branches: dict[Any, Decimal] = defaultdict(Decimal)
    for branch, customer, _, amount, price, day in bought:
        value = (amount * price).quantize(CENT, ROUND_HALF_UP)
        daily[day, branch] += value
        branches["all", branch] += value
        if customer in engaged:
            branches["engaged", branch] += value
    assert {
        (d, b): r for d, b, r in lake.rows("SELECT order_day, branch_name, revenue FROM gold.daily_revenue")
    } == daily
    found = lake.rows("SELECT scope, branch_name, revenue FROM gold.branch_performance")
    assert {(scope, branch): revenue for scope, branch, revenue in found} == branches
    for model in ("product_sales", "customer_distribution"):
        total = lake.rows(f"SELECT COALESCE(SUM(revenue), 0), COALESCE(SUM(transactions), 0) FROM gold.{model}")
        assert total == [(sum(daily.values()), len(bought))], model
