"""How a statement fails: Athena's own shape, `CODE: line x:y: message`, made in one place.

Codes are Trino's. A construct that is valid in Athena but not proven to mean the same here fails with
`NOT_SUPPORTED` and names an alternative: the laptop refuses rather than guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

LOCAL_NOTE = "The local Athena refuses it because its meaning here is not proven equal."

NOT_SUPPORTED = "NOT_SUPPORTED"
# Which side is at fault, as Athena's `AthenaError.ErrorCategory` counts it: 1 system, 2 user, 3 other.
SYSTEM, USER = 1, 2
GENERIC_USER_ERROR, SYNTAX = 1, 1006  # `AthenaError.ErrorType`


@dataclass(frozen=True)
class Position:
    """Where in the statement's text, both 1-based, as Athena prints it."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}:{self.column}"


class StatementFailed(Exception):
    """The statement ends in state FAILED with this reason.

    Args:
        code: Trino's error name, e.g. `COLUMN_NOT_FOUND`.
        message: What is wrong; names tables, columns and constructs, never a row's value.
        position: Where, if the text tells.
        alternative: What to write instead, where that is known; the message says it too.
    """

    def __init__(self, code: str, message: str, position: Position | None = None, alternative: str = "") -> None:
        where = f"{position}: " if position else ""
        super().__init__(f"{code}: {where}{message}")
        self.code = code
        self.message = message
        self.position = position
        self.alternative = alternative

    @property
    def category(self) -> int:
        """`AthenaError.ErrorCategory`."""
        return SYSTEM if self.code == "GENERIC_INTERNAL_ERROR" else USER

    @property
    def error_type(self) -> int:
        """`AthenaError.ErrorType`: one number for what the parser or analyser refuses, one for the rest."""
        return SYNTAX if self.position or self.code == "SYNTAX_ERROR" else GENERIC_USER_ERROR


def not_proven(construct: str, alternative: str, position: Position | None = None) -> StatementFailed:
    """The failure for a construct that Athena knows and the proven list does not.

    Args:
        construct: What was used, e.g. `Function 'format'`.
        alternative: What to write instead, as an imperative sentence.
        position: Where.
    """
    message = f"{construct} is not supported here. {alternative} {LOCAL_NOTE}"
    return StatementFailed(NOT_SUPPORTED, message, position, alternative)
