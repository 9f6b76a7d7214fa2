"""DuckDB: one private, in-memory instance with the macros; one connection a query, with views for what it reads."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from local.athena import digests, hive, iceberg_scan, json_functions
from local.athena.catalog import HiveTable, IcebergTable
from local.athena.errors import StatementFailed
from local.athena.failures import from_duckdb
from local.athena.relation import Source, create_view
from local.athena.translate import macros
from local.athena.translate.types import duckdb_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import TracebackType

    import pyarrow as pa

    from local.athena.objects import Objects
    from local.athena.translate.statement import Scan
    from local.athena.translate.translation import Translation

ROWS_PER_BATCH = 10_000
_SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET TimeZone = 'UTC'",
    # It would evaluate what two branches share before the branch is chosen: outside of TRY, and for every row.
    "SET disabled_optimizers = 'common_subexpressions'",
)


class Engine:
    """The instance that all queries share. Connections are made under a lock and used without one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._root = duckdb.connect(":memory:")
        for setting in _SETTINGS:
            self._root.execute(setting)
        json_functions.register(self._root)
        digests.register(self._root)
        self._root.execute(macros.definitions())

    def session(self) -> Session:
        """A connection for one query."""
        with self._lock:
            return Session(self._root.cursor())

    def close(self) -> None:
        """Gives the memory back."""
        self._root.close()


@dataclass
class Session:
    """One query's connection; a context manager."""

    connection: duckdb.DuckDBPyConnection

    def __enter__(self) -> Session:
        for setting in _SETTINGS:
            self.connection.execute(setting)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def interrupt(self) -> None:
        """Makes the running statement fail; from another thread. What has ended already is left alone."""
        with contextlib.suppress(duckdb.ConnectionException):
            self.connection.interrupt()

    def prepare(self, translation: Translation, objects: Objects, now: datetime) -> int:
        """Makes a view for each table the query reads.

        Returns:
            The bytes that Athena would count as scanned: the read columns' compressed bytes in the files left.
        """
        scanned = 0
        for scan in translation.scans:
            source = _source(scan, objects, now)
            scanned += source.bytes_scanned
            self._execute(create_view(scan, source))
        return scanned

    def rows(self, translation: Translation) -> Iterator[tuple[object, ...]]:
        """The query's rows as Python values.

        Raises:
            StatementFailed: with Trino's error name.
        """
        result = self._execute(translation.sql)
        _check_types([str(item[1]) for item in result.description or []], translation)
        try:
            while rows := result.fetchmany(ROWS_PER_BATCH):
                yield from rows
        except duckdb.Error as error:
            raise from_duckdb(error) from error

    def batches(self, translation: Translation) -> pa.RecordBatchReader:
        """The query's rows as Arrow batches.

        Raises:
            StatementFailed: with Trino's error name.
        """
        try:
            relation = self.connection.sql(translation.sql)
            _check_types([str(found) for found in relation.types], translation)
            return relation.to_arrow_reader(ROWS_PER_BATCH)
        except duckdb.Error as error:
            raise from_duckdb(error) from error

    def _execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(sql)
        except duckdb.Error as error:
            raise from_duckdb(error) from error


def _source(scan: Scan, objects: Objects, now: datetime) -> Source:
    if isinstance(scan.table, IcebergTable):
        return iceberg_scan.source(scan, scan.table, objects)
    if isinstance(scan.table, HiveTable):
        return hive.source(scan, scan.table, objects, now)
    raise StatementFailed("GENERIC_INTERNAL_ERROR", f"Table '{scan.table.name}' has no files")


def _check_types(found: list[str], translation: Translation) -> None:
    """The translation's types are a promise: a result of another DuckDB type is a fault of a rule, and fails."""
    for duckdb_type, (name, kind) in zip(found, translation.columns, strict=True):
        wanted = str(duckdb.sqltype(duckdb_name(kind)))
        if duckdb_type != wanted and "unknown" not in str(kind):
            raise StatementFailed(
                "GENERIC_INTERNAL_ERROR", f"Column {name} should be {kind} ({wanted}), but is {duckdb_type}"
            )
