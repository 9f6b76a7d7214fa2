"""Lists every call of AWS that functions, Athena and AWS's own services make, each with the role that makes it.

Functions make their clients with `boto3.client`, as the state machine's engine does; what Athena does for a query is
the query's caller's doing, and the local Athena reaches moto's memory through two classes, which are watched.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import boto3
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.s3 import notifications

from local.athena.catalog import GlueCatalog
from local.athena.execution import Execution
from local.athena.objects import Objects, S3Object, split_uri
from local.aws.events.targets import Targets
from local.aws.patches.patcher import Patcher
from local.aws.runtime.lambda_runtime import LambdaRuntime
from tests.policies.iam.policy import Principal

if TYPE_CHECKING:
    from tests.policies.access import Access, Role

ATHENA = "athena.amazonaws.com"
_STATES_KEY = "ak"  # moto's Step Functions makes its clients with this access key
_MISSING = {"404", "NoSuchKey", "NoSuchVersion"}
_LEFT_OUT = {"Body", "QueryString", "Payload", "MessageBody", "MessageAttributes", "TableInput"}  # may quote rows


@dataclass(frozen=True)
class Call:
    """One call.

    Args:
        principal: Who makes it.
        operation: E.g. `s3.GetObject`.
        parameters: Of the call, without what decides nothing here.
        via: The service that makes it with the principal's permissions, if it does not itself.
        source: For a service of AWS: the resource on whose behalf it calls.
        missing: Whether the answer is that there is no such thing.
    """

    principal: Principal
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    via: str = ""
    source: str = ""
    missing: bool = False


@dataclass(frozen=True)
class _Acting:
    principal: Principal
    via: str = ""


_MACHINERY = _Acting(Principal())


class Recorder:
    """A context manager around whatever runs the lake.

    Attributes:
        calls: In the order in which they ended.
        strays: Operations of which nobody knows who called.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._owners: WeakKeyDictionary[Any, Principal] = WeakKeyDictionary()
        self._thread = threading.local()
        self._patcher = Patcher()
        self.calls: list[Call] = []
        self.strays: list[str] = []

    def __enter__(self) -> Self:
        self._watch_clients()
        self._watch_athena()
        self._watch_services()
        return self

    def __exit__(self, *_: object) -> None:
        self._patcher.undo()

    @contextmanager
    def acting(self, principal: Principal, via: str = "") -> Iterator[None]:
        """Calls of this thread are the principal's, unless a client has an owner."""
        with self._set(_Acting(principal, via)):
            yield

    def machinery(self) -> AbstractContextManager[None]:
        """Calls of this thread are the laptop's way of doing what AWS does inside, and left out."""
        return self._set(_MACHINERY)

    @contextmanager
    def _set(self, acting: _Acting | None) -> Iterator[None]:
        before = self._current()
        self._thread.acting = acting
        try:
            yield
        finally:
            self._thread.acting = before

    def _current(self) -> _Acting | None:
        found: _Acting | None = getattr(self._thread, "acting", None)
        return found

    def _note(self, acting: _Acting, operation: str, parameters: Mapping[str, Any], **about: Any) -> None:
        if acting == _MACHINERY:
            return
        kept = {key: value for key, value in parameters.items() if key not in _LEFT_OUT}
        if "TableInput" in parameters:
            kept["Name"] = parameters["TableInput"]["Name"]
        self.calls.append(Call(acting.principal, operation, kept, acting.via, **about))

    def _principal(self, role: Role) -> Principal:
        return Principal(self._access.template.account, role.arn)

    # --- clients

    def _watch_clients(self) -> None:
        make, call, recorder = boto3.client, BaseClient._make_api_call, self

        def client(*arguments: Any, **named: Any) -> Any:
            made = make(*arguments, **named)
            function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
            if named.get("aws_access_key_id") == _STATES_KEY:
                recorder._owners[made] = recorder._principal(recorder._access.role("backfill"))
            elif function is not None:
                recorder._owners[made] = recorder._principal(recorder._access.functions[function])
            return made

        def make_api_call(client: Any, name: str, request: Any) -> Any:
            owner = recorder._owners.get(client)
            acting = _Acting(owner) if owner else recorder._current()
            operation = f"{client.meta.service_model.service_name}.{name}"
            if acting is None:
                recorder.strays.append(operation)
            if acting in (None, _MACHINERY):
                return call(client, name, request)
            missing = False
            try:
                with recorder._set(acting):
                    return call(client, name, request)
            except ClientError as error:
                missing = error.response["Error"]["Code"] in _MISSING
                raise
            finally:
                recorder._note(acting, operation, request, missing=missing)

        self._patcher.replace(boto3, "client", client)
        self._patcher.replace(BaseClient, "_make_api_call", make_api_call)

    # --- Athena, with the caller's permissions

    def _watch_athena(self) -> None:
        made, run, opened = Execution.__init__, Execution.run, Objects.__init__
        callers: WeakKeyDictionary[Any, _Acting] = WeakKeyDictionary()
        recorder = self

        def remember(thing: Any) -> None:
            if acting := recorder._current():
                callers[thing] = acting if acting == _MACHINERY else _Acting(acting.principal, ATHENA)

        def make_execution(execution: Any, *arguments: Any) -> None:
            made(execution, *arguments)
            remember(execution)

        def run_execution(execution: Any, *arguments: Any) -> None:
            with recorder._set(callers.get(execution)):
                run(execution, *arguments)

        def open_objects(objects: Any, *arguments: Any) -> None:
            opened(objects, *arguments)
            remember(objects)  # pyiceberg reads through it in threads of its own

        self._patcher.replace(Execution, "__init__", make_execution)
        self._patcher.replace(Execution, "run", run_execution)
        self._patcher.replace(Objects, "__init__", open_objects)

        def watch(owner: type, method: str, operation: str, parameters: Callable[..., Mapping[str, Any]]) -> None:
            original = vars(owner)[method]

            def watched(this: Any, *arguments: Any, **named: Any) -> Any:
                acting = callers.get(this) or recorder._current()
                found = None
                try:
                    found = original(this, *arguments, **named)
                finally:
                    if acting is None:
                        recorder.strays.append(operation)
                    else:
                        missing = found is None and method in {"find", "read"}
                        recorder._note(acting, operation, parameters(*arguments), missing=missing)
                return found

            recorder._patcher.replace(owner, method, watched)

        for method, operation, parameters in _OBJECTS:
            watch(Objects, method, operation, parameters)
        for method, operation, parameters in _CATALOG:
            watch(GlueCatalog, method, operation, parameters)

    # --- services of AWS

    def _watch_services(self) -> None:
        send, invoke, deliver, recorder = notifications._send_sqs_message, LambdaRuntime.invoke, Targets.deliver, self
        account, region = self._access.template.account, self._access.template.region

        def address(queue: str) -> str:
            return f"https://sqs.{region}.amazonaws.com/{account}/{queue.rpartition(':')[2]}"

        def send_notification(account_id: str, body: Any, queue_name: str, region_name: str) -> None:
            source = next((each["s3"]["bucket"]["arn"] for each in body.get("Records", [])), "")
            if source:  # S3's test event names no bucket here
                acting = _Acting(Principal(service="s3.amazonaws.com"))
                recorder._note(acting, "sqs.SendMessage", {"QueueUrl": address(queue_name)}, source=source)
            send(account_id, body, queue_name, region_name)

        def deliver_scheduled(targets: Any, target: Mapping[str, Any], event: Any) -> None:
            acting = _Acting(Principal(account, target["RoleArn"]))
            recorder._note(acting, "sqs.SendMessage", {"QueueUrl": address(target["Arn"])})
            with recorder.machinery():
                deliver(targets, target, event)

        def invoke_function(runtime: Any, function: Any, event: Any) -> Any:
            with recorder._set(None):  # its clients have owners, so that anybody else's call is noticed
                invocation = invoke(runtime, function, event)
            acting = _Acting(recorder._principal(recorder._access.functions[function.function_name]))
            group = {"logGroupName": function.logging_config["LogGroup"], "logStreamName": "stream"}
            did = [("logs.CreateLogStream", group), ("logs.PutLogEvents", group)]
            sources = {record.get("eventSourceARN") for record in event.get("Records", [])} - {None}
            asked = ("ReceiveMessage", "GetQueueAttributes", *([] if invocation.error else ["DeleteMessage"]))
            did += [(f"sqs.{each}", {"QueueUrl": address(queue)}) for queue in sources for each in asked]
            for operation, parameters in did:
                recorder._note(acting, operation, parameters)
            return invocation

        self._patcher.replace(notifications, "_send_sqs_message", send_notification)
        self._patcher.replace(Targets, "deliver", deliver_scheduled)
        self._patcher.replace(LambdaRuntime, "invoke", invoke_function)


