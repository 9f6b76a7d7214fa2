"""What may be told about an error outside the function: a short code, and a text that holds nothing of a row."""

from __future__ import annotations

import traceback

from botocore.exceptions import BotoCoreError, ClientError

from watershed.errors import FileRejected, ObjectGone, QueryFailed, Terminal, Transient, WatershedError


def cause(error: Exception) -> str:
    """A code by which failures can be counted and chosen: a reason, the code of an AWS service, or an error's class."""
    if isinstance(error, FileRejected):
        return str(error.reason)
    if isinstance(error, QueryFailed) and error.code:
        return error.code
    # The class says nothing, or less than what it was raised from.
    plain = type(error) in {Terminal, Transient, ObjectGone}
    origin = error.__cause__ if plain else error
    if isinstance(origin, ClientError):
        return str(origin.response["Error"]["Code"])
    return type(origin if isinstance(origin, BotoCoreError) else error).__name__


def why(error: Exception) -> str:
    """What happened. Our own errors speak for themselves; of any other, whose text may quote a row, kind and place."""
    if isinstance(error, QueryFailed):  # Athena's reason may quote a value; its history has it, under the query's id
        return f"Athena did not run query {error.query} ({error.code})."
    if isinstance(error, WatershedError):
        return str(error)
    if isinstance(error, ClientError):
        return f"{cause(error)} in {error.operation_name} at {place(error)}"
    return f"{type(error).__name__} at {place(error)}"


def place(error: Exception) -> str:
    """The file and line where the error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
