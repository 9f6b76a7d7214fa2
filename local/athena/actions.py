"""Athena's API actions that moto lacks, or answers without a query having run; each a method of its responses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError

from local.athena import responses
from local.athena.errors import StatementFailed
from local.athena.execution import SUCCEEDED, Execution
from local.athena.prepared import MotoPreparedStatements
from local.athena.service import service

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.athena.responses import AthenaResponse

    from local.athena.catalog import GlueCatalog

CATALOG = "AwsDataCatalog"
_PAGE = 50


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidRequestException", message)


def _no_metadata(what: str) -> JsonRESTError:
    return JsonRESTError("MetadataException", f"EntityNotFoundException: Entity Not Found: {what}")


def _execution(self: AthenaResponse, execution_id: str) -> Execution:
    found = self.athena_backend.executions.get(execution_id)
    if not isinstance(found, Execution):
        raise _invalid(f"QueryExecution {execution_id} was not found")
    return found


def _catalog(self: AthenaResponse) -> GlueCatalog:
    return service().catalog(self.current_account, self.region)


def start_query_execution(self: AthenaResponse) -> str:
    """Starts a query, once for each client token."""
    execution = service().start(
        self.athena_backend,
        query=self._get_param("QueryString") or "",
        context=self._get_param("QueryExecutionContext") or {},
        config=self._get_param("ResultConfiguration") or {},
        workgroup=self._get_param("WorkGroup") or "primary",
        parameters=self._get_param("ExecutionParameters") or [],
        token=self._get_param("ClientRequestToken"),
    )
    return json.dumps({"QueryExecutionId": execution.id})


def get_query_execution(self: AthenaResponse) -> str:
    """State, reason and statistics of one query."""
    found = _execution(self, self._get_param("QueryExecutionId"))
    return json.dumps({"QueryExecution": responses.query_execution(found)})


def batch_get_query_execution(self: AthenaResponse) -> str:
    """The same of several; unknown ones are listed apart."""
    wanted = self._get_param("QueryExecutionIds") or []
    known = [item for item in wanted if isinstance(self.athena_backend.executions.get(item), Execution)]
    unknown = [
        {
            "QueryExecutionId": item,
            "ErrorCode": "INVALID_QUERY_EXECUTION_ID",
            "ErrorMessage": f"QueryExecution {item} was not found",
        }
        for item in wanted
        if item not in known
    ]
    found = [responses.query_execution(_execution(self, item)) for item in known]
    return json.dumps({"QueryExecutions": found, "UnprocessedQueryExecutionIds": unknown})


def get_query_results(self: AthenaResponse) -> str:
    """One page of rows; of a query that has succeeded only."""
    found = _execution(self, self._get_param("QueryExecutionId"))
    if found.status != SUCCEEDED:
        if found.is_final:
            raise _invalid(f"Query did not finish successfully. Final query state: {found.status}")
        raise _invalid(f"Query has not yet finished. Current state: {found.status}")
    limit = int(self._get_param("MaxResults") or responses.MOST_ROWS)
    if not 1 <= limit <= responses.MOST_ROWS:
        raise _invalid(f"MaxResults is more than maximum allowed length {responses.MOST_ROWS}.")
    token = str(self._get_param("NextToken") or "0")
    if not token.isdecimal():
        raise _invalid("Malformed NextToken")
    return json.dumps(responses.query_results(found, int(token), limit))


def stop_query_execution(self: AthenaResponse) -> str:
    """Cancels a query that is queued or running."""
    _execution(self, self._get_param("QueryExecutionId")).cancel()
    return "{}"


def get_query_runtime_statistics(self: AthenaResponse) -> str:
    """The timeline and the rows of one query."""
    found = _execution(self, self._get_param("QueryExecutionId"))
    statistics = responses.query_execution(found)["Statistics"]
    timeline = {key: value for key, value in statistics.items() if key.endswith("InMillis")}
    rows = len(found.outcome.rows) if found.outcome else 0
    made = {"Timeline": timeline, "Rows": {"InputBytes": found.scanned, "OutputRows": rows}}
    return json.dumps({"QueryRuntimeStatistics": made})


def _page(self: AthenaResponse, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
    start = int(self._get_param("NextToken") or 0)
    end = start + int(self._get_param("MaxResults") or _PAGE)
    return items[start:end], {"NextToken": str(end)} if end < len(items) else {}


def list_databases(self: AthenaResponse) -> str:
    """Glue's databases."""
    page, token = _page(self, [{"Name": name} for name in _catalog(self).databases()])
    return json.dumps({"DatabaseList": page, **token})


