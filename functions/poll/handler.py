"""Poll: each message names a source, whose API is asked for what is new."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from watershed import catalog, names
from watershed.clock import system_clock
from watershed.errors import Terminal
from watershed.given_up import DeadLetters, Record
from watershed.names import Stage
from watershed.poll.client import Client
from watershed.poll.credentials import Credentials
from watershed.poll.message import Poll
from watershed.poll.run import Poller
from watershed.poll.transport import Transport
from watershed.s3 import S3
from watershed.settings import Settings

if TYPE_CHECKING:
    from watershed.poll.model import Pull

ENOUGH_SECONDS = 240.0  # for one more page at its slowest, and for writing down what was read


class Context(Protocol):
    """The part of Lambda's context used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this function is stopped."""


@functools.cache
def _dead_letters() -> DeadLetters:
    """Where messages go that no further attempt would help."""
    return DeadLetters.of(Stage.POLL, boto3.client("sqs"))


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Poll the sources that the batch names.

    Returns:
        The messages that failed, for the queue to repeat; a source that fails is no failure of the message's.
    """
    failed = [record["messageId"] for record in event["Records"] if not _settled(record, context)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _settled(record: Record, context: Context) -> bool:
    """Whether one message is done with."""
    try:
        _poll(Poll.from_json(record["body"]), lambda: context.get_remaining_time_in_millis() / 1000 - ENOUGH_SECONDS)
    except Exception as error:  # noqa: BLE001  the queue repeats it, or it is given up with its cause
        return _dead_letters().settle(record, error)
    return True


def _poll(asked: Poll, left: Any) -> None:
    settings = Settings.from_environment()
    pull = _pull(asked.source, settings.region)
    transport = Transport(pull.hosts)
    try:
        client = Client(
            transport=transport,
            credentials=Credentials(pull.auth, names.pull_secret(asked.source), boto3.client("secretsmanager")),
            pause=60 / pull.requests_per_minute,
            clock=system_clock,
            sleep=time.sleep,
            left=left,
        )
        Poller(
            source=asked.source,
            pull=pull,
            settings=settings,
            s3=S3(boto3.client("s3")),
            client=client,
            clock=system_clock,
            has_time=lambda: left() > 0,
        ).poll(asked)
    finally:
        transport.close()


def _pull(source: str, region: str) -> Pull:
    """How a source of this region is asked.

    Raises:
        Terminal: if there is none of that name, or it is another region's.
    """
    connector = catalog.load().connectors.get(source)
    if connector is None or connector.region != region or connector.pull is None:
        raise Terminal(f"{region} polls no source {source}.", remedy="Name a connector of this region that has `pull`.")
    return connector.pull
