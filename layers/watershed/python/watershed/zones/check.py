"""Whether the views that a region's zones ask for can be: one name, one table or view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.catalog import Catalog


def collisions(catalog: Catalog, zones: Iterable[str]) -> Iterator[str]:
    """What is called as a view is, in words, each with its remedy."""
    tables = {f"{names.SILVER_DB}.{table.name}" for each in catalog.contracts.values() for table in each.tables}
    tables |= {f"{names.GOLD_DB}.{model}" for model in catalog.models}
    for zone in zones:
        for of, view in catalog.views.items():
            name = f"{view.database}.{view.name(zone)}"
            if name in tables:
                yield f"{name} is a table, and the view of {of} in {zone} is called so. Call the table otherwise."
