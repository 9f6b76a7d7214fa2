"""The example in docs/gold.md is a model that the lake would take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from watershed.contracts.odcs import read_contracts
from watershed.gold import header
from watershed.gold.parse import read_models
from watershed.gold.refresh import WORKERS

from local.paths import LAKE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "gold.md").read_text(encoding="utf-8")


def test_the_example_is_a_model_beside_those_that_ship(tmp_path: Path) -> None:
    (example,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    for path in (LAKE / "gold").glob("*.sql"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "category_revenue.sql").write_text(example, encoding="utf-8")
    models = read_models(tmp_path, read_contracts(LAKE / "contracts"))
    assert models["category_revenue"].reads == ("gold.sales", "silver.products")


def test_the_page_names_the_types_and_limits_of_the_code() -> None:
    assert all(f"`{kind}`" in PAGE for kind in header.TYPES)
    assert f"{header.LONGEST_TABLE_COMMENT:,} characters" in PAGE
    assert f"{header.LONGEST_COLUMN_COMMENT} characters" in PAGE
    assert WORKERS == 8  # "at most eight at a time"
