"""Switches a stage of a deployed region off, so that its messages wait, and on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from watershed.names import Stage

    from local.region import Region


def switch(region: Region, stage: Stage, *, on: bool) -> None:
    """Let the stage's function take messages, or not. Tests that do not look at gold save its time."""
    client = region.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=names.function(stage))["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)
