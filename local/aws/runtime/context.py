"""The context object that Lambda hands to a handler."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """The attributes of Lambda's Python context.

    Args:
        deadline: when the function times out, on the monotonic clock, in seconds.
    """

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    function_version: str = "$LATEST"
    identity: None = field(default=None)
    client_context: None = field(default=None)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function times out; 0 when it has."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))
