"""A batch of messages taken together: of each table the newest run, and which messages are none of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed.errors import Terminal
from watershed.given_up import Record
from watershed.messages import GoldRun, Refreshed

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Batch:
    """What a batch asks for.

    Attributes:
        runs: The newest run of each model that is named, by the model's name.
        told: Which messages tell of which models: ids and names.
        refused: The messages that could not be read, each with the reason.
    """

    runs: tuple[GoldRun, ...]
    told: tuple[tuple[str, frozenset[str]], ...]
    refused: tuple[tuple[Record, Terminal], ...]

    def messages(self, model: str) -> list[str]:
        """The ids of the messages that tell of a model."""
        return [message for message, models in self.told if model in models]


def combine(records: Iterable[Record]) -> Batch:
    """Combine SQS records, in any order, into one request."""
    newest: dict[str, GoldRun] = {}
    told: list[tuple[str, frozenset[str]]] = []
    refused: list[tuple[Record, Terminal]] = []
    for record in records:
        try:
            runs = Refreshed.from_json(record["body"]).runs
        except Terminal as error:
            refused.append((record, error))
            continue
        told.append((record["messageId"], frozenset(run.model for run in runs)))
        for run in runs:
            newest[run.model] = max(newest.get(run.model, run), run, key=lambda each: (each.started, each.run))
    return Batch(tuple(newest[model] for model in sorted(newest)), tuple(told), tuple(refused))
