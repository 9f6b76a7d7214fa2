"""What the poll is asked for: its queue's messages, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from watershed.errors import Terminal


@dataclass(frozen=True)
class Poll:
    """To the poll. FIFO group = source, so that one source is asked by one function at a time, and holds up no other.

    Args:
        source: The connector's name.
        asked_at: When; a poll that began later has done what this one asks.
    """

    source: str
    asked_at: datetime

    def to_json(self) -> str:
        """The message body."""
        return json.dumps({"source": self.source, "asked_at": self.asked_at.isoformat()}, sort_keys=True)

    @classmethod
    def from_json(cls, body: str) -> Poll:
        """Parse a message body.

        Raises:
            Terminal: if it is not one of ours.
        """
        try:
            value = json.loads(body)
            asked_at = datetime.fromisoformat(value["asked_at"])
            return cls(str(value["source"]), asked_at if asked_at.tzinfo else asked_at.replace(tzinfo=UTC))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise Terminal(
                "This message asks for no poll.", remedy="Run `watershed sources REGION --poll SOURCE`."
            ) from error
