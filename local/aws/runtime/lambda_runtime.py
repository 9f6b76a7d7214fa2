"""Invokes functions: builds the sandbox from what was deployed, runs the handler, reports and logs as Lambda does."""

from __future__ import annotations

import copy
import json
import tempfile
import threading
import time
import traceback
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.aws.runtime import layers, variables
from local.aws.runtime.context import Context
from local.aws.runtime.output import OUTPUT
from local.aws.runtime.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from watershed.clock import Clock

_MIB = 1024 * 1024
MAX_PAYLOAD = 6 * _MIB  # bytes of a synchronous event or answer
_TIMED_OUT = "Sandbox.Timedout"
_FATAL = (_TIMED_OUT, "SystemExit")  # after these, Lambda starts a new sandbox


@dataclass(frozen=True)
class Invocation:
    """One run of a function.

    Args:
        payload: the answer, or the runtime's error document, as JSON.
        error: None, or the error's type and message with its traceback.
        log: what the handler wrote.
        seconds: how long it took.
    """

    region: str
    function: str
    request_id: str
    payload: str
    error: str | None
    log: str
    seconds: float


class LambdaRuntime:
    """Runs deployed functions in this process, one at a time.

    The import path and the module table belong to the whole process, so a lock keeps handlers apart. A handler may use
    threads, and may invoke another function from the thread it was called in.

    Args:
        clock: the current time, for log streams' names.
        on_invocation: told of every finished invocation.
    """

    def __init__(self, clock: Clock, on_invocation: Callable[[Invocation], None]) -> None:
        variables.install()
        self._clock = clock
        self._on_invocation = on_invocation
        self._lock = threading.RLock()
        self._sandboxes: dict[tuple[Any, ...], Sandbox] = {}
        self._home = tempfile.TemporaryDirectory(prefix="watershed-lambda-")

    def close(self) -> None:
        """Drop all sandboxes and what was unpacked for them."""
        self._sandboxes.clear()
        self._home.cleanup()

    def invoke(self, function: Any, event: Any) -> Invocation:
        """Run a function.

        Args:
            function: moto's `LambdaFunction`.
            event: the event, as JSON-able data.
        """
        with self._lock:
            sandbox = self._sandbox(function)
            request_id, started = str(uuid.uuid4()), time.monotonic()
            group = _log_group(function)
            context = Context(
                function_name=function.function_name,
                invoked_function_arn=function.function_arn,
                memory_limit_in_mb=int(function.memory_size),
                aws_request_id=request_id,
                log_group_name=group,
                log_stream_name=sandbox.log_stream,
                deadline=started + int(function.timeout),
            )
            with OUTPUT.captured() as captured:
                payload, error = _run(sandbox, event, context)
            seconds = time.monotonic() - started
            if error is None and seconds > int(function.timeout):
                error = f"{_TIMED_OUT}: Task timed out after {int(function.timeout)}.00 seconds"
                payload = _error_document(_TIMED_OUT, error.partition(": ")[2], request_id, [])
            if error is not None and error.startswith(_FATAL):
                self._sandboxes = {key: kept for key, kept in self._sandboxes.items() if kept is not sandbox}
        log = captured.getvalue() + (f"{error}\n" if error else "")
        _write_log(function, context, log, seconds)
        invocation = Invocation(function.region, function.function_name, request_id, payload, error, log, seconds)
        self._on_invocation(invocation)
        return invocation

    def _sandbox(self, function: Any) -> Sandbox:
        """The function's warm sandbox; new code, layers or settings start a cold one."""
        arns = tuple(layer["Arn"] for layer in function.layers)
        own = tuple(sorted((str(key), str(value)) for key, value in function.environment_vars.items()))
        key = (function.function_arn, function.code_sha_256, arns, function.handler, own)
        if key not in self._sandboxes:
            self._sandboxes[key] = self._cold(function, arns)
        return self._sandboxes[key]

    def _cold(self, function: Any, arns: tuple[str, ...]) -> Sandbox:
        home = Path(self._home.name)
        code = layers.unpack(function.code_bytes, home)
        own = [archive for archive in map(_layer_archive, arns) if not layers.is_third_party(archive)]
        stream = f"{self._clock():%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        return Sandbox(
            code=code,
            layers=tuple(layers.unpack(archive, home) / "python" for archive in own),
            handler=function.handler,
            environment=_environment(function, code, stream),
            log_stream=stream,
        )


def _run(sandbox: Sandbox, event: Any, context: Context) -> tuple[str, str | None]:
    """The answer as JSON, or the error document, with the error."""
    try:
        answer = sandbox.run(copy.deepcopy(event), context)
        payload = json.dumps(answer)
        if len(payload.encode()) > MAX_PAYLOAD:
            message = f"The answer holds {len(payload.encode())} bytes; at most {MAX_PAYLOAD} are allowed."
            return _error_document("Function.ResponseSizeTooLarge", message, context.aws_request_id, []), message
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the runtime reports whatever a handler raises
        kind, message = type(error).__name__, str(error)
        stack = traceback.format_tb(error.__traceback__)
        text = "".join(traceback.format_exception(error)).rstrip()
        return _error_document(kind, message, context.aws_request_id, stack), f"{kind}: {message}\n{text}"
    return payload, None


def _error_document(kind: str, message: str, request_id: str, stack: list[str]) -> str:
    return json.dumps({"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": stack})


def _environment(function: Any, code: Path, stream: str) -> dict[str, str]:
    """What Lambda sets, and the function's own variables."""
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": _log_group(function),
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "LAMBDA_TASK_ROOT": str(code),
        "_HANDLER": function.handler,
        "TZ": ":UTC",
        **{key: str(value) for key, value in function.environment_vars.items()},
    }


def _log_group(function: Any) -> str:
    configured: str = function.logging_config.get("LogGroup", "")
    return configured or str(function.logs_group_name)


def _layer_archive(arn: str) -> bytes:
    from moto.awslambda.utils import get_backend

    region, account = arn.split(":")[3:5]
    archive: bytes = get_backend(account, region).layers_versions_by_arn(arn).code_bytes
    return archive


def _write_log(function: Any, context: Context, log: str, seconds: float) -> None:
    """Append to the sandbox's stream in CloudWatch Logs, with the lines that Lambda adds."""
    logs, request_id = function.logs_backend, context.aws_request_id
    group, stream = context.log_group_name, context.log_stream_name
    logs.ensure_log_group(group)
    if stream not in logs.groups[group].streams:
        logs.create_log_stream(group, stream)
    lines = [f"START RequestId: {request_id}", *log.splitlines(), f"END RequestId: {request_id}"]
    lines.append(f"REPORT RequestId: {request_id}\tDuration: {seconds * 1000:.2f} ms")
    now = int(time.time() * 1000)
    logs.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines if line])
