"""One query's life: QUEUED, RUNNING, then SUCCEEDED, FAILED or CANCELLED; in a worker thread, results in S3."""

from __future__ import annotations

import logging
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.athena import results
from local.athena.errors import StatementFailed
from local.athena.failures import CANCELLED as CANCELLED_CODE
from local.athena.outcome import Control, Outcome, Request
from local.athena.translate.statement import CATALOG

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from local.athena.objects import Objects
    from local.athena.runner import Runner

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"
_BETWEEN_INTERRUPTS = 0.02  # seconds
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Submission:
    """What StartQueryExecution was called with, after the workgroup's settings were applied."""

    query: str
    context: dict[str, Any]
    config: dict[str, Any]
    workgroup: Any  # moto's workgroup
    parameters: list[str]
    output: str  # with a slash at the end
    enforced: bool
    most_bytes: int | None


class Execution:
    """A query that was started. Its public attributes are those that moto's own executions have."""

    def __init__(self, submission: Submission, clock: Callable[[], datetime]) -> None:
        self.id = str(uuid.uuid4())
        self.query = submission.query
        self.context = submission.context
        self.config = {**submission.config, "OutputLocation": f"{submission.output}{self.id}"}
        self.workgroup = submission.workgroup
        self.execution_parameters = submission.parameters or None
        self.submission = submission
        self.status = QUEUED
        self.failure: StatementFailed | None = None
        self.outcome: Outcome | None = None
        self.manifest_location: str | None = None
        self.scanned = 0
        self.submitted, self.started, self.ended = clock(), clock(), clock()
        self._clock = clock
        self._interrupt: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._done = threading.Event()

    def advance(self) -> None:
        """Nothing: the worker thread alone moves the state. moto calls this when it is asked for the state."""

    @property
    def is_final(self) -> bool:
        """Whether the state will not change any more."""
        return self.status in {SUCCEEDED, FAILED, CANCELLED}

    def cancel(self) -> None:
        """Stops the query unless it has ended; what runs is interrupted."""
        with self._lock:
            if self.is_final:
                return
            before, self.status = self.status, CANCELLED
            self.failure = StatementFailed(CANCELLED_CODE, "Query cancelled by user")
            self.ended = self._clock()
        if before == RUNNING:
            threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        """Interrupts until the worker has ended: an interrupt that comes between two steps is lost."""
        while True:
            if self._interrupt is not None:
                self._interrupt()
            if self._done.wait(_BETWEEN_INTERRUPTS):
                return

    def run(self, runner: Runner, objects: Objects) -> None:
        """The worker's part: runs the statement, writes its results, sets the final state."""
        try:
            if self._move(QUEUED, RUNNING):
                self._run(runner, objects)
        finally:
            self._done.set()

    def _run(self, runner: Runner, objects: Objects) -> None:
        self.started = self._clock()
        try:
            outcome = runner.run(self._request(), Control(self._scanning, self._interruptible, self._check))
            if self.is_final:
                return  # cancelled at the last moment: no result is left
            written = results.write(outcome, self.config["OutputLocation"], objects)
        except StatementFailed as failure:
            self._end(CANCELLED if failure.code == CANCELLED_CODE else FAILED, failure)
        except Exception as error:  # noqa: BLE001 - whatever happens, the query must end
            # Without the error's text: it may quote a row.
            _log.error("The local Athena failed on query %s: %s", self.id, type(error).__name__)
            self._end(FAILED, StatementFailed("GENERIC_INTERNAL_ERROR", f"{type(error).__name__} in the local Athena"))
        else:
            self.outcome = outcome
            self.config["OutputLocation"], self.manifest_location = written
            self._end(SUCCEEDED, None)

    def _request(self) -> Request:
        catalog = str(self.context.get("Catalog") or CATALOG)
        if catalog.lower() != CATALOG:
            raise StatementFailed("CATALOG_NOT_FOUND", f"Catalog '{catalog}' does not exist")
        return Request(
            execution_id=self.id,
            sql=self.query,
            database=str(self.context.get("Database") or "default").lower(),
            parameters=self.submission.parameters,
            workgroup=self.workgroup.name,
            output=self.submission.output,
            enforced=self.submission.enforced,
            most_bytes=self.submission.most_bytes,
            now=self.submitted,
        )

    def _scanning(self, scanned: int) -> None:
        """Called before the query reads: the workgroup may allow less."""
        self.scanned = scanned
        limit = self.submission.most_bytes
        if limit is not None and scanned > limit:
            raise StatementFailed(CANCELLED_CODE, "Query cancelled! : Bytes scanned limit was exceeded")

    def _interruptible(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._check()

    def _check(self) -> None:
        if self.status == CANCELLED:
            raise StatementFailed(CANCELLED_CODE, "Query cancelled by user")

    def _move(self, before: str, after: str) -> bool:
        with self._lock:
            if self.status != before:
                return False
            self.status = after
            return True

    def _end(self, state: str, failure: StatementFailed | None) -> None:
        with self._lock:
            if self.is_final:
                return
            self.failure = failure
            self.ended = self._clock()
            self.status = state
