"""INSERT, UPDATE, DELETE and MERGE: the table's new rows by one SELECT, then one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from local.athena import dml_reader, hive_insert, iceberg_commit, writing
from local.athena.catalog import HiveTable, IcebergTable
from local.athena.dml_query import CASE, NO_CLAUSE, ROW, Target, changed_rows, inserted_rows
from local.athena.dml_reader import Change, Insert
from local.athena.errors import StatementFailed
from local.athena.failures import from_duckdb
from local.athena.outcome import Outcome
from local.athena.translate.statement import View
from local.athena.translate.translation import translate_query

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergWritable
    from sqlglot import exp

    from local.athena.catalog import GlueCatalog
    from local.athena.engine import Engine
    from local.athena.objects import Objects
    from local.athena.outcome import Control, Request
    from local.athena.statements import Modify, Name
    from local.athena.translate.translation import Translation
    from local.athena.translate.types import Type

_VIEWS = {
    "INSERT": "Inserting into views is not supported",
    "UPDATE": "Updating through views is not supported",
    "DELETE": "Deleting from views is not supported",
    "MERGE": "Merging into views is not supported",
}
_EMPTY_UPDATE = "INVALID_ARGUMENTS"  # Trino's code where UPDATE, alone, sets a column to NULL that must not be


class Changes:
    """Runs one statement that changes rows, in one account and region."""

    def __init__(self, engine: Engine, objects: Objects, catalog: GlueCatalog, control: Control) -> None:
        self._engine, self._objects, self._catalog, self._control = engine, objects, catalog, control

    def run(self, statement: Modify, request: Request) -> Outcome:
        """Run it to its end.

        Raises:
            StatementFailed: with Athena's code and message.
        """
        parsed = dml_reader.read(statement.sql, request.parameters)
        kind = parsed.kind if isinstance(parsed, Change) else "INSERT"
        table, target = self._target(parsed.target, request, kind)
        if isinstance(parsed, Insert):
            return self._insert(parsed, table, target, statement.sql, request)
        if not isinstance(table, IcebergTable):
            raise StatementFailed(
                "NOT_SUPPORTED", "Modifying Hive table rows is only supported for transactional tables"
            )
        return self._change(parsed, table, target, statement.sql, request)

    def _target(self, name: Name, request: Request, kind: str) -> tuple[IcebergTable | HiveTable, Target]:
        database = name.database or request.database
        found = self._catalog.find(database, name.table)
        if isinstance(found, View):
            raise StatementFailed("NOT_SUPPORTED", f"line 1:1: {_VIEWS[kind]}")
        if not isinstance(found, IcebergTable | HiveTable):
            if not self._catalog.has_database(database):
                raise StatementFailed("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{database}' does not exist")
            message = f"line 1:1: Table 'awsdatacatalog.{database}.{name.table}' does not exist"
            raise StatementFailed("TABLE_NOT_FOUND", message)
        columns: dict[str, Type] = {}
        for column in found.columns:
            if column.type is None:
                raise column.problem or StatementFailed("NOT_SUPPORTED", f"Column '{column.name}' cannot be written")
            columns[column.name] = column.type
        return found, Target(database, name.table, columns)

    def _translate(self, query: exp.Expr, sql: str, request: Request) -> Translation:
        return translate_query(query, sql, self._catalog, request.database, request.now)

    def _probe(self, query: exp.Expr, sql: str, request: Request) -> list[Type]:
        return [kind for _, kind in self._translate(query, sql, request).columns]

    def _rows(self, query: exp.Expr, sql: str, request: Request) -> tuple[pa.Table, int]:
        """The query's rows under its own column names, and the bytes it scanned."""
        translation = self._translate(query, sql, request)
        with self._engine.session() as session:
            self._control.interruptible(session.interrupt)
            scanned = session.prepare(translation, self._objects, request.now)
            self._control.scanning(scanned)
            try:
                rows = session.batches(translation).read_all()
            except (duckdb.Error, OSError) as error:
                raise from_duckdb(error) from error
        return rows.rename_columns([name for name, _ in translation.columns]), scanned

    def _insert(
        self, insert: Insert, table: IcebergTable | HiveTable, target: Target, sql: str, request: Request
    ) -> Outcome:
        query = inserted_rows(insert, target, lambda probed: self._probe(probed, sql, request))
        rows, scanned = self._rows(query, sql, request)
        uris: list[str] = []
        if isinstance(table, HiveTable):
            uris = hive_insert.insert(table, rows, request, self._objects, self._catalog)
        elif rows.num_rows:
            uris = iceberg_commit.append_rows(self._writable(table), rows)
        return _outcome("INSERT", rows.num_rows, scanned, uris)

    def _change(self, change: Change, table: IcebergTable, target: Target, sql: str, request: Request) -> Outcome:
        query = changed_rows(change, target, sql, lambda probed: self._probe(probed, sql, request))
        rows, scanned = self._rows(query, sql, request)
        _check_matches(rows)
        affected = pc.greater(rows[CASE], 0)
        count = int(pc.sum(affected).as_py() or 0)
        if count:
            try:
                iceberg_commit.replace_rows(self._writable(table), _remaining(change, rows))
            except StatementFailed as error:
                if change.kind == "UPDATE" and error.code == "CONSTRAINT_VIOLATION":
                    raise StatementFailed(_EMPTY_UPDATE, error.message) from error
                raise
        return _outcome(change.kind, count, scanned, None)

    def _writable(self, table: IcebergTable) -> IcebergWritable:
        return iceberg_commit.writable(table, self._catalog.account, self._catalog.region)


def _check_matches(rows: pa.Table) -> None:
    """A target row may meet several source rows only if at most one of them has a clause for it.

    Trino also lets two different clauses change one row, each in its own way, which leaves two rows: refused here.
    """
    matched = rows.filter(pc.is_valid(rows[ROW])).select([ROW, CASE])
    decided = matched.filter(pc.greater(matched[CASE], 0))
    idle = matched.filter(pc.equal(matched[CASE], NO_CLAUSE))
    for each in (decided, idle):
        if pc.count_distinct(each[ROW]).as_py() != each.num_rows:
            raise StatementFailed(
                "MERGE_TARGET_ROW_MULTIPLE_MATCHES", "One MERGE target table row matched more than one source row"
            )


def _remaining(change: Change, rows: pa.Table) -> pa.Table:
    """The table's content afterwards: what no clause deleted, and no source row that no clause inserted."""
    deletes = [n for n, clause in enumerate(change.clauses, 1) if clause.action == "DELETE"]
    deleted = pc.is_in(rows[CASE], value_set=pa.array(deletes, rows[CASE].type))
    only_source = pc.and_(pc.is_null(rows[ROW]), pc.less_equal(rows[CASE], 0))
    kept = rows.filter(pc.invert(pc.or_(deleted, only_source)))
    # A target row may also have met source rows without a clause for it: it stands once, as its clause left it.
    decided = rows.filter(pc.greater(rows[CASE], 0))[ROW]
    idle = pc.and_(pc.less_equal(kept[CASE], 0), pc.is_in(kept[ROW], value_set=decided.combine_chunks().drop_null()))
    return kept.filter(pc.invert(idle)).drop_columns([ROW, CASE])


def _outcome(kind: str, count: int, scanned: int, manifest: list[str] | None) -> Outcome:
    return Outcome("DML", kind, writing.ROWS_COLUMN, update_count=count, scanned=scanned, suffix="", manifest=manifest)
