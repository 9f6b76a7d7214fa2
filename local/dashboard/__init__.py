"""A page to look at: one HTML file of a region, or of all of them, that needs nothing from anywhere."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from watershed.clock import Clock, system_clock

from local.dashboard import across, page, region
from local.dashboard.queries import read_queries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from watershed.athena import Athena
    from watershed.catalog import Catalog

    from local.region import Region

ALL_REGIONS = "all-regions"


def write_region(place: Region, name: str, lake: Catalog, folder: Path, clock: Clock = system_clock) -> Path:
    """Write `<folder>/<region>.html`, which holds sums and counts of the region's gold, small groups too.

    Raises:
        ConfigurationError: if a gold model lacks what the page shows; nothing is asked then.
        QueryFailed: if the region does not answer.
    """
    now = clock().astimezone(UTC).replace(tzinfo=None)
    made = region.read(place, name, lake, read_queries(lake.models), now)
    return _write(folder, place.name, page.of_region(made))


def write_all_regions(regions: Mapping[str, Athena], lake: Catalog, folder: Path, clock: Clock = system_clock) -> Path:
    """Write `<folder>/all-regions.html`, which holds what may leave each region, and nothing else.

    Args:
        regions: Each region's name, as the page shall show it, and its Athena.
        lake: With the gold models.
        folder: Made if it is not there.
        clock: Says when the page is made.

    Raises:
        ExportRefused: if the models do not let out what the page shows; nothing is asked then.
        ConfigurationError: if a region has no gold yet.
        QueryFailed: if a region does not answer.
    """
    now = clock().astimezone(UTC).replace(tzinfo=None)
    return _write(folder, ALL_REGIONS, page.of_all_regions(across.read(regions, lake.models), now))


def _write(folder: Path, name: str, html: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.html"
    path.write_text(html, encoding="utf-8")
    return path
