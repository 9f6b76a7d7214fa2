"""The API's actions on queries and workgroups that moto lacks, or answers without running anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.athena import responses
from local.athena.execution import SUCCEEDED, Execution
from local.athena.requests import invalid, page
from local.athena.service import service

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.athena.responses import AthenaResponse


def _execution(self: AthenaResponse, execution_id: str) -> Execution:
    found = self.athena_backend.executions.get(execution_id)
    if not isinstance(found, Execution):
        raise invalid(f"QueryExecution {execution_id} was not found")
    return found


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
            raise invalid(f"Query did not finish successfully. Final query state: {found.status}")
        raise invalid(f"Query has not yet finished. Current state: {found.status}")
    limit = int(self._get_param("MaxResults") or responses.MOST_ROWS)
    if not 1 <= limit <= responses.MOST_ROWS:
        raise invalid(f"MaxResults is more than maximum allowed length {responses.MOST_ROWS}.")
    token = str(self._get_param("NextToken") or "0")
    if not token.isdecimal():
        raise invalid("Malformed NextToken")
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


def list_query_executions(self: AthenaResponse) -> str:
    """The ids of a workgroup's queries, the latest first."""
    workgroup = self._get_param("WorkGroup") or "primary"
    if workgroup not in self.athena_backend.work_groups:
        raise invalid(f"WorkGroup {workgroup} is not found.")
    ids = [found.id for found in self.athena_backend.list_query_executions(workgroup).values()]
    shown, token = page(self, ids[::-1])
    return json.dumps({"QueryExecutionIds": shown, **token})


def update_work_group(self: AthenaResponse) -> str:
    """Changes a workgroup's settings; what is not named stays."""
    name = self._get_param("WorkGroup")
    group = self.athena_backend.work_groups.get(name)
    if group is None:
        raise invalid(f"WorkGroup {name} is not found.")
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


def delete_named_query(self: AthenaResponse) -> str:
    """Forgets a saved query."""
    query = self._get_param("NamedQueryId")
    if self.athena_backend.named_queries.pop(query, None) is None:
        raise invalid(f"NamedQuery {query} is not found")
    return json.dumps({})


ACTIONS: tuple[Callable[[Any], str], ...] = (
    start_query_execution,
    get_query_execution,
    batch_get_query_execution,
    get_query_results,
    stop_query_execution,
    get_query_runtime_statistics,
    list_query_executions,
    update_work_group,
    delete_named_query,
)
