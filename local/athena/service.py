"""What is shared while the local Athena is installed: DuckDB, the file cache, the worker threads."""

from __future__ import annotations

import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from watershed.clock import Clock, system_clock

from local.athena.catalog import GlueCatalog
from local.athena.engine import Engine
from local.athena.execution import Execution, Submission
from local.athena.objects import Objects
from local.athena.prepared import MotoPreparedStatements
from local.athena.requests import invalid
from local.athena.runner import Runner
from local.athena.translate.dialect import MAX_QUERY_BYTES

if TYPE_CHECKING:
    from moto.athena.models import AthenaBackend

WORKERS = 8  # queries that run at once; further ones stay QUEUED
_NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)
_TOO_LONG = (
    "1 validation error detected: Value at 'queryString' failed to satisfy constraint: "
    f"Member must have length less than or equal to {MAX_QUERY_BYTES}"
)


class Service:
    """One installation. Everything it holds goes away with `close`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cache = Path(tempfile.mkdtemp(prefix="watershed-athena-"))
        self._engine = Engine()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="athena")
        self._tokens: dict[tuple[str, str, str], Execution] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Cancels what has not begun, waits for what runs, removes the cache."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._engine.close()
        shutil.rmtree(self._cache, ignore_errors=True)

    def objects(self, account: str, region: str) -> Objects:
        """The objects that queries of a region may touch."""
        return Objects(account, region, self._cache)

    def catalog(self, account: str, region: str) -> GlueCatalog:
        """The region's Glue catalog, as it is now."""
        return GlueCatalog(account, region, self.objects(account, region))

    def prepared(self, backend: AthenaBackend) -> MotoPreparedStatements:
        """The prepared statements of the backend's account and region."""
        return MotoPreparedStatements(backend, self._clock)

    def start(
        self,
        backend: AthenaBackend,
        *,
        query: str,
        context: dict[str, Any],
        config: dict[str, Any],
        workgroup: str,
        parameters: list[str],
        token: str | None,
    ) -> Execution:
        """Starts a query in a worker thread; a client token that was seen before gives the query it started.

        Raises:
            JsonRESTError: `InvalidRequestException`, as StartQueryExecution does.
        """
        submission = _submission(
            backend, query=query, context=context, config=config, workgroup=workgroup, parameters=parameters
        )
        key = (backend.account_id, backend.region_name, token or "")
        with self._lock:
            known = self._tokens.get(key) if token else None
            if known is not None:
                if known.submission != submission:
                    raise invalid("Idempotent parameters do not match")
                return known
            execution = Execution(submission, self._clock)
            if token:
                self._tokens[key] = execution
            backend.executions[execution.id] = execution
        objects = self.objects(backend.account_id, backend.region_name)
        catalog = self.catalog(backend.account_id, backend.region_name)
        runner = Runner(self._engine, objects, catalog, self.prepared(backend))
        self._pool.submit(execution.run, runner, objects)
        return execution


def _submission(
    backend: AthenaBackend,
    *,
    query: str,
    context: dict[str, Any],
    config: dict[str, Any],
    workgroup: str,
    parameters: list[str],
) -> Submission:
    group = backend.work_groups.get(workgroup)
    if group is None:
        raise invalid(f"WorkGroup {workgroup} is not found.")
    if group.state != "ENABLED":
        raise invalid(f"WorkGroup {workgroup} is disabled.")
    if len(query.encode()) > MAX_QUERY_BYTES:
        raise invalid(_TOO_LONG)
    if not query.strip():
        raise invalid("Query string must not be empty.")
    settings = group.configuration
    enforced = bool(settings.get("EnforceWorkGroupConfiguration"))
    own = settings.get("ResultConfiguration") or {}
    chosen = {**own} if enforced else {**own, **config}
    output = chosen.get("OutputLocation")
    if not output:
        raise invalid(_NO_OUTPUT)
    limit = settings.get("BytesScannedCutoffPerQuery")
    return Submission(
        query=query,
        context=context,
        config=chosen,
        workgroup=group,
        parameters=list(parameters),
        output=str(output).rstrip("/") + "/",
        enforced=enforced,
        most_bytes=int(limit) if limit else None,
    )


_current: list[Service] = []
_guard = threading.Lock()


def open_service(clock: Clock = system_clock) -> Service:
    """Makes the installation's service; the one there is, if there is one."""
    with _guard:
        if not _current:
            _current.append(Service(clock))
        return _current[0]


def close_service() -> None:
    """Ends it."""
    with _guard:
        closing = _current.copy()
        _current.clear()
    for one in closing:
        one.close()


def service() -> Service:
    """The installation's service.

    Raises:
        JsonRESTError: if Athena is not installed.
    """
    if not _current:
        raise JsonRESTError("InternalServerException", "The local Athena is not installed.")
    return _current[0]
