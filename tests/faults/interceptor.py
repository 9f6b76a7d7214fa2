"""Stands between the functions and botocore: lists their calls, or lets one of them go wrong."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import boto3
from botocore.client import BaseClient
from watershed.names import PREFIX, Stage

from tests.faults import calls, kinds
from tests.faults.calls import Point
from tests.faults.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSETTLED = frozenset({"QUEUED", "RUNNING"})


@dataclass
class Process:
    """A function's warm process, as far as AWS can see it: the clients that were made in it.

    Once it is dead, none of its threads gets another answer.
    """

    stage: Stage
    death: SystemExit | None = None


class Interceptor:
    """A context manager around whatever runs functions.

    Only clients that a function makes with `boto3.client` are watched: the laptop's AWS makes its own otherwise.

    Attributes:
        points: the calls since `begin`, in the order in which they began.
        struck: whether the fault happened; None if its point showed that it cannot.
        why: why it cannot.
    """

    def __init__(self) -> None:
        self._processes: dict[str, Process] = {}
        self._clients: WeakKeyDictionary[Any, Process] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self.begin(0)

    def begin(self, delivery: int, point: Point | None = None, kind: Kind | None = None) -> None:
        """Count from the start, and let `point` go wrong, if one is given. All processes are new."""
        self._delivery, self._point, self._kind = delivery, point, kind
        self._seen: Counter[tuple[Stage, str, str]] = Counter()
        self._models: dict[str, str] = {}
        self._processes.clear()
        self.points: list[Point] = []
        self.struck: bool | None = False
        self.why = ""

    def __enter__(self) -> Self:
        self._make_client, self._make_call = boto3.client, BaseClient._make_api_call
        original, interceptor = self._make_client, self

        def client(*arguments: Any, **named: Any) -> Any:
            made = original(*arguments, **named)
            interceptor._adopt(made)
            return made

        def make_api_call(client: Any, name: str, request: Any) -> Any:
            process = interceptor._clients.get(client)
            if process is None:
                return interceptor._make_call(client, name, request)
            return interceptor._answer(process, client, name, request)

        boto3.client, BaseClient._make_api_call = client, make_api_call
        return self

    def __exit__(self, *_: object) -> None:
        boto3.client, BaseClient._make_api_call = self._make_client, self._make_call

    def _adopt(self, client: Any) -> None:
        sandbox, function = (os.environ.get(f"AWS_LAMBDA_{name}") for name in ("LOG_STREAM_NAME", "FUNCTION_NAME"))
        if sandbox is not None and function is not None:
            stage = Stage(function.removeprefix(f"{PREFIX}-"))
            self._clients[client] = self._processes.setdefault(sandbox, Process(stage))

    def _answer(self, process: Process, client: Any, name: str, request: Mapping[str, Any]) -> Any:
        _die(process)
        point = self._observed(process, client, name, request)
        if point != self._point or self._kind is None:
            answer = self._call(client, name, request)
        elif ends := kinds.death(self._kind):
            self.struck = True
            if self._kind is not Kind.KILL_BEFORE:
                self._call(client, name, request)
            process.death = ends
        else:
            self.struck = True
            answer = self._struck(client, point, request)
        _die(process)  # it may have ended while this thread waited
        return answer

    def _struck(self, client: Any, point: Point, request: Mapping[str, Any]) -> Any:
        assert self._kind is not None

        def call(name: str, request: Mapping[str, Any]) -> Any:
            return self._call(client, name, request)

        try:
            return kinds.strike(self._kind, client, point, request, call)
        except kinds.Inapplicable as reason:
            self.struck, self.why = None, str(reason)
            return call(point.operation.partition(".")[2], request)

    def _observed(self, process: Process, client: Any, name: str, request: Mapping[str, Any]) -> Point:
        full = calls.operation(client, name)
        with self._lock:
            about = calls.target(full, request, self._models)
            same = (process.stage, full, about)
            conditional = calls.is_conditional(full, request)
            point = Point(self._delivery, *same, self._seen[same], conditional)
            self._seen[same] += 1
            self.points.append(point)
        return point

    def _call(self, client: Any, name: str, request: Mapping[str, Any]) -> Any:
        """The call itself. A query's state is told when it has ended, so that the number of calls is always one."""
        answer = self._make_call(client, name, request)
        if name == "StartQueryExecution":
            self._models[answer["QueryExecutionId"]] = calls.model(request["QueryString"])
        while name == "GetQueryExecution" and answer["QueryExecution"]["Status"]["State"] in _UNSETTLED:
            time.sleep(0.002)
            answer = self._make_call(client, name, request)
        return answer


def _die(process: Process) -> None:
    if process.death is not None:
        raise type(process.death)(*process.death.args)
