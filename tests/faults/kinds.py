"""The kinds of faults: where each can strike, and what the function then sees.

All strike at botocore's `_make_api_call`, which is outside botocore's own retries: what is raised here is what is left
when those are used up. `SENT_TWICE` is what those retries do themselves: the answer to a write is lost, and the same
request is sent again.

Which reads can be stale:

- S3 is strongly consistent for reads and lists after writes, so none of its reads is ever stale.
- Glue promises no such thing for GetTable and GetTables: they may answer as of one write ago. Gold takes a silver table
  that was made but not written to for absent then, and rightly waits: the table's first commit refreshes the model.
- Athena's GetQueryExecution may still say RUNNING of a query that has just ended.
- GetDatabase reads what is only written at deployment.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError
from watershed.names import SILVER_DB, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.faults.calls import Point

Call = Callable[[str, "Mapping[str, Any]"], Any]  # operation, request -> answer

TimedOut = type("Sandbox.Timedout", (SystemExit,), {})  # the runtime knows a time-out by this name


class Kind(StrEnum):
    """What goes wrong."""

    KILL_BEFORE = "kill before"  # the process ends before the call is made
    KILL_AFTER = "kill after"  # the call takes effect, then the process ends
    TIME_OUT = "time-out"  # the call takes effect, the function hangs, and Lambda ends it
    THROTTLED = "throttled"
    HTTP_500 = "HTTP 500"
    LOST_ANSWER = "lost answer"  # a write takes effect, then the connection breaks
    SENT_TWICE = "sent twice"  # a write takes effect, its answer is lost, and botocore sends it again
    STALE_READ = "stale read"  # a read answers as of one write ago
    CONFLICT = "conflict"  # a conditional write is refused, because somebody else was faster


_ENDS = {Kind.KILL_BEFORE: SystemExit, Kind.KILL_AFTER: SystemExit, Kind.TIME_OUT: TimedOut}
_THROTTLED = {
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 403),
    "glue": ("ThrottlingException", 400),
    "athena": ("TooManyRequestsException", 400),
}
_BROKEN = {
    "s3": ("InternalError", 500),
    "sqs": ("InternalError", 500),
    "glue": ("InternalServiceException", 500),
    "athena": ("InternalServerException", 500),
}
_CONFLICT = {"s3": ("ConditionalRequestConflict", 409), "glue": ("ConcurrentModificationException", 400)}
_STALE = {
    "s3.GetObject": "S3 is strongly consistent",
    "s3.HeadObject": "S3 is strongly consistent",
    "s3.ListObjectsV2": "S3 is strongly consistent",
    "glue.GetDatabase": "it is written at deployment only",
}


class Inapplicable(Exception):
    """The state of this moment leaves nothing that the fault could show."""


def inapplicable(kind: Kind, point: Point) -> str:
    """Why a point cannot take a fault of this kind; empty if it can."""
    if kind in {Kind.LOST_ANSWER, Kind.SENT_TWICE} and not point.writes:
        return "a read changes nothing"
    if kind is Kind.CONFLICT and not point.conditional:
        return "a write without a condition" if point.writes else "a read cannot conflict"
    if kind is Kind.STALE_READ:
        return "a write reads nothing" if point.writes else _STALE.get(point.operation, "")
    return ""


def death(kind: Kind) -> SystemExit | None:
    """What ends the process in this kind of fault, if it ends."""
    return _ENDS[kind]("killed by a test") if kind in _ENDS else None


def strike(kind: Kind, client: Any, point: Point, request: Mapping[str, Any], call: Call) -> Any:
    """What the function gets instead of the call's answer; kills are the caller's to carry out.

    Raises:
        ClientError: as AWS would say it.
        ReadTimeoutError: if the answer is lost.
        Inapplicable: if there is no older state to be read.
    """
    service, _, name = point.operation.partition(".")
    if kind is Kind.STALE_READ:
        return _stale(client, point, request, call)
    refused = {Kind.THROTTLED: _THROTTLED, Kind.HTTP_500: _BROKEN, Kind.CONFLICT: _CONFLICT}.get(kind)
    if refused:
        raise error(client, name, *refused[service])
    if name == "StartQueryExecution":
        request = {"ClientRequestToken": str(uuid.uuid4()), **request}  # botocore keeps it when it sends again
    call(name, {**request})  # botocore puts a stream in the body's place, which is at its end then
    if kind is Kind.SENT_TWICE:
        return call(name, {**request})
    raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url)


def error(client: Any, name: str, code: str, status: int) -> Exception:
    """The error that botocore raises for an answer with this code."""
    answer = {"Error": {"Code": code, "Message": "Made by a test."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    made: Exception = client.exceptions.from_code(code)(answer, name)
    return made


def _stale(client: Any, point: Point, request: Mapping[str, Any], call: Call) -> Any:
    operation = point.operation
    name = operation.partition(".")[2]
    answer = call(name, request)
    if operation == "athena.GetQueryExecution":
        answer["QueryExecution"]["Status"]["State"] = "RUNNING"
        return answer
    if operation == "glue.GetTables":
        if not answer["TableList"]:
            raise Inapplicable("there never was a table")
        answer["TableList"].pop()
        return answer
    version = int(answer["Table"]["VersionId"])
    if version == 1 and point.stage is Stage.GOLD and request["DatabaseName"] == SILVER_DB:
        raise Inapplicable("the table was never written to: its first commit refreshes the model")
    if version == 1:
        raise error(client, name, "EntityNotFoundException", 400)
    older = call("GetTableVersion", _version(request, version - 1))
    return {**answer, "Table": {**older["TableVersion"]["Table"], "VersionId": str(version - 1)}}


def _version(request: Mapping[str, Any], version: int) -> dict[str, Any]:
    return {"DatabaseName": request["DatabaseName"], "TableName": request["Name"], "VersionId": str(version)}
