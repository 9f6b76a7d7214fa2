"""What a statement gives, in the one form in which Trino's and the local Athena's answers can be compared."""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Answer:
    """A result.

    Args:
        columns: Name and type of each, the type as Trino writes it, e.g. `decimal(18, 2)`, or as Athena's API does.
        rows: Values as the text in which Athena returns them; None is NULL.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


class Refused(Exception):
    """The statement failed.

    Args:
        code: Trino's error name, e.g. `TYPE_MISMATCH`.
        message: The engine's own words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
