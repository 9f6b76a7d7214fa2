"""OPTIMIZE and VACUUM of Iceberg tables, as Athena's documentation describes them.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena import iceberg_commit, iceberg_compaction, iceberg_expiry
from local.athena.catalog import IcebergTable
from local.athena.errors import StatementFailed
from local.athena.outcome import Outcome
from local.athena.parameters import bind_parameters
from local.athena.translate.dialect import parse
from local.athena.translate.translation import translate_query

if TYPE_CHECKING:
    from local.athena.catalog import GlueCatalog
    from local.athena.objects import Objects
    from local.athena.outcome import Control, Request
    from local.athena.statements import Name, Optimize, Vacuum
    from local.athena.translate.statement import Predicate

_log = logging.getLogger(__name__)


class Maintenance:
    """Runs one statement in one account and region. What it did is in the log: Athena's API has no place for it."""

    def __init__(self, objects: Objects, catalog: GlueCatalog, control: Control) -> None:
        self._objects, self._catalog, self._control = objects, catalog, control

    def optimize(self, statement: Optimize, request: Request) -> Outcome:
        """Rewrite small data files, and those with rows that delete files remove, into larger ones.

        Raises:
            StatementFailed: also if another writer committed meanwhile.
        """
        table = self._table(statement.name, request, "OPTIMIZE")
        predicates = self._predicates(table, statement.where, request) if statement.where else []
        plan = iceberg_compaction.plan(
            iceberg_commit.writable(table, self._catalog.account, self._catalog.region),
            table.metadata.condition(predicates),
        )
        scanned = sum(file.file_size_in_bytes for file in plan.replaced)
        self._control.scanning(scanned)
        written = plan.carry_out()
        name = f"{table.database}.{table.name}"
        _log.info("OPTIMIZE %s: %d data files rewritten into %d", name, len(plan.replaced), written)
        return Outcome("DML", "OPTIMIZE", scanned=scanned)

    def vacuum(self, statement: Vacuum, request: Request) -> Outcome:
        """Expire old snapshots and delete the files that nothing refers to any more.

        Raises:
            StatementFailed: also if another writer committed meanwhile.
        """
        table = self._table(statement.name, request, "VACUUM")
        writable = iceberg_commit.writable(table, self._catalog.account, self._catalog.region)
        done = iceberg_expiry.vacuum(writable, self._objects, request.now)
        name = f"{table.database}.{table.name}"
        _log.info("VACUUM %s: %d snapshots expired, %d files deleted", name, done.snapshots, done.files)
        return Outcome("DML", "VACUUM")

    def _table(self, name: Name, request: Request, what: str) -> IcebergTable:
        database = name.database or request.database
        found = self._catalog.find(database, name.table)
        if found is None:
            message = f"line 1:1: Table 'awsdatacatalog.{database}.{name.table}' does not exist"
            raise StatementFailed("TABLE_NOT_FOUND", message)
        if not isinstance(found, IcebergTable):
            raise StatementFailed("NOT_SUPPORTED", f"{what} is only supported for Iceberg tables")
        return found

    def _predicates(self, table: IcebergTable, where: str, request: Request) -> list[Predicate]:
        """The condition, which may look at nothing but the columns by which the table is partitioned."""
        query = parse(f'SELECT 1 FROM "{table.database}"."{table.name}" WHERE {where}')  # noqa: S608 - it is parsed, never run
        bind_parameters(query, request.parameters)
        (scan,) = translate_query(query, where, self._catalog, request.database, request.now).scans
        schema, spec = table.metadata.table.schema(), table.metadata.table.spec()
        columns = {schema.find_field(field.source_id).name.lower() for field in spec.fields}
        condition = query.args["where"].this
        # BETWEEN makes two predicates; every other comparison one.
        wanted = len(list(condition.unnest().flatten() if isinstance(condition.unnest(), exp.And) else [condition]))
        wanted += len(list(condition.find_all(exp.Between)))
        if len(scan.predicates) != wanted or any(each.column not in columns for each in scan.predicates):
            message = "OPTIMIZE takes comparisons of partition columns with literals, joined by AND"
            raise StatementFailed("NOT_SUPPORTED", message)
        return scan.predicates
