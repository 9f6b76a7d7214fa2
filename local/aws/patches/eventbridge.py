"""Patches of moto's EventBridge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.events import models

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher


def deliver_to_all_targets(patcher: Patcher, hooks: Hooks) -> None:
    """Moto knows no Lambda, Step Functions or SNS targets, ignores Input and InputPath, and fires disabled rules.

    A rule without a pattern, which is a schedule, matches every event in moto; here it matches none.
    """

    def send_to_targets(rule: Any, original_event: Any, transform_input: bool = True) -> None:  # noqa: ARG001 - moto's
        if rule.state != "ENABLED" or not rule.event_pattern.get_pattern():
            return
        if not rule.event_pattern.matches_event(original_event):
            return
        event = {key: value for key, value in original_event.items() if key not in ("ingestion-time", "replay-name")}
        if isinstance(event["time"], int | float):
            event["time"] = f"{datetime.fromtimestamp(event['time'], UTC):%Y-%m-%dT%H:%M:%SZ}"
        for target in rule.targets:
            hooks.deliver(target, event)

    patcher.replace(models.Rule, "send_to_targets", send_to_targets)