def _object(uri: str, *_: Any) -> Mapping[str, Any]:
    bucket, key = split_uri(uri)
    return {"Bucket": bucket, "Key": key}


def _listing(uri: str) -> Mapping[str, Any]:
    bucket, prefix = split_uri(uri)
    return {"Bucket": bucket, "Prefix": prefix}


def _item(item: S3Object) -> Mapping[str, Any]:
    return {"Bucket": item.bucket, "Key": item.key}


def _database(name: str, *_: Any) -> Mapping[str, Any]:
    return {"Name": name}


def _tables(database: str) -> Mapping[str, Any]:
    return {"DatabaseName": database}


def _table(database: str, name: str, *_: Any) -> Mapping[str, Any]:
    return {"DatabaseName": database, "Name": name}


# What the local Athena's two ways to moto's memory are in AWS: S3's and Glue's calls with the caller's permissions.
_Watched = tuple[tuple[str, str, Callable[..., Mapping[str, Any]]], ...]  # method, operation, its parameters
_OBJECTS: _Watched = (
    ("list", "s3.ListObjectsV2", _listing),
    ("find", "s3.HeadObject", _object),
    ("read", "s3.GetObject", _object),
    ("local_copy", "s3.GetObject", _item),
    ("write", "s3.PutObject", _object),
    ("delete", "s3.DeleteObject", _item),
)
_CATALOG: _Watched = (
    ("has_database", "glue.GetDatabase", _database),
    ("database", "glue.GetDatabase", _database),
    ("tables", "glue.GetTables", _tables),
    ("describe", "glue.GetTable", _table),
    ("update", "glue.UpdateTable", _table),
    ("create", "glue.CreateTable", _table),
    ("drop", "glue.DeleteTable", _table),
)
