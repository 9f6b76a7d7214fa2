"""What the stages tell each other: the bodies of the messages in the queues of silver, gold and publish, as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime

from watershed import names
from watershed.errors import Terminal

_RUN = re.compile(r"[A-Za-z0-9-]+")  # no other's folder can be named


@dataclass(frozen=True)
class BronzePart:
    """To silver: one Parquet part is ready, or is to be taken again. FIFO group = dataset, deduplication id = `id`."""

    dataset: str
    source: str  # name of the contract's source
    batch_id: str  # names.batch_id of the raw object version
    part: int  # 0-based
    bronze_key: str
    rows: int
    source_key: str
    source_version: str
    ingested_at: str  # ISO 8601 UTC: the raw object's LastModified
    replay: str = ""  # id of the replay that asks for the part again; empty: its first pass
    only: tuple[int, ...] = ()  # the row numbers that are replayed, in order; empty: all rows
    into: str = ""  # suffix of the tables that a rebuild fills; empty: the dataset's own

    @property
    def id(self) -> str:
        """Which part of which object version, and which pass over it: the same at every delivery."""
        chosen = f"{self.replay}-{self.only[0]}" if self.only else self.replay
        return names.part_id(self.batch_id, self.part, chosen)

    @property
    def arrived(self) -> datetime:
        """When the raw object was written: UTC, with its zone."""
        return datetime.fromisoformat(self.ingested_at)

    def to_json(self) -> str:
        """The message body."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, body: str) -> BronzePart:
        """Parse a message body.

        Raises:
            Terminal: if it is not one of ours.
        """
        try:
            value = json.loads(body)
            return cls(**{**value, "only": tuple(value.get("only", ()))})
        except (AttributeError, TypeError, ValueError, RecursionError) as error:
            raise Terminal(
                "This message is not a bronze part.", remedy="Delete it, or send what bronze sends."
            ) from error


@dataclass(frozen=True)
class Refresh:
    """To gold: these silver tables changed. An empty list means every model."""

    tables: tuple[str, ...]
    reason: str  # silver-commit | daily | manual
    as_of: str | None = None  # ISO date; None: today in UTC

    def to_json(self) -> str:
        """The message body."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, body: str) -> Refresh:
        """Parse a message body.

        Raises:
            Terminal: if it is not one of ours.
        """
        try:
            value = json.loads(body)
            return cls(_texts(value["tables"]), value["reason"], value.get("as_of"))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise Terminal(
                "This message is not a refresh.", remedy='Send {"tables": [], "reason": "manual"}.'
            ) from error


@dataclass(frozen=True)
class GoldRun:
    """A gold table shows this run."""

    model: str
    run: str  # its id: where its files are is `names.gold_run_prefix`
    started: str  # ISO 8601 UTC with microseconds, so that it sorts by time: what it shows is as new as this


@dataclass(frozen=True)
class Refreshed:
    """To publish: these gold tables show new runs."""

    runs: tuple[GoldRun, ...]

    def to_json(self) -> str:
        """The message body."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, body: str) -> Refreshed:
        """Parse a message body.

        Raises:
            Terminal: if it is not one of ours.
        """
        try:
            runs = tuple(GoldRun(**run) for run in json.loads(body)["runs"])
            ours = all(
                names.is_identifier(run.model)
                and _RUN.fullmatch(run.run)
                and datetime.fromisoformat(run.started).tzinfo is not None
                for run in runs
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise Terminal(
                "This message does not tell of refreshed gold tables.", remedy="Delete it, or have gold refreshed."
            ) from error
        if not ours:
            raise Terminal(
                "This message names no gold table, no run of one, or a time without a zone.",
                remedy="Delete it, or have gold refreshed.",
            )
        return cls(runs)


def _texts(value: object) -> tuple[str, ...]:
    """A JSON array's texts. A text is no array: it would name a table for each of its letters, and refresh nothing."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError
    return tuple(value)
