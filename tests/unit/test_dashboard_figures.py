"""What the pages ask, and how they say what comes back."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed import catalog
from watershed.athena import Athena
from watershed.errors import ConfigurationError, ExportRefused
from watershed.gold.model import GoldColumn

from local import cli, report
from local.commands import gold
from local.dashboard import across, figures, formats, health, queries, region
from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.gold.model import GoldModel

CATALOG = catalog.build(LAKE)
MODELS = CATALOG.models


def column(pattern: str = "", name: str = "x", unit: str = "") -> GoldColumn:
    return GoldColumn(name, "varchar", format=pattern, unit=unit)


@pytest.mark.parametrize(
    ("value", "pattern", "said"),
    [
        (Decimal("33967651.18"), "#,##0.00", "33,967,651.18"),
        (Decimal("-1234.5"), "#,##0.00", "-1,234.50"),
        (0, "#,##0", "0"),
        (12345, "0.00", "12345.00"),
        (Decimal("0.117744"), "0.00%", "11.77\N{NO-BREAK SPACE}%"),
        (Decimal("0.005"), "0.00", "0.01"),
        (None, "#,##0", "-"),
        (True, "", "yes"),
        (False, "#,##0", "no"),
        (date(2025, 1, 2), "", "2025-01-02"),
        (datetime(2025, 1, 2, 3, 4, 5), "", "2025-01-02 03:04"),  # noqa: DTZ001 - Athena's have no zone
        ("<b>", "#,##0", "<b>"),
        (7, "", "7"),
    ],
)
def test_a_value_is_said_in_its_headers_format(value: Any, pattern: str, said: str) -> None:
    assert formats.said(value, column(pattern)) == said


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**30), max_value=10**30))
def test_no_digit_of_money_is_lost(value: Decimal) -> None:
    said = formats.said(value, column("#,##0.00"))
    assert Decimal(said.replace(",", "")) == value
    assert all(len(group) == 3 for group in said.lstrip("-").partition(".")[0].split(",")[1:])


@pytest.mark.parametrize(
    ("name", "unit", "title", "said"),
    [
        ("branch_name", "", "Branch", ""),
        ("order_day", "", "Order day", ""),
        ("order_month", "", "Order month", ""),
        ("revenue", "currency", "Revenue", "currency"),
        ("active_stores", "stores", "Active stores", ""),
    ],
)
def test_a_column_has_a_title_and_a_unit_that_it_does_not_repeat(name: str, unit: str, title: str, said: str) -> None:
    assert formats.title(column(name=name, unit=unit)) == title
    assert formats.unit(column(name=name, unit=unit)) == said


def _renamed(model: str, old: str, new: str) -> dict[str, GoldModel]:
    columns = tuple(dataclasses.replace(each, name=new) if each.name == old else each for each in MODELS[model].columns)
    return {**MODELS, model: dataclasses.replace(MODELS[model], columns=columns)}


@pytest.mark.parametrize(
    ("model", "old", "used"),
    [
        ("daily_revenue", "revenue", True),
        ("daily_revenue", "failed_revenue", False),
        ("branch_performance", "revenue_share", True),
        ("store_lifespan", "active", True),
    ],
)
def test_a_renamed_column_is_named_with_its_query_or_matters_nothing(model: str, old: str, used: bool) -> None:
    models = _renamed(model, old, "renamed")
    assert bool(queries.lint(models)) == used
    if used:
        with pytest.raises(ConfigurationError, match=rf"dashboard/queries/\w+\.sql:\d+.*{old}"):
            queries.read_queries(models)


def test_a_model_that_is_gone_is_named_and_a_new_one_matters_nothing() -> None:
    gone = {name: model for name, model in MODELS.items() if name != "store_lifespan"}
    assert any("store_lifespan" in str(finding) for finding in queries.lint(gone))
    new = {**MODELS, "new": dataclasses.replace(MODELS["sales"], name="new")}
    assert queries.lint(new) == []


def test_what_may_no_longer_leave_a_region_is_refused_before_any_is_asked() -> None:
    kept = {**MODELS, "product_sales": dataclasses.replace(MODELS["product_sales"], exportable=False)}
    with pytest.raises(ExportRefused, match="product_sales"):
        across.read({"Frankfurt": Athena(None, "")}, kept)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "has no header"),
        ("/*\nshows: nothing\n*/\nSELECT revenue FROM gold.sales", "There is no such model"),
        ("/*\nshows: sales\n*/\nSELECT price AS what FROM gold.sales", "no column `what` that could give its title"),
        (
            "/*\nshows: product_sales\n*/\nSELECT order_month, revenue FROM gold.product_sales",
            "months.sql:2.*The page shows transactions, which the SELECT does not give",
        ),
        ("/*\nshows: sales\n*/\nSELECT price FROM silver.transactions", "No contract has a table"),
        ("/*\nshows: sales\n*/\nSELECT * FROM gold.sales", r"SELECT \* is not allowed"),
        (
            "/*\nshows: sales\ncolumns: {price: {type: money, description: x}}\n*/\nSELECT price FROM gold.sales",
            "`money`",
        ),
        ("/*\nshows: sales\n*/\nSELEC price", "not valid SQL|one SELECT"),
    ],
)
def test_a_wrong_query_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "months.sql").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        queries.read_queries(MODELS, tmp_path)


def test_every_query_of_the_page_is_there(tmp_path: Path) -> None:
    assert {path.stem for path in queries.FOLDER.glob("*.sql")} == set(queries.NEEDED)
    assert {finding.message for finding in queries.lint(MODELS, tmp_path)} == {"The page needs this query."}


def test_more_days_than_a_page_can_hold_become_months(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = queries.read_queries(MODELS)
    assert f"LIMIT {region.MOST_DAYS + 1}" in wanted["sales_by_day"].sql
    found = {name: figures.Figures("", query.columns, ()) for name, query in wanted.items()}
    monkeypatch.setattr(figures, "read", lambda *_: {**found})
    monkeypatch.setattr(health, "read", lambda *_: None)
    monkeypatch.setattr(report, "answers", lambda *_: ())
    place: Any = SimpleNamespace(name="eu-central-1", athena=None)

    def sales(days: int) -> str:
        found["sales_by_day"] = dataclasses.replace(found["sales_by_day"], rows=((),) * days)
        return region.read(place, "Frankfurt", CATALOG, wanted, datetime.min).sales.columns[0].name  # noqa: DTZ901

    assert [sales(region.MOST_DAYS), sales(region.MOST_DAYS + 1)] == ["order_day", "order_month"]


def test_a_region_without_gold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(across, "ask", lambda *_: pytest.fail("no region is asked"))
    there: Any = SimpleNamespace(rows=lambda _: ([], [["branch_performance"], ["product_sales"]]))
    empty: Any = SimpleNamespace(rows=lambda _: ([], []))
    with pytest.raises(ConfigurationError, match=r"Singapore has no gold\.branch_performance yet"):
        across.read({"Frankfurt": there, "Singapore": empty}, MODELS)


def test_gold_lint_looks_at_the_dashboard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(gold, "findings_in", lambda _: [])
    monkeypatch.setattr(gold, "read_models", lambda *_: _renamed("daily_revenue", "revenue", "turnover"))
    assert cli.main(["gold", "lint"]) == 1
    assert "dashboard/queries/sales_by_day.sql" in capsys.readouterr().out


def test_a_table_that_is_not_there_yet_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def typed_rows(sql: str) -> tuple[list[str], list[list[Any]]]:
        asked.append(sql)
        return [], [["all", "Uptown", Decimal(1), 1, 1, 1, Decimal(1)]]

    athena: Any = SimpleNamespace(rows=lambda _: ([], [["branch_performance"], ["sales"]]), typed_rows=typed_rows)
    wanted = {name: queries.read_queries(MODELS)[name] for name in ("branches", "totals")}
    found = figures.read(athena, wanted)
    assert len(asked) == 1
    assert found["branches"].records()[0]["branch_name"] == "Uptown"
    assert (found["totals"].waits_for, found["totals"].rows) == (("datamart",), ())


@pytest.mark.parametrize("named", [["nowhere-1"], []])
def test_the_command_explains_what_is_missing(
    named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from local import running

    monkeypatch.setattr(running, "STATE", tmp_path / "running.json")
    assert cli.main(["dashboard", *named, "--out", str(tmp_path)]) == 1
    assert ("nowhere-1" if named else "watershed up") in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
