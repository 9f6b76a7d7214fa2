"""Receive: one webhook is verified, kept safe and answered. No data library is imported: it must start at once."""

from __future__ import annotations

import functools
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from watershed import catalog, names
from watershed.clock import system_clock
from watershed.door.receive import Surroundings, receive
from watershed.door.request import Answer, Request
from watershed.door.secrets import Secrets
from watershed.door.seen import Seen
from watershed.errors import Transient, WatershedError
from watershed.log import log_failure, logger
from watershed.s3 import S3
from watershed.settings import Settings

# Senders wait for seconds only: better to be asked again than to be late.
_PATIENCE = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
_UNAVAILABLE = Answer(503, {"message": "Service Unavailable"}, "unavailable", {"retry-after": "60"})


@functools.cache
def _surroundings() -> Surroundings:
    """This region's surroundings, made once a sandbox."""
    settings = Settings.from_environment()
    sqs, url = boto3.client("sqs", config=_PATIENCE), settings.queue_url(names.Stage.COLLECT)

    def send(body: str) -> None:
        try:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        except (BotoCoreError, ClientError) as error:
            raise Transient("The queue did not take the delivery.", remedy="The sender repeats it.") from error

    return Surroundings(
        region=settings.region,
        connectors=catalog.load_connectors(),
        secrets=Secrets(boto3.client("secretsmanager", config=_PATIENCE), time.monotonic),
        seen=Seen(boto3.client("dynamodb", config=_PATIENCE), names.RECEIPTS_TABLE),
        send=send,
        put=lambda key, body: _put(settings, key, body),
        clock=system_clock,
    )


def _put(settings: Settings, key: str, body: bytes) -> None:
    """A delivery too big for the queue; rare, so that the client is made then."""
    S3(boto3.client("s3", config=_PATIENCE)).put(settings.bucket(names.Layer.RAW), key, body)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request. What is logged names a known source and dataset, and nothing that was sent."""
    about = {"request_id": getattr(context, "aws_request_id", "")}
    try:
        around = _surroundings()
        request = Request.of(event)
        answer = receive(request, around)
    except WatershedError as error:
        log_failure(error, about["request_id"])
        answer = _UNAVAILABLE
    except Exception as error:  # noqa: BLE001  whatever it is, the sender is to repeat it, and is told nothing
        log_failure(error, about["request_id"])
        answer = _UNAVAILABLE
    else:
        if request.source in around.connectors and answer.reason != "unknown":
            about |= {"source": request.source, "dataset": request.dataset}
        level = logger.info if answer.status < 400 else logger.warning  # noqa: PLR2004  HTTP's own border
        level("delivery", extra={**about, "status": answer.status, "reason": answer.reason, **_receipt(answer)})
    return answer.to_event()


def _receipt(answer: Answer) -> dict[str, str]:
    return {"receipt": answer.document["receipt"]} if "receipt" in answer.document else {}
