"""How large and how patient each stage is: the numbers that its queue, its function and their mapping must share."""

from __future__ import annotations

from dataclasses import dataclass

from watershed.names import Stage

ATTEMPTS = 3  # how often a message is tried before it goes to the dead-letter queue

# Beyond the function's time-out, so that a message never reappears while it is still being handled.
_MARGIN_SECONDS = 60


@dataclass(frozen=True)
class Sizing:
    """One function's numbers."""

    purpose: str
    memory: int  # MB; new accounts may use up to 3008. A whole processor comes with 1769
    disk: int  # MB of /tmp
    timeout: int  # seconds


@dataclass(frozen=True)
class QueueSizing(Sizing):
    """One stage's numbers.

    Concurrency is bounded at the mapping, which leaves messages in the queue, and not by reserving it at the function,
    which would throttle and so use up their attempts; small accounts have nothing to reserve besides.
    """

    batch: int  # messages handed over together
    window: int  # seconds to wait for a batch to fill; FIFO queues cannot wait
    concurrency: int  # functions at once

    @property
    def visibility(self) -> int:
        """Seconds for which a message stays hidden, and so the pause before it is tried again."""
        return self.timeout + self.window + _MARGIN_SECONDS


SIZING = {
    # The window makes small deliveries few objects, and is how long one waits. Two at once is the fewest there can be.
    Stage.COLLECT: QueueSizing("Webhooks to raw objects.", 512, 512, 120, batch=1000, window=60, concurrency=2),
    # One object a time: its size is the merchant's choice, and a retry should repeat no other.
    Stage.BRONZE: QueueSizing("Raw objects to bronze Parquet.", 2048, 2048, 900, batch=1, window=0, concurrency=20),
    # The queue's groups keep one writer per dataset; a batch becomes one commit per dataset.
    Stage.SILVER: QueueSizing("Bronze parts to silver tables.", 3008, 4096, 900, batch=10, window=0, concurrency=20),
    # Mostly waits for Athena. The window turns a burst of commits into one refresh.
    Stage.GOLD: QueueSizing("Gold models downstream of a change.", 512, 512, 900, batch=50, window=30, concurrency=2),
    # Only waits for Athena; two at once is the fewest that a mapping allows.
    Stage.MAINTENANCE: QueueSizing(
        "Compaction and clean-up of silver.", 256, 512, 900, batch=1, window=0, concurrency=2
    ),
    # Mostly waits for sources; an answer, and what it is unpacked to, are in memory. One source a time.
    Stage.POLL: QueueSizing("Sources' APIs to raw objects.", 1024, 512, 900, batch=1, window=0, concurrency=10),
    # Gold is refreshed as a whole: a batch is loaded once. The database wakes from sleep meanwhile.
    Stage.PUBLISH: QueueSizing("Gold to the SQL database.", 1024, 512, 900, batch=10, window=0, concurrency=2),
}

# A sender waits for seconds; API Gateway for half a minute. The processor's share decides how fast a sandbox starts.
RECEIVE_SIZING = Sizing("Webhooks in: verified, kept and answered.", 1024, 512, 15)
