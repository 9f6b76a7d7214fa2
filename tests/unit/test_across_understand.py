"""Which statements may be asked of all regions; above all, which may not."""

from __future__ import annotations

from datetime import date

import pytest
from watershed import catalog
from watershed.across.request import Condition
from watershed.across.understand import understand
from watershed.errors import ExportRefused

from local.paths import LAKE

MODELS = catalog.build(LAKE).models
DAILY = "FROM gold.daily_revenue"
GROUPED = "GROUP BY branch_name"


def test_a_request_is_understood() -> None:
    request = understand(
        """
        SELECT b.branch_name, SUM(b."revenue") AS earned, sum(transactions)
        FROM "gold"."DAILY_REVENUE" AS b -- what each branch earned
        WHERE (b.order_day BETWEEN DATE '2025-01-01' AND '2025-01-31' AND branch_name <> 'Old Town')
          AND branch_name IN ('Uptown', 'O''Hare')
        GROUP BY b.branch_name;
        """,
        MODELS,
    )
    assert request.model.name == "daily_revenue"
    assert [(output.column.name, output.label) for output in request.dimensions] == [("branch_name", "branch_name")]
    assert [(output.column.name, output.label) for output in request.measures] == [
        ("revenue", "earned"),
        ("transactions", "transactions"),
    ]
    day, branch = request.model.columns[:2]
    assert request.conditions == (
        Condition(day, "BETWEEN", (date(2025, 1, 1), date(2025, 1, 31))),
        Condition(branch, "<>", ("Old Town",)),
        Condition(branch, "IN", ("Uptown", "O'Hare")),
    )
    assert request.backing == ("customers",)


ACCEPTED = {
    "a grand total": "SELECT SUM(revenue) FROM gold.daily_revenue",
    "overlapping, grouped": "SELECT scope, SUM(revenue) FROM gold.branch_performance GROUP BY scope",
    "overlapping, fixed": "SELECT SUM(revenue) FROM gold.branch_performance WHERE scope = 'all'",
    "distinct, all keys grouped": (
        "SELECT scope, branch_name, SUM(customers) FROM gold.branch_performance GROUP BY branch_name, scope"
    ),
    "distinct, a key fixed": (
        "SELECT branch_name, SUM(customers) FROM gold.branch_performance WHERE scope = 'all' GROUP BY branch_name"
    ),
    "comparisons": f"SELECT SUM(revenue) {DAILY} WHERE order_day >= '2025-01-01' AND order_day < '2025-02-01'",
}


@pytest.mark.parametrize("sql", ACCEPTED.values(), ids=ACCEPTED)
def test_what_may_be_asked(sql: str) -> None:
    assert understand(sql, MODELS).measures


