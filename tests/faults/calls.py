"""The AWS calls that functions make, each with a name that is the same in every run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed.names import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

# What differs from run to run in a key: pyiceberg's random ids and snapshot ids, and gold's run ids.
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|snap-\d+|run=[^/]+")
_UNLOADED = re.compile(r"TO 's3://[^/]+/(\w+)/")

_WRITES = frozenset(
    {
        "athena.StartQueryExecution",
        "glue.CreateTable",
        "glue.UpdateTable",
        "s3.DeleteObjects",
        "s3.PutObject",
        "sqs.SendMessage",
        "sqs.SendMessageBatch",
    }
)
_READS = frozenset(
    {
        "athena.GetQueryExecution",
        "glue.GetDatabase",
        "glue.GetTable",
        "glue.GetTables",
        "s3.GetObject",
        "s3.HeadObject",
        "s3.ListObjectsV2",
    }
)


@dataclass(frozen=True, order=True)
class Point:
    """One call of one function while one delivery is handled.

    Gold and pyiceberg call from several threads, so a call is known by what it is about and not by its place in time.

    Args:
        delivery: which of `deliveries.DELIVERIES`, from 0.
        stage: whose function calls.
        operation: e.g. `s3.PutObject`.
        target: the key, table, queue or model, without what is random.
        occurrence: how often this function made this call before, from 0.
        conditional: whether the call is refused if somebody else was faster.
    """

    delivery: int
    stage: Stage
    operation: str
    target: str
    occurrence: int
    conditional: bool = False

    @property
    def writes(self) -> bool:
        """Whether the call changes anything outside the function."""
        return self.operation in _WRITES


def operation(client: Any, name: str) -> str:
    """`service.Operation`.

    Raises:
        LookupError: if nobody has said yet whether it reads or writes.
    """
    full = f"{client.meta.service_model.service_name}.{name}"
    if full not in _WRITES | _READS:
        raise LookupError(f"{full}: say in tests/faults/calls.py whether it reads or writes.")
    return full


def target(name: str, request: Mapping[str, Any], models: Mapping[str, str]) -> str:
    """What a call is about.

    Args:
        name: `service.Operation`.
        request: its parameters.
        models: gold models by Athena query id.
    """
    service = name.partition(".")[0]
    if service == "s3":
        layer = request["Bucket"].split("-")[1]
        return f"{layer}/{_RANDOM.sub('*', request.get('Key') or request.get('Prefix') or '')}"
    if service == "sqs":
        return str(request["QueueUrl"].rsplit("/", 1)[-1])
    if service == "athena":
        return model(request["QueryString"]) if "QueryString" in request else models[request["QueryExecutionId"]]
    table = request.get("TableInput", request).get("Name", "")
    return f"{request.get('DatabaseName', '')}.{table}"


def model(statement: str) -> str:
    """The gold model that an UNLOAD writes."""
    found = _UNLOADED.search(statement)
    return found[1] if found else ""


def is_conditional(name: str, request: Mapping[str, Any]) -> bool:
    """Whether AWS refuses the call if somebody else was faster."""
    return "IfNoneMatch" in request or (name == "glue.UpdateTable" and "VersionId" in request)
