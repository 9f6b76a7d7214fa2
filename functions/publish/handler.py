"""Gold to the SQL database."""

from __future__ import annotations

from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:  # noqa: ARG001 - so far
    """Take a batch of messages."""
    return {"batchItemFailures": []}
