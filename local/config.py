"""The regions of the lake, as cdk.json has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError
from watershed.names import Stage

from infra import config
from local.paths import ROOT

if TYPE_CHECKING:
    from infra.config import RegionConfig


def regions() -> tuple[RegionConfig, ...]:
    """All regions, in cdk.json's order.

    Raises:
        ConfigurationError: listing every fault of the `watershed` context.
    """
    return config.regions(json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["watershed"])


def chosen(region: str | None) -> tuple[RegionConfig, ...]:
    """One region, or all of them if none is named.

    Raises:
        ConfigurationError: as `one` and `regions`.
    """
    return regions() if region is None else (one(region),)


def one(region: str) -> RegionConfig:
    """One of the lake's regions.

    Raises:
        ConfigurationError: if there is no such region; or as `regions`.
    """
    places = {place.region: place for place in regions()}
    if region not in places:
        raise ConfigurationError(f"The lake has no region {region}.", remedy=f"Choose one of {', '.join(places)}.")
    return places[region]


def stages_of(region: str) -> list[Stage]:
    """The stages that a region has; of one that cdk.json does not name, those that every region has.

    Raises:
        ConfigurationError: as `regions`.
    """
    found = [stage for place in regions() if place.region == region for stage in place.stages]
    return found or [stage for stage in Stage if not stage.needs_database]
