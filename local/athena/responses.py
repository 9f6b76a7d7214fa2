"""Athena's answers as JSON: what GetQueryExecution, GetQueryResults and the metadata calls return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.athena.execution import FAILED, Execution

if TYPE_CHECKING:
    from local.athena.outcome import Row
    from local.athena.translate.types import Type

ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
MOST_ROWS = 1000
_UNBOUNDED = 2_147_483_647
_PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "double": 17,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "varbinary": 1_073_741_824,
}


def query_execution(execution: Execution) -> dict[str, Any]:
    """The `QueryExecution` object."""
    status: dict[str, Any] = {"State": execution.status, "SubmissionDateTime": execution.submitted.timestamp()}
    failure = execution.failure
    if execution.is_final:
        status["CompletionDateTime"] = execution.ended.timestamp()
    if failure is not None:
        status["StateChangeReason"] = str(failure) if execution.status == FAILED else failure.message
    if failure is not None and execution.status == FAILED:
        status["AthenaError"] = {
            "ErrorCategory": failure.category,
            "ErrorType": failure.error_type,
            "Retryable": False,
            "ErrorMessage": str(failure),
        }
    outcome = execution.outcome
    made: dict[str, Any] = {
        "QueryExecutionId": execution.id,
        "Query": execution.query,
        "StatementType": outcome.statement_type if outcome else "DML",
        "ResultConfiguration": execution.config,
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": execution.context,
        "Status": status,
        "Statistics": _statistics(execution),
        "WorkGroup": execution.workgroup.name,
        "EngineVersion": ENGINE,
    }
    if outcome:
        made["SubstatementType"] = outcome.substatement
    if execution.execution_parameters:
        made["ExecutionParameters"] = execution.execution_parameters
    return made


def _statistics(execution: Execution) -> dict[str, Any]:
    queued = int((execution.started - execution.submitted).total_seconds() * 1000)
    engine = max(0, int((execution.ended - execution.started).total_seconds() * 1000))
    made: dict[str, Any] = {
        "EngineExecutionTimeInMillis": engine,
        "DataScannedInBytes": execution.scanned,
        "TotalExecutionTimeInMillis": queued + engine,
        "QueryQueueTimeInMillis": queued,
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": 0,
        "ServiceProcessingTimeInMillis": 0,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
    if execution.manifest_location:
        made["DataManifestLocation"] = execution.manifest_location
    return made


def query_results(execution: Execution, offset: int, limit: int) -> dict[str, Any]:
    """One page of the result; the first begins with the column names if the statement was a query."""
    outcome = execution.outcome
    if outcome is None:
        return {}
    names: Row = [name for name, _ in outcome.columns]
    rows = [names, *outcome.rows] if outcome.header else outcome.rows
    page = rows[offset : offset + limit]
    made: dict[str, Any] = {
        "UpdateCount": outcome.update_count,
        "ResultSet": {
            "Rows": [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in page],
            "ResultSetMetadata": {"ColumnInfo": [column_info(name, kind) for name, kind in outcome.columns]},
        },
    }
    if offset + limit < len(rows):
        made["NextToken"] = str(offset + limit)
    return made


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """A result column as JDBC would describe it."""
    precision, scale = _PRECISIONS.get(kind.name, 0), 0
    if kind.name == "decimal":
        precision, scale = kind.numbers
    elif kind.name == "varchar":
        precision = kind.numbers[0] if kind.numbers else _UNBOUNDED
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": kind.name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind.name == "varchar",
    }


def table_metadata(glue: dict[str, Any]) -> dict[str, Any]:
    """A table as GetTableMetadata shows it."""
    storage = glue.get("StorageDescriptor") or {}
    parameters = dict(glue.get("Parameters") or {})
    serde = storage.get("SerdeInfo") or {}
    extra = {
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "location": storage.get("Location"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters |= {key: value for key, value in extra.items() if value}
    return {
        "Name": glue["Name"],
        "CreateTime": glue["CreateTime"].timestamp(),
        "TableType": glue.get("TableType") or "EXTERNAL_TABLE",
        "Columns": [_column(column) for column in storage.get("Columns") or []],
        "PartitionKeys": [_column(column) for column in glue.get("PartitionKeys") or []],
        "Parameters": {key: str(value) for key, value in parameters.items()},
    }


def _column(column: dict[str, Any]) -> dict[str, str]:
    return {key: str(column[key]) for key in ("Name", "Type", "Comment") if column.get(key) is not None}
