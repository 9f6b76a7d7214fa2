"""Fires a schedule by name, at the time that the clock says. Nothing fires by itself on the laptop."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watershed.clock import Clock

    from local.aws.clients import Clients
    from local.aws.events.targets import Targets


def fire(clients: Clients, targets: Targets, clock: Clock, region: str, name: str) -> None:
    """Fire a schedule of EventBridge Scheduler, in whatever group it is. A disabled one does not fire.

    Raises:
        LookupError: if the region has no such schedule.
    """
    scheduler = clients.client("scheduler", region)
    found = [entry for entry in scheduler.list_schedules()["Schedules"] if entry["Name"] == name]
    if not found:
        raise LookupError(f"{region} has no schedule {name}")
    schedule = scheduler.get_schedule(Name=name, GroupName=found[0]["GroupName"])
    if schedule["State"] != "ENABLED":
        return
    context = {
        "<aws.scheduler.schedule-arn>": schedule["Arn"],
        "<aws.scheduler.scheduled-time>": f"{clock():%Y-%m-%dT%H:%M:%SZ}",
        "<aws.scheduler.execution-id>": str(uuid.uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }
    target: dict[str, Any] = dict(schedule["Target"])
    text = target.get("Input", "{}")
    for word, value in context.items():
        text = text.replace(word, value)
    targets.deliver({**target, "Input": text}, {})
