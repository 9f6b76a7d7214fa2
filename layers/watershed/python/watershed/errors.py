"""The one error tree. Each error says what is wrong and what to do next; its class alone decides retry.

`Terminal` errors end as data (quarantine) or in the dead-letter queue at once: the same input fails again.
`Transient` errors are retried by the queue. Messages never hold a person's data: they name files, rows and columns.
"""

from __future__ import annotations


class WatershedError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: What is wrong, naming the file, row or column, never a value of a row.
        remedy: What the reader can do about it, as an imperative sentence.
    """

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class Terminal(WatershedError):
    """The same input would fail again: do not retry."""


class Transient(WatershedError):
    """A later attempt may succeed: let the queue retry."""


class ObjectGone(Terminal):
    """An object, or the version of it that was asked for, does not exist any more."""


class ConfigurationError(Terminal):
    """A contract, a gold model, a context value or an environment variable is wrong."""


class FileRejected(Terminal):
    """A whole object cannot be read as its contract says; it is recorded in quarantine and stays in raw.

    Args:
        reason: A code from `watershed.reasons.Reason`.
        column: The column at fault, if one is.
    """

    def __init__(self, reason: str, message: str, *, remedy: str, column: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.reason = reason
        self.column = column


class ExportRefused(Terminal):
    """A statement asks for more than may leave a region; the message names the model or column, never a value."""


class LedgerImbalance(Terminal):
    """The counts or sums of a part do not balance: nothing was committed."""


class CommitConflict(Transient):
    """Another writer committed first, more often than this attempt was willing to repeat."""


class RebuildIncomplete(Transient):
    """Silver has not taken all parts of a rebuild in; the message names those that are missing."""


class QueryFailed(Terminal):
    """Athena refused or failed a statement; the message carries Athena's own reason, which may quote a value.

    Args:
        query: Athena's query execution id, for logs that must not carry values.
        code: Athena's error code, e.g. `TABLE_NOT_FOUND`, or the state it ended in.
    """

    def __init__(self, message: str, *, remedy: str, query: str = "", code: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.query = query
        self.code = code


class RefreshFailed(Transient):
    """Gold models could not be refreshed; the message names each with its cause, the others were refreshed."""


class MaintenanceFailed(Transient):
    """Silver's tables could not all be maintained; the message names each statement with its cause."""
