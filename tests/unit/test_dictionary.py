"""The data dictionary: made from the lake, whole, and as it is in docs/."""

from __future__ import annotations

from watershed import catalog

from local import dictionary
from local.paths import LAKE

CATALOG = catalog.build(LAKE)
PAGE = dictionary.page(CATALOG)


def test_the_page_in_docs_is_the_one_that_the_lake_makes() -> None:
    assert dictionary.PAGE.read_text(encoding="utf-8") == PAGE, "run: watershed tables --write"


def test_every_column_of_every_table_is_there_with_its_type() -> None:
    sections = {part.partition("\n")[0]: part for part in PAGE.split("\n### ")[1:]}
    silver = {f"silver.{t.name}": t.columns for c in CATALOG.contracts.values() for t in c.tables}
    gold = {f"gold.{model.name}": model.columns for model in CATALOG.models.values()}
    assert set(sections) == {*silver, *gold}
    for name, columns in silver.items():
        for column in columns:
            assert f"`{column.name}`" in sections[name]
            assert column.athena_type in sections[name]
            assert column.description.rstrip(".").replace("|", "\\|") in sections[name]
    for name, described in gold.items():
        for each in described:
            assert f"`{each.name}`" in sections[name]
            assert not each.aggregate or f"in {each.unit}; shown as `{each.format}`" in sections[name]


def test_personal_data_and_keys_are_marked() -> None:
    lines = PAGE.split("### silver.customers\n")[1].split("\n### ")[0].splitlines()
    marked = {line.split("`")[1] for line in lines if line.endswith("personal data |")}
    (customers,) = (table for table in CATALOG.contracts["customers"].tables if table.name == "customers")
    assert marked == {column.name for column in customers.columns if column.pii}
    assert marked
    assert sum(line.startswith("| **`customer_id`**") for line in lines) == 1
