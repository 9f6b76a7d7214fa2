"""Delivers everything that waits, in all regions, until it is quiet: asynchronous invocations and queues' messages."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from moto.awslambda.utils import get_backend

from local.aws.events import queue_contents
from local.aws.events.poller import Mapping, Poller
from local.aws.events.report import DeadLetter, InvocationError, PumpReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from local.aws.clients import Clients
    from local.aws.events.deliveries import Deliveries
    from local.aws.runtime.lambda_runtime import Invocation, LambdaRuntime

_ATTEMPTS = 3  # of an asynchronous invocation: Lambda retries twice


class Pump:
    """Time on the laptop passes only here.

    Mappings are served in turn. Those with a batching window are served when the others are quiet, so
    their batches fill up. When nothing is visible any more, the visibility timeouts of failed messages pass, and they
    are delivered again, until they succeed or reach their dead-letter queue.

    Args:
        account: the AWS account.
        clients: for the queues.
        runtime: runs the functions.
        deliveries: how at-least-once delivery shows.
    """

    def __init__(self, account: str, clients: Clients, runtime: LambdaRuntime, deliveries: Deliveries) -> None:
        self._account = account
        self._clients = clients
        self._runtime = runtime
        self._deliveries = deliveries
        self._later: deque[tuple[str, Any, int]] = deque()  # function ARN, event, attempts made
        self._lock = threading.Lock()

    def invoke_later(self, function_arn: str, event: Any) -> None:
        """Queue an asynchronous invocation for the next run."""
        self._later.append((function_arn, event, 0))

    def run(self, regions: Iterable[str], on_event: Callable[[Invocation], None] | None) -> PumpReport:
        """Deliver until all is quiet.

        Args:
            regions: whose queues are served.
            on_event: told of every finished invocation.
        """
        report, regions = PumpReport(), tuple(regions)

        def invoke(function_arn: str, event: Any) -> Invocation:
            invocation = self._invoke(function_arn, event, report)
            if on_event:
                on_event(invocation)
            return invocation

        with self._lock, ExitStack() as stack:
            before = {held.message_id for region in regions for held in self._dead(region)}
            pollers = [
                Poller(mapping, self._clients, self._deliveries, invoke, report)
                for region in regions
                for mapping in self._mappings(region)
            ]
            for poller in pollers:
                stack.callback(poller.elapse)  # whatever interrupts the run, no message stays out of sight
            pollers.sort(key=lambda poller: poller.mapping.window)
            while self._step(pollers, invoke):
                pass
            report.dead_letters = [
                DeadLetter(region, held.queue, held.message_id, held.body, held.receives)
                for region in regions
                for held in self._dead(region)
                if held.message_id not in before
            ]
        return report

    def _step(self, pollers: list[Poller], invoke: Callable[[str, Any], Invocation]) -> bool:
        """Deliver once to everyone without a batching window, else to the others, else let time pass."""
        prompt = [poller for poller in pollers if not poller.mapping.window]
        windowed = [poller for poller in pollers if poller.mapping.window]
        delivered = [self._invoke_queued(invoke), *(poller.poll() for poller in prompt)]
        if not any(delivered):
            delivered = [poller.poll() for poller in windowed]
        if not any(delivered):
            delivered = [poller.elapse() for poller in pollers]
        return any(delivered)

    def _invoke_queued(self, invoke: Callable[[str, Any], Invocation]) -> bool:
        waiting = len(self._later)
        for _ in range(waiting):
            function_arn, event, attempts = self._later.popleft()
            if invoke(function_arn, event).error is not None and attempts + 1 < _ATTEMPTS:
                self._later.append((function_arn, event, attempts + 1))
        return waiting > 0

    def _invoke(self, function_arn: str, event: Any, report: PumpReport) -> Invocation:
        region = function_arn.split(":")[3]
        function = get_backend(self._account, region).get_function(function_arn)
        invocation = self._runtime.invoke(function, event)
        report.invocations[f"{region}/{invocation.function}"] += 1
        if invocation.error is not None:
            report.errors.append(
                InvocationError(region, invocation.function, invocation.request_id, invocation.error, invocation.log)
            )
        return invocation

    def _mappings(self, region: str) -> list[Mapping]:
        pages = self._clients.client("lambda", region).get_paginator("list_event_source_mappings").paginate()
        return [
            Mapping(
                account=self._account,
                region=region,
                queue=found["EventSourceArn"].rsplit(":", 1)[-1],
                function_arn=found["FunctionArn"],
                batch_size=found["BatchSize"],
                window=found.get("MaximumBatchingWindowInSeconds", 0),
                partial="ReportBatchItemFailures" in found.get("FunctionResponseTypes", []),
            )
            for page in pages
            for found in page["EventSourceMappings"]
            if found["State"] == "Enabled"
        ]

    def _dead(self, region: str) -> list[queue_contents.Held]:
        return queue_contents.dead_letters(self._account, region)
