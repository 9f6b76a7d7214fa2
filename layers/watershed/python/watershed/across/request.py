"""What is asked of every region: declared dimensions and measures of one exportable model, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from watershed.gold.model import GoldColumn, GoldModel

# Ten is the smallest group that official statistics commonly publish of personal data. It is no setting, because a
# smaller one could be chosen for the very question that must not be answered.
SMALLEST_GROUP = 10

Value = str | int | bool | date


@dataclass(frozen=True)
class Output:
    """One column of the answer: a dimension, or the sum of a measure."""

    column: GoldColumn
    label: str


@dataclass(frozen=True)
class Condition:
    """A dimension compared with constants.

    Attributes:
        operator: One of `=`, `<>`, `<`, `<=`, `>`, `>=`, `IN` and `BETWEEN`, which takes two values.
    """

    column: GoldColumn
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Request:
    """What a statement asks for. Its SQL is made from this alone: nothing of the statement's text reaches a region."""

    model: GoldModel
    dimensions: tuple[Output, ...]
    measures: tuple[Output, ...]
    conditions: tuple[Condition, ...]

    @property
    def backing(self) -> tuple[str, ...]:
        """The columns that count the people or stores behind the measures, each once."""
        return tuple(dict.fromkeys(measure.column.backed_by for measure in self.measures))
