"""The regions of the lake, as cdk.json has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
