"""Reading gold models: what becomes of a good one, and what lint says of each wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed.contracts.model import Column, Contract, Kind, Residency, Table
from watershed.contracts.odcs import read_contracts
from watershed.errors import ConfigurationError
from watershed.gold.model import Aggregate, Export, GoldColumn
from watershed.gold.parse import lint, read_models

from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.finding import Finding

ORDERS = Table(
    "orders",
    (
        Column("order_id", Kind.INTEGER),
        Column("branch", Kind.STRING),
        Column("amount", Kind.DECIMAL, 18, 2),
        Column("weight", Kind.DOUBLE),
        Column("ordered_at", Kind.TIMESTAMP),
        Column("email", Kind.STRING, pii=True),
    ),
    ("order_id",),
)
LINES = Table("lines", (Column("order_id", Kind.INTEGER), Column("position", Kind.INTEGER)), ("order_id", "position"))
CONTRACTS = {"orders": Contract("orders", "1.0.0", "", (ORDERS, LINES), (), Residency(None))}

TAKINGS = """\
/*
description: What each branch took.
grain: one row per branch and day
keys: [branch, day]
owner: sales
exportable: true
columns:
  branch: {type: varchar, description: The branch}
  day: {type: date, description: 'The day, UTC'}
  takings: {type: 'decimal(38,2)', description: d, format: '#,##0.00', unit: currency, export: sum, backed_by: orders}
  orders: {type: bigint, description: Orders}
  age_days: {type: bigint, description: Days until the as-of day}
*/
WITH daily AS (
    SELECT branch, CAST(ordered_at AS date) AS day, SUM(amount) AS takings, COUNT(*) AS orders
    FROM silver.orders
    WHERE branch <> ':as_of' -- not :as_of
    GROUP BY branch, CAST(ordered_at AS date)
)
SELECT branch, day, takings, orders, DATE_DIFF('day', day, :as_of) AS age_days
FROM daily;
-- the end
"""
HEADER_LINES = 13


def write(folder: Path, **models: str) -> Path:
    for name, text in models.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def model(sql: str, *columns: str, keys: str = "[a]", more: str = "") -> str:
    described = "\n".join(f"  {column}" for column in columns)
    head = f"description: d\ngrain: g\nkeys: {keys}\nowner: o\n{more}columns:\n{described}"
    return f"/*\n{head}\n*/\n{sql}\n"


def giving(expression: str, kind: str) -> str:
    """A model that puts out a column `a`, a measure, and its key."""
    measured = f"a: {{type: '{kind}', description: d, format: '0', unit: u, aggregate: none}}"
    column = measured if kind.startswith(("decimal", "double")) else f"a: {{type: '{kind}', description: d}}"
    sql = f"SELECT {expression} AS a, branch AS k FROM silver.orders"
    return model(sql, column, "k: {type: varchar, description: d}", keys="[k]")


A = "a: {type: bigint, description: d}"
ONE = model("SELECT order_id AS a FROM silver.orders", A)


def test_a_model_is_read(tmp_path: Path) -> None:
    write(tmp_path, takings=TAKINGS, upper=model("SELECT age_days AS a FROM gold.takings", A), one=ONE)
    models = read_models(tmp_path, CONTRACTS)
    assert list(models) == ["one", "takings", "upper"]
    assert models["upper"].reads == ("gold.takings",)
    takings = models["takings"]
    assert takings.reads == ("silver.orders",)
    assert takings.keys == ("branch", "day")
    assert takings.exportable
    assert not models["one"].exportable
    assert takings.columns[2] == GoldColumn(
        "takings",
        "decimal(38,2)",
        "d",
        format="#,##0.00",
        unit="currency",
        aggregate=Aggregate.SUM,
        export=Export.SUM,
        backed_by="orders",
    )


def test_the_as_of_placeholder_becomes_a_token_but_texts_and_comments_stay(tmp_path: Path) -> None:
    sql = read_models(write(tmp_path, takings=TAKINGS), CONTRACTS)["takings"].sql
    assert sql.startswith("WITH daily AS (")
    assert sql.endswith("FROM daily")
    assert "DATE_DIFF('day', day, {as_of}) AS age_days" in sql
    assert "':as_of' -- not :as_of" in sql
    assert sql.count("{as_of}") == 1


def test_the_lake_that_ships_has_no_findings() -> None:
    contracts = read_contracts(LAKE / "contracts")
    assert lint(LAKE / "gold", contracts) == []
    assert len(read_models(LAKE / "gold", contracts)) == len(list((LAKE / "gold").glob("*.sql")))


def test_a_cte_may_be_called_like_a_table_and_is_not_read(tmp_path: Path) -> None:
    sql = "WITH orders AS (SELECT order_id FROM silver.lines) SELECT order_id AS a FROM orders"
    assert read_models(write(tmp_path, m=model(sql, A)), CONTRACTS)["m"].reads == ("silver.lines",)


def test_reads_are_found_wherever_they_stand(tmp_path: Path) -> None:
    sql = """
        SELECT o.order_id AS a FROM silver.orders AS o
        WHERE EXISTS (SELECT 1 FROM silver.lines AS l WHERE l.order_id = o.order_id)
        UNION ALL
        SELECT x.a FROM (SELECT a FROM gold.one) AS x
    """
    models = read_models(write(tmp_path, m=model(sql, A), one=ONE), CONTRACTS)
    assert models["m"].reads == ("gold.one", "silver.lines", "silver.orders")


WRONG_SQL = {
    "syntax": ("SELECT (order_id AS a FROM silver.orders", "not valid SQL"),
    "quote": ("SELECT 'x AS a FROM silver.orders", "not valid SQL"),
    "nothing": ("", "one SELECT"),
    "two statements": ("SELECT order_id AS a FROM silver.orders; SELECT 1 AS a", "one SELECT"),
    "not a select": ("DELETE FROM silver.orders", "one SELECT"),
    "star": ("SELECT * FROM silver.orders", "SELECT * is not allowed"),
    "table star": ("SELECT o.* FROM silver.orders AS o", "SELECT * is not allowed"),
    "star in a step": ("WITH s AS (SELECT * FROM silver.orders) SELECT order_id AS a FROM s", "SELECT * is"),
    "question mark": ("SELECT order_id AS a FROM silver.orders WHERE order_id = ?", "Unknown placeholder"),
    "other placeholder": ("SELECT order_id AS a FROM silver.orders WHERE order_id = :today", "Unknown placeholder"),
    "compiled token": ("SELECT order_id AS a FROM silver.orders WHERE branch = '{as_of}'", "{as_of} is not SQL"),
    "today": ("SELECT DATE_DIFF('day', CURRENT_DATE, CURRENT_DATE) AS a FROM silver.orders", "another answer"),
    "now": ("SELECT order_id AS a FROM silver.orders WHERE ordered_at < now()", "another answer"),
    "dice": ("SELECT order_id AS a FROM silver.orders WHERE random() < 0.5", "another answer"),
    "unknown table": ("SELECT order_id AS a FROM silver.order", "No contract has a table `silver.order`"),
    "unknown model": ("SELECT a FROM gold.two", "no model `gold.two`"),
    "no database": ("SELECT order_id AS a FROM orders", "neither silver.x nor gold.x"),
    "other database": ("SELECT order_id AS a FROM bronze.orders", "neither silver.x nor gold.x"),
    "catalog": ("SELECT order_id AS a FROM awsdatacatalog.silver.orders", "neither silver.x nor gold.x"),
    "unknown column": ("SELECT order_idd AS a FROM silver.orders", "`order_idd`"),
    "unknown column of an alias": ("SELECT o.order_idd AS a FROM silver.orders AS o", "order_idd"),
    "unknown column of a model": ("SELECT b AS a FROM gold.one", "`b`"),
    "unknown column of a step": ("WITH s AS (SELECT order_id FROM silver.orders) SELECT s.b AS a FROM s", "b"),
    "unknown column in a filter": ("SELECT order_id AS a FROM silver.orders WHERE nope = 1", "`nope`"),
    "unknown alias": ("SELECT p.order_id AS a FROM silver.orders AS o", "`p.order_id`"),
    "ambiguous column": (
        "SELECT o.order_id AS a FROM silver.orders AS o JOIN silver.lines AS l ON o.order_id = order_id",
        "`order_id` is in none of the tables here, or in several",
    ),
    "grouped by an output's name": ("SELECT order_id + 1 AS a FROM silver.orders GROUP BY a", "`a`"),
    "other outputs": ("SELECT order_id FROM silver.orders", "puts out (order_id), the header describes (a)"),
    "more outputs": ("SELECT order_id AS a, branch AS b FROM silver.orders", "puts out (a, b)"),
    "text for a number": ("SELECT branch AS a FROM silver.orders", "gives a text, the header says bigint"),
    "decimal for a number": ("SELECT SUM(amount) AS a FROM silver.orders", "gives a decimal"),
    "timestamp for a number": ("SELECT MAX(ordered_at) AS a FROM silver.orders", "gives a timestamp"),
    "itself": ("SELECT a FROM gold.m", "in a circle: m -> m"),
}


@pytest.mark.parametrize(("sql", "message"), WRONG_SQL.values(), ids=WRONG_SQL)
def test_wrong_sql(tmp_path: Path, sql: str, message: str) -> None:
    findings = lint(write(tmp_path, m=model(sql, A), one=ONE), CONTRACTS)
    assert_one(findings, message, "m.sql")
    with pytest.raises(ConfigurationError, match=r"fault\(s\) in the gold models"):
        read_models(tmp_path, CONTRACTS)


WRONG_COLUMNS = {
    "float for money": ("CAST(weight AS double)", "decimal(18,2)", "gives a floating-point number"),
    "text for a date": ("branch", "date", "gives a text, the header says date"),
    "zoned time": ("CAST(ordered_at AS timestamp with time zone)", "timestamp", "timestamp with a time zone"),
    "fewer digits": ("CAST(amount AS decimal(20, 2))", "decimal(18,2)", "decimal(20,2), more than decimal(18,2) holds"),
    "fewer decimals": ("CAST(amount AS decimal(18, 4))", "decimal(18,2)", "more than decimal(18,2) holds"),
}


@pytest.mark.parametrize(("expression", "kind", "message"), WRONG_COLUMNS.values(), ids=WRONG_COLUMNS)
def test_the_select_must_give_what_the_header_says(tmp_path: Path, expression: str, kind: str, message: str) -> None:
    write(tmp_path, m=giving(expression, kind))
    assert_one(lint(tmp_path, CONTRACTS), message, "m.sql")


RIGHT_COLUMNS = {
    "whole number for a decimal": ("order_id", "decimal(19,0)"),
    "narrower whole number": ("order_id", "integer"),
    "sum of decimals": ("SUM(amount)", "decimal(38,2)"),
    "cast decimal": ("CAST(amount AS decimal(10, 1))", "decimal(12,2)"),
    "division": ("CAST(amount AS decimal(38, 6)) / amount", "decimal(9,6)"),
    "what sqlglot cannot type": ("JSON_EXTRACT_SCALAR(branch, '$.x')", "varchar"),
}


@pytest.mark.parametrize(("expression", "kind"), RIGHT_COLUMNS.values(), ids=RIGHT_COLUMNS)
def test_kinds_that_agree_are_accepted(tmp_path: Path, expression: str, kind: str) -> None:
    assert lint(write(tmp_path, m=giving(expression, kind)), CONTRACTS) == []


WRONG_HEADERS = {
    "no header": ("/*\ndescription", "--\ndescription", "no header", 1),
    "header not closed": ("*/", "", "no header", 1),
    "not first": ("/*\n", "-- model\n/*\n", "no header", 1),
    "not YAML": ("grain: one", "grain: [one", "not valid YAML", 4),
    "unknown key": ("grain:", "grian:", "Unknown key `grian`", 3),
    "missing key": ("owner: sales\n", "", "`owner` is missing", 2),
    "key twice": ("owner: sales\n", "owner: sales\nowner: shop\n", "here twice", 6),
    "no columns": ("keys: [branch, day]", "keys: []", "Keys are empty", 4),
    "key is no column": ("keys: [branch, day]", "keys: [branch, dai]", "key `dai` is not a column", 4),
    "key repeated": ("keys: [branch, day]", "keys: [day, day]", "repeat a column", 4),
    "column without type": ("{type: date, ", "{", "`type` is missing", 9),
    "column without description": (", description: The branch}", "}", "`description` is missing", 8),
    "unknown type": ("type: date", "type: datetime", "`datetime` is not a column type", 9),
    "decimal too wide": ("decimal(38,2)", "decimal(39,2)", "`decimal(39,2)` is not a column type", 10),
    "scale too wide": ("decimal(38,2)", "decimal(2,3)", "`decimal(2,3)` is not a column type", 10),
    "column's unknown key": ("unit:", "units:", "Unknown key `units`", 10),
    "column's name": ("  branch: {", "  Branch: {", "`Branch` is not a column name", 8),
    "PostgreSQL's own column": ("  branch: {", "  ctid: {", "PostgreSQL keeps `ctid`", 8),
    "order of columns": ("SELECT branch, day, takings", "SELECT day, branch, takings", "puts out (day, branch", 20),
    "long comment": ("The branch}", f"{'x' * 256}}}", "256 characters; Glue keeps 255", 8),
    "flag": ("exportable: true", "exportable: perhaps", "neither true nor false", 6),
    "personal data for export": ("{type: varchar, ", "{type: varchar, pii: true, ", "personal data in branch", 6),
    "exports nothing": (", export: sum, backed_by: orders", "", "exports no measure", 6),
    "export of what stays": ("exportable: true\n", "", "the model is not exportable", 9),
    "unknown export": ("export: sum", "export: maximum", "`maximum` is not allowed here", 10),
    "export without people": (", backed_by: orders", "", "`backed_by` is missing", 10),
    "people are no column": ("backed_by: orders", "backed_by: buyers", "`buyers` is no column that counts", 10),
    "people are money": ("backed_by: orders", "backed_by: takings", "`takings` is no column that counts", 10),
    "people behind no measure": ("description: Orders", "description: d, backed_by: orders", "no exported measure", 11),
    "sum of days": ("{type: date,", "{type: date, export: sum, backed_by: orders,", "does not add up exactly", 9),
    "distinct money": ("export: sum", "export: distinct", "does not add up exactly", 10),
    "says nothing": ("description: The branch", "description: ' '", "This says nothing", 8),
    "nobody owns it": ("owner: sales", "owner: ''", "This says nothing", 5),
    "unit without a sum": ("description: Orders", "description: d, unit: orders", "does not say how it adds up", 11),
    "format without a sum": ("description: Orders", "description: d, format: '0'", "does not say how it adds up", 11),
    "money without a sum": (
        "format: '#,##0.00', unit: currency, export: sum, backed_by: orders",
        "pii: false",
        "A decimal is a measure, and it does not say how it adds up",
        10,
    ),
    "sum without a format": ("format: '#,##0.00', ", "", "measure without `format`", 10),
    "sum without a unit": ("unit: currency, ", "", "measure without `unit`", 10),
    "unknown sum": ("description: Orders", "description: d, aggregate: add", "`add` is not allowed here", 11),
    "two sums": ("unit: currency,", "unit: currency, aggregate: none,", "It says `export: sum` as well", 10),
    "sum of names": ("{type: varchar,", "{type: varchar, aggregate: sum,", "A measure is a number", 8),
    "distinct money, kept": (
        "export: sum, backed_by: orders",
        "aggregate: distinct",
        "A distinct count is a whole number",
        10,
    ),
    "key that adds up": ("keys: [branch, day]", "keys: [branch, takings]", "key `takings` is a measure", 10),
    "moment as dimension": ("{type: date,", "{type: timestamp, export: dimension,", "tells single rows apart", 9),
}


@pytest.mark.parametrize(("old", "new", "message", "line"), WRONG_HEADERS.values(), ids=WRONG_HEADERS)
def test_wrong_header(tmp_path: Path, old: str, new: str, message: str, line: int) -> None:
    text = TAKINGS.replace(old, new, 1)
    assert text != TAKINGS
    findings = lint(write(tmp_path, takings=text), CONTRACTS)
    assert [finding.line for finding in findings if message in finding.message] == [line], findings


def test_a_column_made_from_personal_data_must_say_whether_it_is(tmp_path: Path) -> None:
    inner = model("SELECT email AS a FROM silver.orders", "a: {type: varchar, description: d, pii: true}")
    union = "SELECT LOWER(a) AS b FROM gold.inner_one UNION ALL SELECT branch FROM silver.orders"
    outer = f"WITH s AS ({union}) SELECT b AS a FROM s"
    silent, stated = "a: {type: varchar, description: d}", "a: {type: varchar, description: d, pii: false}"
    write(tmp_path, inner_one=inner, outer_one=model(outer, silent))
    assert_one(lint(tmp_path, CONTRACTS), "made from personal data (gold.inner_one.a)", "outer_one.sql")
    write(tmp_path, outer_one=model(outer, stated))
    assert lint(tmp_path, CONTRACTS) == []


@pytest.mark.parametrize("expression", ["order_id", "MAX(order_id)", "CAST(order_id AS bigint) + 1"])
@pytest.mark.parametrize("steps", [0, 2])
def test_what_identifies_single_ones_is_not_exported(tmp_path: Path, expression: str, steps: int) -> None:
    table, name = "silver.orders", expression
    for step in range(steps):  # under another name each time
        write(
            tmp_path,
            **{
                f"step_{step}": model(
                    f"SELECT {name} AS x{step} FROM {table}",
                    f"x{step}: {{type: bigint, description: d}}",
                    keys=f"[x{step}]",
                )
            },
        )
        table, name = f"gold.step_{step}", f"x{step}"
    columns = [
        "a: {type: bigint, description: d, export: dimension}",
        "n: {type: bigint, description: d, format: '0', unit: u, export: sum, backed_by: n}",
    ]
    sql = f"SELECT {name} AS a, COUNT(DISTINCT {name}) AS n FROM {table}"
    findings = lint(write(tmp_path, m=model(sql, *columns, more="exportable: true\n")), CONTRACTS)
    assert_one(findings, "made from order_id, which tells single ones apart", "m.sql")


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("MAX(email)", True),
        ("CONCAT(branch, (SELECT MIN(p.email) FROM silver.orders AS p))", True),
        ("CASE WHEN email = 'x' THEN 'a' ELSE 'b' END", True),
        ("CAST(COUNT(DISTINCT email) AS varchar)", False),
        ("MAX(branch)", False),
    ],
)
def test_what_gives_personal_data_away(tmp_path: Path, expression: str, *, told: bool) -> None:
    sql = f"SELECT {expression} AS a FROM silver.orders AS o"
    findings = lint(write(tmp_path, m=model(sql, "a: {type: varchar, description: d}")), CONTRACTS)
    assert bool(findings) == told, findings


def test_models_must_not_read_each_other_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, x=model("SELECT a FROM gold.y", A), y=model("SELECT a FROM gold.z", A))
    write(tmp_path, z=model("SELECT x.a FROM gold.x AS x JOIN gold.one AS o ON o.a = x.a", A), one=ONE)
    findings = lint(tmp_path, CONTRACTS)
    assert len(findings) == 1
    assert "circle: " in findings[0].message
    assert all(name in findings[0].message for name in "xyz")


def test_what_does_not_belong_in_the_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path, one=ONE)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "Two.sql").write_text(ONE, encoding="utf-8")
    (tmp_path / "latin.sql").write_bytes("/* ä".encode("latin-1"))
    (tmp_path / ".hidden").write_text("x", encoding="utf-8")
    found = {finding.file.rpartition("/")[2]: finding.message for finding in lint(tmp_path, CONTRACTS)}
    assert found == {
        "notes.txt": "This is not a gold model.",
        "Two.sql": "The file's name is no table name.",
        "latin.sql": "This file is not UTF-8.",
    }
    assert "no such folder" in lint(tmp_path / "nowhere", CONTRACTS)[0].message


def test_every_fault_of_every_model_is_reported_at_once(tmp_path: Path) -> None:
    write(tmp_path, p=model("SELECT nope AS a, nix AS b FROM silver.orders", A), q=TAKINGS.replace("grain", "grian"))
    with pytest.raises(ConfigurationError) as error:
        read_models(tmp_path, CONTRACTS)
    for part in ("p.sql:9", "`nope`", "`nix`", "q.sql:3", "grian"):
        assert part in str(error.value)


def test_a_model_is_not_blamed_for_the_faulty_header_of_one_it_reads(tmp_path: Path) -> None:
    write(
        tmp_path,
        takings=TAKINGS.replace("type: date", "type: day"),
        m=model("SELECT age_days AS a FROM gold.takings", A),
    )
    assert {finding.file.rpartition("/")[2] for finding in lint(tmp_path, CONTRACTS)} == {"takings.sql"}


def test_lines_in_the_sql_are_the_files_lines(tmp_path: Path) -> None:
    text = TAKINGS.replace("SELECT branch, day, takings,", "SELECT branch, day, takinsg,")
    (finding,) = lint(write(tmp_path, takings=text), CONTRACTS)
    assert finding.line == 1 + text[: text.index("takinsg")].count("\n") > HEADER_LINES


def assert_one(findings: list[Finding], message: str, file: str) -> None:
    """One thing is wrong, in this file, and it is said with a remedy."""
    assert len({finding.message for finding in findings}) == 1, findings
    assert message in findings[0].message
    assert findings[0].file.endswith(file)
    assert findings[0].line or "circle" in message or "{as_of}" in message
    assert findings[0].remedy.endswith(".")
