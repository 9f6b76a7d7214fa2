"""Runs one statement: queries, CTAS and UNLOAD through DuckDB, the rest through the Glue catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from local.athena import creating, listing, statement_reader, statements, writing
from local.athena.catalog import VIEW_TYPE, GlueCatalog, IcebergTable, write_view
from local.athena.ddl import Definitions
from local.athena.dml import Changes
from local.athena.errors import StatementFailed, not_proven
from local.athena.maintenance import Maintenance
from local.athena.outcome import Control, Outcome, PreparedStatements, Request, Row
from local.athena.parameters import parse_query
from local.athena.rendering import renderer
from local.athena.translate.translation import Translation, translate_query
from local.athena.writing import described_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.athena.engine import Engine
    from local.athena.objects import Objects


class Runner:
    """Runs statements for one account and region. One is made for each statement."""

    def __init__(self, engine: Engine, objects: Objects, catalog: GlueCatalog, prepared: PreparedStatements) -> None:
        self._engine = engine
        self._objects = objects
        self._catalog = catalog
        self._prepared = prepared

    def run(self, request: Request, control: Control) -> Outcome:
        """Run the request's statement to its end.

        Raises:
            StatementFailed: with Athena's code and message.
        """
        statement = statement_reader.read(request.sql)
        if isinstance(statement, statements.Execute):
            statement, request = self._execute(statement, request)
        if isinstance(statement, statements.Show):
            return listing.show(statement, request, self._catalog)
        steps: dict[type, Callable[..., Outcome]] = {
            statements.Query: self._query,
            statements.Modify: self._modify,
            statements.Optimize: self._optimize,
            statements.Vacuum: self._vacuum,
            statements.Unload: self._unload,
            statements.CreateTableAs: self._create_table,
            statements.CreateView: self._create_view,
            statements.Define: self._define,
            statements.Drop: self._drop,
            statements.Prepare: self._prepare,
            statements.Deallocate: self._deallocate,
        }
        step = steps.get(type(statement))
        if step is None:
            raise StatementFailed("SYNTAX_ERROR", "EXECUTE of a prepared EXECUTE")
        return step(statement, request, control)

    def _execute(self, statement: statements.Execute, request: Request) -> tuple[statements.Statement, Request]:
        """EXECUTE: the prepared text, with the values of USING or of the request."""
        sql = self._prepared.get(request.workgroup, statement.name)
        if sql is None:
            raise StatementFailed("PREPARED_STATEMENT_NOT_FOUND", f"Prepared statement not found: {statement.name}")
        values = list(statement.values) or request.parameters
        return statement_reader.read(sql), replace(request, sql=sql, parameters=values)

    def _prepare(self, statement: statements.Prepare, request: Request, _: Control) -> Outcome:
        statement_reader.read(statement.sql)
        self._prepared.put(request.workgroup, statement.name, statement.sql)
        return Outcome("UTILITY", "PREPARE")

    def _deallocate(self, statement: statements.Deallocate, request: Request, _: Control) -> Outcome:
        if not self._prepared.remove(request.workgroup, statement.name):
            raise StatementFailed("PREPARED_STATEMENT_NOT_FOUND", f"Prepared statement not found: {statement.name}")
        return Outcome("UTILITY", "DEALLOCATE_PREPARED_STATEMENT")

    def _translate(self, query: statements.Query, request: Request) -> Translation:
        tree = parse_query(query, request.parameters)
        return translate_query(tree, query.sql, self._catalog, request.database, request.now)

    def _query(self, query: statements.Query, request: Request, control: Control) -> Outcome:
        translation = self._translate(query, request)
        renderers = [renderer(kind) for _, kind in translation.columns]
        with self._engine.session() as session:
            control.interruptible(session.interrupt)
            scanned = session.prepare(translation, self._objects, request.now)
            control.scanning(scanned)
            rows: list[Row] = [
                [render(value) for render, value in zip(renderers, row, strict=True)]
                for row in session.rows(translation)
            ]
        return Outcome("DML", "SELECT", list(translation.columns), rows, header=True, scanned=scanned, suffix=".csv")

    def _modify(self, statement: statements.Modify, request: Request, control: Control) -> Outcome:
        return Changes(self._engine, self._objects, self._catalog, control).run(statement, request)

    def _optimize(self, statement: statements.Optimize, request: Request, control: Control) -> Outcome:
        return Maintenance(self._objects, self._catalog, control).optimize(statement, request)

    def _vacuum(self, statement: statements.Vacuum, request: Request, control: Control) -> Outcome:
        return Maintenance(self._objects, self._catalog, control).vacuum(statement, request)

    def _unload(self, statement: statements.Unload, request: Request, control: Control) -> Outcome:
        options = writing.unload_options(statement)
        written, scanned = self._write(statement.query, request, control, options)
        return Outcome(
            "DML",
            "UNLOAD",
            writing.ROWS_COLUMN,
            update_count=written.rows,
            scanned=scanned,
            suffix="",
            manifest=written.uris,
        )

    def _create_table(self, statement: statements.CreateTableAs, request: Request, control: Control) -> Outcome:
        database, name = self._target(statement.name, request)
        if self._catalog.describe(database, name) is not None:
            if statement.if_not_exists:
                return Outcome("DDL", "CREATE_TABLE_AS_SELECT", writing.ROWS_COLUMN, suffix="", manifest=[])
            raise StatementFailed(
                "TABLE_ALREADY_EXISTS", f"line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists"
            )
        options = creating.table_options(statement, request)
        translation = self._translate(statement.query, request)
        creation = creating.Creation(self._engine, self._objects, self._catalog, control)
        written, scanned = creation.run(translation, (database, name), options, request)
        return Outcome(
            "DDL",
            "CREATE_TABLE_AS_SELECT",
            writing.ROWS_COLUMN,
            update_count=written.rows,
            scanned=scanned,
            suffix="",
            manifest=written.uris,
        )

    def _write(
        self, query: statements.Query, request: Request, control: Control, options: writing.Options
    ) -> tuple[writing.Written, int]:
        """Writes a query's rows as Parquet files under an empty location."""
        if self._objects.list(options.location):
            raise StatementFailed("HIVE_PATH_ALREADY_EXISTS", f"Target directory already exists: {options.location}")
        translation = self._translate(query, request)
        schema = writing.schema(translation.columns)
        with self._engine.session() as session:
            control.interruptible(session.interrupt)
            scanned = session.prepare(translation, self._objects, request.now)
            control.scanning(scanned)
            batches = session.batches(translation)
            return writing.write(control.watched(batches), schema, options, request, self._objects), scanned

    def _create_view(self, statement: statements.CreateView, request: Request, _: Control) -> Outcome:
        database, name = self._target(statement.name, request)
        existing = self._catalog.describe(database, name)
        is_view = existing is not None and existing.get("TableType") == VIEW_TYPE
        if existing is not None and not (statement.replace and is_view):
            code = "VIEW_ALREADY_EXISTS" if is_view else "TABLE_ALREADY_EXISTS"
            raise StatementFailed(code, f"line 1:1: '{database}.{name}' already exists")
        translation = self._translate(statement.query, replace(request, parameters=[]))
        columns = writing.table_columns(translation.columns)
        if existing is not None:
            self._catalog.drop(database, name)
        definition = {
            "Name": name,
            "Owner": "hadoop",  # as Athena's are; Trino runs no view of nobody's
            "TableType": VIEW_TYPE,
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "PartitionKeys": [],
            "ViewOriginalText": write_view(request.database, statement.query.sql.strip(), columns),
            "ViewExpandedText": "/* Presto View */",
            "StorageDescriptor": {
                "Columns": [{"Name": c, "Type": described_type(kind)} for c, kind in columns],
                "SerdeInfo": {},
            },
        }
        self._catalog.create(database, name, definition)
        return Outcome("DDL", "CREATE_VIEW")

    def _define(self, statement: statements.Define, request: Request, _: Control) -> Outcome:
        return Definitions(self._catalog).run(statement, request)

    def _drop(self, statement: statements.Drop, request: Request, _: Control) -> Outcome:
        """DROP takes the name away; the files of a Hive table stay, as in Athena."""
        database, name = statement.name.database or request.database, statement.name.table
        existing = self._catalog.describe(database, name)
        is_view = existing is not None and existing.get("TableType") == VIEW_TYPE
        if existing is None or is_view != (statement.kind == "VIEW"):
            if statement.if_exists:
                return Outcome("DDL", f"DROP_{statement.kind}")
            raise StatementFailed("FAILED", f"SemanticException [Error 10001]: Table not found {database}.{name}")
        if not is_view and isinstance(self._catalog.find(database, name), IcebergTable):
            raise not_proven("DROP TABLE of an Iceberg table, which deletes its data", "Drop it with pyiceberg.")
        self._catalog.drop(database, name)
        return Outcome("DDL", f"DROP_{statement.kind}")

    def _target(self, name: statements.Name, request: Request) -> tuple[str, str]:
        database = name.database or request.database
        if not self._catalog.has_database(database):
            raise StatementFailed("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{database}' does not exist")
        return database, name.table
