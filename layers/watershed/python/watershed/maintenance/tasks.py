"""What is done to each table, in which order, and the statement for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verb(StrEnum):
    """What Athena is asked for, in the order in which a table needs it: vacuuming removes what optimizing replaced."""

    OPTIMIZE = "optimize"
    VACUUM = "vacuum"


@dataclass(frozen=True)
class Task:
    """One statement on one of silver's tables."""

    table: str
    verb: Verb

    @property
    def statement(self) -> str:
        """Athena's SQL. A table's name is letters, digits and underscores; quoted it may also be a reserved word."""
        if self.verb is Verb.OPTIMIZE:
            return f'OPTIMIZE {names.SILVER_DB}."{self.table}" REWRITE DATA USING BIN_PACK'
        return f"VACUUM {names.SILVER_DB}.`{self.table}`"  # it takes no double quotes

    def __str__(self) -> str:
        return f"{self.verb} {self.table}"

    @classmethod
    def from_text(cls, text: str) -> Task:
        """The inverse of `str`.

        Raises:
            ValueError: if it is none, or the table's name is not one that a contract may give.
        """
        verb, _, table = text.partition(" ")
        if not names.is_identifier(table):
            raise ValueError(f"{table!r} is no table's name.")
        return cls(table, Verb(verb))


def all_tasks(tables: Iterable[str]) -> tuple[Task, ...]:
    """Everything there is to do, table by table."""
    return tuple(Task(table, verb) for table in sorted(tables) for verb in Verb)
