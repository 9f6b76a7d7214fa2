"""What the door hands to the collecting function: one line that says what it is, then the records' lines.

All of it is in the body: a message that is given up and put back keeps its body, and not its attributes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from watershed import names
from watershed.errors import Terminal

LARGEST = 240 * 1024  # bytes of a message; beyond, a delivery is put into raw by the door itself


@dataclass(frozen=True)
class Batch:
    """The records of one delivery."""

    source: str
    dataset: str
    received_at: datetime  # UTC, with its zone
    lines: tuple[str, ...]

    def to_body(self) -> str:
        """As a message's body; the inverse of `from_body`."""
        head = {"source": self.source, "dataset": self.dataset, "received_at": self.received_at.isoformat()}
        return "\n".join((json.dumps(head), *self.lines))

    @classmethod
    def from_body(cls, body: str) -> Batch:
        """The batch in a message.

        Raises:
            Terminal: if it is none of the door's.
        """
        head, _, rest = body.partition("\n")
        try:
            found = json.loads(head)
            source, dataset = found["source"], found["dataset"]
            received_at = datetime.fromisoformat(found["received_at"])
            known = names.is_identifier(source) and names.is_identifier(dataset) and received_at.tzinfo is not None
        except (KeyError, TypeError, ValueError, RecursionError):
            known = False
        if not known or not rest:
            raise Terminal("This message is not a delivery from the door.", remedy="Delete it.")
        return cls(source, dataset, received_at, tuple(rest.split("\n")))
