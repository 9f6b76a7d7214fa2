"""The one logger: JSON lines through Powertools. Log names, counts and codes; never a value of a row."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from watershed import causes
from watershed.alarms import Alarm
from watershed.errors import LedgerImbalance, WatershedError

logger = Logger(service="watershed")


def log_failure(error: Exception, message_id: str) -> None:
    """Log why a message failed, and ring the alarm for an error that must be heard at once.

    Our own errors speak for themselves. Of an unforeseen one neither text nor locals are logged, only its kind and
    place: they may hold a row's values.
    """
    about = {"message_id": message_id, "error": type(error).__name__, "cause": causes.cause(error)}
    if isinstance(error, LedgerImbalance):
        about["alarm"] = Alarm.LEDGER_IMBALANCE
    if isinstance(error, WatershedError):
        logger.error(causes.why(error), extra=about)
    else:
        logger.error("unforeseen error", extra={**about, "where": causes.place(error)})
