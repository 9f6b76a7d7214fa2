"""What maintenance is asked to do, and how one function leaves the rest to the next: its queue's messages, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

from watershed.errors import Terminal
from watershed.maintenance.tasks import Task


@dataclass(frozen=True)
class Upkeep:
    """To maintenance.

    Args:
        tasks: What is left to do, in this order; None means everything, as the schedule sends it.
        query: The running query of the first task, if it was started.
        failed: What went wrong so far, one text a task.
    """

    tasks: tuple[Task, ...] | None = None
    query: str | None = None
    failed: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The message body."""
        tasks = None if self.tasks is None else [str(task) for task in self.tasks]
        return json.dumps({"tasks": tasks, "query": self.query, "failed": list(self.failed)}, sort_keys=True)

    @classmethod
    def from_json(cls, body: str) -> Upkeep:
        """Parse a message body.

        Raises:
            Terminal: if it is not one of ours.
        """
        try:
            value = json.loads(body)
            tasks = value["tasks"]
            return cls(
                None if tasks is None else tuple(Task.from_text(text) for text in tasks),
                value.get("query"),
                tuple(value.get("failed", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Terminal(
                "This message is not one for maintenance.", remedy='Send {"tasks": null} for everything.'
            ) from error
