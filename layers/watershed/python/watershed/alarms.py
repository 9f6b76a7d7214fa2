"""What must be heard at once: the values of the log field `alarm`, for which infra's metric filters look."""

from __future__ import annotations

from enum import StrEnum


class Alarm(StrEnum):
    """A line of a stage's log with one of these rings; see `infra/alarms.py` for what it says then."""

    LEDGER_IMBALANCE = "ledger_imbalance"
    BATCH_STOPPED = "batch_stopped"
    RESIDENCY_VIOLATION = "residency_violation"
    SOURCE_FAILING = "source_failing"
