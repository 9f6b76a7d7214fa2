"""Publishes runs of gold models: each table in one transaction, so that readers see the run before or this one, whole.

A table whose columns are those of the model is changed in place, by the rows that differ: readers wait for nothing, a
transaction that began before goes on to see what it saw, and views on the table stay. Only a table that is new or
has other columns is made beside the old one and put in its place; docs/decisions/published-by-difference.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from watershed import names
from watershed.clock import Clock
from watershed.gold.model import GoldModel
from watershed.log import logger
from watershed.publish import statements
from watershed.publish.columns import indexed, postgres_type
from watershed.publish.database import told_as_ours
from watershed.publish.rows import Count, GoldRows

if TYPE_CHECKING:
    import psycopg

    from watershed.messages import GoldRun


class State(StrEnum):
    """What became of one run."""

    CHANGED = "changed"  # the table's differing rows were written
    MADE = "made"  # the table was made, or made anew
    SAME = "same"  # the table shows this run already
    SUPERSEDED = "superseded"  # a newer run is there, or on its way
    UNKNOWN = "unknown"  # the lake has no such model to publish


@dataclass(frozen=True)
class Publication:
    """What one publication did to one table: how many rows it has, and how many were written or went."""

    state: State
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    replaced: int = 0  # texts in which a NUL became a replacement character


@dataclass(frozen=True)
class Publisher:
    """Publishes one region's gold.

    Args:
        models: What is published, by name.
        rows: The gold bucket.
        clock: Tells the day on which a table is retired.
    """

    models: Mapping[str, GoldModel]
    rows: GoldRows
    clock: Clock

    def prepare(self, connection: psycopg.Connection, seconds: float) -> None:
        """Make the table that says what each table shows, and mark those whose model is no more.

        Args:
            connection: As the publisher.
            seconds: How long a statement may take before the database cancels it.

        Raises:
            Transient, Terminal: as `told_as_ours`.
        """
        with told_as_ours(f"{names.PREFIX}.publications"), connection.transaction():
            _limit(connection, seconds)
            connection.execute(statements.LOCK, [f"{names.PREFIX}.publications"])  # to make it is not safe for two
            for statement in (
                statements.MAKE_PUBLICATIONS,
                statements.DESCRIBE_PUBLICATIONS,
                statements.SHOW_PUBLICATIONS,
            ):
                connection.execute(statement)
            gone = connection.execute(statements.RETIRE, [sorted(self.models)]).fetchall()
            for (table,) in gone:
                if connection.execute(statements.COLUMNS, [_name(table)]).fetchall():
                    connection.execute(statements.retired(table, f"{self.clock():%Y-%m-%d}"))
                logger.warning("published table retired", extra={"model": table})

    def publish(self, connection: psycopg.Connection, shown: GoldRun, seconds: float) -> Publication:
        """Publish one run, all of it or nothing.

        Args:
            connection: As the publisher.
            shown: The run.
            seconds: How long a statement may take before the database cancels it.

        Raises:
            Terminal: if its rows do not fit, or its table cannot be changed; the table stays as it is.
            Transient: if the database or S3 does not do it now; so it stays as well.
        """
        model = self.models.get(shown.model)
        if model is None:
            return self._told(shown, Publication(State.UNKNOWN))
        with told_as_ours(f"{names.GOLD_DB}.{model.name}"), connection.transaction():
            _limit(connection, seconds)
            return self._told(shown, self._publish(connection, model, shown))

    def _publish(self, connection: psycopg.Connection, model: GoldModel, shown: GoldRun) -> Publication:
        connection.execute(statements.LOCK, [_name(model.name)])
        known = connection.execute(statements.SHOWN, [model.name]).fetchone()
        same_shape = self._same_shape(connection, model)
        if known and same_shape and known[0] == shown.run:
            return Publication(State.SAME)
        if known and known[1] > datetime.fromisoformat(shown.started):
            return Publication(State.SUPERSEDED)
        files = self.rows.files(shown)
        if files is None:
            return Publication(State.SUPERSEDED)
        count = Count()
        connection.execute(statements.stage(model))
        with connection.cursor() as cursor, cursor.copy(statements.copy(model)) as copy:
            for chunk in self.rows.csv(model, files, count):
                copy.write(chunk)
        done = self._change(connection, model, count) if same_shape else self._make(connection, model, count)
        noted = [model.name, shown.run, shown.started, done.rows, done.inserted, done.updated, done.deleted]
        connection.execute(statements.NOTE, [*noted, done.replaced])
        return done

    def _change(self, connection: psycopg.Connection, model: GoldModel, count: Count) -> Publication:
        connection.execute(statements.key_of(statements.STAGED, model))
        connection.execute(statements.ANALYZE_STAGED)
        deleted = connection.execute(statements.delete(model)).rowcount
        update = statements.update(model)
        updated = connection.execute(update).rowcount if update else 0
        inserted = connection.execute(statements.insert(model)).rowcount
        there = {column for (column,) in connection.execute(statements.INDEXED, [_name(model.name)]).fetchall()}
        missing = [statements.index(statements.table(model), each) for each in indexed(model) if each not in there]
        for statement in [*missing, *statements.describe(model)]:  # the header may say more than it did
            connection.execute(statement)
        return Publication(State.CHANGED, count.rows, inserted, updated, deleted, count.replaced)

    def _make(self, connection: psycopg.Connection, model: GoldModel, count: Count) -> Publication:
        granted = [role for (role,) in connection.execute(statements.GRANTED, [_name(model.name)]).fetchall()]
        for statement in statements.make(model, granted):
            connection.execute(statement)
        return Publication(State.MADE, count.rows, inserted=count.rows, replaced=count.replaced)

    def _same_shape(self, connection: psycopg.Connection, model: GoldModel) -> bool:
        columns = connection.execute(statements.COLUMNS, [_name(model.name)]).fetchall()
        keys = connection.execute(statements.KEYS, [_name(model.name)]).fetchall()
        wanted = [(column.name, postgres_type(column)) for column in model.columns]
        return columns == wanted and tuple(key for (key,) in keys) == model.keys

    def _told(self, shown: GoldRun, done: Publication) -> Publication:
        counts = {"rows": done.rows, "inserted": done.inserted, "updated": done.updated, "deleted": done.deleted}
        told = {"model": shown.model, "run": shown.run, "state": done.state, **counts, "replaced": done.replaced}
        logger.info("publication", extra=told)
        return done


def _limit(connection: psycopg.Connection, seconds: float) -> None:
    """Of the transaction's statements; with no time left, the next is cancelled at once."""
    connection.execute(statements.LIMIT, [str(max(int(seconds * 1000), 1))])


def _name(table: str) -> str:
    """The table as PostgreSQL's catalog finds it; models' names need no quotes but for reserved words."""
    return f'{names.GOLD_DB}."{table}"'
