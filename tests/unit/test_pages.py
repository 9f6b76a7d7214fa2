"""Pages for reporting tools: what they say, and what lint says of a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed import catalog
from watershed.errors import ConfigurationError
from watershed.gold.model import Aggregate, GoldColumn, GoldModel
from watershed.pages import Page, Total, lint, read_pages

from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

SALES = GoldModel(
    "sales",
    "",
    "",
    ("sale",),
    (
        GoldColumn("sale", "bigint"),
        GoldColumn("branch", "varchar"),
        GoldColumn("value", "decimal(18,2)", format="#,##0.00", unit="currency", aggregate=Aggregate.SUM),
        GoldColumn("price", "decimal(18,2)", format="#,##0.00", unit="currency", aggregate=Aggregate.NONE),
    ),
    (),
    "",
)
GOOD = """\
title: Sales
description: What was sold.
table: sales
by: branch
totals:
  - {name: Value, sum: value}
  - {name: Sales, distinct: sale}
"""


def _lint(folder: Path, text: str, name: str = "sales.yaml") -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    return [f"{finding.line} {finding.path}: {finding.message}" for finding in lint(folder, {"sales": SALES})]


def test_a_page_is_read(tmp_path: Path) -> None:
    assert _lint(tmp_path, GOOD) == []
    assert read_pages(tmp_path, {"sales": SALES}) == {
        "sales": Page(
            "sales",
            "Sales",
            "What was sold.",
            "sales",
            "branch",
            (
                Total("Value", Aggregate.SUM, "value", "#,##0.00"),
                Total("Sales", Aggregate.DISTINCT, "sale", "#,##0"),
            ),
        )
    }


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("table: sales", "table: sale", "3 table: `sale` is not allowed here."),
        ("by: branch", "by: brunch", "4 by: `brunch` is not allowed here."),
        ("by: branch", "by: sale", "4 by: sale is no text."),
        ("sum: value", "sum: price", "6 totals.Value.sum: price does not add up."),
        ("sum: value", "sum: worth", "6 totals.Value.sum: `worth` is not allowed here."),
        ("sum: value", "max: value", "6 totals.Value.max: Unknown key `max`."),
        ("sum: value", "sum: value, distinct: sale", "6 totals.Value: A total sums one column or counts its different"),
        ("name: Sales", "name: Value", "6 totals: Two totals have the same name."),
        ("title: Sales\n", "", "1 : `title` is missing."),
    ],
)
def test_a_wrong_page_is_told_where_and_why(tmp_path: Path, old: str, new: str, finding: str) -> None:
    found = _lint(tmp_path, GOOD.replace(old, new, 1))
    assert any(each.startswith(finding) for each in found), found
    with pytest.raises(ConfigurationError, match="in the pages"):
        read_pages(tmp_path, {"sales": SALES})


def test_a_file_that_is_no_page_is_told(tmp_path: Path) -> None:
    assert _lint(tmp_path, GOOD, "sales.txt") == ["0 : This is not a page."]
    (tmp_path / "sales.txt").unlink()
    assert _lint(tmp_path, GOOD, "Sales-1.yaml") == ["1 : The file's name is no page's name."]


def test_a_lake_needs_no_pages(tmp_path: Path) -> None:
    assert read_pages(tmp_path / "pages", {}) == {}


def test_no_page_and_no_reporting_tool_gets_a_model_with_personal_data() -> None:
    lake = catalog.build(LAKE)
    assert {model for model in lake.models if model.startswith("masked_")}
    assert not {model for model in lake.shown_models if model.startswith("masked_")}
    assert {page.table for page in lake.pages.values()} <= lake.shown_models.keys()
    assert catalog.Catalog.from_json(lake.to_json()) == lake
