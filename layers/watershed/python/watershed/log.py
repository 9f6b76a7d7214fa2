"""The one logger: JSON lines through Powertools. Log names, counts and codes; never a value of a row."""

from __future__ import annotations

import traceback

from aws_lambda_powertools import Logger

from watershed.errors import WatershedError

logger = Logger(service="watershed")


def log_failure(error: Exception, message_id: str) -> None:
    """Log why a message failed.

    Our own errors speak for themselves. Of an unforeseen one neither text nor locals are logged, only its kind and
    place: they may hold a row's values.
    """
    about = {"message_id": message_id, "error": type(error).__name__}
    if isinstance(error, WatershedError):
        logger.error(str(error), extra=about)
        return
    last = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("unforeseen error", extra={**about, "where": f"{last.filename}:{last.lineno}"})
