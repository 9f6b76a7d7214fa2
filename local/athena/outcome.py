"""What a statement asks with, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from local.athena.translate.types import Type

Row = list[str | None]
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Request:
    """One statement to run.

    Args:
        execution_id: The query's id.
        sql: Its text.
        database: For names without one; may be empty.
        parameters: Values for `?`, as SQL text.
        workgroup: The workgroup's name: prepared statements belong to it.
        output: Where results go, with a slash at the end.
        enforced: Whether the workgroup alone decides where results go.
        most_bytes: The workgroup's limit on scanned bytes, or None.
        now: When it was submitted, UTC.
    """

    execution_id: str
    sql: str
    database: str
    parameters: list[str]
    workgroup: str
    output: str
    enforced: bool
    most_bytes: int | None
    now: datetime


@dataclass
class Outcome:
    """What GetQueryResults and GetQueryExecution tell about a statement that succeeded.

    Args:
        statement_type: `DML`, `DDL` or `UTILITY`.
        substatement: What Athena calls the statement, e.g. `CREATE_TABLE_AS_SELECT`.
        columns: Names and types of the result.
        rows: Printed values.
        header: Whether the first row of the result repeats the names.
        update_count: Rows written.
        scanned: Bytes counted as scanned.
        suffix: What the result object's name ends with; `.csv`, `.txt`, or nothing.
        manifest: The files written; None if the statement writes none.
    """

    statement_type: str
    substatement: str
    columns: list[tuple[str, Type]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    header: bool = False
    update_count: int = 0
    scanned: int = 0
    suffix: str = ".txt"
    manifest: list[str] | None = None


class PreparedStatements(Protocol):
    """Where prepared statements are kept."""

    def put(self, workgroup: str, name: str, sql: str) -> None:
        """Keep one; it must not exist yet."""
        ...  # pragma: no cover

    def get(self, workgroup: str, name: str) -> str | None:
        """Its text, or None."""
        ...  # pragma: no cover

    def remove(self, workgroup: str, name: str) -> bool:
        """Forget it; False if there was none."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class Control:
    """How a running statement is watched: it reports bytes before it reads them, and how to interrupt it.

    `check` fails once the statement is cancelled.
    """

    scanning: Callable[[int], None]
    interruptible: Callable[[Callable[[], None]], None]
    check: Callable[[], None]

    def watched(self, batches: Iterable[_Item]) -> Iterator[_Item]:
        """The batches, for as long as the statement is not cancelled."""
        for batch in batches:
            self.check()
            yield batch
