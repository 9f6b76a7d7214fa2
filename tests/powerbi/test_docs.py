"""What docs/powerbi.md says of types, names and files is what the code does."""

from __future__ import annotations

import re

from local.paths import ROOT
from local.powerbi import types
from local.powerbi.folder import LIST
from local.powerbi.m import Source, parameters
from tests.powerbi.lab import CATALOG, shipped

PAGE = (ROOT / "docs" / "powerbi.md").read_text(encoding="utf-8")
SHIPPED = {  # the page speaks of these: whoever adds a model adds one file, and need not say so there
    "branch_performance",
    "conversation_activity",
    "customer_distribution",
    "daily_revenue",
    "datamart",
    "product_sales",
    "sales",
    "store_activity_by_day",
    "store_lifespan",
    "store_subscription_revenue_by_day",
    "subscription_revenue_by_day",
}


def test_the_table_of_types() -> None:
    said = dict(re.findall(r"^  \| (`.+?) \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert said.pop("`decimal(p,s)`, s up to 4") == types.kind(f"decimal(38,{types.MOST_PLACES})").type
    assert said.pop("`decimal(p,s)`, s above 4") == types.kind(f"decimal(38,{types.MOST_PLACES + 1})").type
    for names, expected in said.items():
        for name in names.replace("`", "").split(", "):
            assert types.kind(name).type == expected, name
    assert len(said) == 6


def test_parameters_and_files() -> None:
    for source in Source:
        for parameter in parameters(source, "eu-central-1"):
            assert f"`{parameter.name}`" in PAGE
            if source is Source.POSTGRES:
                assert parameter.value in PAGE
    assert f"`{LIST}`" in PAGE
    assert {
        path.split("/")[0].replace("eu-central-1", "<region>") for path in shipped("eu-central-1", Source.ATHENA).files
    } == {
        ".gitignore",
        "Watershed-<region>.pbip",
        "Watershed-<region>.SemanticModel",
        "Watershed-<region>.Report",
    }


def test_the_tables_whose_views_need_silver() -> None:
    assert CATALOG.shown_models.keys() >= SHIPPED
    needing = {name for name in SHIPPED if "silver" in getattr(CATALOG.views.get(f"gold.{name}"), "sql", "")}
    said = PAGE.partition("Views that cut days of silver")[2].partition("can be read only")[0]
    named = set(re.findall(r"`(\w+)`", said))
    assert "the\nsubscriptions" in said
    assert named | {name for name in SHIPPED if "subscription" in name} == needing
