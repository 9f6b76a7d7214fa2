"""What of the logs is counted, for alarms: infra's metric filters look for these values."""

from __future__ import annotations

from enum import StrEnum

# The message of a file that bronze took. Its fields are `dataset`, and `again` if a replay asked for it.
LANDED = "landed"


class Alarm(StrEnum):
    """A line of a stage's log whose field `alarm` is one of these rings; `infra/alarms.py` has what it says then."""

    LEDGER_IMBALANCE = "ledger_imbalance"
    BATCH_STOPPED = "batch_stopped"
    RESIDENCY_VIOLATION = "residency_violation"
    SOURCE_FAILING = "source_failing"