def get_database(self: AthenaResponse) -> str:
    """One of Glue's databases."""
    name = str(self._get_param("DatabaseName")).lower()
    if not _catalog(self).has_database(name):
        raise _no_metadata(f"Database {name} not found")
    return json.dumps({"Database": {"Name": name}})


def get_table_metadata(self: AthenaResponse) -> str:
    """One table or view."""
    database, name = str(self._get_param("DatabaseName")).lower(), str(self._get_param("TableName")).lower()
    catalog = _catalog(self)
    found = catalog.describe(database, name) if catalog.has_database(database) else None
    if found is None:
        raise _no_metadata(f"Table {database}.{name} not found")
    return json.dumps({"TableMetadata": responses.table_metadata(found)})


def list_table_metadata(self: AthenaResponse) -> str:
    """The tables and views of a database whose names match an expression, `*` standing for anything."""
    database = str(self._get_param("DatabaseName")).lower()
    try:
        tables = _catalog(self).tables(database)
    except StatementFailed as failure:
        raise _no_metadata(f"Database {database} not found") from failure
    expression = self._get_param("Expression")
    wanted = re.compile(expression.replace("*", ".*").replace("..*", ".*")) if expression else None
    names = [table for table in tables if wanted is None or wanted.search(table["Name"])]
    page, token = _page(self, [responses.table_metadata(table) for table in names])
    return json.dumps({"TableMetadataList": page, **token})


def list_data_catalogs(self: AthenaResponse) -> str:
    """Glue's catalog, and those that were made."""
    made = self.athena_backend.list_data_catalogs()
    return json.dumps({"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE"}, *made]})


def list_prepared_statements(self: AthenaResponse) -> str:
    """The names of a workgroup's prepared statements."""
    names = MotoPreparedStatements(self.athena_backend).names(self._get_param("WorkGroup"))
    return json.dumps({"PreparedStatements": [{"StatementName": name} for name in names]})


def delete_prepared_statement(self: AthenaResponse) -> str:
    """Forgets a prepared statement."""
    name, workgroup = self._get_param("StatementName"), self._get_param("WorkGroup")
    if not MotoPreparedStatements(self.athena_backend).remove(workgroup, name):
        raise JsonRESTError(
            "ResourceNotFoundException", f"PreparedStatement {name} was not found in workgroup {workgroup}"
        )
    return "{}"


def update_work_group(self: AthenaResponse) -> str:
    """Changes a workgroup's settings; what is not named stays."""
    name = self._get_param("WorkGroup")
    group = self.athena_backend.work_groups.get(name)
    if group is None:
        raise _invalid(f"WorkGroup {name} is not found.")
    updates = dict(self._get_param("ConfigurationUpdates") or {})
    results = dict(updates.pop("ResultConfigurationUpdates", None) or {})
    kept = dict(group.configuration.get("ResultConfiguration") or {})
    for key, value in results.items():
        if key.startswith("Remove"):
            if value:
                kept.pop(key.removeprefix("Remove"), None)
        else:
            kept[key] = value
    if updates.pop("RemoveBytesScannedCutoffPerQuery", False):
        group.configuration.pop("BytesScannedCutoffPerQuery", None)
    group.configuration = {**group.configuration, **updates, "ResultConfiguration": kept}
    group.description = self._get_param("Description") or group.description
    group.state = self._get_param("State") or group.state
    return "{}"


ACTIONS: tuple[Callable[[Any], str], ...] = (
    start_query_execution,
    get_query_execution,
    batch_get_query_execution,
    get_query_results,
    stop_query_execution,
    get_query_runtime_statistics,
    list_databases,
    get_database,
    get_table_metadata,
    list_table_metadata,
    list_data_catalogs,
    list_prepared_statements,
    delete_prepared_statement,
    update_work_group,
)