REFUSED = {
    # Other tables than exportable models
    "silver": (
        "SELECT country, SUM(price) FROM silver.transactions GROUP BY country",
        "silver.transactions is no gold",
    ),
    "silver in a subquery": (
        "SELECT SUM(revenue) FROM gold.daily_revenue WHERE branch_name IN (SELECT full_name FROM silver.customers)",
        "IN is not allowed in WHERE",
    ),
    "silver in a scalar subquery": (
        "SELECT SUM(revenue), (SELECT MAX(full_name) FROM silver.customers) FROM gold.daily_revenue",
        "SUBQUERY is not allowed",
    ),
    "silver compared": (
        f"SELECT SUM(revenue) {DAILY} WHERE branch_name = (SELECT MAX(phone) FROM silver.customers)",
        "something else than a constant",
    ),
    "silver in EXISTS": (f"SELECT SUM(revenue) {DAILY} WHERE EXISTS (SELECT 1 FROM silver.customers)", "EXISTS"),
    "silver in FROM": ("SELECT SUM(revenue) FROM (SELECT price AS revenue FROM silver.transactions)", "something else"),
    "WITH": (
        "WITH daily_revenue AS (SELECT price FROM silver.transactions) SELECT SUM(price) FROM daily_revenue",
        "WITH is not allowed",
    ),
    "a step of the model's name": ("SELECT SUM(revenue) FROM daily_revenue", "daily_revenue is no gold model"),
    "row-grain model": (
        "SELECT branch_name, SUM(total_value) FROM gold.datamart GROUP BY branch_name",
        "gold.datamart stays",
    ),
    "model that is not exportable": ("SELECT SUM(lifespan_days) FROM gold.store_lifespan", "gold.store_lifespan stays"),
    "unknown model": ("SELECT SUM(revenue) FROM gold.profit", "no model gold.profit"),
    "other catalog": ("SELECT SUM(revenue) FROM elsewhere.gold.daily_revenue", "something else than one gold model"),
    "information_schema": ("SELECT SUM(1) FROM information_schema.tables", "information_schema.tables is no gold"),
    "catalog's information_schema": (
        "SELECT table_name FROM awsdatacatalog.information_schema.tables",
        "something else",
    ),
    "hidden table": ('SELECT SUM(revenue) FROM gold."daily_revenue$files"', "no model gold.daily_revenue$files"),
    "time travel": ("SELECT SUM(revenue) FROM gold.daily_revenue FOR VERSION AS OF 1", "something else"),
    "sample": ("SELECT SUM(revenue) FROM gold.daily_revenue TABLESAMPLE BERNOULLI (1)", "something else"),
    "table function": ("SELECT SUM(x) FROM TABLE(system.query(query => 'SELECT 1'))", ""),
    "UNNEST": ("SELECT SUM(x) FROM UNNEST(ARRAY[1]) AS t (x)", "something else"),
    "no table": ("SELECT 1", "something else"),
    "renamed columns": ("SELECT SUM(a) FROM gold.daily_revenue AS t (a, b, c, d, e, f, g, h, i)", "renamed in FROM"),
    "join": (
        f"SELECT SUM(d.revenue) {DAILY} AS d JOIN gold.sales AS s ON s.branch_name = d.branch_name",
        "JOINS is not allowed",
    ),
    "comma join": (f"SELECT SUM(revenue) {DAILY}, silver.customers", "JOINS is not allowed"),
    "lateral": (f"SELECT SUM(revenue) {DAILY} CROSS JOIN LATERAL (SELECT 1)", "not allowed"),
    # Other statements
    "UNION": (f"SELECT SUM(revenue) {DAILY} UNION ALL SELECT price FROM silver.transactions", "not one plain SELECT"),
    "INTERSECT": (f"SELECT SUM(revenue) {DAILY} INTERSECT SELECT 1", "not one plain SELECT"),
    "in brackets": (f"(SELECT SUM(revenue) {DAILY})", "not one plain SELECT"),
    "two statements": (f"SELECT SUM(revenue) {DAILY}; SELECT * FROM silver.customers", "not one plain SELECT"),
    "DELETE": ("DELETE FROM gold.daily_revenue", "not one plain SELECT"),
    "CREATE": (f"CREATE TABLE gold.x AS SELECT SUM(revenue) {DAILY}", "not one plain SELECT"),
    "UNLOAD": (f"UNLOAD (SELECT SUM(revenue) {DAILY}) TO 's3://elsewhere/' WITH (format = 'PARQUET')", "not "),
    "EXECUTE": ("EXECUTE p USING 1", "not one plain SELECT"),
    "TABLE": ("TABLE silver.customers", "silver.customers is no gold model"),
    "nothing": ("", "not one plain SELECT"),
    "broken": (f"SELECT SUM(revenue {DAILY}", "not valid SQL"),
    "open quote": (f"SELECT 'x {DAILY}", "not valid SQL"),
    "too deep": (f"SELECT {'(' * 5000}1{')' * 5000}", "not valid SQL"),
    # Rows instead of sums
    "star": (f"SELECT * {DAILY}", "* is not allowed"),
    "star of an alias": (f"SELECT d.* {DAILY} AS d", "* is not allowed"),
    "a bare measure": (f"SELECT branch_name, revenue {DAILY} GROUP BY branch_name, revenue", "revenue is a measure"),
    "array_agg": (f"SELECT ARRAY_AGG(revenue) {DAILY}", "ARRAY_AGG() is not allowed"),
    "listagg": (f"SELECT LISTAGG(branch_name, ',') WITHIN GROUP (ORDER BY order_day) {DAILY}", "not allowed"),
    "map_agg": (f"SELECT MAP_AGG(branch_name, revenue) {DAILY}", "not allowed"),
    "histogram": (f"SELECT HISTOGRAM(revenue) {DAILY}", "not allowed"),
    "reduce_agg": (f"SELECT REDUCE_AGG(revenue, 0, (a, b) -> a + b, (a, b) -> a + b) {DAILY}", "not allowed"),
    "min": (f"SELECT MIN(revenue) {DAILY}", "one row's own value"),
    "max": (f"SELECT MAX(revenue) {DAILY}", "one row's own value"),
    "min_by": (f"SELECT MIN_BY(branch_name, revenue) {DAILY}", "one row's own value"),
    "max_by": (f"SELECT MAX_BY(branch_name, revenue) {DAILY}", "one row's own value"),
    "arbitrary": (f"SELECT ARBITRARY(revenue) {DAILY}", "not allowed"),
    "approx_percentile": (f"SELECT APPROX_PERCENTILE(revenue, 0.5) {DAILY}", "not allowed"),
    "row_number": (f"SELECT ROW_NUMBER() OVER (ORDER BY revenue), SUM(revenue) {DAILY}", "WINDOW is not allowed"),
    "a window over a sum": (f"SELECT SUM(revenue) OVER (ORDER BY order_day) {DAILY}", "WINDOW is not allowed"),
    "a filtered sum": (f"SELECT SUM(revenue) FILTER (WHERE revenue > 9) {DAILY}", "FILTER is not allowed"),
    "a conditional sum": (f"SELECT SUM(CASE WHEN branch_name = 'x' THEN revenue END) {DAILY}", "can be made to show"),
    "a weighted sum": (f"SELECT SUM(revenue * 1000) {DAILY}", "can be made to show"),
    "a distinct sum": (f"SELECT SUM(DISTINCT revenue) {DAILY}", "can be made to show"),
    "arithmetic on a sum": (f"SELECT SUM(revenue) / 2 {DAILY}", "DIV is not allowed"),
    "average": (f"SELECT AVG(revenue) {DAILY}", "ask for the sum and the count"),
    "count": (f"SELECT COUNT(*) {DAILY}", "counts the model's rows"),
    "a constant": (f"SELECT 1, SUM(revenue) {DAILY}", "A constant is not allowed"),
    "no measure": (f"SELECT branch_name {DAILY} {GROUPED}", "asks for no measure"),
    "a sum of a dimension": (f"SELECT SUM(order_day) {DAILY}", "order_day of gold.daily_revenue is no measure"),
    "a column that stays": (f"SELECT SUM(failed_revenue) {DAILY}", "failed_revenue of gold.daily_revenue stays"),
    "an unknown column": (f"SELECT SUM(profit) {DAILY}", "no column `profit`"),
    "a column of another table": (f"SELECT SUM(customers.revenue) {DAILY}", "asked of `customers`"),
    "one name twice": (f"SELECT SUM(revenue), SUM(transactions) AS revenue {DAILY}", "Two columns are called revenue"),
    "a strange name": (f'SELECT SUM(revenue) AS "[red]" {DAILY}', "is no name"),
    # Groups
    "a dimension that is not grouped": (f"SELECT branch_name, SUM(revenue) {DAILY}", "do not name the same dimensions"),
    "a group that is not shown": (f"SELECT SUM(revenue) {DAILY} {GROUPED}", "do not name the same dimensions"),
    "group by a measure": (f"SELECT SUM(revenue) {DAILY} GROUP BY revenue", "revenue is a measure"),
    "group by what stays": (
        "SELECT low_activity, SUM(revenue) FROM gold.branch_performance GROUP BY low_activity",
        "low_activity of gold.branch_performance stays",
    ),
    "group by a number": (f"SELECT branch_name, SUM(revenue) {DAILY} GROUP BY 1", "GROUP BY takes names"),
    "group by an expression": (
        f"SELECT SUM(revenue) {DAILY} GROUP BY SUBSTR(branch_name, 1, 1)",
        "GROUP BY takes names",
    ),
    "ROLLUP": (f"SELECT branch_name, SUM(revenue) {DAILY} GROUP BY ROLLUP (branch_name)", "GROUP BY takes names"),
    "CUBE": (f"SELECT branch_name, SUM(revenue) {DAILY} GROUP BY CUBE (branch_name)", "GROUP BY takes names"),
    "GROUPING SETS": (
        f"SELECT SUM(revenue) {DAILY} GROUP BY GROUPING SETS ((branch_name), ())",
        "GROUP BY takes names",
    ),
    "overlapping": (
        "SELECT branch_name, SUM(revenue) FROM gold.branch_performance GROUP BY branch_name",
        "Rows of different scope count the same things",
    ),
    "overlapping, two of them": (
        "SELECT SUM(revenue) FROM gold.branch_performance WHERE scope IN ('all', 'engaged')",
        "Rows of different scope count the same things",
    ),
    "distinct over days": (f"SELECT branch_name, SUM(customers) {DAILY} {GROUPED}", "does not add up over order_day"),
    # Clauses
    "HAVING": (f"SELECT branch_name, SUM(revenue) {DAILY} {GROUPED} HAVING COUNT(*) = 1", "HAVING is not allowed"),
    "ORDER BY": (f"SELECT branch_name, SUM(revenue) {DAILY} {GROUPED} ORDER BY 2", "ORDER is not allowed"),
    "LIMIT": (f"SELECT branch_name, SUM(revenue) {DAILY} {GROUPED} LIMIT 1", "LIMIT is not allowed"),
    "OFFSET": (f"SELECT branch_name, SUM(revenue) {DAILY} {GROUPED} OFFSET 1", "OFFSET is not allowed"),
    "FETCH": (f"SELECT SUM(revenue) {DAILY} FETCH FIRST 1 ROW ONLY", "LIMIT is not allowed"),
    "DISTINCT": (f"SELECT DISTINCT SUM(revenue) {DAILY}", "DISTINCT is not allowed"),
    "WINDOW": (f"SELECT SUM(revenue) {DAILY} WINDOW w AS (ORDER BY revenue)", "WINDOWS is not allowed"),
    # Conditions
    "on a person": (f"SELECT SUM(revenue) {DAILY} WHERE customer_id = 7", "no column `customer_id`"),
    "on a measure": (f"SELECT SUM(revenue) {DAILY} WHERE revenue > 100", "revenue is a measure"),
    "on the group's size": (f"SELECT SUM(revenue) {DAILY} WHERE customers = 1", "customers is a measure"),
    "on what stays": ("SELECT SUM(revenue) FROM gold.product_sales WHERE low_sales = TRUE", "low_sales of"),
    "IN nothing": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name IN ()", "IN is not allowed in WHERE"),
    "IS NULL": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name IS NULL", "IS is not allowed in WHERE"),
    "pairs": (f"SELECT SUM(revenue) {DAILY} WHERE (branch_name, order_day) IN (('a', 'b'))", "begin with a dimension"),
    "the constant first": (f"SELECT SUM(revenue) {DAILY} WHERE 'a' = branch_name", "begin with a dimension"),
    "OR": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = 'a' OR branch_name = 'b'", "OR is not allowed in WHERE"),
    "NOT": (f"SELECT SUM(revenue) {DAILY} WHERE NOT branch_name = 'a'", "NOT is not allowed in WHERE"),
    "LIKE": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name LIKE '%a%'", "LIKE is not allowed in WHERE"),
    "a function with effects": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = invoke('x')", "else than a constant"),
    "a function instead of a comparison": (f"SELECT SUM(revenue) {DAILY} WHERE send(branch_name)", "send() is not"),
    "a failing condition": (f"SELECT SUM(revenue) {DAILY} WHERE 1 / 0 = 1", "must begin with a dimension"),
    "two columns compared": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = branch_name", "else than a constant"),
    "a number for a text": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = 1", "else than a constant of type text"),
    "no date": (
        f"SELECT SUM(revenue) {DAILY} WHERE order_day = DATE '2025-13-01'",
        "else than a constant of type date",
    ),
    "a placeholder": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = ?", "else than a constant"),
    "a date with a sign": (f"SELECT SUM(revenue) {DAILY} WHERE order_day = -DATE '2025-01-01'", "else than a constant"),
    "a text with a sign": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = -'a'", "else than a constant"),
    "very many conditions": (
        f"SELECT SUM(revenue) {DAILY} WHERE {' AND '.join(['order_day = 1'] * 3000)}",
        "nested too deeply",
    ),
    "bytes that are no text": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = '\udcff'", "bytes that are no text"),
    "NUL": (f"SELECT SUM(revenue) {DAILY} WHERE branch_name = 'a\0'", "bytes that are no text"),
    # Names that hide SQL
    "quoted column": (f'SELECT SUM("revenue) FROM silver.customers --") {DAILY}', "no column `revenue) from"),
    "quoted table": ('SELECT SUM(revenue) FROM gold."daily_revenue; DROP TABLE gold.sales"', "no model gold.daily"),
    "quoted database": ('SELECT SUM(revenue) FROM "gold.sales".daily_revenue', "gold.sales.daily_revenue is no gold"),
    "comment in a table's name": ("SELECT SUM(revenue) FROM gold/**/./**/sales", "gold.sales stays"),
    "comment that hides the model": ("SELECT SUM(price) FROM /* gold.daily_revenue */ silver.transactions", "no gold"),
}


@pytest.mark.parametrize(("sql", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(sql: str, reason: str) -> None:
    with pytest.raises(ExportRefused) as error:
        understand(sql, MODELS)
    assert reason in error.value.message
    assert error.value.remedy


def test_what_a_comment_hides_is_not_asked() -> None:
    """A comment may hide a clause from the reader, but then it is no part of the request either."""
    request = understand(f"SELECT SUM(revenue) {DAILY} -- WHERE branch_name = 'x'", MODELS)
    assert not request.conditions


def test_a_refusal_tells_no_constant_of_the_statement() -> None:
    with pytest.raises(ExportRefused) as error:
        understand(f"SELECT SUM(revenue) {DAILY} WHERE customer_id = 'Ada Lovelace'", MODELS)
    assert "Ada" not in str(error.value)


def test_only_models_of_sums_are_exportable() -> None:
    assert {name for name, model in MODELS.items() if not model.exportable} == {
        "datamart",
        "masked_conversations",
        "masked_customers",
        "masked_orders",
        "sales",
        "store_lifespan",
        "store_subscription_revenue_by_day",
    }
